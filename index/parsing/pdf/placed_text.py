"""Text of a PDF that remembers which character of its page each of its code points is.

What changes the text, from ligatures to blanks, changes the places along with it, so that nobody
has to look for the words on the page afterwards.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from loccit.index.parsing.normalizing import normalise
from loccit.index.parsing.notation import raised

NOWHERE = -1
"""The place of a code point that is not on the page: a blank between two runs of text."""

SPACED_SHARE = 0.6  # of ideographs with a blank behind: letter-spacing, not words

_BULLETS = "\uf0b7\uf0a7\uf0d8\uf076\uf0a8\uf02d\uf0fc"  # of the Symbol and Wingdings fonts
_TO_BULLET = str.maketrans(dict.fromkeys(_BULLETS, "•"))
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ACCENTS = {
    "¨": "\u0308",
    "´": "\u0301",
    "ˇ": "\u030c",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "¸": "\u0327",
    "˚": "\u030a",
}
_SPACING_ACCENT = re.compile(rf"([{''.join(_ACCENTS)}])([a-zA-Zı])")
_JAMO = "\u1160-\u11ff"  # the later parts of Korean syllables, which are no marks but compose
_MARKS = (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0))  # all marks of Unicode are among these
_LEADERS = re.compile(r" ?(?:[.…·_‥] ?){6,}")
_NOT_ONE_BLANK = re.compile(r"\s{2,}|[^\S ]")
_IDEOGRAPH = re.compile("[\u3040-\u9fff]")
_CJK = r"[\u2026\u3000-\u9fff\uff00-\uffef]"
_SPACED_IDEOGRAPH = re.compile(f"([\u2018-\u201f]|{_CJK}) (?={_CJK})")


@dataclass(frozen=True, slots=True)
class PlacedText:
    """``places`` holds, for each code point of ``text``, pdfium's index of its character.

    Several code points share a place where a ligature was one character.
    """

    text: str
    places: array[int]


def read_text(codes: Sequence[int], places: Sequence[int], lifted: Sequence[bool]) -> PlacedText:
    """Return the characters ``codes`` as normalised text on one line.

    Glyphs without a meaning become "•" or nothing, and ``lifted`` figures raised ones.
    """
    chars = [
        (raised(chr(code)) if up else chr(code), place)
        for code, place, up in zip(codes, places, lifted, strict=True)
        if code <= sys.maxunicode
    ]
    placed = PlacedText("".join(c for c, _ in chars), array("i", [place for _, place in chars]))
    if not (placed.text.isascii() and placed.text.isprintable()):
        # On some platforms pdfium gives a character beyond U+FFFF as its two UTF-16 halves.
        placed = composed(_mapped(_changed(placed, _HALVES, _joined_halves)))
        placed = _changed(placed, _SPACING_ACCENT, _accented, main=-1)
    placed = _single_spaced(_changed(placed, _LEADERS, " … "))
    ideographs = len(_IDEOGRAPH.findall(placed.text))
    if ideographs and len(_SPACED_IDEOGRAPH.findall(placed.text)) > SPACED_SHARE * ideographs:
        placed = _changed(placed, _SPACED_IDEOGRAPH, _unspaced)
    return placed


def joined(one: PlacedText, blank: str, other: PlacedText) -> PlacedText:
    """Return the two texts with ``blank`` between them, normalised again where they meet."""
    places = one.places + array("i", [NOWHERE] * len(blank)) + other.places
    return composed(PlacedText(one.text + blank + other.text, places))


def composed(placed: PlacedText) -> PlacedText:
    """Return the text with every letter and its marks composed, as ``normalise`` does."""
    return placed if placed.text.isascii() else _changed(placed, _clusters(), _normalised)


def _mapped(placed: PlacedText) -> PlacedText:
    """Change each character as ``normalise`` does."""
    new = [_meaning(char) for char in placed.text]
    places = array("i")
    for char, place in zip(new, placed.places, strict=True):
        places.extend([place] * len(char))
    return PlacedText("".join(new), places)


@lru_cache(maxsize=4096)
def _meaning(char: str) -> str:
    """Return what is written for one character."""
    # Between bars, for a blank alone would be stripped.
    return normalise(f"|{_PRIVATE.sub('', char.translate(_TO_BULLET))}|")[1:-1]


def _single_spaced(placed: PlacedText) -> PlacedText:
    """Return the text with single blanks between words and none at its ends."""
    text = placed.text.strip()
    if text != placed.text:
        start = len(placed.text) - len(placed.text.lstrip())
        placed = PlacedText(text, placed.places[start : start + len(text)])
    return _changed(placed, _NOT_ONE_BLANK, " ")


def _changed(
    placed: PlacedText,
    pattern: re.Pattern[str],
    new: str | Callable[[re.Match[str]], str],
    *,
    main: int = 0,
) -> PlacedText:
    """Replace what matches ``pattern`` by ``new``, or by what it returns.

    Letters that replace as many stand where these stand; one that replaces several, where the one
    with index ``main`` among them stands.
    """
    if pattern.search(placed.text) is None:
        return placed
    texts: list[str] = []
    places = array("i")
    end = 0
    for found in pattern.finditer(placed.text):
        written = new if isinstance(new, str) else new(found)
        texts += placed.text[end : found.start()], written
        places += placed.places[end : found.start()]
        replaced = zip(found.group(), placed.places[found.start() : found.end()], strict=True)
        inked = [place for char, place in replaced if not char.isspace()]
        places += _places_of(written, inked[main:] if len(inked) > len(written.strip()) else inked)
        end = found.end()
    return PlacedText("".join(texts) + placed.text[end:], places + placed.places[end:])


def _places_of(written: str, inked: Sequence[int]) -> array[int]:
    """Give the letters of ``written`` the places in turn, and the last one to all that are more."""
    places = array("i")
    number = 0
    for char in written:
        if char.isspace() or not inked:
            places.append(NOWHERE)
        else:
            places.append(inked[min(number, len(inked) - 1)])
            number += 1
    return places


def _unspaced(found: re.Match[str]) -> str:
    return found.group(1)


def _joined_halves(found: re.Match[str]) -> str:
    return found.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _normalised(found: re.Match[str]) -> str:
    return normalise(f"|{found.group()}|")[1:-1]


def _accented(found: re.Match[str]) -> str:
    """Put the accent that TeX draws before a letter on the letter, where Unicode has the two."""
    accent, letter = found.groups()
    letter = "i" if letter == "ı" else letter
    one = unicodedata.normalize("NFC", letter + _ACCENTS[accent])
    return one if len(one) == 1 else found.group()


@cache
def _clusters() -> re.Pattern[str]:
    """Return a pattern for a character and the marks that follow it."""
    marks = "".join(chr(code) for code in _MARKS if unicodedata.category(chr(code)).startswith("M"))
    return re.compile(f"[^{_JAMO}]?[{marks}{_JAMO}]+", re.S)
