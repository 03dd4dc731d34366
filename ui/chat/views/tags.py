"""Tags to put into a shown text, by the place before which they stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from loccit.index.datatypes import Span


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags around the cited words and inside them, and the element that marks these.

    At the place where the cited words begin, or end, what is ``outer`` stands outside the mark.
    """

    outer: dict[int, str] = field(default_factory=dict)
    inner: dict[int, str] = field(default_factory=dict)
    mark: str = "mark"


def is_whole_line(text: str, span: Span) -> bool:
    """Tell whether a part of a line begins and ends where the line does."""
    return (span.start == 0 or text[span.start - 1] == "\n") and (
        span.end == len(text) or text[span.end] == "\n"
    )


def put(tags: dict[int, str], at: int, tag: str) -> None:
    """Add a tag behind those that stand at a place already."""
    tags[at] = tags.get(at, "") + tag
