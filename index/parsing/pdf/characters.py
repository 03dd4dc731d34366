"""The characters of a PDF page as pdfium gives them, with their places on the page."""

from __future__ import annotations

import ctypes
import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from loccit.index.parsing.pdf.lines import UNITS

FONT_LIE = 3.0  # a size this many times smaller or larger than its box is not true
FONT_NAME_BYTES = 128  # longer names are cut, which does no harm
BOLD_WEIGHT = 600  # OpenType: 600 is semi-bold
BELOW_EMS, ABOVE_EMS = 0.27, 0.95  # what most fonts reach below and above their baseline

_GRID = 1_000_000  # pdfium gives places on the shown page as whole pixels of a page this large
_BOLD_NAME = re.compile(rb"bold|black|heavy|demi|CMBX|SFBX", re.I)
_NOWHERE = (math.nan,) * 4

_Sides = tuple[float, float, float, float]  # left, bottom, right, top, in points


class Char(NamedTuple):
    """A character, in points, turned so that its text runs to the right.

    ``place`` is pdfium's index. A tuple and no dataclass: there are millions of them, and making
    these takes half the time.
    """

    place: int
    code: int
    left: float
    right: float
    baseline: float
    size: float
    bold: bool


class _Font(NamedTuple):
    """``size`` in points; ``quarters`` of a turn by which the text is turned."""

    size: float
    bold: bool
    quarters: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it is shown, turned and cropped: its size in points and its characters' boxes.

    ``boxes`` is ``(n, 4) uint16``, a row for each of pdfium's indices: left, top, right and bottom
    in parts of ``UNITS`` from the top left corner. A character that has no size or lies outside of
    what is shown has zeros. ``sides`` is ``(n, 2) float32``: left and right in points, turned as
    `Char` has them; NaN for a character that is nowhere.
    """

    width: float
    height: float
    boxes: NDArray[np.uint16]
    sides: NDArray[np.float32]


def read_characters(textpage: Any) -> tuple[list[Char], array[float]]:
    """Ask pdfium for every character; those that a damaged font puts nowhere are left out.

    Also return left, bottom, right and top of the box of each index, in points of the page.
    """
    import pypdfium2.raw as pdfium

    unicode_of, loose_box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    origin, object_of = pdfium.FPDFText_GetCharOrigin, pdfium.FPDFText_GetTextObject
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    chars: list[Char] = []
    boxes = array("d")
    font, known = _Font(0.0, False, 0), None  # of the text object before: its characters share it
    for place in range(textpage.count_chars()):
        code = unicode_of(textpage, place)
        if code == 0:
            boxes.extend(_NOWHERE)
            continue
        loose_box(textpage, place, box)
        origin(textpage, place, x, y)
        address = ctypes.cast(object_of(textpage, place), ctypes.c_void_p).value
        if address != known:
            font, known = _font(textpage, place), address
        sides = left, bottom, right, top = box.left, box.bottom, box.right, box.top
        baseline = y.value
        if font.quarters or left > right or bottom > top:
            left, bottom, right, top = _upright(sides, font.quarters)
            baseline = _turned(x.value, y.value, font.quarters)[1]
        size = _font_size(font.size, top - bottom)
        if not math.isfinite(left + right + baseline + size):
            boxes.extend(_NOWHERE)  # a damaged font or matrix puts it nowhere
            continue
        chars.append(Char(place, code, left, right, baseline, size, font.bold))
        lowest, highest = baseline - BELOW_EMS * size, baseline + ABOVE_EMS * size
        if bottom < lowest or top > highest or left == right or top == bottom:
            upright = _cut((left, bottom, right, top), _ink(textpage, place, font), lowest, highest)
            sides = _upright(upright, -font.quarters % 4)
        boxes.extend(sides)
    return chars, boxes


def sheet_of(page: Any, chars: Sequence[Char], boxes: array[float]) -> Sheet:
    """Return the open ``page`` with the characters and boxes that ``read_characters`` found."""
    width, height = page.get_width(), page.get_height()
    sides = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    with np.errstate(all="ignore"):  # damaged fonts have boxes as large as a float can say
        one = _shown(page, sides[:, 0], sides[:, 3], max(width, height, 1.0))
        other = _shown(page, sides[:, 2], sides[:, 1], max(width, height, 1.0))
        low, high = np.minimum(one, other), np.maximum(one, other)
        seen = np.all((low < high) & (low < 1) & (high > 0), axis=1, keepdims=True)
        corners = np.hstack((np.floor(low.clip(0, 1) * UNITS), np.ceil(high.clip(0, 1) * UNITS)))
    turned = np.full((len(sides), 2), np.nan, dtype=np.float32)
    if chars:
        turned[[char.place for char in chars]] = [(char.left, char.right) for char in chars]
    return Sheet(width, height, np.where(seen, corners, 0).astype(np.uint16), turned)


def _font(textpage: Any, index: int) -> _Font:
    """Return the font of one character."""
    import pypdfium2.raw as pdfium

    matrix, name = pdfium.FS_MATRIX(), ctypes.create_string_buffer(FONT_NAME_BYTES)
    pdfium.FPDFText_GetMatrix(textpage, index, matrix)
    size = pdfium.FPDFText_GetFontSize(textpage, index) * math.hypot(matrix.c, matrix.d)
    pdfium.FPDFText_GetFontInfo(textpage, index, name, FONT_NAME_BYTES, None)
    # Fonts that are not embedded have no weight, those of TeX one of their own.
    weight = pdfium.FPDFText_GetFontWeight(textpage, index)
    bold = weight >= BOLD_WEIGHT or _BOLD_NAME.search(name.value) is not None
    angle = pdfium.FPDFText_GetCharAngle(textpage, index)
    quarters = round(angle / (math.pi / 2)) % 4 if math.isfinite(angle) else 0
    return _Font(size, bold, quarters)


def _upright(sides: _Sides, quarters: int) -> _Sides:
    """Turn a box so that text which runs up, down or upside down runs to the right."""
    left, bottom, right, top = sides
    if quarters:
        left, bottom = _turned(left, bottom, quarters)
        right, top = _turned(right, top, quarters)
    if left > right:
        left, right = right, left
    return (left, bottom, right, top) if bottom <= top else (left, top, right, bottom)


def _turned(x: float, y: float, quarters: int) -> tuple[float, float]:
    """Turn a point back by quarter turns."""
    return ((x, y), (-y, x), (-x, -y), (y, -x))[quarters]


def _font_size(size: float, height: float) -> float:
    """Return the size of the font in points, or the height of its box where a font lies.

    The box alone will not do: its height differs from font to font of one size.
    """
    return size if height / FONT_LIE < size < height * FONT_LIE or height == 0 else height


def _ink(textpage: Any, index: int, font: _Font) -> _Sides:
    """Return the box of what is drawn of a character, turned upright."""
    import pypdfium2.raw as pdfium

    left, right, bottom, top = (
        ctypes.c_double(),
        ctypes.c_double(),
        ctypes.c_double(),
        ctypes.c_double(),
    )
    pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
    return _upright((left.value, bottom.value, right.value, top.value), font.quarters)


def _cut(sides: _Sides, drawn: _Sides, lowest: float, highest: float) -> _Sides:
    """Return the box of a font without what reaches over its line and is not drawn.

    The fonts of formulas are higher than their signs, and would reach into the next line.
    """
    left, bottom, right, top = sides
    if left == right or bottom == top:  # some damaged fonts have but one of the two
        return drawn
    if drawn[1] < drawn[3]:
        lowest, highest = min(lowest, drawn[1]), max(highest, drawn[3])
    return left, max(bottom, lowest), right, min(top, highest)


def _shown(
    page: Any, x: NDArray[np.float64], y: NDArray[np.float64], far: float
) -> NDArray[np.float64]:
    """Return points of the page in fractions of the shown page, ``(n, 2)``: across and down.

    Turning and cropping move all points alike, so pdfium is asked for three, ``far`` points apart.
    """
    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()

    def asked(x: float, y: float) -> NDArray[np.float64]:
        pdfium.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, across, down)
        return np.array((across.value, down.value), dtype=np.float64) / _GRID

    origin = asked(0.0, 0.0)
    right, up = (asked(far, 0.0) - origin) / far, (asked(0.0, far) - origin) / far
    return origin + x[:, None] * right + y[:, None] * up
