"""Plain text: paragraphs, items and rows by the signs that stand in it, headings beyond doubt.

Only here are signs read out of a text: in plain text they are all there is. Every other parser
knows what it reads and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from loccit.index.datatypes import Block, Cell, Document, Span
from loccit.index.parsing.assembling import TextBlock, assemble, check_length
from loccit.index.parsing.decoding import decode
from loccit.index.parsing.normalizing import normalise
from loccit.index.parsing.rich_text import carried, from_runs
from loccit.index.parsing.unseen import apart

LONG_LINE = 120  # hard-wrapped text stays below this; a paragraph on one line goes beyond it
LONG_LINE_SHARE = 0.5  # of all characters, on long lines: then every line is a paragraph
# Of the lines with another right below, those that break a sentence: 0.35 to 0.9 of hard-wrapped
# contracts whose lines have up to 250 characters, next to none where lines are paragraphs.
WRAPPED_SHARE = 0.2
TITLE_CHARACTERS = 150  # a longer first line is the first paragraph
HEADING_CHARACTERS = 80
HEADING_WORDS = 12
CAPITALISED_SHARE = 0.6  # of the words of four letters and more, in a heading in title case
TITLE_LEVEL, SECTION_LEVEL = 1, 2

_UNFINISHED = re.compile(r"[.!?;,:。！？；，：…।؟][\"'”’)»\]]*$")
_NUMBERED = re.compile(
    r"(?:(?:chapter|section|part|article|appendix|annex|schedule|book|act|scene)\s+)?"
    r"(\d{1,3}(?:\.\d{1,3})*|[IVXLC]{1,6}|[A-Z])[.):]?\s+\S",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"\s*(?:[-*+•‣▪●◦·–—>|]|\(?[a-z]\)|\d+\))\s")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
# Possessive throughout: a hostile line of a million blanks must be passed over once.
_RUN = re.compile(r"\S[^\n]*+(?:\n(?!\s*\n)[^\n]*+)*+")  # up to an empty line
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_SIGN = re.compile(
    r"([^\S\n]*+)([-*•‣◦–▪●]|\(?(?:\d{1,3}(?:\.\d{1,3})*+|[a-zA-Z])[.)]"
    r"|\(?x?(?:i{2,3}|iv|vi{0,3}|ix)\))\s"
)
_LETTER = re.compile(r"[a-zA-Z]\.")
_ROW = re.compile(r"[^\S\n]*+(?:[^\n|]*+(?<=[^\S\n])\|\s|\|[^\n|]*+\|)")
_RULE = re.compile(r"[\s|:+=\-]*-[\s|:+=\-]*")  # stands below the names of the columns
_BAR = re.compile(r"(?:(?<=[^\S\n])|(?<=^))\|(?=\s|$)", re.M)
_ANY_BAR = re.compile(r"\|")
LEAST_ROWS = 2  # one line with a bar in it is no table


def parse_text(data: bytes, source: str) -> Document:
    """Read plain text.

    The first line is the title and a heading when it is short, unpunctuated and more text
    follows. Later headings stand alone between empty lines.
    """
    decoded = decode(data, source)
    check_length(len(decoded), source)
    rich = from_runs([(piece, reason or ()) for piece, reason in apart(decoded)])
    blocks = text_blocks(normalise(rich.text))
    title = blocks[0].text if blocks and blocks[0].level is not None else ""
    document = assemble(blocks, data=data, source=source, title=title)
    return replace(
        document,
        blocks=blocks_of_text(document.text, document.headings),
        hidden=carried(rich, document.text).hidden,
    )


def blocks_of_text(text: str, headings: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks of a text of which only the headings are known, by the signs in it.

    For plain text, and for documents that no parser of ours has read. Paragraphs end at empty
    lines; an item begins with its sign on a line of its own, and goes on until the next; two lines
    or more with bars between their cells are a table. ``headings`` rise in order and are among
    the blocks returned.
    """
    blocks: list[Block] = []
    start = 0
    for heading in headings:
        blocks += _blocks_between(text, start, heading.span.start)
        blocks.append(heading)
        start = heading.span.end
    blocks += _blocks_between(text, start, len(text))
    return tuple(blocks)


def text_blocks(text: str) -> list[TextBlock]:
    """Split normalised ``text`` into paragraphs and headings."""
    paragraphs = _paragraphs(text)
    blocks: list[TextBlock] = []
    for number, paragraph in enumerate(paragraphs):
        if number == 0 and len(paragraphs) > 1 and _is_title(paragraph):
            blocks.append(TextBlock(" ".join(paragraph.split()), level=TITLE_LEVEL))
            continue
        level = _heading_level(paragraph) if number + 1 < len(paragraphs) else None
        blocks.append(TextBlock(" ".join(paragraph.split()) if level else paragraph, level=level))
    return blocks


