"""How lines begin and end: list marks, sentence ends, leaders, and words that are divided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

SENTENCE_END = re.compile(r"[.!?:;…。！？؟।]['\"’”)\]»]*[⁰¹²³⁴⁵⁶⁷⁸⁹]*$")
LIST_MARK = re.compile(
    r"(?:[•‣▪●◦■□–—*·○\-]\s+|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]\s+|\[\d{1,3}\]\s)(?=\S)"
)
BULLET = re.compile(r"[•‣▪●◦■□–—*·○\-]\s")
TO_PAGE = re.compile(r"… ?\S{1,6}$")  # the end of a line in a table of contents
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u30ff]")

HYPHENS = "-\u2010"  # the one on the keyboard, and Unicode's unambiguous one
MIN_PART = 3  # letters; shorter parts ("re", "un") are syllables more often than words

_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_LAST_PART = re.compile(r"[^\W_]+$")
_FIRST_PART = re.compile(r"[^\W_]+")
_AND = frozenset(("and", "or", "und", "oder", "et", "ou", "y", "o", "e", "bis", "to", "en", "of"))


def vocabulary(lines: Iterable[str]) -> Set[str]:
    """Return the words of the lines, casefolded, without the words at the ends of a line.

    Those may be halves.
    """
    words: set[str] = set()
    for line in lines:
        found = _WORD.findall(line.replace("\u2010", "-"))
        words.update(word.casefold() for word in found[1:-1])
    return words


def join_divided(left: str, right: str, words: Set[str]) -> str:
    """Join a line that ended in a hyphen (not part of ``left``) with the next line."""
    last, first = _LAST_PART.search(left), _FIRST_PART.match(right)
    if last is None or first is None:
        return f"{left}-{right}"
    before, after = last.group().casefold(), first.group().casefold()
    joined_known, divided_known = before + after in words, f"{before}-{after}" in words
    if joined_known and not divided_known:
        return left + right
    if after in _AND:
        return f"{left}- {right}"  # "pre- and postwar"
    inside_word = first.group()[0].islower() and last.group()[-1].isalpha()
    if divided_known or not inside_word or _are_words(before, after, words):
        return f"{left}-{right}"
    return left + right


def _are_words(before: str, after: str, words: Set[str]) -> bool:
    """Tell whether both halves are words of the document in their own right."""
    return min(len(before), len(after)) >= MIN_PART and before in words and after in words
