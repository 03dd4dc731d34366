"""Sentences that are longer than a passage, cut at the best places, in time that grows with them.

How many word pieces a part of a sentence has is a sum: those of its chunks, whose borders lie
between words, are counted once. Only what lies between the border of a chunk and the end of the
part is counted anew.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from loccit.index.datatypes import Span

# Counts the word pieces of each text; one call for many texts.
TokenCounter = Callable[[Sequence[str]], list[int]]

MAX_PASSAGE_CHARACTERS = 2_000  # 12 a word piece; prose has 5, but base64 is one piece a line

# Where a sentence is cut, the best kind of place first.
_CUTS = (re.compile(r"[;:]\s+|\n+"), re.compile(r",\s+"), re.compile(r"\s+"))
_SHORTEST_CUT = 0.4  # of the longest piece possible: earlier places are not worth their better kind
# Some 32 characters, and what follows them up to a blank, a sign or a Chinese character: there a
# word ends in the models' eyes.
_CHUNK = re.compile(
    r".{1,32}+[^\s!-/:-@\[-`{-~、。\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]"
    rf"{{0,{MAX_PASSAGE_CHARACTERS}}}+",
    re.DOTALL,
)
_MOST_PIECES = 4  # that a character is, where each of its bytes is one
_REMEMBERED = 4_096  # counts of parts of chunks: what is repeated is counted once
_BATCH = 1_000  # chunks counted at once: the counter's own notes take more memory than the text


def counts_of(texts: Sequence[str], count_tokens: TokenCounter) -> list[int]:
    """Return the word pieces of each text; texts that are equal are counted once."""
    different = list(dict.fromkeys(texts))
    if not different:
        return []
    counts = dict(zip(different, count_tokens(different), strict=True))
    return [counts[text] for text in texts]


def piece_size(count: int, length: int, max_tokens: int) -> int:
    """Return a size in word pieces, or the share of the characters allowed if that is greater.

    Args:
        count: of word pieces.
        length: in characters.
        max_tokens: the word pieces of a passage, as many as ``MAX_PASSAGE_CHARACTERS`` share.
    """
    return max(count, -(-length * max_tokens // MAX_PASSAGE_CHARACTERS))


def cut(
    text: str, sentence: Span, count_tokens: TokenCounter, max_tokens: int
) -> Iterator[tuple[Span, int]]:
    """Yield the parts of a sentence and their sizes, each cut at the best place near the limit."""
    counted = _counted(text, sentence, count_tokens)
    start = sentence.start
    while start < sentence.end:
        pieces = _Pieces(counted, start)
        longest = _longest_part(pieces, sentence.end, max_tokens)
        end = longest if longest == sentence.end else _best_cut(text, start, longest)
        part = trimmed(text, start, end)
        if part is not None:
            if part.start > start:
                pieces = _Pieces(counted, part.start)
            yield part, piece_size(pieces.up_to(part.end), part.end - part.start, max_tokens)
        start = end


def trimmed(text: str, start: int, end: int) -> Span | None:
    """Return the span without white space at its ends; None when nothing is left."""
    piece = text[start:end]
    if piece and not (piece[0].isspace() or piece[-1].isspace()):
        return Span(start, end)
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return Span(start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class _Counted:
    """A text with the borders of a sentence's chunks, and the word pieces before each border."""

    text: str
    count_one: Callable[[str], int]
    borders: Sequence[int]
    before: Sequence[int]

    def count(self, start: int, end: int) -> int:
        """Count the word pieces of a part anew."""
        return self.count_one(self.text[start:end]) if start < end else 0


class _Pieces:
    """The word pieces of the parts of a sentence that begin at one place."""

    def __init__(self, counted: _Counted, start: int) -> None:
        self._counted = counted
        self.start = start
        self._first = bisect_left(counted.borders, start)
        self._border = counted.borders[self._first]
        self._head = counted.count(start, self._border)

    def up_to(self, end: int) -> int:
        """Return the word pieces up to an end."""
        pieces, border = self._up_to_border(end)
        return pieces + self._counted.count(border, end)

    def fit(self, end: int, most: int) -> bool:
        """Tell whether there are at most so many up to an end."""
        pieces, border = self._up_to_border(end)
        if pieces > most:
            return False
        return pieces + _MOST_PIECES * (end - border) <= most or self.up_to(end) <= most

    def _up_to_border(self, end: int) -> tuple[int, int]:
        """Return the word pieces up to the last border before an end, and where that is."""
        if end < self._border:
            return 0, self.start
        before, last = self._counted.before, bisect_right(self._counted.borders, end) - 1
        return self._head + before[last] - before[self._first], self._counted.borders[last]


def _counted(text: str, sentence: Span, count_tokens: TokenCounter) -> _Counted:
    chunks = [chunk.span() for chunk in _CHUNK.finditer(text, sentence.start, sentence.end)]
    counts: list[int] = []
    for number in range(0, len(chunks), _BATCH):
        some = chunks[number : number + _BATCH]
        counts += counts_of([text[start:end] for start, end in some], count_tokens)
    borders = [sentence.start, *(end for _, end in chunks)]
    count_one = lru_cache(_REMEMBERED)(lambda piece: count_tokens([piece])[0])
    return _Counted(text, count_one, borders, list(accumulate(counts, initial=0)))


def _longest_part(pieces: _Pieces, end: int, max_tokens: int) -> int:
    """Return the greatest end of a part that fits a passage (at least one character)."""
    low, high = pieces.start + 1, min(end, pieces.start + MAX_PASSAGE_CHARACTERS)
    if pieces.fit(high, max_tokens):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if pieces.fit(middle, max_tokens):
            low = middle
        else:
            high = middle
    return low


def _best_cut(text: str, start: int, longest: int) -> int:
    earliest = start + max(1, int((longest - start) * _SHORTEST_CUT))
    for pattern in _CUTS:
        ends = [found.end() for found in pattern.finditer(text, earliest, longest)]
        if ends:
            return ends[-1]
    return longest
