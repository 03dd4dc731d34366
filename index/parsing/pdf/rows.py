"""The lines of a PDF page: runs of text put side by side, with the wide blanks between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loccit.index.parsing.normalizing import normalise
from loccit.index.parsing.notation import CELL_GAP, raised
from loccit.index.parsing.pdf.segments import CELL_GAP_EMS, SAME_LINE_EMS, Segment

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

WORD_GAP_EMS = 0.12  # between words a fifth to a third of the font size, between letters none
OVERLAP_EMS = 0.4  # italics and accents reach over the next character


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
    return Segment(
        text=normalise(last.text + blank + tail),
        left=min(last.left, segment.left),
        right=max(last.right, segment.right),
        baseline=main.baseline,
        size=main.size,
        bold=main.bold,
        hyphen=segment.hyphen,
        chars=last.chars + segment.chars,
    )
