"""Documents to passages: whole sentences, never across a heading, exact slices by construction.

Sentence boundaries come from sentencex (Wikimedia; MIT; rules in Rust). nupunkt, sentencex and
blingfire were compared on abbreviations, decimals, legal citations, headings, lists and
Chinese, Japanese, Hindi, Arabic, German and French text. sentencex alone ended sentences at
「。」 and 「।」, kept "Dr. Müller" and "Brown v. Board" whole and broke at blank lines; nupunkt
missed the non-Latin full stops, blingfire split after "Dr." and "v." and weighs 99 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from loccit.index.datatypes import HEADING_SEPARATOR, Block, Document, Passage, Span
from loccit.index.ingestion.block_layout import (
    Layout,
    blocks_within,
    layout_of,
    passage_blocks,
)
from loccit.index.ingestion.cutting import (
    MAX_PASSAGE_CHARACTERS,
    TokenCounter,
    counts_of,
    cut,
    piece_size,
    trimmed,
)
from loccit.index.parsing.plain_text import blocks_of_text

PASSAGE_TOKENS = 160  # word pieces; chosen on validation data, see the README's table
MAX_SECTION_CHARACTERS = 500_000  # a longer one is taken in parts, for the memory of its sentences

SIGN_CHARACTERS = 8  # "(12)", "3.10.2."
_WINDOW_CHARACTERS = 8_000  # in which sentences are looked for; few paragraphs have more
_SENTENCE_LANGUAGE = "en"  # its rules include every script's full stops
# Possessive: a hostile line of a million blanks must be passed over once.
_RUN = re.compile(r"\S[^\n]*+(?:\n(?!\s*\n)[^\n]*+)*+")  # up to an empty line
_LINE = re.compile(r"[^\n]*\S[^\n]*")


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

    passages: list[Passage] = []
    layout = layout_of(document)
    sections = (
        (part, heading)
        for section, heading in _sections(document)
        for part in _parts(document.text, section)
    )
    for section, heading in sections:
        units = _units(document.text, section, layout, count_tokens, max_tokens)
        for span in _pack(units, max_tokens):
            passages.append(
                Passage(
                    passage_id=f"{document.doc_id}-{len(passages):06d}",
                    doc_id=document.doc_id,
                    span=span,
                    text=document.text[span.start : span.end],
                    heading=heading,
                    title=document.title,
                    blocks=passage_blocks(layout, span),
                )
            )
    return passages


def sentence_spans(text: str, span: Span, blocks: Sequence[Block] | None = None) -> list[Span]:
    """Return the sentences of ``text[span.start:span.end]``; none goes on over a block or a row.

    Spans are in the offsets of ``text``, in order, without white space at either end, and
    cover all the rest. ``blocks`` are those of the text, in order; without them it is read for
    signs, as plain text is.
    """
    if blocks is None:
        blocks = blocks_of_text(text[: span.end], ())
    return [
        sentence
        for block in _covering(text, span, blocks)
        for part in part_spans(text, block)
        for sentence in _part_sentences(text, part, block)
    ]


def part_spans(text: str, block: Block) -> list[Span]:
    """Return the parts of a block: the rows of a table, else what stands between empty lines."""
    pattern = _LINE if block.kind == "table" else _RUN
    parts = pattern.finditer(text, block.span.start, block.span.end)
    return [Span(part.start(), part.end()) for part in parts]


def _covering(text: str, span: Span, blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks cut to a span, and what stands between them as paragraphs."""
    start = span.start
    for block in blocks:
        if block.span.end <= start:
            continue
        if block.span.start >= span.end:
            break
        if text[start : block.span.start].strip():
            yield Block(Span(start, block.span.start), "paragraph")
        end = min(block.span.end, span.end)
        is_whole = start <= block.span.start and end == block.span.end
        yield block if is_whole else replace(block, span=Span(max(start, block.span.start), end))
        start = end
    if text[start : span.end].strip():
        yield Block(Span(start, span.end), "paragraph")


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


def _part_sentences(text: str, part: Span, block: Block) -> list[Span]:
    """Return the sentences of a part of a block; a heading is one."""
    if block.kind == "heading":
        whole = trimmed(text, part.start, part.end)
        return [whole] if whole else []
    spans: list[Span] = []
    for start, end in _boundaries(text, part):
        found = trimmed(text, start, end)
        if found is None:
            continue
        if len(spans) == 1 and _is_sign(text, spans[0], block):
            found = Span(spans.pop().start, found.end)  # "2." opens the sentence it numbers
        spans.append(found)
    return spans


def _is_sign(text: str, first: Span, block: Block) -> bool:
    """Tell whether a first sentence is the sign of an item, or no more than a number or letter."""
    if block.mark is not None and first.end <= block.mark.end:
        return True
    words = text[first.start : first.end]
    return len(words) <= SIGN_CHARACTERS and sum(map(str.isalpha, words)) <= 1 and " " not in words


def _boundaries(text: str, part: Span) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a part of a block begin and end.

    A long one is read in windows, each from the last sentence of the one before: the library's
    time is the square of the number of sentences.
    """
    from sentencex import get_sentence_boundaries

    start, size = part.start, _WINDOW_CHARACTERS
    while start < part.end:
        end = min(part.end, start + size)
        found = [
            (start + boundary["start_index"], start + boundary["end_index"])
            for boundary in get_sentence_boundaries(_SENTENCE_LANGUAGE, text[start:end])
        ]
        if end == part.end:
            yield from found
            return
        yield from found[:-1]
        if len(found) > 1:
            start, size = found[-1][0], _WINDOW_CHARACTERS
        else:
            size *= 2


def _units(
    text: str, section: Span, layout: Layout, count_tokens: TokenCounter, max_tokens: int
) -> list[_Unit]:
    spans = sentence_spans(text, section, blocks_within(layout, section))
    short = [span for span in spans if span.end - span.start <= MAX_PASSAGE_CHARACTERS]
    counts = iter(counts_of([text[span.start : span.end] for span in short], count_tokens))
    units: list[_Unit] = []
    for span in spans:
        length = span.end - span.start
        fits = length <= MAX_PASSAGE_CHARACTERS
        size = piece_size(next(counts), length, max_tokens) if fits else None
        if size is not None and size <= max_tokens:
            units.append(_Unit(span, size))
        else:
            parts = cut(text, span, count_tokens, max_tokens)
            units += (_Unit(part, size) for part, size in parts)
    return units


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
