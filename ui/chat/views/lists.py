"""Lists in a source's text: lines that the parsers have written as "- item", set as items again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

from loccit.index.datatypes import Span
from loccit.ui.chat.views.tags import Tags, is_whole_line, put

# Formats whose parsers write the marks, two blanks deeper by level; elsewhere they are the text's.
SUFFIXES = frozenset((".html", ".htm", ".xhtml", ".md", ".markdown", ".docx"))
DEEPEST = 5  # level of an item that is set deeper than the next

_ITEM = re.compile(r"^((?:  )*)(-|\d+(?:\.\d+)*\.) (?=\S)[^\n]*", re.M)


def has_lists(source: str) -> bool:
    """Tell whether list marks in the text of a file come from its parser."""
    return PurePath(source).suffix.lower() in SUFFIXES


def list_tags(text: str, window: Span, cited: Span, taken: Mapping[int, str]) -> Tags:
    """Return the tags of the list items in a window of a text.

    All of the text stays: a bullet is within a tag that draws another sign. An item that the
    window or the mark of the cited words cuts is left as it is, and so is what begins at a place
    that is ``taken``.
    """
    tags = Tags()
    for match in _ITEM.finditer(text, window.start, window.end):
        item = Span(match.start(), match.end())
        if item.start in taken or not is_whole_line(text, item):
            continue
        end = min(item.end + 1, window.end)  # with its line break, which is drawn by the item
        is_inner, is_around = cited.contains(item), item.contains(cited)
        if item.overlaps(cited) and not is_around and not is_inner:
            continue
        side = tags.outer if is_around or not is_inner else tags.inner
        end = end if side is tags.outer else min(end, cited.end)
        depth = min(len(match[1]) // 2, DEEPEST)
        put(side, item.start, f'<span class="lc-item lc-depth-{depth}">')
        if match[1]:
            _hide(tags, side, "lc-gap", Span(item.start, match.end(1)), cited)
        if match[2] == "-":
            _hide(tags, side, "lc-bullet", Span(match.start(2), match.end(2) + 1), cited)
        put(side, end, "</span>")
    return tags


def _hide(tags: Tags, side: dict[int, str], name: str, sign: Span, cited: Span) -> None:
    """Put tags of a class around a sign, unless the mark cuts it."""
    if cited.contains(sign):
        side = tags.inner
    elif sign.overlaps(cited):
        return
    put(side, sign.start, f'<span class="{name}">')
    put(side, sign.end, "</span>")
