"""Which elements of a page a reader came for, and which are the site's furniture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

NEVER_TEXT = frozenset(
    (
        *("head", "title", "script", "style", "noscript", "template"),
        *("svg", "canvas", "iframe", "object", "embed", "audio", "video", "map"),
        *("select", "button", "input", "textarea", "datalist", "meter", "progress"),
        *("annotation", "annotation-xml"),  # a second, coded form of a formula
        *("del", "s", "strike"),  # what is struck out holds no longer
    )
)
"""Elements whose text is no text of the document, wherever they stand."""

CHROME_TAGS = frozenset(("nav", "header", "footer", "aside", "form"))
CHROME_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "complementary"))
NOISE_CLASSES = frozenset(("mw-editsection", "mw-portlet", "noprint"))
"""MediaWiki's: "[edit]", menus and languages, tools of the page."""

CONTENT_TAGS = frozenset(("main", "article"))

CHROME_SHARE = 0.5  # furniture that holds more of the page's text than this is its content
MAIN_SHARE = 0.3  # a <main> with less of the page's text than this is not what it says

_SKIP_LINK = re.compile(r"\s*(?:skip|jump) to (?:main )?(?:content|navigation|search)", re.I)
_INVISIBLE_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|text-decoration[a-z-]*\s*:[^;]*line-through",
    re.I,
)


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


def is_dropped(node: LexborNode, *, inside_content: bool, page_length: int) -> bool:
    """Tell whether the element ``node`` and all in it are hidden, struck out, or furniture.

    ``inside_content`` says that a <main> or <article> is open: its header is the article's own.
    """
    attributes = node.attributes
    if attributes and _is_hidden(node.tag or "", attributes):
        return True
    if node.tag == "a" and _is_skip_link(node):
        return True
    role = (attributes.get("role") or "").lower()
    own_header = node.tag in ("header", "footer") and inside_content
    if own_header or not (node.tag in CHROME_TAGS or role in CHROME_ROLES):
        return False
    if node.tag == "header" and node.css_first("h1") is not None:
        return False
    return text_length(node) <= CHROME_SHARE * page_length


def text_length(node: LexborNode) -> int:
    """Return how many characters of text, blanks aside, an element holds."""
    return len("".join(node.text().split()))


def _is_hidden(tag: str, attributes: dict[str, str | None]) -> bool:
    """Tell whether a browser would not show, or strike out, an element with these attributes."""
    return (
        ("hidden" in attributes and attributes["hidden"] != "until-found")
        or attributes.get("aria-hidden") == "true"
        or (tag == "dialog" and "open" not in attributes)
        or _INVISIBLE_STYLE.search(attributes.get("style") or "") is not None
        or not NOISE_CLASSES.isdisjoint((attributes.get("class") or "").split())
    )


def _is_skip_link(link: LexborNode) -> bool:
    """Tell whether a link only jumps over the furniture, for people who can't see it."""
    address = link.attributes.get("href") or ""
    return address.startswith("#") and _SKIP_LINK.match(link.text()) is not None