def _paragraphs(text: str) -> list[str]:
    """Split at empty lines, and at every line break when the lines are whole paragraphs."""
    lines = text.split("\n")
    long = sum(len(line) for line in lines if len(line) > LONG_LINE)
    if long > LONG_LINE_SHARE * sum(map(len, lines)) and not _are_wrapped(lines):
        return _rejoin_lists(lines)
    paragraphs = [part.strip("\n") for part in text.split("\n\n")]
    first, _, rest = paragraphs[0].partition("\n")
    if _title_line_on_top(first, rest):
        paragraphs[:1] = [first, rest]
    return [paragraph.strip() if "\n" not in paragraph else paragraph for paragraph in paragraphs]


def _are_wrapped(lines: Sequence[str]) -> bool:
    """Tell whether line breaks stand in mid-sentence, so that they divide no paragraphs."""
    pairs = [(one.strip(), other.strip()) for one, other in pairwise(lines)]
    pairs = [(one, other) for one, other in pairs if one and other]
    broken = sum(other[0].islower() and not _UNFINISHED.search(one) for one, other in pairs)
    return broken > WRAPPED_SHARE * len(pairs)


def _title_line_on_top(first: str, rest: str) -> bool:
    """Tell whether a title stands right on top of hard-wrapped text, without an empty line."""
    following = rest.split("\n", 1)[0]
    # A first line about as long as its neighbour is the beginning of a paragraph.
    return bool(rest) and len(first) < 0.75 * len(following) and _heading_level(first) is not None


def _rejoin_lists(lines: Sequence[str]) -> list[str]:
    """Make every line a paragraph, but keep the items of a list together."""
    paragraphs: list[str] = []
    open_list = False
    for line in lines:
        is_item = _LIST_MARK.match(line) is not None
        if is_item and open_list:
            paragraphs[-1] += "\n" + line
        elif line.strip():
            paragraphs.append(line.strip())
        open_list = is_item
    return paragraphs


def _is_title(paragraph: str) -> bool:
    """Tell whether the first paragraph of a text is its title."""
    return (
        "\n" not in paragraph
        and len(paragraph) <= TITLE_CHARACTERS
        and not _UNFINISHED.search(paragraph)
        and not _LIST_MARK.match(paragraph)
        and _WORD.search(paragraph) is not None
    )


def _heading_level(paragraph: str) -> int | None:
    """Return the level of a paragraph that is a heading, else None.

    "2.1 Payment" is one level below "2 Terms"; capitals and title case are of the second level.
    """
    words = _WORD.findall(paragraph)
    if (
        "\n" in paragraph
        or len(paragraph) > HEADING_CHARACTERS
        or not 1 <= len(words) <= HEADING_WORDS
        or _UNFINISHED.search(paragraph)
        or _LIST_MARK.match(paragraph)
        or "  " in paragraph.strip()  # columns of a table, or an address block
        or "\t" in paragraph
    ):
        return None
    if not _looks_set_apart(paragraph, words):
        return None
    numbered = _NUMBERED.match(paragraph)
    depth = numbered.group(1).count(".") if numbered and numbered.group(1)[0].isdigit() else 0
    return SECTION_LEVEL + depth


def _looks_set_apart(paragraph: str, words: Sequence[str]) -> bool:
    """Tell whether capitals or a number make this line stand out as a heading."""
    if _NUMBERED.match(paragraph) and words[-1] and _starts_upper(paragraph):
        return True
    if paragraph.isupper() and sum(map(len, words)) > 2:
        return True
    long_words = [word for word in words if len(word) >= 4] or list(words)
    capitalised = sum(word[0].isupper() for word in long_words)
    return words[0][0].isupper() and capitalised >= CAPITALISED_SHARE * len(long_words)


