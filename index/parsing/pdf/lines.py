"""Where the lines of a PDF's pages stand: packed at parsing, and read to box what is cited.

A page's lines are kept as one block of bytes, compressed by zlib: the number of lines, then for
each its start in ``Document.text`` and its length, as 32-bit numbers; then for each code point the
left, top, right and bottom of its box in 16-bit parts of the shown page. Of these only the
differences from the code point before are kept, and all low bytes before all high ones: most are
alike then, and compress well.
"""

from __future__ import annotations

import logging
import struct
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Box, Document, PageBoxes, PageLines, Span

logger = logging.getLogger(__name__)

UNITS = 65_535
"""Places on a page are kept in this many parts of its width and height."""

LIGATURE_LETTERS = 3  # "ffi"
_LOST = (1, 0, 0, 0)
_SILENT = ("M", "C")  # the Unicode categories of marks and of what can't be seen
_COUNT = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, or a cell of one, from the code point ``start`` of the document's text on.

    ``boxes`` is ``(n, 4) uint16``, a row for each code point: left, top, right, bottom. A blank has
    no width. A letter whose place isn't known or isn't shown ends before it begins.
    """

    start: int
    boxes: NDArray[np.uint16]


def boxes_of(
    document: Document, span: Span, lines: Mapping[int, PageLines]
) -> tuple[PageBoxes, ...] | None:
    """Return where the words of ``span`` stand, for each page of which it holds some.

    ``lines`` holds those pages by their number. None where a page is missing or damaged, and where
    the place of any letter isn't known or lies outside of what is shown: a citation is boxed whole.
    """
    found: list[PageBoxes] = []
    for page, part in spans_by_page(document, span):
        try:
            boxes = _page_boxes(lines[page], part) if page in lines else None
        except ValueError as error:
            logger.warning("page %d of %s is shown without boxes: %s", page, document.source, error)
            return None
        if boxes is None:
            return None
        found.append(boxes)
    return tuple(found) or None


def spans_by_page(document: Document, span: Span) -> list[tuple[int, Span]]:
    """Divide ``span`` at the ends of the pages; pages of which it holds no words are left out."""
    starts = (*document.page_starts, len(document.text))
    parts: list[tuple[int, Span]] = []
    for page, (first, last) in enumerate(pairwise(starts), start=1):
        start, end = max(span.start, first), min(span.end, last)
        if start < end and document.text[start:end].strip():
            parts.append((page, Span(start, end)))
    return parts


def marked_boxes(
    letters: str, places: Sequence[int], boxes: NDArray[np.uint16]
) -> NDArray[np.uint16]:
    """Return the box of each of the ``letters`` that stand at the ``places`` of ``boxes``.

    Blanks and letters that have no place are marked as ``Line`` says. So are letters that stand on
    one another where no ligature explains it: pdfium puts all of a replacement text ("ActualText")
    where the first character is that it replaces.
    """
    codes = np.frombuffer(letters.encode("utf-32-le"), dtype="<u4")
    indices = np.asarray(places, dtype=np.int64)
    known = (indices >= 0) & (indices < len(boxes)) & (codes > ord(" "))
    marked = np.zeros((len(codes), 4), dtype=np.uint16)
    marked[known] = boxes[indices[known]]
    lost = (marked[:, 0] == marked[:, 2]) & (codes > ord(" "))
    for at in np.flatnonzero(lost).tolist():
        lost[at] = unicodedata.category(letters[at])[0] not in _SILENT
    lost |= _stacked(marked, indices)
    marked[lost] = _LOST
    return marked


def pack(starts: Sequence[int], lengths: Sequence[int], boxes: NDArray[np.uint16]) -> bytes:
    """Write the lines of a page; ``boxes`` holds those of all lines, one behind the other."""
    inked = boxes[:, 0] != boxes[:, 2]
    before = np.maximum.accumulate(np.where(inked, np.arange(len(boxes)), 0))
    filled = np.where(inked[:, None], boxes, boxes[before][:, [2, 1, 2, 3]])  # blanks cost nothing
    last = np.vstack((np.zeros((1, 4), dtype=np.uint16), filled[:-1]))
    changes = np.column_stack(
        (
            filled[:, 0] - last[:, 2],
            filled[:, 1] - last[:, 1],
            filled[:, 2] - filled[:, 0],
            filled[:, 3] - last[:, 3],
        )
    ).T.astype("<u2")
    planes = np.ascontiguousarray(changes).view(np.uint8).reshape(-1, 2).T
    heads = np.array((starts, lengths), dtype="<u4")
    return zlib.compress(_COUNT.pack(len(starts)) + heads.tobytes() + planes.tobytes())


def unpack(packed: bytes) -> list[Line]:
    """Read what ``pack`` wrote.

    Raises:
        ValueError: it is damaged.
    """
    try:
        return _unpacked(zlib.decompress(packed))
    except (zlib.error, struct.error) as error:
        raise ValueError(f"the lines of a page can't be read: {error}") from error


def _unpacked(data: bytes) -> list[Line]:
    (count,) = _COUNT.unpack_from(data)
    starts, lengths = np.frombuffer(data, dtype="<u4", count=2 * count, offset=4).reshape(2, -1)
    planes = np.frombuffer(data, dtype=np.uint8, offset=4 + 8 * count).reshape(2, -1)
    left, top, width, bottom = (
        np.ascontiguousarray(planes.T).view("<u2").reshape(4, -1).astype(np.uint16)
    )
    right = np.cumsum(left + width, dtype=np.uint16)
    boxes = np.column_stack(
        (
            right - width,
            np.cumsum(top, dtype=np.uint16),
            right,
            np.cumsum(bottom, dtype=np.uint16),
        )
    )
    ends = np.cumsum(lengths)
    return [
        Line(int(start), boxes[end - length : end])
        for start, length, end in zip(starts, lengths, ends, strict=True)
    ]


def _stacked(boxes: NDArray[np.uint16], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which of the letters have one box with more of their neighbours than a ligature has."""
    is_same = (boxes[1:] == boxes[:-1]).all(axis=1) & (boxes[1:, 0] < boxes[1:, 2])
    begins = np.flatnonzero(np.append(True, ~is_same))
    sizes = np.diff(np.append(begins, len(boxes)))
    stacked = np.zeros(len(boxes), dtype=np.bool_)
    for begin, size in zip(begins.tolist(), sizes.tolist(), strict=True):
        if size > LIGATURE_LETTERS and len(set(places[begin : begin + size].tolist())) > 1:
            stacked[begin : begin + size] = True
    return stacked


