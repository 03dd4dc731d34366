"""The characters of a PDF page as runs of text with their place and size."""

from __future__ import annotations

import ctypes
import math
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loccit.index.parsing.normalizing import normalise
from loccit.index.parsing.notation import raised

CELL_GAP_EMS = 1.5  # a wider blank than this, in font sizes, divides cells or columns
SAME_LINE_EMS = 0.55  # superscripts rise less than this above their line
RAISED_SIZE, RAISED_EMS = 0.85, 0.15  # smaller and higher than its line: a superscript
SPACED_SHARE = 0.6  # of ideographs with a blank behind: letter-spacing, not words
FONT_LIE = 3.0  # a size this many times smaller or larger than its box is not true
FONT_NAME_BYTES = 128  # longer names are cut, which does no harm
BOLD_WEIGHT = 600  # OpenType: 600 is semi-bold

SPACE = 0x20
PDFIUM_HYPHENS = (0x02, 0xFFFE)  # what pdfium gives for a hyphen at the end of a line
_BULLETS = "\uf0b7\uf0a7\uf0d8\uf076\uf0a8\uf02d\uf0fc"  # of the Symbol and Wingdings fonts
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_BOLD_NAME = re.compile(rb"bold|black|heavy|demi|CMBX|SFBX", re.I)
COMBINING = {
    "¨": "\u0308",
    "´": "\u0301",
    "ˇ": "\u030c",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "¸": "\u0327",
    "˚": "\u030a",
}
_SPACING_ACCENT = re.compile(rf"([{''.join(COMBINING)}])([a-zA-Zı])")
_LEADERS = re.compile(r" ?(?:[.…·_‥] ?){6,}")
_IDEOGRAPH = re.compile("[\u3040-\u9fff]")
_CJK = r"[\u2026\u3000-\u9fff\uff00-\uffef]"
_SPACED_IDEOGRAPH = re.compile(f"([\u2018-\u201f]|{_CJK}) (?={_CJK})")
TO_BULLET = str.maketrans(dict.fromkeys(_BULLETS, "•"))


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of characters of one line, in points from the lower left corner of the page.

    ``size`` is the height of the font; ``hyphen`` says that the run ends in a hyphen that pdfium
    takes for one that only divides a word; that hyphen is not part of ``text``. ``chars`` are the
    half-open ranges of pdfium's indices of the characters, in the order of ``text``.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool = False
    hyphen: bool = False
    chars: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Char:
    index: int
    code: int
    left: float
    right: float
    baseline: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class _Font:
    """``size`` in points; ``quarters`` of a turn by which the text is turned."""

    size: float
    bold: bool
    quarters: int


def read_segments(textpage: Any) -> list[Segment]:
    """Return the segments of a page in the order of its content."""
    segments: list[Segment] = []
    run: list[_Char] = []
    for char in _read_chars(textpage):
        if char.code in (0x0D, 0x0A):
            _flush(run, segments)
        elif char.code in PDFIUM_HYPHENS:
            _flush(run, segments, hyphen=char.index)
        else:
            if run and char.code != SPACE and _is_apart(run, char):
                _flush(run, segments)
            run.append(char)
    _flush(run, segments)
    return segments


def _read_chars(textpage: Any) -> list[_Char]:
    """Ask pdfium for every character with its place."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    chars: list[_Char] = []
    font, known = _Font(0.0, False, 0), None  # of the text object before: its characters share it
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        if code == 0:
            continue
        pdfium.FPDFText_GetLooseCharBox(textpage, index, box)
        pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
        text_object = pdfium.FPDFText_GetTextObject(textpage, index)
        address = ctypes.cast(text_object, ctypes.c_void_p).value
        if address != known:
            font, known = _font(textpage, index), address
        left, bottom = _upright(box.left, box.bottom, font.quarters)
        right, top = _upright(box.right, box.top, font.quarters)
        baseline = _upright(x.value, y.value, font.quarters)[1]
        size = _font_size(font.size, abs(top - bottom))
        ends = min(left, right), max(left, right)
        if not all(map(math.isfinite, (*ends, baseline, size))):
            continue  # a damaged font or matrix puts it nowhere
        chars.append(_Char(index, code, *ends, baseline, size, font.bold))
    return chars


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


def _upright(x: float, y: float, quarters: int) -> tuple[float, float]:
    """Turn a point so that text which runs up, down or upside down runs to the right."""
    return ((x, y), (-y, x), (-x, -y), (y, -x))[quarters]


def _font_size(size: float, height: float) -> float:
    """Return the size of the font in points, or the height of its box where a font lies.

    The box alone will not do: its height differs from font to font of one size.
    """
    return size if height / FONT_LIE < size < height * FONT_LIE or height == 0 else height


def _is_apart(run: Sequence[_Char], char: _Char) -> bool:
    """Tell whether ``char`` begins a new line or a new cell."""
    last = next((one for one in reversed(run) if one.code != SPACE), run[-1])
    size = max(last.size, char.size, 1.0)
    if abs(char.baseline - last.baseline) > SAME_LINE_EMS * size:
        return True
    gap = char.left - last.right
    return gap > CELL_GAP_EMS * size or gap < -CELL_GAP_EMS * size


def _flush(run: list[_Char], segments: list[Segment], *, hyphen: int | None = None) -> None:
    """Add the run of characters, and the index of the hyphen behind it, as a segment; empty it."""
    inked = [char for char in run if char.code != SPACE]
    if inked:
        # The median: a raised or lowered figure does not move its line.
        size = sorted(char.size for char in inked)[len(inked) // 2]
        baseline = sorted(char.baseline for char in inked)[len(inked) // 2]
        text = _text(run, size, baseline)
        bold = 2 * sum(char.bold for char in inked) > len(inked)
        left, right = min(char.left for char in inked), max(char.right for char in inked)
        if text:
            divided = hyphen is not None
            chars = ((run[0].index, (run[-1].index if hyphen is None else hyphen) + 1),)
            segments.append(Segment(text, left, right, baseline, size, bold, divided, chars))
    run.clear()


def _text(run: Sequence[_Char], size: float, baseline: float) -> str:
    """Return the characters as normalised text; glyphs without a meaning become "•" or nothing."""
    units = "".join(
        raised(chr(char.code))
        if char.size < RAISED_SIZE * size and char.baseline > baseline + RAISED_EMS * size
        else chr(char.code)
        for char in run
        if char.code <= sys.maxunicode
    )
    # On some platforms pdfium gives a character beyond U+FFFF as its two UTF-16 halves.
    joined = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = normalise(PRIVATE.sub("", joined.translate(TO_BULLET)))
    text = _LEADERS.sub(" … ", _SPACING_ACCENT.sub(_composed, text))
    text = " ".join(text.split())
    ideographs = len(_IDEOGRAPH.findall(text))
    if ideographs and len(_SPACED_IDEOGRAPH.findall(text)) > SPACED_SHARE * ideographs:
        text = _SPACED_IDEOGRAPH.sub(r"\1", text)
    return text


def _composed(found: re.Match[str]) -> str:
    """Put the accent that TeX draws before a letter on the letter, where Unicode has the two."""
    accent, letter = found.groups()
    letter = "i" if letter == "ı" else letter
    composed = unicodedata.normalize("NFC", letter + COMBINING[accent])
    return composed if len(composed) == 1 else found.group()
