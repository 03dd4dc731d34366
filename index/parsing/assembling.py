"""Blocks in, Document out: the one place where the offsets of a document are assigned.

Every format is read into a list of blocks. A block is a paragraph, a heading, a list or a table;
blocks stand an empty line apart, list items and table rows a line apart. Headings and page starts
are therefore right by construction: no offset is ever searched for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from loccit.index.datatypes import Block, Document, Emphasis, Span
from loccit.index.errors import UnreadableDocument
from loccit.index.ingestion.identity import doc_id_of_bytes
from loccit.index.parsing.normalizing import one_line
from loccit.index.parsing.rich_text import RichText, carried, merged, moved

BLOCK_GAP = "\n\n"
HIGHEST_LEVEL, LOWEST_LEVEL = 1, 9  # Word has nine heading levels, HTML and Markdown six
MAX_CHARACTERS = 20_000_000
"""Of one document, whatever its format: five Bibles. Several are held in memory while indexing."""

MAX_EMPHASES = 10_000  # of one document; the text is the same without the others
_FIRST_SECTION = re.compile(r"[01](?:\.[01])*\.?\s")
TITLE_CHARACTERS = 300  # a longer title is a paragraph that some tool put in the wrong field


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A run of text that stands apart from its neighbours.

    ``text`` is normalised and stripped already. ``level`` is set for a heading, whose text is one
    line. ``page`` is the index (from 0) of the page the block begins on; ``page_breaks`` holds
    (offset in the text, index of the page that begins there) for a block that runs over pages.
    ``emphasis`` is in offsets of the text; a heading has none.
    """

    text: str
    level: int | None = None
    page: int = 0
    page_breaks: tuple[tuple[int, int], ...] = ()
    emphasis: tuple[Emphasis, ...] = ()


def rich_block(rich: RichText, text: str) -> TextBlock:
    """Return a paragraph, a list or a table of ``text``, the normalised form of a rich one."""
    return TextBlock(text, emphasis=carried(rich, text).emphasis)


def assemble(
    blocks: Iterable[TextBlock], *, data: bytes, source: str, title: str = "", page_count: int = 0
) -> Document:
    """Join ``blocks`` into the document of ``data``.

    Without ``title`` the first heading is the title, unless it is a numbered section's, and without
    one the file's stem.
    ``page_count`` is 0 for a format without pages.

    Raises:
        UnreadableDocument: no block holds any text, or all of them more than is allowed.
    """
    kept = [block for block in blocks if block.text]
    if not kept:
        raise UnreadableDocument(
            source, "the file holds no text; open it in its own program to see what is in it"
        )
    check_length(sum(len(block.text) for block in kept), source)
    headings: list[Block] = []
    emphasis: list[Emphasis] = []
    first_offset: dict[int, int] = {}
    offset = 0
    for block in kept:
        first_offset.setdefault(block.page, offset)
        for inner, page in block.page_breaks:
            first_offset.setdefault(page, offset + inner)
        if block.level is not None:
            level = min(max(block.level, HIGHEST_LEVEL), LOWEST_LEVEL)
            headings.append(Block(Span(offset, offset + len(block.text)), "heading", level))
        elif block.emphasis:
            emphasis += moved(block.emphasis, offset)
        offset += len(block.text) + len(BLOCK_GAP)
    text = BLOCK_GAP.join(block.text for block in kept)
    first_heading = next((block.text for block in kept if block.level is not None), "")
    if _FIRST_SECTION.match(first_heading):
        first_heading = ""
    return Document(
        doc_id=doc_id_of_bytes(data),
        text=text,
        title=_short(one_line(title)) or _short(first_heading) or _name(source),
        source=source,
        page_starts=_page_starts(first_offset, page_count, len(text)),
        blocks=tuple(headings),
        emphasis=merged(emphasis)[:MAX_EMPHASES],
    )


def block_offsets(blocks: Iterable[TextBlock]) -> Iterator[int]:
    """Yield the offset of each block in the text that is assembled of them; none is empty."""
    offset = 0
    for block in blocks:
        yield offset
        offset += len(block.text) + len(BLOCK_GAP)


def check_length(characters: int, source: str) -> None:
    """Refuse a document of more than ``MAX_CHARACTERS``."""
    if characters > MAX_CHARACTERS:
        raise UnreadableDocument(
            source,
            f"the document holds {characters:,} characters and the limit is {MAX_CHARACTERS:,}; "
            "split it into smaller files",
        )


def _name(source: str) -> str:
    """Return a title for want of another: the file's stem."""
    return one_line(Path(source).stem) or one_line(source) or "document"


def _page_starts(first_offset: dict[int, int], page_count: int, length: int) -> tuple[int, ...]:
    """Return one offset for every page; a page without text begins where the next one does."""
    starts: list[int] = []
    following = length
    for page in range(page_count - 1, -1, -1):
        following = min(following, first_offset.get(page, following))
        starts.append(following)
    starts.reverse()
    if starts:
        starts[0] = 0
    return tuple(starts)


def _short(title: str) -> str:
    """Return ``title``, or "" when it is too long to be one."""
    return title if len(title) <= TITLE_CHARACTERS else ""
