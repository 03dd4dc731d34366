"""Boxes on a page checked: the words inside them, read off the page, are those of the quote."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from loccit.index.datatypes import Box
from loccit.index.parsing.pdf.device import shown

# Signs between cells, hyphens, leaders, accents on their own: a page has them otherwise than text.
_PASSED_OVER = set("|-‐\u00ad.…·‥_´¨ˇˆ˜¸˚•\ufffd\x02\ufffe")
_LETTERS = {"ı": "i", "−": ""}


def same_words(one: str, other: str) -> bool:
    """Compare without white space, signs between cells, hyphens, leaders, accents, letter forms."""
    return _bare(one) == _bare(other)


def words_inside(page: Any, textpage: Any, boxes: Sequence[Box]) -> str:
    """Read the characters whose middle lies in the boxes of an open page, box by box."""
    middles = list(_middles(page, textpage))
    words: list[str] = []
    for box in boxes:
        inside = [middle for middle in middles if _holds(box, *middle[1:])]
        words.extend(char for char, _, _ in inside)
        middles = [middle for middle in middles if not _holds(box, *middle[1:])]
    # Some platforms give a character beyond U+FFFF as its two UTF-16 halves.
    return "".join(words).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFKD", "".join(c for c in text if c not in _PASSED_OVER))
    return "".join(
        _LETTERS.get(letter, letter)
        for letter in letters
        if unicodedata.category(letter)[0] not in "MCZ" and letter not in _PASSED_OVER
    )


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _middles(page: Any, textpage: Any) -> Iterator[tuple[str, float, float]]:
    """Yield every character with its middle in fractions of the shown page."""
    import pypdfium2.raw as pdfium

    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        left, bottom, right, top = textpage.get_charbox(index)
        if not code or code in (10, 13, 32):
            continue
        if left == right or top == bottom:
            left, bottom, right, top = textpage.get_charbox(index, loose=True)
        yield chr(code), *shown(page, (left + right) / 2, (bottom + top) / 2)
