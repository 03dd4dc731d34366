"""Where the words of a document's text stand on the page of the PDF."""

from __future__ import annotations

import ctypes
import math
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

from index.datatypes import Box, PageBoxes
from index.parsing.pdf import read_rows
from index.parsing.pdf_places import PlacedCell, place_rows, spelling, spelt_by

_GRID = 1_000_000  # pdfium gives places on the shown page as whole pixels of a page this large


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character of a row with its box on the shown page; ``cell`` counts the row's cells."""

    char: str
    box: Box
    chosen: bool
    cell: int


def page_boxes(page: Any, number: int, text: str, start: int, end: int) -> PageBoxes | None:
    """Return the boxes of ``text[start:end]`` on ``page``, the page ``number``, from 1.

    ``text`` is all of the document's text of that page. None when its words are not found on the
    page, or stand outside of what is shown of it.

    Raises:
        pypdfium2.PdfiumError: the page can't be read.
    """
    with closing(page.get_textpage()) as textpage:
        rows = place_rows(text, read_rows(textpage, number - 1))
        if rows is None:
            return None
        boxes: list[Box] = []
        for cells in rows:
            found = _row_boxes(page, textpage, cells, start, end)
            if found is None:
                return None
            boxes.extend(found)
    if not boxes:
        return None
    return PageBoxes(number, page.get_width(), page.get_height(), tuple(boxes))


def _row_boxes(
    page: Any, textpage: Any, cells: Sequence[PlacedCell], start: int, end: int
) -> list[Box] | None:
    """Return the boxes of what ``start`` to ``end`` covers of one row; None as ``page_boxes``."""
    if not any(_covered(placed, start, end) for placed in cells):
        return []
    glyphs: list[_Glyph] = []
    for number, placed in enumerate(cells):
        indices, chars = _chars_of(textpage, placed.cell.chars)
        inside = start - placed.offset, end - placed.offset
        chosen = spelt_by(placed.cell.text, *inside, chars)
        if chosen is None:
            return None
        for place, (index, char) in enumerate(zip(indices, chars, strict=True)):
            box = _box(page, textpage, index)
            if box is not None and (place in chosen or spelling(char)):
                glyphs.append(_Glyph(char, box, place in chosen, number))
    return _joined(glyphs)


def _covered(placed: PlacedCell, start: int, end: int) -> bool:
    """Tell whether ``start`` to ``end`` covers any word of a cell."""
    first, last = max(start - placed.offset, 0), max(end - placed.offset, 0)
    return bool(placed.cell.text[first:last].strip())


def _chars_of(textpage: Any, ranges: Iterable[tuple[int, int]]) -> tuple[list[int], list[str]]:
    """Return the characters of these ranges of indices, each with its index."""
    import pypdfium2.raw as pdfium

    indices: list[int] = []
    chars: list[str] = []
    for index in chain.from_iterable(range(*one) for one in ranges):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        if 0xDC00 <= code < 0xE000 and chars and 0xD800 <= ord(chars[-1]) < 0xDC00:
            # The second UTF-16 half of a character beyond U+FFFF, as some platforms have it.
            halves = chars[-1] + chr(code)
            chars[-1] = halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        elif 0 < code <= sys.maxunicode:
            indices.append(index)
            chars.append(chr(code))
    return indices, chars


def _box(page: Any, textpage: Any, index: int) -> Box | None:
    """Return the box of a character, cut at the edges of what is shown; None outside of them."""
    import pypdfium2.raw as pdfium

    rect = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(textpage, index, rect)
    if not all(map(math.isfinite, (rect.left, rect.top, rect.right, rect.bottom))):
        return None
    corners = _shown(page, rect.left, rect.top), _shown(page, rect.right, rect.bottom)
    (left, right), (top, bottom) = (
        sorted(min(max(corner[axis], 0.0), 1.0) for corner in corners) for axis in (0, 1)
    )
    return Box(left, top, right, bottom) if left < right and top < bottom else None


def _shown(page: Any, x: float, y: float) -> tuple[float, float]:
    """Return a point of the page in fractions of the shown page, from its top left corner."""
    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, across, down)
    return across.value / _GRID, down.value / _GRID


def _joined(glyphs: Sequence[_Glyph]) -> list[Box]:
    """Return a box for each run of chosen glyphs that no other glyph of the row stands between.

    The glyphs come in the order of the text, and so do the boxes: where two directions of writing
    meet, one run of the text stands in several places of the line.
    """
    if not glyphs:
        return []
    first, last = _centre(glyphs[0].box), _centre(glyphs[-1].box)
    along = last[0] - first[0], last[1] - first[1]

    def place(number: int) -> tuple[int, float]:
        x, y = _centre(glyphs[number].box)
        return glyphs[number].cell, x * along[0] + y * along[1]

    runs: list[list[int]] = []
    order = sorted(range(len(glyphs)), key=place)
    for (_, chosen), run in groupby(order, key=lambda n: (glyphs[n].cell, glyphs[n].chosen)):
        if chosen:
            runs.append(list(run))
    return [_around([glyphs[number].box for number in run]) for run in sorted(runs, key=min)]


def _centre(box: Box) -> tuple[float, float]:
    """Return the middle of a box."""
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def _around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around all ``boxes``."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
