"""Text is normalised here, once, before any offset is taken.

The form is NFC, not NFKC: a quote must stay what the author wrote ("½", "Ⅳ" and "x²" survive).
Only what no reader can see, or sees as a plain blank or line break, is changed.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

LINE_BREAKS = "\r\v\f\x85\u2028\u2029"
"""Characters that begin a new line, besides the newline itself."""

INVISIBLE = (
    "\u00ad"  # soft hyphen
    "\u200b\u2060\ufeff"  # zero-width space, word joiner, byte order mark inside the text
    "\u2061\u2062\u2063\u2064"  # invisible operators of formulas
    "\u180e"  # Mongolian vowel separator, a space until Unicode 6.3
    "\ufffe\uffff"  # noncharacters
    # Embeddings, overrides and isolates: a quote cut between the two ends of a pair would turn
    # round the text of the page that shows it.
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Dropped. ZWJ and ZWNJ are not among them: emoji, Indic scripts and Persian need both."""

LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
"""Typesetting, not spelling: PDF fonts hold these where the author wrote two or three letters."""

MAX_MARKS = 30
"""Combining marks in a row: more is no language's (the Stream-Safe Text Format of UAX #15), and
ordering them takes the square of their number."""

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: no text that is stored or read by a model may hold one."""

_TRAILING_BLANKS = re.compile(r"(?<![ \t])[ \t]++(?=\n)")  # tried once a run, not once a blank
_MANY_NEWLINES = re.compile(r"\n{3,}")


def normalise(text: str) -> str:
    r"""Return ``text`` in the one form every document has; applying it again changes nothing.

    Line breaks become ``\n``, blanks of every width a space, at most one empty line stays
    between lines, and the ends are stripped. Tabs and leading blanks of a line stay. Of combining
    marks in a row the first ``MAX_MARKS`` stay.
    """
    text = text.replace("\r\n", "\n").translate(_table())
    if not text.isascii():
        # Twice: composing takes some marks apart, and then there may be too many again.
        text = _fewer_marks(unicodedata.normalize("NFC", _fewer_marks(text)))
    text = _TRAILING_BLANKS.sub("", text)
    return _MANY_NEWLINES.sub("\n\n", text).strip()


def one_line(text: str) -> str:
    """Return ``text`` normalised, on one line, with single spaces: a heading, a title, a cell."""
    return " ".join(normalise(text).split())


def encodable(text: str) -> str:
    """Replace lone halves of characters, which arguments and JSON may hold and no file can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _fewer_marks(text: str) -> str:
    """Return ``text`` without what follows the first ``MAX_MARKS`` combining marks in a row."""
    return _many_marks().sub(r"\1", text)


@cache
def _many_marks() -> re.Pattern[str]:
    """Return a pattern for a run of too many combining marks, the ones to keep as its group."""
    marks = "".join(
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))
    )
    return re.compile(f"([{marks}]{{{MAX_MARKS}}})[{marks}]++")


@cache
def _table() -> dict[int, str | None]:
    """Return the table of single-character changes, for ``str.translate``."""
    table: dict[int, str | None] = {}
    for code in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code))
        if category == "Zs":
            table[code] = " "
        elif category == "Cc" and chr(code) not in "\n\t":
            table[code] = None
        elif category == "Cs":
            table[code] = "\ufffd"
    table.update((ord(char), "\n") for char in LINE_BREAKS)
    table.update((ord(char), None) for char in INVISIBLE)
    table.update((ord(char), letters) for char, letters in LIGATURES.items())
    return table
