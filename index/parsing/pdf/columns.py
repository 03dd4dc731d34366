"""The order of rows: columns drawn line by line, and lines that come from the bottom up."""

from __future__ import annotations

from collections.abc import Sequence

from loccit.index.parsing.pdf.rows import Row, row_of

MIN_COLUMN_ROWS = 5  # fewer lines side by side are a table, a letterhead or a pair of signatures
PROSE_CHARACTERS = 22  # on average in a line of a text column; table cells are shorter


def by_column(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with every stretch of two text columns put left column first."""
    ordered: list[Row] = []
    start = 0
    while start < len(rows):
        end = _stretch_end(rows, start)
        stretch = rows[start:end]
        ordered.extend(_unfolded(stretch) if _is_columns(stretch) else stretch)
        start = end
    return ordered


def top_first(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with every stretch that climbs the page line by line turned round.

    pdfium sorts text that runs down the page by its place from left to right, which puts the last
    line first; some programs draw from the bottom up.
    """
    ordered: list[Row] = []
    climbing: list[Row] = []
    for row in rows:
        if climbing and not _climbs(climbing[-1], row):
            ordered.extend(reversed(climbing))
            climbing = []
        climbing.append(row)
    return [*ordered, *reversed(climbing)]


def _climbs(before: Row, row: Row) -> bool:
    """Tell whether a row stands right on top of the one before it, flush left."""
    rise = row.baseline - before.baseline
    return 0.8 * row.size < rise < 2 * row.size and abs(row.left - before.left) < row.size


def _stretch_end(rows: Sequence[Row], start: int) -> int:
    """Return the end of the rows from ``start`` on that leave one gutter free."""
    if len(rows[start].cells) != 2:
        return start + 1
    left, right = rows[start].cells[0].right, rows[start].cells[1].left
    end = start + 1
    while end < len(rows) and rows[end].baseline < rows[end - 1].baseline:
        row = rows[end]
        if len(row.cells) == 2:
            left, right = max(left, row.cells[0].right), min(right, row.cells[1].left)
        elif len(row.cells) == 1 and row.left >= right:
            right = min(right, row.left)
        elif len(row.cells) == 1 and row.right <= left:
            left = max(left, row.right)
        else:
            break
        if left >= right:
            break
        end += 1
    return end


def _is_columns(rows: Sequence[Row]) -> bool:
    """Tell whether both sides of the gutter hold running text."""
    pairs = [row.cells for row in rows if len(row.cells) == 2]
    if len(pairs) < MIN_COLUMN_ROWS:
        return False
    return all(
        sum(len(pair[side].text) for pair in pairs) >= PROSE_CHARACTERS * len(pairs)
        for side in (0, 1)
    )


def _unfolded(rows: Sequence[Row]) -> list[Row]:
    """Return the left sides of all rows, then the right sides."""
    gutter = max(row.cells[0].right for row in rows if len(row.cells) == 2)
    left = [cell for row in rows for cell in row.cells if cell.left < gutter]
    right = [cell for row in rows for cell in row.cells if cell.left >= gutter]
    page = rows[0].page
    return [row_of([cell], page) for cell in (*left, *right)]
