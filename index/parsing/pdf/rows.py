"""The lines of a PDF page, in the order in which they are read.

A line is made of runs of text put side by side, with the wide blanks between them. Columns that
are drawn line by line are taken apart, and lines that come from the bottom up are turned round.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loccit.index.parsing.notation import CELL_GAP, raised
from loccit.index.parsing.pdf.placed_text import PlacedText, joined
from loccit.index.parsing.pdf.segments import CELL_GAP_EMS, SAME_LINE_EMS, Segment

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

WORD_GAP_EMS = 0.12  # between words a fifth to a third of the font size, between letters none
OVERLAP_EMS = 0.4  # italics and accents reach over the next character
MIN_COLUMN_ROWS = 5  # fewer lines side by side are a table, a letterhead or a pair of signatures
PROSE_CHARACTERS = 22  # on average in a line of a text column; table cells are shorter


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page: its segments from left to right, with the wide blanks between them.

    ``text`` has " | " where a wide blank divides cells; ``cells`` are the parts between.
    """

    text: str
    cells: tuple[Segment, ...]
    left: float
    right: float
    baseline: float
    size: float
    bold: bool
    hyphen: bool
    page: int


def rows_of(segments: Sequence[Segment], page: int) -> list[Row]:
    """Return the rows of a page, in the order of its content."""
    return [row_of(cells, page) for cells in _cells_by_row(segments)]


def row_of(cells: Sequence[Segment], page: int) -> Row:
    """Make a row of segments that stand on one line."""
    main = max(cells, key=lambda cell: len(cell.text))
    return Row(
        text=CELL_GAP.join(cell.text for cell in cells),
        cells=tuple(cells),
        left=min(cell.left for cell in cells),
        right=max(cell.right for cell in cells),
        baseline=main.baseline,
        size=main.size,
        bold=main.bold,
        hyphen=cells[-1].hyphen,
        page=page,
    )


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


def _cells_by_row(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Group the segments, which come in the order of the content, into rows of cells."""
    rows: list[list[Segment]] = []
    for segment in segments:
        last = rows[-1][-1] if rows else None
        if last is None or not _on_one_row(last, segment):
            rows.append([segment])
        elif _gap(last, segment) > CELL_GAP_EMS * max(last.size, segment.size):
            rows[-1].append(segment)
        else:
            rows[-1][-1] = _merged(last, segment)
    return rows


def _on_one_row(last: Segment, segment: Segment) -> bool:
    """Tell whether ``segment`` goes on to the right of ``last`` (or is raised or lowered there)."""
    size = max(last.size, segment.size)
    return (
        not last.hyphen
        and abs(last.baseline - segment.baseline) <= SAME_LINE_EMS * size
        and (
            segment.left >= last.right - OVERLAP_EMS * size
            or (_is_rtl(last, segment) and segment.right <= last.left + OVERLAP_EMS * size)
        )
        # A smaller neighbour far away is not an index but another thing.
        and (
            abs(last.baseline - segment.baseline) <= 0.2 * size
            or _gap(last, segment) < CELL_GAP_EMS * size
        )
    )


def _gap(last: Segment, segment: Segment) -> float:
    """Return the width of the blank between two neighbours, whichever is on the left."""
    return max(segment.left - last.right, last.left - segment.right)


def _is_rtl(last: Segment, segment: Segment) -> bool:
    """Tell whether two segments are in a script that runs to the left."""
    return all(_RTL.search(one.text) for one in (last, segment))


def _merged(last: Segment, segment: Segment) -> Segment:
    """Join two segments that touch, or stand a blank apart."""
    blank = " " if _gap(last, segment) > WORD_GAP_EMS * max(last.size, segment.size) else ""
    main = last if len(last.text) >= len(segment.text) else segment
    tail = segment.text
    if segment.size < 0.85 * last.size and segment.baseline > last.baseline + 0.15 * last.size:
        tail, blank = raised(tail), ""
    placed = joined(
        PlacedText(last.text, last.places), blank, PlacedText(tail, segment.places[: len(tail)])
    )
    return Segment(
        text=placed.text,
        left=min(last.left, segment.left),
        right=max(last.right, segment.right),
        baseline=main.baseline,
        size=main.size,
        bold=main.bold,
        hyphen=segment.hyphen,
        places=placed.places + segment.places[len(tail) :],
    )


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
