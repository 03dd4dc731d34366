"""Tables in a source's text: rows that the parsers have written as "cell | cell", as HTML again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from loccit.index.datatypes import Span
from loccit.index.parsing.notation import CELL_GAP
from loccit.ui.chat.views.tags import Tags, is_whole_line, put

LEAST_ROWS = 2  # one line with a bar in it is no table

_LINE = re.compile(r"[^\n]+")


def table_tags(text: str, window: Span, cited: Span) -> Tags:
    """Return the tags of the tables in a window of a text.

    All of the text stays: the signs between cells are within tags that hide them. A row that the
    window or the mark of the cited words cuts is left as it is; cited rows are marked as rows.
    """
    outer: dict[int, str] = {}
    inner: dict[int, str] = {}
    mark = "mark"
    for table in _tables(text, window, cited):
        put(outer, table[0].start, '<table class="lc-table">')
        for row in table:
            is_cited = cited.contains(row)
            tags = inner if is_cited else outer
            mark = "tbody" if is_cited else mark
            put(tags, row.start, "<tr><td>")
            for gap in _gaps(text, row):
                put(tags, gap.start, '<span class="lc-gap">')
                put(tags, gap.end, "</span></td><td>")
            put(tags, row.end, "</td></tr>")
        put(outer, table[-1].end, "</table>")
    return Tags(outer, inner, mark)


def _tables(text: str, window: Span, cited: Span) -> list[list[Span]]:
    """Return the rows of each table: lines one right below the other."""
    lines = (
        Span(match.start(), match.end())
        for match in _LINE.finditer(text, window.start, window.end)
        if CELL_GAP in match[0]
    )
    rows = [line for line in lines if is_whole_line(text, line)]
    starts, ends = {row.start for row in rows}, {row.end for row in rows}
    are_cited = cited.start in starts and cited.end in ends
    kept = [
        (text.count("\n", window.start, row.start), row)
        for row in rows
        if not row.overlaps(cited)
        or (are_cited and cited.contains(row))
        or any(cell.contains(cited) for cell in _cells(text, row))
    ]
    runs = groupby(enumerate(kept), key=lambda item: item[1][0] - item[0])
    tables = [[row for _, (_, row) in run] for _, run in runs]
    return [t for t in tables if len(t) >= LEAST_ROWS and _has_all(t, cited)]


def _has_all(table: Sequence[Span], cited: Span) -> bool:
    """Tell whether cited rows are all in this table, so that one mark holds them."""
    rows = [row for row in table if cited.contains(row)]
    return not rows or (rows[0].start == cited.start and rows[-1].end == cited.end)


def _gaps(text: str, row: Span) -> Iterator[Span]:
    """Yield where the signs between the cells stand."""
    at = text.find(CELL_GAP, row.start, row.end)
    while at >= 0:
        yield Span(at, at + len(CELL_GAP))
        at = text.find(CELL_GAP, at + len(CELL_GAP), row.end)


def _cells(text: str, row: Span) -> Iterator[Span]:
    start = row.start
    for gap in _gaps(text, row):
        if start < gap.start:
            yield Span(start, gap.start)
        start = gap.end
    if start < row.end:
        yield Span(start, row.end)
