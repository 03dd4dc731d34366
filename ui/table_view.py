"""Tables in a source's text: rows that the parsers have written as "cell | cell", as HTML again."""

from __future__ import annotations

import re
from itertools import groupby

from index.datatypes import Span
from index.parsing.notation import CELL_GAP

LEAST_ROWS = 2  # one line with a bar in it is no table

_LINE = re.compile(r"[^\n]+")


def table_tags(text: str, part: Span) -> dict[int, str]:
    """Return the tags to put into a part of a text, by the place before which they stand.

    All of the text stays: the signs between cells are within tags that hide them. Lines that the
    part cuts are left as they are.
    """
    tags: dict[int, str] = {}
    for table in _tables(text, part):
        last = len(table) - 1
        for number, row in enumerate(table):
            _put(tags, row.start, ('<table class="lc-table">' if number == 0 else "") + "<tr><td>")
            at = text.find(CELL_GAP, row.start, row.end)
            while at >= 0:
                _put(tags, at, '<span class="lc-gap">')
                _put(tags, at + len(CELL_GAP), "</span></td><td>")
                at = text.find(CELL_GAP, at + len(CELL_GAP), row.end)
            _put(tags, row.end, "</td></tr>" + ("</table>" if number == last else ""))
    return tags


def _put(tags: dict[int, str], at: int, tag: str) -> None:
    tags[at] = tags.get(at, "") + tag


def _tables(text: str, part: Span) -> list[list[Span]]:
    """Return the rows of each table: lines one right below the other."""
    lines = [
        Span(match.start(), match.end())
        for match in _LINE.finditer(text, part.start, part.end)
        if CELL_GAP in match[0] and _is_whole(text, match.start(), match.end())
    ]
    numbered = [(line, text.count("\n", part.start, line.start)) for line in lines]
    runs = groupby(enumerate(numbered), key=lambda item: item[1][1] - item[0])
    tables = [[line for _, (line, _) in run] for _, run in runs]
    return [table for table in tables if len(table) >= LEAST_ROWS]


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether a line begins and ends where the text's line does."""
    return (start == 0 or text[start - 1] == "\n") and (end == len(text) or text[end] == "\n")
