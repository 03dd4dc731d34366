"""Documents to passages: whole sentences, never across a heading, exact slices by construction.

Sentence boundaries come from sentencex (Wikimedia; MIT; rules in Rust). nupunkt, sentencex and
blingfire were compared on abbreviations, decimals, legal citations, headings, lists and
Chinese, Japanese, Hindi, Arabic, German and French text. sentencex alone ended sentences at
「。」 and 「।」, kept "Dr. Müller" and "Brown v. Board" whole and broke at blank lines; nupunkt
missed the non-Latin full stops, blingfire split after "Dr." and "v." and weighs 99 MB.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from loccit.index.datatypes import HEADING_SEPARATOR, Document, Passage, Span

# Counts the word pieces of each text; one call for many texts.
TokenCounter = Callable[[Sequence[str]], list[int]]

PASSAGE_TOKENS = 160  # word pieces; chosen on validation data, see the README's table
MAX_SECTION_CHARACTERS = 500_000  # a longer one is taken in parts, for the memory of its sentences
MAX_PASSAGE_CHARACTERS = 2_000  # 12 a word piece; prose has 5, but base64 is one piece a line

_WINDOW_CHARACTERS = 8_000  # in which sentences are looked for; few paragraphs have more
_SENTENCE_LANGUAGE = "en"  # its rules include every script's full stops
# Possessive throughout: a hostile line of a million blanks must be passed over once.
_BLOCK = re.compile(r"\S[^\n]*+(?:\n(?!\s*\n)[^\n]*+)*+")  # up to a blank line
# A list item or a table row begins on its own line: a bullet, "3.", "b)", or cells with bars.
_ROW_START = re.compile(
    r"\n(?=\s*+(?:[-*•‣◦–]\s|\(?(?:\d{1,3}|[a-zA-Z])[.)]\s|[^\n|]*+(?<=[^\S\n])\|\s))"
)
_MARKER = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z])[.)]")
# Where a sentence that is too long is cut, the best kind of place first.
_CUTS = (re.compile(r"[;:]\s+|\n+"), re.compile(r",\s+"), re.compile(r"\s+"))
_SHORTEST_CUT = 0.4  # of the longest piece possible: earlier places are not worth their better kind


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never divided between passages: a sentence, a heading, a row, a piece of one."""

    span: Span
    size: int


