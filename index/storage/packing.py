"""The parts of a document as plain values, to be stored or sent as JSON, and their digests.

A value's trailing fields are left out where they are the usual ones, since most blocks are plain
paragraphs.

Digests are made when something is stored: by them damage is told from what was written. A document
has one for each part, and its text has one for each chunk, so that a citation checks the text
around it alone: 0.2 ms in a document of 20 million characters. A digest names what it is of, so
that one of another document, or of another part, never fits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

from loccit.index.datatypes import (
    Block,
    Cell,
    Emphasis,
    EmphasisKind,
    HiddenReason,
    HiddenText,
    Passage,
    Span,
)
from loccit.index.errors import DamagedIndex

DIGEST_BYTES = 32  # of SHA-256
CHUNK_CHARS = 1 << 16  # of a text

Part = Literal["head", "marks", "structure"]
PARTS: tuple[Part, ...] = get_args(Part)  # in the order in which their digests are stored

PackedSpan = tuple[int, int]
"""Start and end."""

PackedCell = Sequence[Any]
"""Row, column, span or None; then, where they are not usual: is_header as 0 or 1, rows, columns."""

PackedBlock = Sequence[Any]
"""Start, end, kind; then, where they are not usual: level, mark or None, ordinal, cells."""

PackedEmphasis = tuple[int, int, EmphasisKind]
"""Start, end and kind."""

PackedHidden = tuple[int, str, HiddenReason]
"""The offset before which it stands, its text, and the reason."""

_USUAL_CELL: list[Any] = [0, 1, 1]
_USUAL_BLOCK: list[Any] = [0, None, "", []]


def pack_blocks(blocks: Iterable[Block]) -> list[PackedBlock]:
    """Return blocks as plain values."""
    return [
        [
            *_pack_span(item.span),
            item.kind,
            *_without_usual(
                (
                    item.level,
                    None if item.mark is None else _pack_span(item.mark),
                    item.ordinal,
                    [_pack_cell(cell) for cell in item.cells],
                ),
                _USUAL_BLOCK,
            ),
        ]
        for item in blocks
    ]


def unpack_blocks(packed: Iterable[PackedBlock]) -> tuple[Block, ...]:
    """Return what `pack_blocks` was given."""
    return tuple(map(_unpack_block, packed))


def blocks_as_json(blocks: Iterable[Block]) -> str:
    """Return blocks as the text that is stored."""
    return json.dumps(pack_blocks(blocks), separators=(",", ":"))


def blocks_from_json(stored: str, doc_id: str) -> tuple[Block, ...]:
    """Read what `blocks_as_json` wrote, of a document or a passage of it.

    Raises:
        DamagedIndex: it can't be read.
    """
    with naming_document(doc_id):
        return unpack_blocks(json.loads(stored))


@contextmanager
def naming_document(doc_id: str) -> Iterator[None]:
    """Turn what damaged values lead to into one error that names the document."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise damage_in(doc_id) from error


def damage_in(doc_id: str) -> DamagedIndex:
    """Return the error that tells of damage in what is stored of a document."""
    return DamagedIndex(
        f"the index is damaged here (document {doc_id}): run `loccit doctor --repair`"
    )


def pack_emphasis(emphasis: Iterable[Emphasis]) -> list[PackedEmphasis]:
    """Return emphasis as plain values."""
    return [(item.span.start, item.span.end, item.kind) for item in emphasis]


def unpack_emphasis(packed: Iterable[PackedEmphasis]) -> tuple[Emphasis, ...]:
    """Return what `pack_emphasis` was given."""
    return tuple(Emphasis(Span(start, end), kind) for start, end, kind in packed)


def pack_hidden(hidden: Iterable[HiddenText]) -> list[PackedHidden]:
    """Return hidden text as plain values."""
    return [(item.at, item.text, item.reason) for item in hidden]


def unpack_hidden(packed: Iterable[PackedHidden]) -> tuple[HiddenText, ...]:
    """Return what `pack_hidden` was given."""
    return tuple(HiddenText(at, text, reason) for at, text, reason in packed)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """The columns of a document as they are stored, of whatever types damage has left there."""

    title: Any
    text: Any
    page_starts: Any
    blocks: Any
    emphasis: Any
    hidden: Any
    recognised_pages: Any

    def part(self, name: Part) -> tuple[Any, ...]:
        """Return the columns of a part: what is cited, what is left out, how it is laid out."""
        if name == "head":
            return (self.title, self.page_starts)
        if name == "marks":
            return (self.hidden, self.recognised_pages)
        return (self.blocks, self.emphasis)


def digest_of(*values: object) -> bytes:
    """Return the digest of some values: text, bytes, numbers or None."""
    parts: list[bytes] = []
    for value in values:
        if isinstance(value, str):
            kind, data = b"text", value.encode("utf-8", "surrogatepass")
        elif isinstance(value, bytes):
            kind, data = b"bytes", value
        else:
            kind, data = b"other", repr(value).encode()
        parts += (b"%b %d " % (kind, len(data)), data)
    return hashlib.sha256(b"".join(parts)).digest()


