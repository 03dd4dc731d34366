"""The rows of a sheet as blocks: lines of words, and tables whose headers are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from loccit.index.parsing.assembling import TextBlock
from loccit.index.parsing.normalizing import normalise, one_line
from loccit.index.parsing.notation import RichCell, table_block
from loccit.index.parsing.rich_text import RichText

MIN_WIDTH = 2  # cells in a row of a table
FILLED_SHARE = 0.5  # of the table's width: a row above with fewer cells is a title
MAX_LABEL_CHARACTERS = 80  # on average in a first column that names its rows

NUMBER = re.compile(
    r"[(\[+\-–−~<>≤≥]*\s?[$€£¥₹]?\s?[\d][\d.,'’\u00a0\u202f ]*(?:[eE][+\-]?\d+)?\s?[)\]]*"
    r"\s?(?:%|‰|€|£|\$|[A-Za-z°µ]{1,4}[²³]?)?"
)
"""A number as sheets write it, with sign, brackets, currency or unit."""

_YEAR = re.compile(r"(?:19|20)\d\d")


def sheet_blocks(rows: Sequence[Sequence[str]]) -> Iterator[TextBlock]:
    """Yield the blocks of a sheet, whose cells are texts; "" is an empty one.

    Empty rows divide tables. What stands above a table in one cell is a paragraph.
    """
    part: list[Sequence[str]] = []
    for row in rows:
        cells = [one_line(normalise(cell)) for cell in row]
        if any(cells):
            part.append(cells)
        elif part:
            yield from _part_blocks(part)
            part = []
    if part:
        yield from _part_blocks(part)


def num_header_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return 1 where the first row names the columns, else 0.

    It does where it is full, holds no number but years, and no word twice.
    """
    first = [cell for cell in rows[0] if cell]
    is_full = len(first) >= FILLED_SHARE * max(map(_width, rows))
    numbers = [cell for cell in first if NUMBER.fullmatch(cell)]
    are_years = all(_YEAR.fullmatch(cell) for cell in numbers) and len(numbers) < len(first)
    is_named = not numbers or are_years
    return int(len(rows) > 1 and is_full and is_named and len(set(first)) == len(first))


def _part_blocks(rows: Sequence[Sequence[str]]) -> Iterator[TextBlock]:
    width = max(map(_width, rows))
    start = 0
    while start < len(rows) and (width < MIN_WIDTH or _is_title(rows[start], width)):
        yield TextBlock(" ".join(cell for cell in rows[start] if cell))
        start += 1
    if start == len(rows):
        return
    table = rows[start:]
    headers = num_header_rows(table)
    names = _first_column_names(table[headers:])
    yield table_block(
        [
            [
                RichCell(RichText(cell), number < headers or (names and column == 0))
                for column, cell in enumerate(row)
            ]
            for number, row in enumerate(table)
        ]
    )


def _is_title(row: Sequence[str], width: int) -> bool:
    """Tell whether a row is words above a table: one cell, and the first."""
    return width > MIN_WIDTH - 1 and bool(row[0]) and not any(row[1:])


def _first_column_names(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first column names the rows: by short words, not by numbers."""
    first = [row[0] for row in rows if row and row[0]]
    if not first or len(first) < FILLED_SHARE * len(rows):
        return False
    numbers = sum(NUMBER.fullmatch(cell) is not None for cell in first)
    length = sum(map(len, first)) / len(first)
    return numbers < FILLED_SHARE * len(first) and length <= MAX_LABEL_CHARACTERS


def _width(row: Sequence[str]) -> int:
    """Return how many cells a row has, without empty ones at its end."""
    return next((n for n in range(len(row), 0, -1) if row[n - 1]), 0)
