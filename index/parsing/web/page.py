"""HTML as a reader sees it: blocks, headings, lists and tables, without the site's furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.assembling import TextBlock, assemble
from loccit.index.parsing.decoding import decode
from loccit.index.parsing.sniffing import real_kind
from loccit.index.parsing.web.content import (
    CONTENT_TAGS,
    NEVER_TEXT,
    content_root,
    is_dropped,
    is_remark,
    text_length,
    words_under,
)
from loccit.index.parsing.web.nesting import check_nesting
from loccit.index.parsing.web.styling.looks import Look, Looks, looks_of
from loccit.index.parsing.web.writing import BlockWriter

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

CHARSET_WINDOW = 4096  # browsers look for <meta charset> in the first kilobyte; be generous

_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:\-]+)", re.I)
_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.:\-]+)", re.I)
_TURNED_ROUND = re.compile(r"[A-Za-z0-9]{2}")
_WHATWG = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "utf-16": "utf-8",  # a page whose <meta> could be read byte by byte is not in UTF-16
}
"""What browsers take these names for (WHATWG Encoding Standard, section 4.2)."""


def parse_html(data: bytes, source: str) -> Document:
    """Read a web page; the title is that of its <title> or of the first h1."""
    if real_kind(data) == "":
        text = decode(data, source, declared=_declared_encoding(data))
    else:
        raise UnreadableDocument(
            source,
            f"this looks like {real_kind(data)}, not like HTML; rename it with its real suffix",
        )
    check_nesting(text, source)
    page, looks = _opened(text, source)
    root = content_root(page)
    blocks = html_blocks(root, looks) if root is not None else []
    if root is not None and not any(block.text for block in blocks):
        # All of it was furniture: better too much than nothing.
        blocks = html_blocks(page.body or root, looks, everything=True)
    return assemble(blocks, data=data, source=source, title=_title(page, blocks))


def fragment_blocks(text: str, source: str) -> list[TextBlock]:
    """Read the blocks of a part of a page; whoever wrote it alone put no site's furniture in."""
    page, looks = _opened(text, source)
    root = page.body or page.root
    return html_blocks(root, looks, page_length=0) if root is not None else []


def html_blocks(
    root: LexborNode, looks: Looks, *, everything: bool = False, page_length: int | None = None
) -> list[TextBlock]:
    """Read the blocks under ``root``; ``everything`` keeps furniture too.

    ``page_length`` is how much text the page has, if not that of ``root``; with 0 no furniture is
    left out.
    """
    if page_length is None:
        page_length = text_length(root)
    writer = BlockWriter()
    for node, look, entering in _walk(root, looks, everything=everything, page_length=page_length):
        if not entering:
            writer.leave(node.tag or "")
        elif node.is_comment_node:
            if is_remark(node.comment_content or ""):
                writer.hide(f" {node.comment_content} ", "invisible")
        elif node.is_text_node:
            _write(writer, node.text_content or "", look)
        elif look.is_final:
            _write(writer, words_under(node), look)
        else:
            writer.enter(node)
    return writer.finish()


def _opened(text: str, source: str) -> tuple[LexborHTMLParser, Looks]:
    """Parse a page; what no browser shows of it, but for comments, is gone from it."""
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(text.replace("\0", ""))
    has_scripts = page.css_first("script") is not None
    page.strip_tags(["script", "noscript", "template"])  # they would count as text
    looks = looks_of(page, source, has_scripts=has_scripts)
    page.strip_tags(["style"])
    return page, looks


def _write(writer: BlockWriter, words: str, look: Look) -> None:
    """Write words as seen, or as hidden; those that keep their place stay apart from others."""
    reason = look.reason
    if reason is None and look.is_reversed and _TURNED_ROUND.search(words):
        reason = "altered"
    if reason is None:
        writer.text(words)
    else:
        writer.hide(f" {words} " if look.leaves_gap and words.strip() else words, reason)


def _walk(
    root: LexborNode, looks: Looks, *, everything: bool, page_length: int
) -> Iterator[tuple[LexborNode, Look, bool]]:
    """Yield (node, its look, True) on the way in and (element, ..., False) on the way out.

    Nothing in an element of which nothing is seen is yielded. An explicit stack: pages nest deeper
    than Python may recurse.
    """
    stack: list[tuple[LexborNode, Look]] = []
    content_depth = 1 if root.tag in CONTENT_TAGS else 0
    look = looks.of_root(root)
    node: LexborNode | None = root.child
    while node is not None or stack:
        if node is None:
            node, look = stack.pop()
            content_depth -= node.tag in CONTENT_TAGS
            yield node, look, False
            node = node.next
        elif node.is_text_node or node.is_comment_node:
            yield node, look, True
            node = node.next
        elif not node.is_element_node or (tag := node.tag or "") in NEVER_TEXT:
            node = node.next
        else:
            attributes = node.attributes
            inside = content_depth > 0
            if looks.is_copy(node, attributes, look) or (
                not everything
                and is_dropped(node, attributes, inside_content=inside, page_length=page_length)
            ):
                node = node.next
                continue
            own = looks.of(node, tag, attributes, look)
            yield node, own, True
            if own.is_final:
                node = node.next
                continue
            content_depth += tag in CONTENT_TAGS
            stack.append((node, look))
            node, look = node.child, own


def _declared_encoding(data: bytes) -> str | None:
    """Return the encoding that the page or its XML declaration names."""
    found = _XML_ENCODING.search(data[:CHARSET_WINDOW]) or _CHARSET.search(data[:CHARSET_WINDOW])
    if found is None:
        return None
    name = found.group(1).decode("ascii", errors="replace").lower()
    return _WHATWG.get(name, name)


def _title(page: LexborHTMLParser, blocks: list[TextBlock]) -> str:
    """Return the text of <title>, else of the first h1."""
    title = page.css_first("head > title")
    text = title.text().strip() if title is not None else ""
    return text or next((block.text for block in blocks if block.level == 1), "")
