"""Elements in, blocks out: how each HTML element breaks lines and paragraphs."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from loccit.index.datatypes import EmphasisKind
from loccit.index.parsing.assembling import MAX_EMPHASES, TextBlock, rich_block
from loccit.index.parsing.normalizing import normalise, one_line
from loccit.index.parsing.notation import CELL_GAP, raised
from loccit.index.parsing.rich_text import (
    RichText,
    Run,
    carried,
    from_runs,
    joined,
    prefixed,
    stripped,
)

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

HEADING_CHARACTERS = 300  # a longer "heading" is a paragraph that was marked up for its looks

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "menu", "dir", "dl"))
_ITEMS = frozenset(("li", "dt", "dd"))
_CELLS = frozenset(("td", "th"))
_BLOCKS = frozenset(
    (
        *("html", "body", "main", "article", "section", "header", "footer", "nav", "aside"),
        *("div", "p", "blockquote", "center", "address", "figure", "figcaption", "hr", "hgroup"),
        *("details", "summary", "dialog", "search", "form", "fieldset", "legend", "option"),
        *("pre", "listing", "xmp", "optgroup"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
    )
)
_PREFORMATTED = frozenset(("pre", "listing", "xmp"))
_EMPHASES: dict[str, EmphasisKind] = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "em"),
    **dict.fromkeys(("code", "kbd", "samp", "tt", *_PREFORMATTED), "code"),
}
_LAYOUT_SIGNS = "h1, h2, h3, h4, h5, h6, pre"  # a table that holds these is no table of data
_BLANKS = re.compile(r"[ \t\r\n\f]+")


class BlockWriter:
    """The blocks written so far and the one being written: fed with elements, emptied once."""

    def __init__(self) -> None:
        self._blocks: list[TextBlock] = []
        self._lines: list[RichText] = []  # of the current block
        self._pieces: list[Run] = []  # of the current line
        self._emphases: list[str] = []  # the open elements that emphasise
        self._kinds: tuple[EmphasisKind, ...] = ()  # how text is emphasised by them
        self._num_emphases = 0  # begun and ended so far
        self._lists: list[int | None] = []  # the next number of each open list; None for bullets
        self._mark = ""  # of the list item that has no text yet
        self._level: int | None = None  # of the open heading
        self._preformatted = 0
        self._tables: list[str] = []  # the kind of each open table: data, layout, inner
        self._cells: list[RichText] = []
        self._superscripts: list[int] = []  # where in the pieces each open <sup> began

    def text(self, content: str) -> None:
        """Take a text node."""
        self._add(content if self._preformatted else _BLANKS.sub(" ", content))

    def enter(self, node: LexborNode) -> None:
        """Take the opening of an element."""
        tag = node.tag or ""
        if tag == "sup":
            self._superscripts.append(len(self._pieces))
        elif tag in ("br", "wbr"):
            self._soft_break("" if tag == "wbr" else " ")
        elif tag == "table":
            self._enter_table(node)
        elif self._level is not None or self._in_cells():
            self._add(" " if tag in _BLOCKS or tag in _ITEMS else "")
        elif tag in _HEADINGS:
            self._end_block()
            self._level = _HEADINGS[tag]
        elif tag in _LISTS:
            self._enter_list(tag, node)
        elif tag in _ITEMS:
            self._enter_item(tag)
        elif tag in _BLOCKS:
            self._break()
        if tag in _PREFORMATTED:
            self._preformatted += 1
        if tag in _EMPHASES:
            self._emphases.append(tag)
            self._tell_kinds()

    def leave(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == "sup" and self._superscripts:
            self._end_superscript(self._superscripts.pop())
        elif tag == "table":
            self._leave_table()
        elif self._in_cells():
            self._leave_in_table(tag)
        elif tag in _HEADINGS and self._level == _HEADINGS[tag]:
            self._end_block()
        elif self._level is not None:
            self._add(" " if tag in _BLOCKS else "")
        elif tag in _LISTS and self._lists:
            self._end_line()
            self._lists.pop()
            if not self._lists:
                self._end_block()
        elif tag in _BLOCKS or tag in _ITEMS:
            self._break()
        if tag in _PREFORMATTED:
            self._preformatted -= 1
        if tag in _EMPHASES and tag in self._emphases:
            self._emphases.remove(tag)
            self._tell_kinds()

    def finish(self) -> list[TextBlock]:
        """Return all blocks."""
        self._end_block()
        return self._blocks

    def _enter_list(self, tag: str, node: LexborNode) -> None:
        """Open a list: one block down to the end of the outermost."""
        if self._lists:
            self._end_line()
        else:
            self._end_block()
        start = node.attributes.get("start") or "1"
        number = int(start) if start.isdecimal() and len(start) < 10 else 1
        self._lists.append(number if tag == "ol" else None)

    def _enter_item(self, tag: str) -> None:
        """Begin an item of the innermost list on a line of its own."""
        self._break()
        number = self._lists[-1] if self._lists else None
        indent = "  " * (len(self._lists) - 1)
        if tag == "dt":
            self._mark = ""
        elif number is None:
            self._mark = f"{indent}- " if tag == "li" else ""
        else:
            self._mark = f"{indent}{number}. "
            self._lists[-1] = number + 1

    def _enter_table(self, node: LexborNode) -> None:
        """Open a table: of data, of layout, or one inside a cell, which is part of that cell."""
        if self._in_cells():
            self._tables.append("inner")
            return
        self._end_block()
        self._tables.append("data" if _holds_data(node) else "layout")

    def _leave_table(self) -> None:
        """Close the innermost table."""
        kind = self._tables.pop() if self._tables else "layout"
        if kind == "inner":
            self._add(" ")
        else:
            self._end_block()

    def _leave_in_table(self, tag: str) -> None:
        """Take the end of an element inside a table of data."""
        if tag == "li":
            self._add("; ")
        elif self._tables[-1] == "inner":
            self._add(" " if tag in _BLOCKS or tag in _ITEMS else "")
        elif tag in _CELLS:
            raw = from_runs(self._pieces)
            self._cells.append(stripped(carried(raw, one_line(raw.text)), "; "))
            self._pieces.clear()
        elif tag == "tr":
            if any(cell.text for cell in self._cells):
                self._lines.append(joined(self._cells, CELL_GAP))
            self._cells = []
        elif tag == "caption":
            self._end_line()
        elif tag in _BLOCKS or tag in _ITEMS:
            self._add(" ")

    def _soft_break(self, blank: str) -> None:
        """Break the line where lines count, else leave ``blank``."""
        if self._preformatted and blank:
            self._add("\n")
        elif self._level is not None or self._in_cells() or not blank:
            self._add(blank)
        else:
            self._end_line()

    def _break(self) -> None:
        """End the line inside a list, else the block."""
        if self._lists:
            self._end_line()
        else:
            self._end_block()

    def _end_line(self) -> None:
        """Add the current line to the current block."""
        rich = from_runs(self._pieces)
        raw = rich.text
        self._pieces.clear()
        self._superscripts.clear()
        line = dedent(raw.expandtabs()) if self._preformatted else _BLANKS.sub(" ", raw).strip(" ")
        if line.strip():
            self._lines.append(prefixed(self._mark, carried(rich, line)))
            self._mark = ""

    def _end_block(self) -> None:
        """Add the current block, a heading or not, to the blocks."""
        self._end_line()
        rich = joined(self._lines, "\n")
        text = normalise(rich.text)
        level = self._level if len(text) <= HEADING_CHARACTERS else None
        if text and level is None:
            self._blocks.append(rich_block(rich, text))
        elif text:
            self._blocks.append(TextBlock(one_line(text), level=level))
        self._lines = []
        self._level = None

    def _end_superscript(self, start: int) -> None:
        """Write "10<sup>6</sup>" as "10⁶", so that it can't be read as 106."""
        inside = self._pieces[start:]
        kinds = inside[0][1] if inside else ()
        self._pieces[start:] = [(raised("".join(piece for piece, _ in inside)), kinds)]

    def _add(self, piece: str) -> None:
        """Add a piece to the current line."""
        self._pieces.append((piece, self._kinds))

    def _tell_kinds(self) -> None:
        """Take how text is emphasised from now on."""
        self._num_emphases += 1
        kinds = self._emphases if self._num_emphases <= 2 * MAX_EMPHASES else []
        self._kinds = tuple(dict.fromkeys(_EMPHASES[tag] for tag in kinds))

    def _in_cells(self) -> bool:
        """Tell whether the innermost open table holds data."""
        return bool(self._tables) and self._tables[-1] != "layout"


def _holds_data(table: LexborNode) -> bool:
    """Tell a table of data from one that only places things on the page."""
    role = (table.attributes.get("role") or "").lower()
    if role in ("presentation", "none") or table.css_first(_LAYOUT_SIGNS) is not None:
        return False
    return table.css_first("table table") is None or table.css_first("th") is not None
