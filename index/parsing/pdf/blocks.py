"""What a group of a PDF's rows is: items of a list, a caption or a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loccit.index.datatypes import BlockKind
from loccit.index.parsing.pdf.line_ends import LIST_MARK
from loccit.index.parsing.pdf.rows import Row

INDENT_EMS = 0.5  # an item that begins this much further to the right is nested
MAX_DEPTH = 8
MARK_CELLS = 2  # the mark of an item may stand a wide blank before its words
NEAR_MARKS = 3  # items of a list that others stand between, of the lists inside them
MAX_CAPTION = 600  # characters; what is longer is a paragraph that begins with a figure's name

_SURE_BULLETS = frozenset("•‣▪●◦■□")
_COUNTED = re.compile(r"([(\[]?)(\d{1,3}|[ivx]{2,5}|[a-zA-Z])([.)\]])")
_ROMAN = {"i": 1, "v": 5, "x": 10}
_CAPTION = re.compile(
    r"(?:fig(?:ure|ura)?|table|tab|tabelle|abb(?:ildung)?|tableau|tabla|tabella|exhibit|chart|"
    r"listing|algorithm)\.?\s?(?:\d{1,3}(?:[.\-]\d{1,3})*|[IVX]{1,5})[a-z]?(?:\s?[:.—–|]|\n)\s*\S",
    re.I,
)

Line = tuple[Row, bool]
"""A row of a group, and whether it stands on a line of its own in the text."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows from ``start`` to ``end`` of a group, and what they are.

    ``depth`` and ``ordinal`` are those of an item, as in ``TextBlock``, and ``mark`` its sign.
    """

    start: int
    end: int
    kind: BlockKind = "paragraph"
    depth: int = 0
    mark: str = ""
    ordinal: str = ""


@dataclass(frozen=True, slots=True)
class _Mark:
    """The sign of an item: ``style`` is equal for all items of a list.

    ``numbers`` are what it may count: "i" is the first Roman number and the ninth letter. A bullet
    has none.
    """

    text: str
    style: str
    numbers: tuple[int, ...] = ()


def divided(groups: Sequence[Sequence[Line]], are_headings: Sequence[bool]) -> list[list[Part]]:
    """Return the parts of each group, in order; a heading is one part."""
    marks = [
        [None if is_heading else _mark_of(group, at) for at in range(len(group))]
        for group, is_heading in zip(groups, are_headings, strict=True)
    ]
    listed = _listed([mark for of_group in marks for mark in of_group if mark is not None])
    surely = [[mark if mark is not None and next(listed) else None for mark in of] for of in marks]
    lists = _Lists()
    parts: list[list[Part]] = []
    for group, of_group, is_heading in zip(groups, surely, are_headings, strict=True):
        if is_heading:
            lists.end()
            parts.append([Part(0, len(group))])
        else:
            parts.append(list(_parts_of(group, of_group, lists)))
    return parts


def _mark_of(group: Sequence[Line], at: int) -> _Mark | None:
    """Return the sign that a row begins with, where it begins a line."""
    row, is_line = group[at]
    if not (is_line or at == 0) or len(row.cells) > MARK_CELLS or not LIST_MARK.match(row.text):
        return None
    sign = row.text.split(None, 1)[0]
    found = _COUNTED.fullmatch(sign)
    if found is None:
        return _Mark(sign, sign)
    opened, count, closed = found.groups()
    letters = "1" if count.isdigit() else "A" if count.isupper() else "a"
    return _Mark(sign, opened + letters + closed, _numbers(count))


def _numbers(count: str) -> tuple[int, ...]:
    """Return what a count may stand for."""
    if count.isdigit():
        return (int(count),)
    numbers: tuple[int, ...] = ()
    if len(count) == 1:
        numbers += (ord(count.lower()) - ord("a") + 1,)
    if set(count) <= set(_ROMAN):
        values = [_ROMAN[letter] for letter in count]
        following = [*values[1:], 0]
        numbers += (sum(-v if v < n else v for v, n in zip(values, following, strict=True)),)
    return numbers


def _listed(marks: Sequence[_Mark]) -> Iterator[bool]:
    """Tell of each mark whether it is that of a list: the next item counts on, or has its sign.

    Else it is an initial ("J. Smith"), a lone number or a dash.
    """
    for at, mark in enumerate(marks):
        near = [*marks[max(0, at - NEAR_MARKS) : at], *marks[at + 1 : at + 1 + NEAR_MARKS]]
        yield mark.text in _SURE_BULLETS or any(_is_beside(mark, other) for other in near)


def _is_beside(mark: _Mark, other: _Mark) -> bool:
    """Tell whether two marks can be those of neighbours in a list."""
    steps = (abs(one - two) for one in mark.numbers for two in other.numbers)
    return mark.style == other.style and (not mark.numbers or 1 in steps)


class _Lists:
    """The lists that are open at a place of the document: where their items begin, and how."""

    def __init__(self) -> None:
        self._open: list[tuple[float, str]] = []
        self._last: Row | None = None

    def end(self) -> None:
        """End all lists."""
        self._open = []

    def depth(self, row: Row, style: str) -> int:
        """Return how deep the item that begins with ``row`` is nested, from 0."""
        last, self._last = self._last, row
        if last is not None and (row.page != last.page or row.baseline > last.baseline):
            # Another page or column, whose margin may be another: the list goes on by its style.
            known = next((left for left, one in reversed(self._open) if one == style), row.left)
            self._open = [(left + row.left - known, one) for left, one in self._open]
        step = INDENT_EMS * row.size
        while self._open and self._open[-1][0] > row.left + step:
            self._open.pop()
        is_inside = not self._open or self._open[-1][0] < row.left - step
        if is_inside and len(self._open) <= MAX_DEPTH:
            self._open.append((row.left, style))
        return len(self._open) - 1

    def passed(self, row: Row) -> None:
        """End the lists that a paragraph which begins with ``row`` is not inside of."""
        while self._open and row.left <= self._open[-1][0] + INDENT_EMS * row.size:
            self._open.pop()


def _parts_of(
    group: Sequence[Line], marks: Sequence[_Mark | None], lists: _Lists
) -> Iterator[Part]:
    """Yield the parts of a group that is no heading."""
    start = 0
    while start < len(group):
        mark, end = marks[start], start + 1
        is_row = not mark and len(group[start][0].cells) > 1
        while end < len(group) and not marks[end]:
            row, is_line = group[end]
            if is_line and (is_row or (not mark and len(row.cells) > 1)):
                break  # a row on a line of its own is no part of a sentence
            end += 1
        if mark:
            depth = lists.depth(group[start][0], mark.style)
            ordinal = mark.text if mark.numbers else ""
            yield Part(start, end, "item", depth, mark.text, ordinal)
        else:
            lists.passed(group[start][0])
            yield Part(start, end, _kind([row for row, _ in group[start:end]]))
        start = end


def _kind(rows: Sequence[Row]) -> BlockKind:
    """Tell a caption from a paragraph."""
    is_short = sum(len(row.text) for row in rows) <= MAX_CAPTION
    return "caption" if is_short and _CAPTION.match(f"{rows[0].text}\n.") else "paragraph"
