"""Plain text (.txt): paragraphs as they stand, and the headings that are beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loccit.index.datatypes import Document
from loccit.index.parsing.assembling import TextBlock, assemble, check_length
from loccit.index.parsing.decoding import decode
from loccit.index.parsing.normalizing import normalise

LONG_LINE = 120  # hard-wrapped text stays below this; a paragraph on one line goes beyond it
LONG_LINE_SHARE = 0.5  # of all characters, on long lines: then every line is a paragraph
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
_RULE = re.compile(r"[\W_]+")


def parse_text(data: bytes, source: str) -> Document:
    """Read plain text.

    The first line is the title and a heading when it is short, unpunctuated and more text
    follows. Later headings stand alone between empty lines.
    """
    decoded = decode(data, source)
    check_length(len(decoded), source)
    blocks = text_blocks(normalise(decoded))
    title = blocks[0].text if blocks and blocks[0].level is not None else ""
    return assemble(blocks, data=data, source=source, title=title)


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
    if long > LONG_LINE_SHARE * sum(map(len, lines)):
        return _rejoin_lists(lines)
    paragraphs = [part.strip("\n") for part in text.split("\n\n")]
    first, _, rest = paragraphs[0].partition("\n")
    if _title_line_on_top(first, rest):
        paragraphs[:1] = [first, rest]
    return [paragraph.strip() if "\n" not in paragraph else paragraph for paragraph in paragraphs]


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