def digests_of_document(doc_id: str, stored: StoredDocument) -> bytes:
    """Return the digests of a document, one after the other: of its parts, of its text."""
    parts = [_part_digest(doc_id, name, stored.part(name)) for name in PARTS]
    return b"".join([*parts, *_text_digests(doc_id, stored.text, 0)])


def has_part(doc_id: str, name: Part, values: tuple[object, ...], digests: object) -> bool:
    """Tell whether a part of a document is as it was when the digests were made."""
    start = PARTS.index(name) * DIGEST_BYTES
    return (
        isinstance(digests, bytes)
        and _part_digest(doc_id, name, values) == digests[start : start + DIGEST_BYTES]
    )


def has_text(doc_id: str, text: object, digests: object) -> bool:
    """Tell whether the whole text of a document is as it was when the digests were made."""
    return (
        isinstance(digests, bytes)
        and isinstance(text, str)
        and b"".join(_text_digests(doc_id, text, 0)) == digests[len(PARTS) * DIGEST_BYTES :]
    )


def whole_chunks(chars: int) -> int:
    """Return how many characters the chunks have that hold so many, from the start of one."""
    return -(-chars // CHUNK_CHARS) * CHUNK_CHARS


def has_chunks(doc_id: str, part: object, start: int, end: int, digests: object) -> bool:
    """Tell whether some chunks of a text are as they were when the digests were made.

    Args:
        doc_id: the document's.
        part: the text of those of the chunks that are there.
        start: where the first chunk begins.
        end: an offset in the last one, which may be beyond the end of the text.
        digests: the document's.
    """
    if not isinstance(digests, bytes) or not isinstance(part, str):
        return False
    number = start // CHUNK_CHARS
    count = whole_chunks(end - start) // CHUNK_CHARS
    first = (len(PARTS) + number) * DIGEST_BYTES
    expected = digests[first : first + count * DIGEST_BYTES]
    return b"".join(_text_digests(doc_id, part, number)) == expected


def source_digest(source: str, doc_id: str) -> bytes:
    """Return the digest of a source and the document that it stands for."""
    return digest_of("source", source, doc_id)


def source_from(packed: object, doc_id: str, older: int | None = None) -> str:
    """Read a source as `SOURCE` gives it.

    Raises:
        DamagedIndex: it is not what was stored.
    """
    with naming_document(doc_id):
        source, digest = json.loads(packed)  # type: ignore[arg-type]
        is_checked = bool(digest) or older is None
        if is_checked and bytes.fromhex(digest) != source_digest(source, doc_id):
            raise damage_in(doc_id)
        return str(source)


def passage_digest(passage: Passage, blocks: str) -> bytes:
    """Return the digest of a passage with its blocks as they are stored."""
    span, words = passage.span, (passage.heading, passage.title, passage.text)
    return digest_of(passage.passage_id, passage.doc_id, span.start, span.end, *words, blocks)


def generation_from(stored: object) -> int:
    """Read the generation of a catalogue.

    Raises:
        DamagedIndex: it is no number.
    """
    try:
        return int(str(stored or 0))
    except ValueError as error:
        raise DamagedIndex(
            "the index is damaged here (generation): run `loccit doctor --repair`"
        ) from error


def _unpack_block(packed: PackedBlock) -> Block:
    start, end, kind, *given = packed
    level, mark, ordinal, cells = [*given, *_USUAL_BLOCK[len(given) :]]
    return Block(
        Span(start, end),
        kind,
        level,
        None if mark is None else Span(*mark),
        ordinal,
        tuple(map(_unpack_cell, cells)),
    )


def _pack_cell(cell: Cell) -> PackedCell:
    given = _without_usual((int(cell.is_header), cell.rows, cell.columns), _USUAL_CELL)
    return [cell.row, cell.column, None if cell.span is None else _pack_span(cell.span), *given]


def _unpack_cell(packed: PackedCell) -> Cell:
    row, column, span, *given = packed
    is_header, rows, columns = [*given, *_USUAL_CELL[len(given) :]]
    return Cell(row, column, None if span is None else Span(*span), bool(is_header), rows, columns)


def _pack_span(span: Span) -> PackedSpan:
    return span.start, span.end


def _without_usual(values: Sequence[Any], usual: Sequence[Any]) -> list[Any]:
    """Return the values up to the last one that is not the usual one."""
    kept = [
        number
        for number, pair in enumerate(zip(values, usual, strict=True), 1)
        if pair[0] != pair[1]
    ]
    return list(values[: max(kept, default=0)])


def _part_digest(doc_id: str, name: Part, values: tuple[object, ...]) -> bytes:
    return digest_of(doc_id, name, *values)


def _text_digests(doc_id: str, text: str, first: int) -> Iterator[bytes]:
    """Yield the digests of the chunks of a text, whose first chunk has this number."""
    for number, start in enumerate(range(0, len(text), CHUNK_CHARS), first):
        yield digest_of(doc_id, number, text[start : start + CHUNK_CHARS])
