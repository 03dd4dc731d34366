"""Which elements of a page a reader came for, and which are the site's furniture.

Here nothing is asked of whether a reader sees them: see ``looks.py``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loccit.index.parsing.web.styling.given import Attributes
from loccit.index.parsing.web.styling.placing import INLINE_TAGS

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

NEVER_TEXT = frozenset(
    (
        *("head", "title", "script", "style", "noscript", "template"),
        *("svg", "canvas", "iframe", "object", "embed", "audio", "video", "map"),
        *("select", "button", "input", "textarea", "datalist", "meter", "progress"),
        *("annotation", "annotation-xml"),  # a second, coded form of a formula
    )
)
"""Elements whose text is no text of the document, wherever they stand."""

CHROME_TAGS = frozenset(("nav", "header", "footer", "aside", "form"))
CHROME_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "complementary"))
NOISE_CLASSES = frozenset(
    (
        *("mw-editsection", "mw-portlet", "noprint"),  # MediaWiki's: "[edit]", menus, tools
        *("material-icons", "material-symbols-outlined", "material-symbols-rounded"),
    )
)
"""Of what is no text of the page's: the words in an icon name the picture that a font draws."""

CONTENT_TAGS = frozenset(("main", "article"))

CHROME_SHARE = 0.5  # furniture that holds more of the page's text than this is its content
MAIN_SHARE = 0.3  # a <main> with less of the page's text than this is not what it says

REMARK_WORDS = 2  # of a comment that says something

_PROGRAMS = re.compile(r"[<>{}|;]|\A\s*\[(?:if|endif)|\w[/_=]\w")  # markup, code, paths
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")
_SKIP_LINK = re.compile(r"\s*(?:skip|jump) to (?:main )?(?:content|navigation|search)", re.I)


def content_root(page: LexborHTMLParser) -> LexborNode | None:
    """Return the element that holds the content: a convincing <main>, else the body."""
    root = page.body or page.root
    mains = page.css("main, [role=main]")
    if (
        root is not None
        and len(mains) == 1
        and text_length(mains[0]) > MAIN_SHARE * text_length(root)
    ):
        return mains[0]
    return root


def is_dropped(
    node: LexborNode, attributes: Attributes, *, inside_content: bool, page_length: int
) -> bool:
    """Tell whether the element ``node`` and all in it are furniture.

    ``inside_content`` says that a <main> or <article> is open: its header is the article's own.
    """
    if "class" in attributes and not NOISE_CLASSES.isdisjoint(
        (attributes.get("class") or "").split()
    ):
        return True
    tag = node.tag
    if tag == "a" and _is_skip_link(node, attributes):
        return True
    role = (attributes.get("role") or "").lower()
    own_header = tag in ("header", "footer") and inside_content
    if own_header or not (tag in CHROME_TAGS or role in CHROME_ROLES):
        return False
    if tag == "header" and node.css_first("h1") is not None:
        return False
    return text_length(node) <= CHROME_SHARE * page_length


def text_length(node: LexborNode) -> int:
    """Return how many characters of text, blanks aside, an element holds."""
    return len("".join(node.text().split()))


def words_under(node: LexborNode) -> str:
    """Return the words of an element, however they look, with blanks between its elements."""
    words: list[str] = []
    open_elements: list[LexborNode] = []
    inside = node.child
    while inside is not None or open_elements:
        if inside is None:
            left = open_elements.pop()
            words.append("" if left.tag in INLINE_TAGS else " ")
            inside = left.next
        elif inside.is_element_node and inside.tag not in NEVER_TEXT:
            open_elements.append(inside)
            words.append("" if inside.tag in INLINE_TAGS else " ")
            inside = inside.child
        else:
            words.append((inside.text_content or "") if inside.is_text_node else "")
            inside = inside.next
    return "".join(words)


def is_remark(comment: str) -> bool:
    """Tell a comment in words, which somebody wrote for others, from one of a program's."""
    return _PROGRAMS.search(comment) is None and len(_WORD.findall(comment)) >= REMARK_WORDS


def _is_skip_link(link: LexborNode, attributes: Attributes) -> bool:
    """Tell whether a link only jumps over the furniture, for people who can't see it."""
    address = attributes.get("href") or ""
    return address.startswith("#") and _SKIP_LINK.match(link.text()) is not None
