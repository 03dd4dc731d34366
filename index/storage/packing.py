"""The parts of a document as plain values, to be stored or sent as JSON.

A value's trailing fields are left out where they are the usual ones, since most blocks are plain
paragraphs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from loccit.index.datatypes import (
    Block,
    Cell,
    Emphasis,
    EmphasisKind,
    HiddenReason,
    HiddenText,
    Span,
)
from loccit.index.errors import DamagedIndex

PackedSpan = tuple[int, int]
"""Start and end."""

PackedCell = Sequence[Any]
"""Row, column, span or None; then, unless usual: is_header as 0 or 1, rows, columns, depth."""

PackedBlock = Sequence[Any]
"""Start, end, kind; then, where they are not usual: level, mark or None, ordinal, cells."""

PackedEmphasis = tuple[int, int, EmphasisKind]
"""Start, end and kind."""

PackedHidden = tuple[int, str, HiddenReason]
"""The offset before which it stands, its text, and the reason."""

_USUAL_CELL: list[Any] = [0, 1, 1, 0]
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
    except (ValueError, TypeError) as error:
        raise DamagedIndex(
            f"the structure of document {doc_id} can't be read: `loccit doctor --repair` mends that"
        ) from error


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
    given = _without_usual((int(cell.is_header), cell.rows, cell.columns, cell.depth), _USUAL_CELL)
    return [cell.row, cell.column, None if cell.span is None else _pack_span(cell.span), *given]


def _unpack_cell(packed: PackedCell) -> Cell:
    row, column, span, *given = packed
    is_header, rows, columns, depth = [*given, *_USUAL_CELL[len(given) :]]
    place = None if span is None else Span(*span)
    return Cell(row, column, place, bool(is_header), rows, columns, depth)


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