def _page_boxes(page: PageLines, span: Span) -> PageBoxes | None:
    """Return the boxes of ``span`` on one page; None where a letter has none, or none is there."""
    boxes: list[Box] = []
    for line in unpack(page.packed):
        first, last = max(span.start - line.start, 0), min(span.end - line.start, len(line.boxes))
        if first < last:
            left, _, right, _ = line.boxes[first:last].T
            if (right < left).any():
                return None
            boxes += _line_boxes(line.boxes, first, last, page)
    return PageBoxes(page.page, page.width, page.height, tuple(boxes)) if boxes else None


def _line_boxes(boxes: NDArray[np.uint16], first: int, last: int, page: PageLines) -> list[Box]:
    """Return a box for each run of the chosen letters that no other of the line stands between.

    They come in the order of the text: where two directions of writing meet, one run of the text
    stands in several places of the line.
    """
    letters = np.flatnonzero(boxes[:, 0] < boxes[:, 2])
    if not letters.size:
        return []
    sides = boxes[letters].astype(np.float64) / UNITS
    middles = (sides[:, :2] + sides[:, 2:]) * (page.width, page.height)
    along = middles @ (middles[-1] - middles[0])
    order = np.argsort(along, kind="stable")
    chosen = ((letters >= first) & (letters < last)).tolist()
    groups = groupby(order.tolist(), key=chosen.__getitem__)
    runs = [list(group) for is_chosen, group in groups if is_chosen]
    return [
        Box(*sides[run, :2].min(axis=0).tolist(), *sides[run, 2:].max(axis=0).tolist())
        for run in sorted(runs, key=min)
    ]
