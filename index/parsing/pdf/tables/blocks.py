"""A table of a page as a block of text, with where each of its words stands."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loccit.index.datatypes import Cell, Span
from loccit.index.parsing.assembling import TextBlock
from loccit.index.parsing.notation import CELL_GAP
from loccit.index.parsing.pdf.tables.columns import Band
from loccit.index.parsing.pdf.tables.grid import Grid, GridCell

SAME_PLACE_POINTS = 12.0  # columns of one table on two pages begin and end so near


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """Words on one line of a page: ``start`` is their offset, ``places`` as in `PlacedText`."""

    page: int
    start: int
    text: str
    places: array[int]


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table and the pages that its rows stand on, from 0: one for each row."""

    grid: Grid
    pages: tuple[int, ...]


def page_table(grid: Grid, page: int) -> PageTable:
    """Return a table that stands on one page."""
    return PageTable(grid, (page,) * (1 + max(cell.row for cell in grid.cells)))


def continued(table: PageTable, other: PageTable) -> PageTable | None:
    """Return two tables as one where the second goes on with the first on the next page.

    It has the same columns, and the same header again or none.
    """
    if other.pages[0] != table.pages[-1] + 1 or not _same_bands(table.grid.bands, other.grid.bands):
        return None
    again = other.grid.num_headers
    if again and _header(other.grid) != _header(table.grid):
        return None
    rows = len(table.pages)
    moved = tuple(replace(cell, row=cell.row + rows) for cell in other.grid.cells)
    grid = replace(table.grid, cells=(*table.grid.cells, *moved))
    return PageTable(grid, table.pages + other.pages)


def table_block(table: PageTable) -> tuple[TextBlock, tuple[PlacedLine, ...]]:
    """Return the block of a table: one line a row, a gap between cells, as in other formats."""
    rows: list[list[GridCell]] = [[] for _ in table.pages]
    for cell in table.grid.cells:
        rows[cell.row].append(cell)
    texts: list[str] = []
    cells: list[Cell] = []
    lines: list[PlacedLine] = []
    breaks: list[tuple[int, int]] = []
    offset = 0
    for number, (row, page) in enumerate(zip(rows, table.pages, strict=True)):
        if number and page != table.pages[number - 1]:
            breaks.append((offset, page))
        text, starts = _row_text(row)
        for cell, start in zip(row, starts, strict=True):
            begin = offset + start
            span = Span(begin, begin + len(cell.text))
            cells.append(
                Cell(number, cell.column, span, cell.is_header, 1, cell.columns, cell.depth)
            )
            lines += _placed(cell, page, begin)
        texts.append(text)
        offset += len(text) + 1
    block = TextBlock(
        "\n".join(texts),
        page=table.pages[0],
        page_breaks=tuple(breaks),
        kind="table",
        cells=tuple(cells),
    )
    return block, tuple(lines)


def _row_text(row: Sequence[GridCell]) -> tuple[str, list[int]]:
    """Return the text of a row, and where each cell begins in it; empty places have gaps alone."""
    by_column = {cell.column: cell.text for cell in row}
    places = [by_column.get(column, "") for column in range(1 + max(by_column))]
    line = CELL_GAP.join(places)
    lost = len(line) - len(line.lstrip())
    starts = [
        sum(len(text) + len(CELL_GAP) for text in places[: cell.column]) - lost for cell in row
    ]
    return line.strip(), starts


def _placed(cell: GridCell, page: int, start: int) -> Iterator[PlacedLine]:
    for piece in cell.lines:
        yield PlacedLine(page, start, piece.text, piece.places)
        start += len(piece.text) + 1


def _same_bands(one: Sequence[Band], other: Sequence[Band]) -> bool:
    """Tell whether columns stand above one another; labels and numbers may be of other lengths."""
    return len(one) == len(other) and all(
        min(abs(a[0] - b[0]), abs(a[1] - b[1])) < SAME_PLACE_POINTS
        for a, b in zip(one, other, strict=True)
    )


def _header(grid: Grid) -> list[tuple[int, int, str]]:
    return [(c.row, c.column, c.text) for c in grid.cells if c.row < grid.num_headers]
