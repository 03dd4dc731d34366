"""Blocks in, Document out: the one place where the offsets of a document are assigned.

Every format is read into a list of blocks, whose own offsets count from their beginning. Blocks
stand an empty line apart, the items of a list a line apart. Blocks, cells and page starts of a
document are therefore right by construction: no offset is ever searched for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loccit.index.datatypes import Block, BlockKind, Cell, Document, Emphasis, HiddenText, Span
from loccit.index.errors import UnreadableDocument
from loccit.index.ingestion.identity import doc_id_of_bytes
from loccit.index.parsing.normalizing import one_line
from loccit.index.parsing.rich_text import RichText, carried, merged, moved

BLOCK_GAP, TIGHT_GAP = "\n\n", "\n"
INDENT = "  "  # before an item, for each list around its own
HIGHEST_LEVEL, LOWEST_LEVEL = 1, 9  # Word has nine heading levels, HTML and Markdown six
MAX_CHARACTERS = 20_000_000
"""Of one document, whatever its format: five Bibles. Several are held in memory while indexing."""

MAX_EMPHASES = 10_000  # of one document; the text is the same without the others
_FIRST_SECTION = re.compile(r"[01](?:\.[01])*\.?\s")
TITLE_CHARACTERS = 300  # a longer title is a paragraph that some tool put in the wrong field


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A run of text that stands apart from its neighbours.

    ``text`` is normalised and stripped already; all offsets are its own. ``level`` is set for a
    heading, whose text is one line, and for nothing else; ``kind`` says what any other block is.
    ``depth`` is how deep the list of an item is nested, from 0; ``mark``, ``ordinal`` and ``cells``
    are as in `Block`. A ``tight`` block stands right below the one before it, without an empty
    line, and is indented by its depth unless it is ``flush``. ``page`` is the index (from 0) of the
    page the block begins on; ``page_breaks`` holds (offset in the text, index of the page that
    begins there) for a block that runs over pages.
    A heading has no ``emphasis``. ``hidden`` are words that its readers do not see, where they
    would stand in it; a block without any text may hold some as well.
    """

    text: str
    level: int | None = None
    page: int = 0
    page_breaks: tuple[tuple[int, int], ...] = ()
    emphasis: tuple[Emphasis, ...] = ()
    kind: BlockKind = "paragraph"
    depth: int = 0
    mark: Span | None = None
    ordinal: str = ""
    cells: tuple[Cell, ...] = ()
    tight: bool = False
    flush: bool = False
    hidden: tuple[HiddenText, ...] = ()


def rich_block(
    rich: RichText, text: str, kind: BlockKind = "paragraph", *, tight: bool = False
) -> TextBlock:
    """Return a block of ``text``, the normalised form of a rich one."""
    kept = carried(rich, text)
    return TextBlock(text, kind=kind, tight=tight, emphasis=kept.emphasis, hidden=kept.hidden)


def assemble(
    blocks: Iterable[TextBlock],
    *,
    data: bytes,
    source: str,
    title: str = "",
    page_count: int = 0,
    recognised_pages: tuple[int, ...] = (),
) -> Document:
    """Join ``blocks`` into the document of ``data``.

    Without ``title`` the first heading is the title, unless it is a numbered section's, and without
    one the file's stem.
    ``page_count`` is 0 for a format without pages; ``recognised_pages`` are as in `Document`.

    Raises:
        UnreadableDocument: no block holds any text that is seen, or all more than is allowed.
    """
    given = list(blocks)
    kept = [block for block in given if block.text]
    if not kept:
        reason = "the file holds no text; open it in its own program to see what is in it"
        if any(block.hidden for block in given):
            reason = "all text in the file is hidden from its readers, and is left out"
        raise UnreadableDocument(source, reason)
    hidden = _hidden(given)
    num_hidden = sum(len(item.text) for item in hidden)
    check_length(sum(len(block.text) for block in kept) + num_hidden, source)
    placed: list[Block] = []
    emphasis: list[Emphasis] = []
    first_offset: dict[int, int] = {}
    for block, offset in zip(kept, block_offsets(kept), strict=True):
        first_offset.setdefault(block.page, offset)
        for inner, page in block.page_breaks:
            first_offset.setdefault(page, offset + inner)
        placed.append(_placed(block, offset))
        if block.emphasis and block.level is None:
            emphasis += moved(block.emphasis, offset)
    text = "".join(part for block, gap in _with_gaps(kept) for part in (gap, block.text))
    first_heading = next((block.text for block in kept if block.level is not None), "")
    if _FIRST_SECTION.match(first_heading):
        first_heading = ""
    return Document(
        doc_id=doc_id_of_bytes(data),
        text=text,
        title=_short(one_line(title)) or _short(first_heading) or _name(source),
        source=source,
        page_starts=_page_starts(first_offset, page_count, len(text)),
        blocks=tuple(placed),
        emphasis=merged(emphasis)[:MAX_EMPHASES],
        hidden=hidden,
        recognised_pages=recognised_pages,
    )


def _hidden(blocks: Sequence[TextBlock]) -> tuple[HiddenText, ...]:
    """Return the hidden text of all blocks; that of a block without text follows the one before."""
    found: list[HiddenText] = []
    offsets = block_offsets(block for block in blocks if block.text)
    end = 0
    for block in blocks:
        offset = next(offsets) if block.text else end
        found += (HiddenText(offset + item.at, item.text, item.reason) for item in block.hidden)
        end = offset + len(block.text)
    return tuple(found)


def block_offsets(blocks: Iterable[TextBlock]) -> Iterator[int]:
    """Yield the offset of each block in the text that is assembled of them; none is empty."""
    offset = 0
    for block, gap in _with_gaps(blocks):
        offset += len(gap)
        yield offset
        offset += len(block.text)


def _with_gaps(blocks: Iterable[TextBlock]) -> Iterator[tuple[TextBlock, str]]:
    """Yield each block with what stands between it and the one before."""
    is_first = True
    for block in blocks:
        indent = "" if block.flush else INDENT * block.depth
        gap = TIGHT_GAP + indent if block.tight else BLOCK_GAP
        yield block, "" if is_first else gap
        is_first = False


def _placed(block: TextBlock, offset: int) -> Block:
    """Return a block of the document in which ``block`` begins at ``offset``."""
    span = Span(offset, offset + len(block.text))
    if block.level is not None:
        return Block(span, "heading", min(max(block.level, HIGHEST_LEVEL), LOWEST_LEVEL))
    return Block(
        span,
        block.kind,
        block.depth if block.kind == "item" else 0,
        block.mark and _moved(block.mark, offset),
        block.ordinal,
        tuple(replace(cell, span=cell.span and _moved(cell.span, offset)) for cell in block.cells),
    )


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


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
