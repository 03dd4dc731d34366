"""What every parser knows of words that nobody sees: how near, how small, which characters.

A number here is where a careful reader begins to miss words, chosen on the safe side of honest
documents: light grey, small print and closed sections stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loccit.index.datatypes import HiddenReason

Colour = tuple[int, int, int]
"""Red, green and blue, each from 0 to 255."""

FAINT_DIFFERENCE = 16
"""Of red, green or blue, up to which a colour can't be told from the one behind it: #f0f0f0 on
white is hidden, #eee is a very light grey."""

TINY_POINTS = 2.0
"""A font of this size or a smaller one is not read: small print begins at 4 points."""

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)

_TAGS = "\U000e0000-\U000e007f"
_FLAG = "\U0001f3f4"  # England, Scotland and Wales are a black flag with their letters in tags
# Tags, which are drawn as nothing and spell words in ASCII; two letters or digits and more that an
# override turns round; a row of the selectors that choose a form of the one character before them.
_UNSEEN = re.compile(
    rf"(?<![{_FLAG}{_TAGS}])[{_TAGS}]+"
    rf"|(?<={_FLAG})[{_TAGS}]{{8,}}"
    "|\u202e(?:[^\\n\u202a-\u202eA-Za-z0-9]*+[A-Za-z0-9]){2}[^\\n\u202a-\u202e]*+\u202c?"
    "|\u202d(?:[^\\n\u202a-\u202e\u0590-\u08ff]*+[\u0590-\u08ff]){2}[^\\n\u202a-\u202e]*+\u202c?"
    "|(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
_SUSPECT = re.compile("[\u202d\u202e\U000e0000-\U000e01ef]|[\ufe00-\ufe0f]{2}")
_OVERRIDES = ("\u202d", "\u202e")


def is_faint(colour: Colour, behind: Colour) -> bool:
    """Tell whether words in a colour can't be told from what is behind them."""
    return max(abs(a - b) for a, b in zip(colour, behind, strict=True)) <= FAINT_DIFFERENCE


def may_hide(text: str) -> bool:
    """Tell quickly whether a text holds characters that ``apart`` looks at."""
    return not text.isascii() and _SUSPECT.search(text) is not None


def apart(text: str) -> Iterator[tuple[str, HiddenReason | None]]:
    """Yield the pieces of a text, each with why it is not seen, if its characters are such.

    Unicode's tags are yielded as the letters they stand for, selectors as the bytes.
    """
    if not may_hide(text):
        yield text, None
        return
    end = 0
    for found in _UNSEEN.finditer(text):
        yield text[end : found.start()], None
        piece = found.group()
        if piece.startswith(_OVERRIDES):
            yield piece.strip("\u202c\u202d\u202e"), "altered"
        else:
            yield "".join(map(_meant, piece)), "invisible"
        end = found.end()
    yield text[end:], None


def _meant(character: str) -> str:
    """Return the character that a tag or a selector stands for, or a blank."""
    code = ord(character)
    if 0xE0000 <= code < 0xE0080:
        code -= 0xE0000
    else:
        code = code - 0xE0100 + 16 if code >= 0xE0100 else code - 0xFE00
    return chr(code) if 0x20 <= code < 0x7F or code >= 0xA0 else " "
