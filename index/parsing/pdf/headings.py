"""Headings of a PDF by the size and weight of their type, where that is clear."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from loccit.index.parsing.assembling import TextBlock
from loccit.index.parsing.pdf.line_ends import BULLET
from loccit.index.parsing.pdf.rows import Row

LARGER = 1.08  # a heading's type is higher than the body's by more than this factor
SAME_LEVEL = 1.06  # sizes nearer than this factor are of one level
MAX_ROWS = 4
MAX_CHARACTERS = 200
MAX_BOLD_CHARACTERS = 100
MAX_LEVELS = 6
HEADING_SHARE = 0.35  # of all characters: where more is "heading", size does not mark headings
MIN_LETTERS = 2

_SENTENCE_END = re.compile(r"[.,;:!。，；]['\"”’)\]»]*$")
_GENERIC = re.compile(
    r"(?:table of )?contents|inhalt(?:sverzeichnis)?|abstract|index|preface|vorwort|目录|目次", re.I
)
_NOT_IN_HEADINGS = re.compile(r"[=∈⊆⊂⇔⇒→≤≥∀∃…•]")
_NUMBER = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*|[IVX]{1,5}|[A-Z])[.)]?\s+\S")


def heading_levels(groups: Sequence[Sequence[Row]]) -> list[int | None]:
    """Return for each group of rows the level it has as a heading, or None."""
    body_size, body_bold = _body(groups)
    larger = [_is_larger(group, body_size) for group in groups]
    sizes = _size_levels(
        [group[0].size for group, is_it in zip(groups, larger, strict=True) if is_it]
    )
    bold_level = min(len(set(sizes.values())) + 1, MAX_LEVELS)
    levels: list[int | None] = []
    for group, is_larger in zip(groups, larger, strict=True):
        if is_larger:
            levels.append(sizes[group[0].size])
        elif not body_bold and _is_bold_heading(group, body_size):
            levels.append(bold_level)
        else:
            levels.append(None)
    marked = sum(_length(group) for group, level in zip(groups, levels, strict=True) if level)
    if marked > HEADING_SHARE * sum(map(_length, groups)):
        return [None] * len(groups)
    return levels


def heading_title(blocks: Sequence[TextBlock]) -> str:
    """Return the highest heading of the page that the first heading stands on, or ""."""
    named = [block for block in blocks if block.level and not _GENERIC.fullmatch(block.text)]
    near = [block for block in named if block.page == named[0].page]
    return min(near, key=lambda block: block.level or 0).text if near else ""


def _body(groups: Sequence[Sequence[Row]]) -> tuple[float, bool]:
    """Return the size of type that most characters have, and whether they are bold."""
    sizes: Counter[float] = Counter()
    bold = 0
    for group in groups:
        for row in group:
            sizes[round(row.size * 2) / 2] += len(row.text)
            bold += len(row.text) if row.bold else -len(row.text)
    return (sizes.most_common(1)[0][0] if sizes else 0.0), bold > 0


def _is_larger(group: Sequence[Row], body_size: float) -> bool:
    """Tell whether a group is a heading by its size."""
    return (
        len(group) <= MAX_ROWS
        and group[0].size > LARGER * body_size
        and _length(group) <= MAX_CHARACTERS
        and _reads_as_heading(group)
    )


def _is_bold_heading(group: Sequence[Row], body_size: float) -> bool:
    """Tell whether a group is a heading by being one bold line of its own."""
    return (
        len(group) == 1
        and group[0].bold
        and group[0].size >= 0.95 * body_size
        and _length(group) <= MAX_BOLD_CHARACTERS
        and _reads_as_heading(group)
    )


def _reads_as_heading(group: Sequence[Row]) -> bool:
    """Tell whether the words could be a heading's: no sentence, no table, no formula."""
    text = group[-1].text
    letters = sum(char.isalpha() for row in group for char in row.text)
    return (
        all(len(row.cells) == 1 for row in group)
        and letters >= MIN_LETTERS
        and 2 * letters >= sum(len(row.text.replace(" ", "")) for row in group)
        and not _SENTENCE_END.search(text)
        and not _NOT_IN_HEADINGS.search(text)
        and not BULLET.match(text)
        and (not group[0].text[:1].islower() or _NUMBER.match(group[0].text) is not None)
    )


def _size_levels(sizes: Sequence[float]) -> dict[float, int]:
    """Number the sizes from the largest down; near ones share a level."""
    levels: dict[float, int] = {}
    level, top = 0, 0.0
    for size in sorted(set(sizes), reverse=True):
        if level == 0 or top > SAME_LEVEL * size:
            level, top = min(level + 1, MAX_LEVELS), size
        levels[size] = level
    return levels


def _length(group: Sequence[Row]) -> int:
    """Return the number of characters of a group."""
    return sum(len(row.text) for row in group)