def _starts_upper(paragraph: str) -> bool:
    """Tell whether the first word of two letters or more begins with a capital or has no case."""
    word = next((word for word in _WORD.findall(paragraph) if len(word) > 1), "")
    return bool(word) and not word[0].islower()


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines that belong together: a paragraph, an item with its sign, a row with its bars."""

    span: Span
    sign: Span | None = None
    indent: int = 0
    is_row: bool = False


def _blocks_between(text: str, start: int, end: int) -> Iterator[Block]:
    """Yield the blocks of a part of a text without headings."""
    indents: list[int] = []  # of the open items, the outermost first
    for run in _RUN.finditer(text, start, end):
        parts = _parts(text, run.start(), run.end())
        rows: list[Span] = []
        for part in parts:
            if part.is_row:
                rows.append(part.span)
                continue
            yield from _table_or_lines(text, rows)
            rows = []
            if part.sign is None:
                yield Block(part.span, "paragraph")
                continue
            while indents and indents[-1] > part.indent:
                indents.pop()
            if not indents or indents[-1] < part.indent:
                indents.append(part.indent)
            sign = text[part.sign.start : part.sign.end]
            ordinal = sign if any(map(str.isalnum, sign)) else ""
            yield Block(part.span, "item", len(indents) - 1, part.sign, ordinal)
        yield from _table_or_lines(text, rows)


def _parts(text: str, start: int, end: int) -> list[_Part]:
    """Return the parts of a run of lines; a line without signs goes on with the part above."""
    sure = _sure_letters(text, start, end)
    parts: list[_Part] = []
    goes_on_to = 0  # where the part above ends by now
    for line in _LINE.finditer(text, start, end):
        sign = _SIGN.match(text, line.start(), end)
        if sign is not None and _LETTER.fullmatch(sign[2]) and line.start() not in sure:
            sign = None
        is_row = sign is None and (
            _ROW.match(text, line.start(), end) is not None
            or (bool(parts) and parts[-1].is_row and _RULE.fullmatch(line[0]) is not None)
        )
        if sign is None and not is_row and parts and not parts[-1].is_row:
            goes_on_to = line.end()
            continue
        _lengthen(text, parts, goes_on_to)
        trimmed, goes_on_to = _trimmed(text, Span(line.start(), line.end())), 0
        if sign is not None and trimmed.end > sign.end(2):
            indent = len(sign[1].expandtabs())
            parts.append(_Part(trimmed, Span(sign.start(2), sign.end(2)), indent))
        else:
            parts.append(_Part(trimmed, is_row=is_row))
    _lengthen(text, parts, goes_on_to)
    return parts


def _lengthen(text: str, parts: list[_Part], end: int) -> None:
    """Let the last part go on up to ``end``, where that is not 0."""
    if parts and end:
        parts[-1] = replace(parts[-1], span=_trimmed(text, Span(parts[-1].span.start, end)))


def _sure_letters(text: str, start: int, end: int) -> set[int]:
    """Return where the lines begin whose letters count items: "A. Smith" alone is no first one."""
    sure: set[int] = set()
    before, letter = 0, ""
    for line in _LINE.finditer(text, start, end):
        sign = _SIGN.match(text, line.start(), end)
        if sign is None or not _LETTER.fullmatch(sign[2]):
            continue
        if letter and ord(sign[2][0]) == ord(letter) + 1:
            sure |= {before, line.start()}
        before, letter = line.start(), sign[2][0]
    return sure


def _table_or_lines(text: str, rows: Sequence[Span]) -> Iterator[Block]:
    """Yield neighbouring rows as one table, or a single one as a paragraph."""
    has_names = len(rows) >= LEAST_ROWS and _is_rule(text, rows[1])
    cells = [
        Cell(number, column, span, is_header=has_names and number == 0)
        for number, row in enumerate(rows)
        if not _is_rule(text, row)
        for column, span in enumerate(_cells(text, row))
    ]
    if len(rows) < LEAST_ROWS or not any(cell.span for cell in cells):
        yield from (Block(row, "paragraph") for row in rows)
        return
    yield Block(Span(rows[0].start, rows[-1].end), "table", cells=tuple(cells))


def _is_rule(text: str, row: Span) -> bool:
    return _RULE.fullmatch(text, row.start, row.end) is not None


def _cells(text: str, row: Span) -> Iterator[Span | None]:
    """Yield where the cells of a row stand; bars at both ends are its frame."""
    line = text[row.start : row.end]
    is_framed = len(line) > 1 and line[0] == line[-1] == "|"
    bars = _ANY_BAR.finditer(line) if is_framed else _BAR.finditer(line)
    edges = [(bar.start(), bar.end()) for bar in bars]
    if not is_framed:
        edges = [(0, 0), *edges, (len(line), len(line))]
    for (_, start), (end, _) in pairwise(edges):
        yield (
            _trimmed(text, Span(row.start + start, row.start + end))
            if line[start:end].strip()
            else None
        )


def _trimmed(text: str, span: Span) -> Span:
    """Return a span, in which something stands, without white space at its ends."""
    piece = text[span.start : span.end]
    return Span(
        span.start + len(piece) - len(piece.lstrip()), span.end - len(piece) + len(piece.rstrip())
    )
