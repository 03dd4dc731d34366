"""Markdown: made into the page that it stands for, which is then read as any page is.

So HTML inside Markdown is read as HTML, and what is struck out is left out, as on the page.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.assembling import TextBlock, assemble, check_length
from loccit.index.parsing.decoding import decode
from loccit.index.parsing.web.content import NEVER_TEXT
from loccit.index.parsing.web.nesting import check_nesting
from loccit.index.parsing.web.page import fragment_blocks

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token


MAX_NESTING = 100  # of lists and quotes; the library drops the text of deeper ones without a word

# Of a paragraph, such as 5,000 brackets in 10,000 characters; 900 links make some 20 million.
MAX_SIGNS_TIMES_CHARACTERS = 50_000_000
MAX_DEPTH_TIMES_LINES = 1_000_000  # such as e-mail quoted 20 deep in 50,000 lines
ADDRESS_CHARACTERS = 100
_SIGNS = ("[", "<", "`", "*", "_", "~", "!")
_QUOTE = re.compile(r"^[ \t]*+(?:(?:[>*+-]|\d{1,9}[.)])[ \t]*+)++", re.M)  # in lists as well
_CONTAINERS = frozenset(
    ("bullet_list_open", "ordered_list_open", "list_item_open", "blockquote_open")
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
_FRONT_TITLE = re.compile(r"^title:(.+)$", re.M | re.I)
_TAG = re.compile(r"(<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*>)", re.S)
_NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
_SWALLOWING = NEVER_TEXT | frozenset(
    (
        *("h1", "h2", "h3", "h4", "h5", "h6", "pre", "listing", "xmp", "plaintext"),
        *("noframes", "noembed", "del", "s", "strike"),
    )
)
"""Elements that would make the rest of the text their own if they were not closed."""

_UNCLOSED = frozenset(
    (
        *("br", "hr", "img", "wbr", "input", "col", "source"),
        *("p", "li", "dt", "dd", "tr", "td", "th"),
    )
)
"""Elements that need no end."""


def parse_markdown(data: bytes, source: str) -> Document:
    """Read CommonMark with tables; the title is that of the front matter or the first heading."""
    text = _with_newlines(decode(data, source))
    check_length(len(text), source)
    front = _FRONT_MATTER.match(text)
    title = ""
    if front:
        text = text[front.end() :]
        found = _FRONT_TITLE.search(front.group(1))
        title = found.group(1).strip(" \t").strip("\"'") if found else ""
    return assemble(markdown_blocks(text, source), data=data, source=source, title=title)


def markdown_blocks(text: str, source: str) -> list[TextBlock]:
    """Read Markdown into blocks: headings, paragraphs, items, tables, code."""
    from markdown_it import MarkdownIt

    _check_quotes(text, source)
    reader = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    reader.core.ruler.at("inline", _read_lines)
    definitions: dict[str, Any] = {}
    tokens = reader.enable(["table", "strikethrough"]).parse(text, definitions)
    _check_nesting(tokens, source)
    tokens = _with_remarks(tokens, definitions.get("references", {}).values())
    for token in tokens:
        if token.type == "html_block":
            token.content = "".join(_closed(_TAG.split(token.content), _SWALLOWING))
        elif token.children:
            _make_plain(token.children)
    page = reader.renderer.render(tokens, reader.options, {})
    check_nesting(page, source)
    return fragment_blocks(page, source)


def _with_remarks(tokens: Sequence[Token], definitions: Iterable[Mapping[str, Any]]) -> list[Token]:
    """Put what is said in the title of a definition that no link uses into a comment of the page.

    People write remarks so that are not to be shown: "[//]: # (a remark)".
    """
    from markdown_it.token import Token

    titles = {
        child.attrGet("title") for token in tokens for child in token.children or () if child.attrs
    }
    remarks = deque(
        (item["map"][0], item["title"])
        for item in definitions
        if item.get("title") and item["title"] not in titles and "-->" not in item["title"]
    )
    kept: list[Token] = []
    for token in tokens:
        while remarks and token.level == 0 and token.map and token.map[0] > remarks[0][0]:
            title = remarks.popleft()[1]
            kept.append(Token("html_block", "", 0, content=f"<!-- {title} -->\n"))
        kept.append(token)
    kept += (Token("html_block", "", 0, content=f"<!-- {title} -->\n") for _, title in remarks)
    return kept


def _make_plain(children: Sequence[Token]) -> None:
    """Make images their text, and tags that nothing closes nothing, in the tokens of a line.

    Of an address only the beginning stays: one that is defined once may be used a million times.
    """
    for child in children:
        if child.type == "link_open":
            child.attrs = {"href": str(child.attrs.get("href", ""))[:ADDRESS_CHARACTERS]}
        if child.type == "image":
            inside = child.children or []
            child.content = "".join(" " if "break" in one.type else one.content for one in inside)
            child.type = "text"
    tags = [child for child in children if child.type == "html_inline"]
    for child, tag in zip(tags, _closed([child.content for child in tags]), strict=True):
        child.content = tag


def _read_lines(state: StateCore) -> None:
    """Read what is marked up inside paragraphs, cells and headings, as the library's own rule does.

    From each sign the library may read all that follows, so where there are very many of them, and
    much follows, they are words like others.
    """
    from markdown_it.token import Token

    for token in state.tokens:
        if token.type != "inline":
            continue
        num_signs = sum(map(token.content.count, _SIGNS))
        token.children = token.children or []
        if num_signs * len(token.content) > MAX_SIGNS_TIMES_CHARACTERS:
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _closed(pieces: Sequence[str], names: frozenset[str] | None = None) -> list[str]:
    """Return pieces of HTML, without the tags of these names, or of any, that have no partner.

    In prose "the <script> tag" opens nothing.
    """
    kept = list(pieces)
    still_open: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces):
        found = _NAME.match(piece)
        name = found[2].lower() if found else ""
        if found is None or name in _UNCLOSED or (names is not None and name not in names):
            continue
        if not found[1]:
            still_open.setdefault(name, []).append(number)
        elif still_open.get(name):
            still_open[name].pop()
        else:
            kept[number] = ""
    for places in still_open.values():
        for number in places:
            kept[number] = ""
    return kept


def _check_nesting(tokens: Sequence[Token], source: str) -> None:
    """Refuse a text of which the library has dropped what is nested too deep."""
    if any(token.type in _CONTAINERS and token.level >= MAX_NESTING - 1 for token in tokens):
        raise UnreadableDocument(
            source,
            f"its lists and quotes are nested {MAX_NESTING} levels deep or more (a list counts as "
            f"two), and the limit is {MAX_NESTING - 1}; save it as .txt",
        )


def _check_quotes(text: str, source: str) -> None:
    """Refuse a deep quote in a long text: the library reads each line once for each level."""
    depth = max((found[0].count(">") for found in _QUOTE.finditer(text)), default=0)
    num_lines = text.count("\n")
    if depth * num_lines > MAX_DEPTH_TIMES_LINES:
        raise UnreadableDocument(
            source,
            f"it has quotes that are nested {depth} deep and {num_lines:,} lines, and the limit is "
            f"{MAX_DEPTH_TIMES_LINES // depth:,} lines; save it as .txt",
        )


def _with_newlines(text: str) -> str:
    """Mend line breaks before parsing: markup may hang on trailing blanks, so no more than that."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