def split(
    document: Document, count_tokens: TokenCounter, *, max_tokens: int = PASSAGE_TOKENS
) -> list[Passage]:
    """Split a document into passages of at most ``max_tokens`` word pieces, in order.

    Passages of one section overlap by one sentence where that leaves room for new text.
    Nothing but white space lies outside every passage. A heading opens the first passage of
    its section; ``Passage.heading`` holds the path of the headings above.
    """
    if max_tokens < 1:
        raise ValueError(f"a passage needs at least 1 word piece, got {max_tokens}")

    def measure(texts: Sequence[str]) -> list[int]:
        # The size in word pieces, or the share of the characters allowed where that is greater.
        counts = count_tokens(texts)
        return [
            max(count, -(-len(text) * max_tokens // MAX_PASSAGE_CHARACTERS))
            for text, count in zip(texts, counts, strict=True)
        ]

    passages: list[Passage] = []
    sections = (
        (part, heading)
        for section, heading in _sections(document)
        for part in _parts(document.text, section)
    )
    for section, heading in sections:
        units = _units(document.text, section, measure, max_tokens)
        for span in _pack(units, max_tokens):
            passages.append(
                Passage(
                    passage_id=f"{document.doc_id}-{len(passages):06d}",
                    doc_id=document.doc_id,
                    span=span,
                    text=document.text[span.start : span.end],
                    heading=heading,
                    title=document.title,
                )
            )
    return passages


def sentence_spans(text: str, span: Span) -> list[Span]:
    """Return the sentences of ``text[span.start:span.end]``, rows and list items apart.

    Spans are in the offsets of ``text``, in order, without white space at either end, and
    cover all the rest.
    """
    return [
        sentence
        for block in block_spans(text, span)
        for row in row_spans(text, block)
        for sentence in _row_sentences(text, row)
    ]


def block_spans(text: str, span: Span) -> list[Span]:
    """Return the paragraphs, lists and tables: what stands between empty lines."""
    blocks = _BLOCK.finditer(text, span.start, span.end)
    return [Span(block.start(), block.end()) for block in blocks]


def row_spans(text: str, block: Span) -> list[Span]:
    """Return the parts of a block: cut before each list item and table row."""
    starts = [block.start]
    starts += [found.end() for found in _ROW_START.finditer(text, block.start, block.end)]
    ends = [*starts[1:], block.end]
    return [Span(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


def _sections(document: Document) -> Iterator[tuple[Span, str]]:
    """Yield each section with the path of its headings.

    Headings with nothing between them open one section together.
    """
    text = document.text
    path: list[tuple[int, str]] = []
    start = read = 0  # where the section begins, and where its last heading ends
    label = ""
    for heading in document.headings:
        if text[read : heading.span.start].strip():
            yield Span(start, heading.span.start), label
            start = heading.span.start
        read = heading.span.end
        path = [step for step in path if step[0] < heading.level]
        path.append((heading.level, _one_line(text[heading.span.start : heading.span.end])))
        label = HEADING_SEPARATOR.join(title for _, title in path)
    if text[start:].strip():
        yield Span(start, len(text)), label


def _parts(text: str, section: Span) -> Iterator[Span]:
    """Yield a section as it is, or cut between paragraphs, else lines, else words."""
    start = section.start
    while section.end - start > MAX_SECTION_CHARACTERS:
        middle, longest = start + MAX_SECTION_CHARACTERS // 2, start + MAX_SECTION_CHARACTERS
        found = (text.rfind(gap, middle, longest) for gap in ("\n\n", "\n", " "))
        end = next((place for place in found if place >= 0), longest)
        yield Span(start, end)
        start = end
    yield Span(start, section.end)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _row_sentences(text: str, row: Span) -> list[Span]:
    spans: list[Span] = []
    for start, end in _boundaries(text, row):
        found = _trim(text, start, end)
        if found is None:
            continue
        if len(spans) == 1 and _MARKER.fullmatch(text, spans[0].start, spans[0].end):
            found = Span(spans.pop().start, found.end)  # "2." opens the sentence it numbers
        spans.append(found)
    return spans


def _boundaries(text: str, row: Span) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a row begin and end.

    A long row is read in windows, each from the last sentence of the one before: the library's
    time is the square of the number of sentences.
    """
    from sentencex import get_sentence_boundaries

    start, size = row.start, _WINDOW_CHARACTERS
    while start < row.end:
        end = min(row.end, start + size)
        found = [
            (start + boundary["start_index"], start + boundary["end_index"])
            for boundary in get_sentence_boundaries(_SENTENCE_LANGUAGE, text[start:end])
        ]
        if end == row.end:
            yield from found
            return
        yield from found[:-1]
        if len(found) > 1:
            start, size = found[-1][0], _WINDOW_CHARACTERS
        else:
            size *= 2


def _trim(text: str, start: int, end: int) -> Span | None:
    """Return the span without white space at its ends; None when nothing is left."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return Span(start, end) if start < end else None


def _units(text: str, section: Span, measure: TokenCounter, max_tokens: int) -> list[_Unit]:
    spans = sentence_spans(text, section)
    sizes = measure([text[span.start : span.end] for span in spans])
    units: list[_Unit] = []
    for span, size in zip(spans, sizes, strict=True):
        if size <= max_tokens:
            units.append(_Unit(span, size))
        else:
            units.extend(_cut(text, span, measure, max_tokens))
    return units


def _cut(text: str, span: Span, measure: TokenCounter, max_tokens: int) -> list[_Unit]:
    """Cut a sentence that is longer than a passage, at the best place near the limit."""
    units: list[_Unit] = []
    start = span.start
    while start < span.end:
        longest = _longest_prefix(text, Span(start, span.end), measure, max_tokens)
        end = span.end if longest == span.end else _best_cut(text, start, longest)
        piece = _trim(text, start, end)
        if piece is not None:
            (size,) = measure([text[piece.start : piece.end]])
            units.append(_Unit(piece, size))
        start = end
    return units


def _longest_prefix(text: str, span: Span, measure: TokenCounter, max_tokens: int) -> int:
    """Return the greatest end whose prefix fits a passage (at least one character).

    Only what could fit is measured, so a sentence of millions of characters costs no more
    than its length.
    """
    low, high = span.start + 1, min(span.end, span.start + MAX_PASSAGE_CHARACTERS)
    if measure([text[span.start : high]])[0] <= max_tokens:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if measure([text[span.start : middle]])[0] <= max_tokens:
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


def _pack(units: Sequence[_Unit], max_tokens: int) -> Iterator[Span]:
    """Fill passages of similar size, each beginning with the last sentence of the one before."""
    sizes_before = list(accumulate((unit.size for unit in units), initial=0))
    first = least = 0  # the units a passage begins with, and must at least end with
    while first < len(units):
        remaining = sizes_before[-1] - sizes_before[first]
        last = _last_of_passage(units, first, least, remaining, max_tokens)
        yield Span(units[first].span.start, units[last].span.end)
        if last + 1 == len(units):
            return
        # The overlap is dropped where the next sentence would not fit beside it.
        overlaps = last > first and units[last].size + units[last + 1].size <= max_tokens
        first, least = last if overlaps else last + 1, last + 1


def _last_of_passage(
    units: Sequence[_Unit], first: int, least: int, remaining: int, max_tokens: int
) -> int:
    """Return the index of the passage's last unit: full, or even with what follows it.

    Not before ``least``, the first unit that no passage has yet: an overlap alone is no passage.
    """
    num_passages = -(-remaining // max_tokens)
    even = remaining / max(1, num_passages)  # so that no section ends in a passage of a few words
    total, last = sum(unit.size for unit in units[first : least + 1]), least
    while last + 1 < len(units):
        total += units[last + 1].size
        if total > max_tokens or (num_passages > 1 and total - units[last + 1].size >= even):
            break
        last += 1
    return last
