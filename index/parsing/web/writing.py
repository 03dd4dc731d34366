"""Elements in, blocks out: how each HTML element breaks lines and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING

from loccit.index.datatypes import BlockKind, EmphasisKind, HiddenReason
from loccit.index.parsing.assembling import MAX_EMPHASES, TextBlock, rich_block
from loccit.index.parsing.normalizing import normalise, one_line
from loccit.index.parsing.notation import BULLET, RichCell, item_block, raised, table_block
from loccit.index.parsing.rich_text import (
    RichText,
    Run,
    carried,
    from_runs,
    joined_words,
    stripped,
)
from loccit.index.parsing.unseen import apart, may_hide
from loccit.index.parsing.web.tables import holds_data, new_cell

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

HEADING_CHARACTERS = 300  # a longer "heading" is a paragraph that was marked up for its looks

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CAPTIONS = frozenset(("caption", "figcaption"))
_LISTS = frozenset(("ul", "ol", "menu", "dir", "dl"))
_ITEMS = frozenset(("li", "dt", "dd"))
_CELLS = frozenset(("td", "th"))
_OF_TABLES = frozenset(("tr", "caption", *_CELLS))
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
        self._kind: BlockKind = "paragraph"  # of the current block, unless it is an item
        self._level: int | None = None  # of the open heading
        self._lists: list[int | None] = []  # the next number of each open list; None for bullets
        self._sign = ""  # of the list item that has no text yet
        self._is_term = False  # whether the block begins with what a <dd> explains
        self._is_tight = False  # whether the next block stands right below the last
        self._preformatted = 0
        self._tables: list[str] = []  # the kind of each open table: data, layout, inner
        self._rows: list[list[RichCell]] = []  # of the open table
        self._num_before_table = 0  # of blocks
        self._superscripts: list[int] = []  # where in the pieces each open <sup> began

    def text(self, content: str) -> None:
        """Take a text node."""
        content = content if self._preformatted else _BLANKS.sub(" ", content)
        if not may_hide(content):
            self._add(content)
            return
        for piece, reason in apart(content):
            if reason is None:
                self._add(piece)
            else:
                self.hide(piece, reason)

    def hide(self, content: str, reason: HiddenReason) -> None:
        """Take words that a reader does not see."""
        self._pieces.append((content, reason))

    def enter(self, node: LexborNode) -> None:
        """Take the opening of an element."""
        tag = node.tag or ""
        if tag == "sup":
            self._superscripts.append(len(self._pieces))
        elif tag in _OF_TABLES and self._tables and self._tables[-1] == "data":
            self._enter_in_table(tag, node)
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
        elif tag in _CAPTIONS or tag in _PREFORMATTED:
            self._end_block()
            self._kind = "caption" if tag in _CAPTIONS else "code"
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
            self._end_block()
            self._lists.pop()
            self._is_tight = self._is_tight and bool(self._lists)
        elif tag == "li" or tag in _CAPTIONS or tag in _PREFORMATTED:
            self._end_block()
            self._sign = ""
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
        """Open a list: its items stand close together, down to the end of the outermost."""
        self._end_block()
        start = node.attributes.get("start") or "1"
        number = int(start) if start.isdecimal() and len(start) < 10 else 1
        self._lists.append(number if tag == "ol" else None)

    def _enter_item(self, tag: str) -> None:
        """Begin an item of the innermost list, or a term; what explains it goes on with it."""
        if tag == "dd" or (tag == "dt" and self._is_term):
            self._end_line()
            self._is_term = False
            return
        self._end_block()
        self._is_term = tag == "dt"
        if tag == "dt":
            return
        number = self._lists[-1] if self._lists else None
        self._sign = BULLET if number is None else f"{number}."
        if number is not None:
            self._lists[-1] = number + 1

    def _enter_table(self, node: LexborNode) -> None:
        """Open a table: of data, of layout, or one inside a cell, which is part of that cell."""
        if self._in_cells():
            self._tables.append("inner")
            return
        self._end_block()
        self._rows = []
        self._num_before_table = len(self._blocks)
        self._tables.append("data" if holds_data(node) else "layout")

    def _enter_in_table(self, tag: str, node: LexborNode) -> None:
        """Begin a caption, a row or a cell of a table of data."""
        if tag == "caption":
            self._kind = "caption"
            return
        if tag == "tr" or not self._rows:
            self._rows.append([])
        if tag in _CELLS:
            self._pieces = _hidden_runs(self._pieces)
            self._rows[-1].append(new_cell(tag, node))

    def _leave_table(self) -> None:
        """Close the innermost table."""
        kind = self._tables.pop() if self._tables else "layout"
        if kind == "inner":
            self._add(" ")
            return
        if kind == "data":
            captioned = any(block.text for block in self._blocks[self._num_before_table :])
            self._pieces = _hidden_runs(self._pieces)
            self._put(table_block(self._rows, tight=captioned))
            self._rows = []
            self._is_tight = False
        self._end_block()

    def _leave_in_table(self, tag: str) -> None:
        """Take the end of an element inside a table of data."""
        if tag == "li":
            self._add("; ")
        elif self._tables[-1] == "inner":
            self._add(" " if tag in _BLOCKS or tag in _ITEMS else "")
        elif tag in _CELLS and self._rows and self._rows[-1]:
            raw = from_runs(self._pieces)
            words = stripped(carried(raw, one_line(raw.text)), "; ")
            self._rows[-1][-1] = replace(self._rows[-1][-1], rich=words)
            self._pieces.clear()
        elif tag == "caption":
            self._end_block()
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
        if line.strip() or rich.hidden:
            self._lines.append(carried(rich, line.strip() and line))

    def _end_block(self) -> None:
        """Add the current block to the blocks."""
        self._end_line()
        rich = joined_words(self._lines, "\n")
        text = normalise(rich.text)
        level = self._level if len(text) <= HEADING_CHARACTERS else None
        depth = max(0, len(self._lists) - 1)
        if text and level is not None:
            self._is_tight = False
            heading = one_line(text)
            self._put(TextBlock(heading, level=level, hidden=carried(rich, heading).hidden))
            self._is_tight = False
        elif text and self._sign:
            self._put(item_block(rich, self._sign, depth, tight=self._is_tight))
        elif text:
            self._put(rich_block(rich, text, self._kind, tight=self._is_tight))
        elif rich.hidden:
            self._put(TextBlock("", hidden=rich.hidden))
        if text:
            self._sign = ""
        self._lines = []
        self._kind = "paragraph"
        self._level = None
        self._is_term = False

    def _put(self, block: TextBlock) -> None:
        """Add a block; what follows it in a list stands right below."""
        if block.text:
            self._is_tight = bool(self._lists)
        if block.text or block.hidden:
            self._blocks.append(block)

    def _end_superscript(self, start: int) -> None:
        """Write "10<sup>6</sup>" as "10⁶", so that it can't be read as 106."""
        inside = self._pieces[start:]
        hidden = _hidden_runs(inside)
        seen = [run for run in inside if not isinstance(run[1], str)]
        if seen:
            figures = raised("".join(piece for piece, _ in seen))
            self._pieces[start:] = [(figures, seen[0][1]), *hidden]

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


def _hidden_runs(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if isinstance(run[1], str)]
