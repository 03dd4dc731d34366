"""The parts of a document as plain values, to be stored or sent as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from loccit.index.datatypes import Emphasis, EmphasisKind, Heading, Span

PackedHeading = tuple[int, int, int]
"""Start, end and level."""

PackedEmphasis = tuple[int, int, EmphasisKind]
"""Start, end and kind."""


def pack_headings(headings: Iterable[Heading]) -> list[PackedHeading]:
    """Return headings as plain values."""
    return [(item.span.start, item.span.end, item.level) for item in headings]


def unpack_headings(packed: Iterable[PackedHeading]) -> tuple[Heading, ...]:
    """Return what `pack_headings` was given."""
    return tuple(Heading(Span(start, end), level) for start, end, level in packed)


def pack_emphasis(emphasis: Iterable[Emphasis]) -> list[PackedEmphasis]:
    """Return emphasis as plain values."""
    return [(item.span.start, item.span.end, item.kind) for item in emphasis]


def unpack_emphasis(packed: Iterable[PackedEmphasis]) -> tuple[Emphasis, ...]:
    """Return what `pack_emphasis` was given."""
    return tuple(Emphasis(Span(start, end), kind) for start, end, kind in packed)
