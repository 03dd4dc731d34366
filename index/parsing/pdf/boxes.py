"""Where the words of a document's text stand on the page of the PDF."""

from __future__ import annotations

import ctypes
import math
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, groupby
from statistics import median
from typing import Any

from loccit.index.datatypes import Box, PageBoxes
from loccit.index.parsing.pdf.device import shown
from loccit.index.parsing.pdf.document import read_rows
from loccit.index.parsing.pdf.places import PlacedCell, place_rows, spelling, spelt_by
from loccit.index.parsing.pdf.reading_back import same_words, words_inside

LIGATURE_LETTERS = 3  # "ffi"


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character of a row with its box on the shown page; ``cell`` counts the row's cells.

    ``box`` is as high as the font; ``ink`` is the part that is drawn.
    """

    box: Box
    ink: Box
    chosen: bool
    cell: int


def page_boxes(page: Any, number: int, text: str, start: int, end: int) -> PageBoxes | None:
    """Return the boxes of ``text[start:end]`` on ``page``, the page ``number``, from 1.

    ``text`` is all of the document's text of that page. None when its words are not found on the
    page, stand outside of what is shown of it, or are not those that stand inside the boxes.

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
        # A citation that is boxed is verified as one that is quoted is.
        if not same_words(words_inside(page, textpage, boxes), text[start:end]):
            return None
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
            found = _boxes_of(page, textpage, index)
            if found is None or not (place in chosen or spelling(char)):
                continue
            box, ink = found
            if place in chosen and not (_is_shown(box) and _is_shown(ink)):
                return None
            glyphs.append(_Glyph(box, ink, place in chosen, number))
    if _are_stacked(glyphs):
        return None
    boxes = _joined(glyphs)
    return boxes if all(box.left < box.right and box.top < box.bottom for box in boxes) else None


def _are_stacked(glyphs: Sequence[_Glyph]) -> bool:
    """Tell whether chosen characters stand on one another, which no ligature explains.

    pdfium puts all of a replacement text ("ActualText") where the first character it replaces is.
    """
    runs = groupby(glyphs, key=lambda glyph: (glyph.chosen, glyph.box))
    return any(chosen and len(list(run)) > LIGATURE_LETTERS for (chosen, _), run in runs)


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


def _boxes_of(page: Any, textpage: Any, index: int) -> tuple[Box, Box] | None:
    """Return the box and the ink of a character; None where it has no size."""
    import pypdfium2.raw as pdfium

    rect = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(textpage, index, rect)
    box = _box(page, rect.left, rect.top, rect.right, rect.bottom)
    sides = [ctypes.c_double() for _ in range(4)]
    pdfium.FPDFText_GetCharBox(textpage, index, *sides)
    left, right, bottom, top = (side.value for side in sides)
    ink = _box(page, left, top, right, bottom)
    if box is None or ink is None:
        box = ink = box or ink  # some damaged fonts have but one of the two
    return None if box is None or ink is None else (box, ink)


def _box(page: Any, left: float, top: float, right: float, bottom: float) -> Box | None:
    """Return a rectangle of the page as one of the shown page, whose edges it may reach over."""
    if not all(map(math.isfinite, (left, top, right, bottom))):
        return None
    one, other = shown(page, left, top), shown(page, right, bottom)
    (left, right), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return Box(left, top, right, bottom) if left < right and top < bottom else None


def _is_shown(box: Box) -> bool:
    """Tell whether any of a box lies on the shown page."""
    return box.left < 1 and box.top < 1 and box.right > 0 and box.bottom > 0


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
    is_upright = abs(along[0]) >= abs(along[1])
    return [
        _around([glyphs[number] for number in run], glyphs, is_upright)
        for run in sorted(runs, key=min)
    ]


def _centre(box: Box) -> tuple[float, float]:
    """Return the middle of a box."""
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def _around(run: Sequence[_Glyph], row: Sequence[_Glyph], is_upright: bool) -> Box:
    """Return the box of a run: as high as most of the row's type, and as its own ink.

    The fonts of formulas are higher than their signs, and would reach into the next line.
    """
    cell = [glyph.box for glyph in row if glyph.cell == run[0].cell]
    left, top = min(one.box.left for one in run), min(one.box.top for one in run)
    right, bottom = max(one.box.right for one in run), max(one.box.bottom for one in run)
    if is_upright:
        top = max(top, min(median(box.top for box in cell), *(one.ink.top for one in run)))
        bottom = min(
            bottom, max(median(box.bottom for box in cell), *(one.ink.bottom for one in run))
        )
    else:
        left = max(left, min(median(box.left for box in cell), *(one.ink.left for one in run)))
        right = min(right, max(median(box.right for box in cell), *(one.ink.right for one in run)))
    return Box(max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0))
