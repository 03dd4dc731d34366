"""Markdown: what a reader sees of it, without the markup, and its headings with their level."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from loccit.index.datatypes import Document, EmphasisKind
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.assembling import TextBlock, assemble, check_length, rich_block
from loccit.index.parsing.decoding import decode
from loccit.index.parsing.normalizing import normalise, one_line
from loccit.index.parsing.notation import CELL_GAP
from loccit.index.parsing.rich_text import (
    RichText,
    Run,
    carried,
    from_runs,
    joined,
    lines,
    prefixed,
    stripped,
)

if TYPE_CHECKING:
    from markdown_it.token import Token


HEADING_CHARACTERS = 300  # every passage below keeps its headings, so a long one is a paragraph
MAX_NESTING = 100  # of lists and quotes; the library drops the text of deeper ones without a word

_CONTAINERS = frozenset(
    ("bullet_list_open", "ordered_list_open", "list_item_open", "blockquote_open")
)
_EMPHASES: dict[str, EmphasisKind] = {"strong_open": "strong", "em_open": "em"}
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.M | re.I)
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*>", re.S)
_LINE_TAG = re.compile(r"<br\s*/?>", re.I)


def parse_markdown(data: bytes, source: str) -> Document:
    """Read CommonMark with tables; the title is that of the front matter or the first heading."""
    text = _with_newlines(decode(data, source))
    check_length(len(text), source)
    front = _FRONT_MATTER.match(text)
    title = ""
    if front:
        text = text[front.end() :]
        found = _FRONT_TITLE.search(front.group(1))
        title = found.group(1).strip("\"'") if found else ""
    return assemble(markdown_blocks(text, source), data=data, source=source, title=title)


def markdown_blocks(text: str, source: str) -> list[TextBlock]:
    """Read Markdown into blocks: headings, paragraphs, lists, tables, code."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    tokens = reader.enable(["table", "strikethrough"]).parse(text)
    _check_nesting(tokens, source)
    blocks: list[TextBlock] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        end = _closing(tokens, index)
        inside = tokens[index : end + 1]
        if token.type == "heading_open":
            heading = one_line(_inline_text(tokens[index + 1]).text)
            level = int(token.tag[1:]) if len(heading) <= HEADING_CHARACTERS else None
            blocks.append(TextBlock(heading, level=level))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            blocks.append(_block(_list_lines(inside)))
        elif token.type == "table_open":
            blocks.append(_block(_table_lines(inside)))
        elif token.type == "blockquote_open":
            index += 1  # what it holds are blocks like any other
            continue
        elif token.nesting == 0 or token.type == "paragraph_open":
            blocks.append(_block(_leaf_lines(inside)))
        index = end + 1
    return blocks


def _block(lines: Iterator[RichText]) -> TextBlock:
    rich = joined(list(lines), "\n")
    return rich_block(rich, normalise(rich.text))


def _check_nesting(tokens: Sequence[Token], source: str) -> None:
    """Refuse a text of which the library has dropped what is nested too deep."""
    if any(token.type in _CONTAINERS and token.level >= MAX_NESTING - 1 for token in tokens):
        raise UnreadableDocument(
            source,
            f"its lists and quotes are nested {MAX_NESTING} levels deep or more (a list counts as "
            f"two), and the limit is {MAX_NESTING - 1}; save it as .txt",
        )


def _with_newlines(text: str) -> str:
    """Mend line breaks before parsing: markup may hang on trailing blanks, so no more than that."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _closing(tokens: Sequence[Token], index: int) -> int:
    """Return the index of the token that closes the one at ``index`` (itself for a leaf)."""
    depth = 0
    for position in range(index, len(tokens)):
        depth += tokens[position].nesting
        if depth <= 0:
            return position
    return len(tokens) - 1


def _list_lines(tokens: Sequence[Token]) -> Iterator[RichText]:
    """Yield the lines of a list with "- " or "1. " before each item, two blanks deeper by level."""
    counters: list[int | None] = []
    mark = ""
    for token in tokens:
        if token.type == "bullet_list_open":
            counters.append(None)
        elif token.type == "ordered_list_open":
            counters.append(int(token.attrGet("start") or 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            counters.pop()
        elif token.type == "list_item_open" and counters:
            number = counters[-1]
            mark = "- " if number is None else f"{number}. "
            if number is not None:
                counters[-1] = number + 1
        else:
            for line in _leaf_lines([token]):
                yield prefixed("  " * (len(counters) - 1) + mark, line)
                mark = ""


def _table_lines(tokens: Sequence[Token]) -> Iterator[RichText]:
    """Yield the rows of a table, their cells divided by " | "."""
    cells: list[RichText] = []
    for token in tokens:
        if token.type == "inline":
            cell = _inline_text(token)
            cells.append(carried(cell, one_line(cell.text)))
        elif token.type == "tr_close":
            yield stripped(joined(cells, CELL_GAP), None)
            cells = []


def _leaf_lines(tokens: Sequence[Token]) -> Iterator[RichText]:
    """Yield the lines of the tokens that hold text themselves."""
    for token in tokens:
        if token.type == "inline":
            yield from (stripped(line, None) for line in lines(_inline_text(token)))
        elif token.type in ("fence", "code_block"):
            yield from lines(from_runs([(token.content.rstrip("\n"), ("code",))]))
        elif token.type == "html_block":
            yield from map(RichText, _html_lines(token.content))


def _html_lines(content: str) -> Iterator[str]:
    """Yield the visible lines of HTML inside Markdown."""
    stripped = _TAG.sub("", _LINE_TAG.sub("\n", content))
    yield from (line.strip() for line in stripped.split("\n") if line.strip())


def _inline_text(token: Token) -> RichText:
    """Return the text of an inline token: marks dropped, links and images as their text."""
    return from_runs(list(_inline_runs(token)))


def _inline_runs(token: Token) -> Iterator[Run]:
    open_kinds: list[EmphasisKind] = []
    for child in token.children or ():
        kinds = tuple(dict.fromkeys(open_kinds))
        if child.type in ("strong_open", "em_open"):
            open_kinds.append(_EMPHASES[child.type])
        elif child.type in ("strong_close", "em_close"):
            open_kinds.remove(_EMPHASES[child.type.replace("_close", "_open")])
        elif child.type in ("text", "text_special"):
            yield child.content, kinds
        elif child.type == "code_inline":
            yield child.content, (*kinds, "code")
        elif child.type == "softbreak":
            yield " ", kinds
        elif child.type == "hardbreak":
            yield "\n", kinds
        elif child.type == "image":
            yield _inline_text(child).text or child.content, kinds
        elif child.type == "html_inline" and _LINE_TAG.match(child.content):
            yield "\n", kinds
