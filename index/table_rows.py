"""A row of a table with what names its columns: how a cited cell is shown."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby, islice

from loccit.index.datatypes import Block, Cell, Document, Span

MAX_HEADER_ROWS = 4  # of a table; a page may mark all of its rows as headers
MAX_CITED_ROWS = 12  # a longer quote is shown as it is written


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a table, its cells from left to right; ``is_cited``: a quote stands in it."""

    cells: tuple[Cell, ...]
    is_cited: bool


def rows_around(document: Document, span: Span) -> tuple[ShownRow, ...]:
    """Return the rows of a table that a span stands in, below those that name their columns.

    Between the two stand the labels of the groups that the first row belongs to. Empty where the
    span stands in no table, in more than one block, or in too many rows.
    """
    blocks = document.blocks
    number = bisect_right(blocks, span.start, key=lambda block: block.span.start) - 1
    if number < 0 or not blocks[number].span.contains(span) or not blocks[number].cells:
        return ()
    rows = _rows(blocks[number])
    cited = [n for n, row in enumerate(rows) if any(_overlaps(cell, span) for cell in row)]
    if not cited or len(cited) > MAX_CITED_ROWS:
        return ()
    named = _num_header_rows(rows)
    above = range(min(named, cited[0]))
    groups = _groups(rows, cited[0], named)
    return tuple(
        ShownRow(rows[n], is_cited)
        for n, is_cited in [*((n, False) for n in (*above, *groups)), *((n, True) for n in cited)]
    )


def _rows(table: Block) -> list[tuple[Cell, ...]]:
    return [tuple(cells) for _, cells in groupby(table.cells, key=lambda cell: cell.row)]


def _overlaps(cell: Cell, span: Span) -> bool:
    return cell.span is not None and cell.span.overlaps(span)


def _inked(row: tuple[Cell, ...]) -> list[Cell]:
    return [cell for cell in row if cell.span is not None]


def _num_header_rows(rows: list[tuple[Cell, ...]]) -> int:
    """Return how many of the first rows name the columns, at most ``MAX_HEADER_ROWS``.

    They hold headers alone; the label of a group ends them, but a title may stand above.
    """
    named = False
    for number, row in enumerate(rows[:MAX_HEADER_ROWS]):
        is_label = _is_label(row)
        if not all(cell.is_header for cell in _inked(row)) or (is_label and named):
            return number
        named = named or not is_label
    return min(len(rows), MAX_HEADER_ROWS)


def _groups(rows: list[tuple[Cell, ...]], cited: int, named: int) -> list[int]:
    """Return the rows above a cited one that hold but the label of a group it belongs to.

    Labels that are indented belong to those above them that are less so; where no table row is
    indented, to the label above that stands alone in its row.
    """
    depth = _depth(rows[cited])
    if not any(_depth(row) for row in rows):
        alone = (n for n in range(cited - 1, named - 1, -1) if _is_label(rows[n]))
        return list(islice(alone, 1))
    found: list[int] = []
    for number in range(cited - 1, named - 1, -1):
        if _is_label(rows[number]) and _depth(rows[number]) < depth:
            found.append(number)
            depth = _depth(rows[number])
    return found[::-1]


def _depth(row: tuple[Cell, ...]) -> int:
    return max((cell.depth for cell in row), default=0)


def _is_label(row: tuple[Cell, ...]) -> bool:
    """Tell whether a row holds a label alone."""
    cells = _inked(row)
    return len(cells) == 1 and cells[0].column == 0
