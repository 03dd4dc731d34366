"""Tags that set the blocks of a shown text as what they are: items, tables, code, captions.

All of the text stays: signs that a page shows by placing are within tags that hide them. What the
window or the mark of the cited words cuts is left as plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from loccit.index.datatypes import Block, BlockKind, Cell, Document, Span

DEEPEST_ITEM = 5  # level of an item that is set deeper than the next
LEAST_ROWS = 2  # that are left of a table for them to be set as one

_WRAPPED: dict[BlockKind, str] = {
    "code": "lc-code",
    "caption": "lc-caption",
    "furniture": "lc-furniture",
}
"""Kinds that a style alone sets apart, by the class of the tag around them."""


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags around the cited words and inside them, by the place in the text before which they go.

    ``mark`` is the element that marks the cited words. At the place where these begin, or end,
    what is ``outer`` stands outside the mark.
    """

    outer: dict[int, str] = field(default_factory=dict)
    inner: dict[int, str] = field(default_factory=dict)
    mark: str = "mark"


@dataclass(frozen=True, slots=True)
class _View:
    """What is shown: the text, the window of it, and where the cited words stand."""

    text: str
    window: Span
    cited: Span


def block_tags(document: Document, window: Span, cited: Span) -> Tags:
    """Return the tags of the blocks in a window of a document's text."""
    view = _View(document.text, window, cited)
    outer: dict[int, str] = {}
    inner: dict[int, str] = {}
    mark = "mark"
    for block in document.blocks:
        if not block.span.overlaps(window):
            continue
        if block.kind == "table":
            if any(block.span.start < page < block.span.end for page in document.page_starts):
                continue
            tags = Tags(outer, inner, mark)
            mark = _put_table(tags, view, block)
        elif block.kind == "item":
            _put_item(Tags(outer, inner), view, block)
        elif block.kind in _WRAPPED:
            side = _side(Tags(outer, inner), view, block.span)
            if side is not None:
                _put(side, block.span.start, f'<span class="{_WRAPPED[block.kind]}">')
                _put(side, block.span.end, "</span>")
    return Tags(outer, inner, mark)


def _side(tags: Tags, view: _View, span: Span) -> dict[int, str] | None:
    """Return where the tags of a part go; None where the window or the mark cuts it."""
    if not view.window.contains(span):
        return None
    if not span.overlaps(view.cited) or span.contains(view.cited):
        return tags.outer
    return tags.inner if view.cited.contains(span) else None


def _put_item(tags: Tags, view: _View, block: Block) -> None:
    """Put the tags of a list's item, which take in the blanks and the line break around it."""
    text, window = view.text, view.window
    start = max(text.rfind("\n", 0, block.span.start) + 1, window.start)
    if text[start : block.span.start].strip():
        start = block.span.start
    side = _side(tags, view, Span(start, block.span.end))
    if side is None:
        return
    end = block.span.end
    limit = view.cited.end if side is tags.inner else window.end
    if end < limit and text[end] == "\n":
        end += 1  # drawn by the item
    depth = min(block.level, DEEPEST_ITEM)
    _put(side, start, f'<span class="lc-item lc-depth-{depth}">')
    if start < block.span.start:
        _hide(tags, side, "lc-gap", Span(start, block.span.start), view.cited)
    if block.mark is not None and not block.ordinal:
        words = text[block.mark.end : block.span.end]
        after = block.span.end - len(words.lstrip())
        _hide(tags, side, "lc-bullet", Span(block.mark.start, after), view.cited)
    _put(side, end, "</span>")


def _hide(tags: Tags, side: dict[int, str], name: str, sign: Span, cited: Span) -> None:
    """Put tags of a class around a sign, unless the mark cuts it."""
    if cited.contains(sign):
        side = tags.inner
    elif sign.overlaps(cited):
        return
    _put(side, sign.start, f'<span class="{name}">')
    _put(side, sign.end, "</span>")


def _put_table(tags: Tags, view: _View, table: Block) -> str:
    """Put the tags of a table's rows; return the element that marks the cited words."""
    rows = _rows(view.text, table)
    cells: dict[int, list[Cell]] = {number: [] for number in range(len(rows))}
    for cell in table.cells:
        cells[cell.row].append(cell)
    cited = view.cited
    is_inside = cited.contains(table.span) and cited != table.span
    are_cited = (
        not is_inside
        and cited.start in {row.start for row in rows}
        and cited.end in {row.end for row in rows}
    )
    kept = [
        number
        for number, row in enumerate(rows)
        if view.window.contains(row)
        and (
            is_inside
            or not row.overlaps(cited)
            or (are_cited and cited.contains(row))
            or any(cell.span and cell.span.contains(cited) for cell in cells[number])
        )
    ]
    mark = tags.mark
    around = tags.inner if is_inside else tags.outer
    for _, run in groupby(enumerate(kept), key=lambda item: item[1] - item[0]):
        numbers = [number for _, number in run]
        if len(numbers) < min(LEAST_ROWS, len(rows)):
            continue
        _put(around, rows[numbers[0]].start, '<table class="lc-table">')
        for number in numbers:
            is_cited = are_cited and cited.contains(rows[number])
            mark = "tbody" if is_cited else mark
            _put_row(tags.inner if is_cited else around, rows[number], cells[number])
        _put(around, rows[numbers[-1]].end, "</table>")
    return mark


def _put_row(side: dict[int, str], row: Span, cells: Sequence[Cell]) -> None:
    """Put the tags of a row: what stands between its cells is hidden."""
    written = [(cell, cell.span) for cell in cells if cell.span is not None]
    if not written:
        _put(side, row.start, '<tr class="lc-gap"><td>')
        _put(side, row.end, "</td></tr>")
        return
    _put(side, row.start, "<tr>")
    at, before = row.start, ""
    waiting = list(cells)
    for cell, span in written:
        tags = before
        while waiting[0] is not cell:
            tags += _cell(waiting[0]) + _end(waiting.pop(0))
        waiting.pop(0)
        if before and at < span.start:
            _put(side, at, '<span class="lc-gap">')
            _put(side, span.start, f"</span>{tags}{_cell(cell)}")
        else:
            _put(side, at, tags + _cell(cell))
            if at < span.start:
                _put(side, at, '<span class="lc-gap">')
                _put(side, span.start, "</span>")
        at, before = span.end, _end(cell)
    if at < row.end:
        _put(side, at, '<span class="lc-gap">')
        before = "</span>" + before
    empty = "".join(_cell(cell) + _end(cell) for cell in waiting)
    _put(side, row.end, f"{before}{empty}</tr>")


def _rows(text: str, table: Block) -> list[Span]:
    """Return the lines of a table's text."""
    rows = []
    start = table.span.start
    for line in text[start : table.span.end].split("\n"):
        rows.append(Span(start, start + max(1, len(line))))
        start += len(line) + 1
    return rows


def _cell(cell: Cell) -> str:
    """Return the opening tag of a cell."""
    rows = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    columns = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    return f"<{'th' if cell.is_header else 'td'}{rows}{columns}>"


def _end(cell: Cell) -> str:
    return "</th>" if cell.is_header else "</td>"


def _put(tags: dict[int, str], at: int, tag: str) -> None:
    """Add a tag behind those that stand at a place already."""
    tags[at] = tags.get(at, "") + tag
