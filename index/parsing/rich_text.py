"""Text with what is emphasised in it, through all that is done to a text until it is a document's.

Parsers hold text in runs, pieces of one look each. The emphasis is kept beside the text, never in
it, so a document's text is the same as if nothing were emphasised. Words that a reader does not
see are kept beside it as well, at the place where they were taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from loccit.index.datatypes import Emphasis, EmphasisKind, HiddenReason, HiddenText, Span
from loccit.index.parsing.normalizing import normalise, one_line

Run = tuple[str, tuple[EmphasisKind, ...] | HiddenReason]
"""A piece of text, and how it is emphasised, or why a reader does not see it."""

_SeenRun = tuple[str, tuple[EmphasisKind, ...]]
NEAR = 100  # characters before hidden words in which their line's other words are looked for
_SOLID = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class RichText:
    """A text with its emphasis and its hidden words, in offsets of ``text``, each in order."""

    text: str
    emphasis: tuple[Emphasis, ...] = ()
    hidden: tuple[HiddenText, ...] = ()


def from_runs(runs: Sequence[Run]) -> RichText:
    """Join runs; what is emphasised alike on both sides of a seam is one, without outer blanks.

    Where hidden words are taken out, the words around them stay apart, by no more than a blank.
    """
    seen, hidden = _seen(runs)
    text = "".join([piece for piece, _ in seen])
    return RichText(text, _emphasised(seen, text), hidden)


def _seen(runs: Sequence[Run]) -> tuple[list[_SeenRun], tuple[HiddenText, ...]]:
    """Return the runs that are seen, and the hidden words among them with their places."""
    seen = [(piece, look) for piece, look in runs if not isinstance(look, str)]
    if len(seen) == len(runs):  # most lines
        return seen, ()
    seen = []
    hidden: list[HiddenText] = []
    offset = 0
    before = "\n"  # the last piece that is seen
    removed = ""  # what was taken out since then
    for piece, look in runs:
        if isinstance(look, str):
            removed += piece
            same = bool(hidden) and (hidden[-1].at, hidden[-1].reason) == (offset, look)
            words = hidden.pop().text if same else ""
            hidden.append(HiddenText(offset, words + piece, look))
        elif piece:
            before = _after(removed, piece, before=before) if removed else piece
            removed = ""
            seen.append((before, look))
            offset += len(before)
    written = (replace(item, text=one_line(item.text)) for item in hidden)
    return seen, tuple(item for item in written if any(map(str.isalnum, item.text)))


def _after(removed: str, piece: str, *, before: str) -> str:
    """Return a piece as it follows words that are taken out behind the piece ``before``."""
    if before[-1:].isspace():
        return piece[1:] if piece[0] in " \t" else piece
    had_blanks = removed[0].isspace() or removed[-1].isspace()
    return " " + piece if had_blanks and not piece[0].isspace() else piece


def _emphasised(runs: Sequence[_SeenRun], text: str) -> tuple[Emphasis, ...]:
    """Return the emphasis in ``text``, which is that of the runs."""
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
    return tuple(sorted(found, key=_order)) if found else ()


def joined(parts: Sequence[RichText], gap: str) -> RichText:
    """Join texts with ``gap`` between them."""
    found: list[Emphasis] = []
    hidden: list[HiddenText] = []
    offset = 0
    for part in parts:
        found += moved(part.emphasis, offset)
        hidden += moved_hidden(part.hidden, offset)
        offset += len(part.text) + len(gap)
    return RichText(gap.join(part.text for part in parts), tuple(found), tuple(hidden))


def joined_words(parts: Iterable[RichText], gap: str) -> RichText:
    """Join the texts that are not empty; the hidden words of an empty one end the text before."""
    kept: list[RichText] = []
    first: list[HiddenText] = []  # before any text
    for part in parts:
        if part.text:
            kept.append(part)
        elif part.hidden and kept:
            ends = moved_hidden(part.hidden, len(kept[-1].text))
            kept[-1] = replace(kept[-1], hidden=(*kept[-1].hidden, *ends))
        else:
            first += part.hidden
    rich = joined(kept, gap)
    return replace(rich, hidden=(*first, *rich.hidden)) if first else rich


def lines(rich: RichText) -> list[RichText]:
    r"""Split a text at ``\n``; emphasis over several lines is in each."""
    found = []
    start = 0
    waiting = list(reversed(rich.hidden))
    for line in rich.text.split("\n"):
        end = start + len(line)
        hidden = []
        while waiting and waiting[-1].at <= end:
            hidden.append(waiting.pop())
        emphasis = moved(rich.emphasis, -start, limit=len(line))
        found.append(RichText(line, tuple(emphasis), tuple(moved_hidden(hidden, -start))))
        start = end + 1
    return found


def stripped(rich: RichText, characters: str | None) -> RichText:
    """Strip a text of these characters, or of blanks, as ``str.strip`` does."""
    text = rich.text.strip(characters)
    lost = len(rich.text) - len(rich.text.lstrip(characters))
    return _moved_onto(rich, text, -lost)


def carried(rich: RichText, text: str) -> RichText:
    """Carry the emphasis and the hidden words of a text onto ``text``, which is its normal form.

    Both are compared by their characters without blanks; emphasis of characters that are no
    longer the same, or none at all, is lost. Takes time in proportion to the text.
    """
    if not rich.emphasis and not rich.hidden:
        return RichText(text)
    if rich.text.strip() == text.strip():  # most lines
        by = len(text.rstrip()) - len(rich.text.rstrip())
        if by == 0 and len(text) >= len(rich.text):
            return RichText(text, rich.emphasis, rich.hidden)
        return _moved_onto(rich, text, by)
    edges = {edge for item in rich.emphasis for edge in (item.span.start, item.span.end)}
    bounds = sorted(edges | {item.at for item in rich.hidden})
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
    hidden = []
    for words in rich.hidden:
        line = rich.text[max(0, words.at - NEAR) : words.at].rstrip(" \t")
        end, start = ends.get(counts[words.at], 0), starts.get(counts[words.at], len(text))
        ends_line = not line.endswith("\n") and "\n" in text[end:start]
        hidden.append(replace(words, at=end if ends_line else start))
    return RichText(text, tuple(found), tuple(hidden))


def _moved_onto(rich: RichText, text: str, by: int) -> RichText:
    """Return ``text``, which is a part of a text, with what that holds moved by so much."""
    emphasis = moved(rich.emphasis, by, limit=len(text))
    return RichText(text, tuple(emphasis), tuple(moved_hidden(rich.hidden, by, limit=len(text))))


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


def moved_hidden(
    hidden: Iterable[HiddenText], by: int, limit: int | None = None
) -> Iterator[HiddenText]:
    """Yield hidden words at other places, none of which is outside of a text up to ``limit``."""
    for item in hidden:
        at = max(0, item.at + by)
        yield replace(item, at=at if limit is None else min(at, limit))


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
