"""Text with what is emphasised in it, through all that is done to a text until it is a document's.

Parsers hold text in runs, pieces of one look each. The emphasis is kept beside the text, never in
it, so a document's text is the same as if nothing were emphasised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loccit.index.datatypes import Emphasis, EmphasisKind, Span
from loccit.index.parsing.normalizing import normalise

Run = tuple[str, tuple[EmphasisKind, ...]]
"""A piece of text and how it is emphasised."""

_SOLID = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class RichText:
    """A text and its emphasis, in offsets of ``text``, sorted by where it starts."""

    text: str
    emphasis: tuple[Emphasis, ...] = ()


def from_runs(runs: Sequence[Run]) -> RichText:
    """Join runs; what is emphasised alike on both sides of a seam is one, without outer blanks."""
    text = "".join([piece for piece, _ in runs])
    found: list[Emphasis] = []

    def end(kind: EmphasisKind, start: int, end: int) -> None:
        inside = text[start:end]
        start += len(inside) - len(inside.lstrip())
        end -= len(inside) - len(inside.rstrip())
        if start < end:
            found.append(Emphasis(Span(start, end), kind))

    begun: dict[EmphasisKind, int] = {}
    offset = 0
    for piece, kinds in runs:
        if begun and piece:
            for kind in [kind for kind in begun if kind not in kinds]:
                end(kind, begun.pop(kind), offset)
        if kinds and piece:
            for kind in kinds:
                begun.setdefault(kind, offset)
        offset += len(piece)
    for kind, start in begun.items():
        end(kind, start, offset)
    return RichText(text, tuple(sorted(found, key=_order)) if found else ())


def joined(parts: Sequence[RichText], gap: str) -> RichText:
    """Join texts with ``gap`` between them."""
    found: list[Emphasis] = []
    offset = 0
    for part in parts:
        found += moved(part.emphasis, offset)
        offset += len(part.text) + len(gap)
    return RichText(gap.join(part.text for part in parts), tuple(found))


def prefixed(prefix: str, rich: RichText) -> RichText:
    """Put a prefix before a text."""
    return RichText(prefix + rich.text, tuple(moved(rich.emphasis, len(prefix))))


def lines(rich: RichText) -> list[RichText]:
    r"""Split a text at ``\n``; emphasis over several lines is in each."""
    found = []
    start = 0
    for line in rich.text.split("\n"):
        found.append(RichText(line, tuple(moved(rich.emphasis, -start, limit=len(line)))))
        start += len(line) + 1
    return found


def stripped(rich: RichText, characters: str | None) -> RichText:
    """Strip a text of these characters, or of blanks, as ``str.strip`` does."""
    text = rich.text.strip(characters)
    lost = len(rich.text) - len(rich.text.lstrip(characters))
    return RichText(text, tuple(moved(rich.emphasis, -lost, limit=len(text))))


def carried(rich: RichText, text: str) -> RichText:
    """Carry the emphasis of a text onto ``text``, which is the same but for normalisation.

    Both are compared by their characters without blanks; emphasis of characters that are no
    longer the same, or none at all, is lost. Takes time in proportion to the text and its emphasis.
    """
    if not rich.emphasis:
        return RichText(text)
    if rich.text.strip() == text.strip():  # most lines
        by = len(rich.text.rstrip()) - len(text.rstrip())
        if by == 0 and len(text) >= len(rich.text):
            return RichText(text, rich.emphasis)
        return RichText(text, tuple(moved(rich.emphasis, -by, limit=len(text))))
    bounds = sorted({edge for item in rich.emphasis for edge in (item.span.start, item.span.end)})
    counts: dict[int, int] = {}
    count = before = 0
    for bound in bounds:
        count += len(_solid(rich.text[before:bound]))
        counts[bound], before = count, bound
    starts, ends = _places(text, sorted(set(counts.values())))
    found = []
    for item in rich.emphasis:
        first, last = counts[item.span.start], counts[item.span.end]
        if first >= last or first not in starts or last not in ends:
            continue
        start, end = starts[first], ends[last]
        same = _solid(rich.text[item.span.start : item.span.end])
        if "".join(text[start:end].split()) == same:
            found.append(Emphasis(Span(start, end), item.kind))
    return RichText(text, tuple(found))


def moved(emphasis: Iterable[Emphasis], by: int, limit: int | None = None) -> Iterator[Emphasis]:
    """Yield the emphasis at other offsets, cut to a text from 0 to ``limit``."""
    if by == 0 and limit is None:
        yield from emphasis
        return
    for item in emphasis:
        start, end = max(0, item.span.start + by), item.span.end + by
        end = end if limit is None else min(end, limit)
        if start < end:
            yield Emphasis(Span(start, end), item.kind)


def merged(emphasis: Iterable[Emphasis]) -> tuple[Emphasis, ...]:
    """Return the emphasis sorted; of one kind, what touches or overlaps is one."""
    latest: dict[EmphasisKind, Emphasis] = {}
    done: list[Emphasis] = []
    for item in sorted(emphasis, key=_order):
        before = latest.get(item.kind)
        if before is not None and item.span.start <= before.span.end:
            end = max(before.span.end, item.span.end)
            latest[item.kind] = Emphasis(Span(before.span.start, end), item.kind)
            continue
        if before is not None:
            done.append(before)
        latest[item.kind] = item
    return tuple(sorted([*done, *latest.values()], key=_order))


def _order(item: Emphasis) -> tuple[int, int, EmphasisKind]:
    return item.span.start, item.span.end, item.kind


def _solid(piece: str) -> str:
    """Return a piece as it is after normalisation, without blanks."""
    return "".join((piece if piece.isascii() else normalise(piece)).split())


def _places(text: str, counts: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return where the character after so many that are no blanks starts, and where the last ends.

    ``counts`` rise.
    """
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    wanted = iter(counts)
    count = next(wanted, None)
    seen = 0
    for run in _SOLID.finditer(text):
        size = run.end() - run.start()
        while count is not None and count <= seen + size:
            if count < seen + size:
                starts[count] = run.start() + count - seen
            if count > seen:
                ends[count] = run.start() + count - seen
            if count == seen + size:
                break  # the next run has where it starts
            count = next(wanted, None)
        seen += size
    return starts, ends
