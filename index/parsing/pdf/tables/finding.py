"""Which rows of a page are a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loccit.index.parsing.pdf.rows import Row
from loccit.index.parsing.pdf.tables.grid import TIGHT_EMS, Grid, grid_of
from loccit.index.parsing.pdf.tables.pieces import SAME_LINE_EMS, Sides, lines_of, pieces_of

MAX_LOOSE = 5  # lines of one cell in a row: labels of groups, words that go on
FAR_EMS = 3.4  # below the row before, a table has ended
CLIMB_EMS = 3.2  # stacked headers are drawn column by column
PROSE_CHARACTERS, PROSE_SHARE = 45, 0.62  # of the table's width: a line of running text
MAX_HEADER_ROWS, MAX_HEADER_CHARACTERS, NEAR_EMS = 14, 60, 2.4
LABEL_SHARE = 0.2  # of the table's width: labels begin in it, and no header of values does
WRAP_EMS = 0.5  # a line that goes on begins so near below
LARGER = 1.08  # bold type that is so much larger is a heading
CENTRED_SHARE = 0.02  # of the table's width: what stands so near its middle is its title


@dataclass(frozen=True, slots=True)
class FoundTable:
    """The rows from ``start`` to ``end`` of a page, and the table they are."""

    start: int
    end: int
    grid: Grid


def find_tables(rows: Sequence[Row], sides: Sides) -> list[FoundTable]:
    """Return the tables of a page, whose rows come in reading order."""
    found: list[FoundTable] = []
    at = 0
    while at < len(rows):
        if len(rows[at].cells) < 2:
            at += 1
            continue
        end = _end(rows, at)
        start = _start(rows, at, end, found[-1].end if found else 0)
        table = _table(rows, start, at, end, sides)
        if table is None:
            at = max(at + 1, end)
        else:
            found.append(table)
            at = table.end
    return found


def _table(
    rows: Sequence[Row], start: int, first: int, end: int, sides: Sides
) -> FoundTable | None:
    """Return the table of these rows, without those above ``first`` if they make it none."""
    for begin in dict.fromkeys((start, first)):
        pieces = [piece for row in rows[begin:end] for piece in pieces_of(row, sides)]
        grid = grid_of(lines_of(pieces)) if len(pieces) > 3 else None
        if grid is not None:
            return FoundTable(begin, end, grid)
    return None


def _end(rows: Sequence[Row], at: int) -> int:
    """Return where the table that begins with a row of several cells ends at the latest."""
    first = rows[at]
    left, right, bottom = first.left, first.right, first.baseline
    end, loose = at + 1, 0
    for number in range(at + 1, len(rows)):
        row = rows[number]
        size = max(row.size, first.size)
        if row.baseline > bottom + CLIMB_EMS * size or bottom - row.baseline > FAR_EMS * size:
            break
        if len(row.cells) > 1:
            if row.left > right or row.right < left:
                break
            left, right, end = min(left, row.left), max(right, row.right), number + 1
            loose = 0
        elif (
            loose >= MAX_LOOSE
            or (row.bold and row.size > LARGER * first.size)
            or (_is_prose(row, left, right) and not _is_label(row, rows[number + 1 : number + 2]))
        ):
            break
        elif row.baseline < bottom - SAME_LINE_EMS * size:
            loose += 1
        bottom = min(bottom, row.baseline)
    bottom = min(row.baseline for row in rows[at:end])
    lefts = [cell.left for row in rows[at:end] for cell in row.cells]
    while end < len(rows) and (
        _is_wrapped(rows[end - 1], rows[end], left) or _is_beside(rows[end], bottom, lefts)
    ):
        end += 1
    return end


def _is_beside(row: Row, bottom: float, lefts: Sequence[float]) -> bool:
    """Tell whether a row stands in the last lines of a table, below or beside its cells."""
    step = WRAP_EMS * row.size
    above = row.baseline - bottom
    return -step < above <= CLIMB_EMS * row.size and any(abs(x - row.left) < step for x in lefts)


def _is_wrapped(above: Row, row: Row, left: float) -> bool:
    """Tell whether a row goes on with a cell of the row above, but for the first column's."""
    step = WRAP_EMS * row.size
    return (
        len(row.cells) == 1
        and 0 < above.baseline - row.baseline < TIGHT_EMS * row.size
        and row.left > left + row.size
        and any(abs(cell.left - row.left) < step for cell in above.cells)
    )


def _start(rows: Sequence[Row], at: int, end: int, least: int) -> int:
    """Return where the header above the first row of several cells begins.

    Between the two, labels and titles of parts may stand.
    """
    left = min(row.left for row in rows[at:end])
    right = max(row.right for row in rows[at:end])
    top, start = rows[at].baseline, at
    for number in range(at - 1, max(least, at - MAX_HEADER_ROWS) - 1, -1):
        row = rows[number]
        is_near = abs(row.baseline - top) <= NEAR_EMS * row.size
        is_inside = left - row.size <= row.left and row.right <= right + row.size
        if not is_near or not is_inside or len(row.text) > MAX_HEADER_CHARACTERS:
            break
        top = max(top, row.baseline)
        off = abs((row.left + row.right) - (left + right)) / 2
        is_title = off < CENTRED_SHARE * (right - left)
        if row.left > left + LABEL_SHARE * (right - left) and not is_title:
            start = number
    return start


def _is_prose(row: Row, left: float, right: float) -> bool:
    """Tell whether a row of one cell is a line of running text."""
    width = row.right - row.left
    return len(row.text) >= PROSE_CHARACTERS and width > PROSE_SHARE * (right - left)


def _is_label(row: Row, following: Sequence[Row]) -> bool:
    """Tell whether a long row is the first line of a label, whose values stand in the next."""
    return any(
        len(one.cells) > 1
        and row.right < one.cells[1].left
        and row.left <= one.left
        and row.baseline - one.baseline < TIGHT_EMS * row.size
        for one in following
    )


def shown(grid: Grid) -> Iterator[str]:
    """Yield the rows of a table as text, for a person who looks for a mistake."""
    for number in range(1 + max(cell.row for cell in grid.cells)):
        cells = {cell.column: cell for cell in grid.cells if cell.row == number}
        words = []
        for column in range(len(grid.bands)):
            cell = cells.get(column)
            span = f"<{cell.columns}>" if cell and cell.columns > 1 else ""
            words.append(f"{'  ' * cell.depth}{cell.text}{span}" if cell else "")
        yield ("H " if number < grid.num_headers else "  ") + " | ".join(words)
