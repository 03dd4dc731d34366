"""How deep the elements of a page are nested, found without parsing it.

The parser's time is the square of the depth, so the depth is looked at first. Only elements that
must be closed are counted: thousands of open <p> or <li> nest in nothing.
"""

from __future__ import annotations

import re
from collections import Counter

from loccit.index.errors import UnreadableDocument

MAX_NESTING = 10_000  # browsers stop at 512 (Chromium), and people long before

_CONTAINERS = (
    "address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figcaption|figure|"
    "footer|form|header|hgroup|main|menu|nav|ol|pre|section|summary|table|ul"
)
_TAG = re.compile(
    r"<!--(?:.*?-->|.*\Z)"
    r"|<(script|style|textarea|title|xmp|iframe)\b(?:.*?</\1|.*\Z)"
    rf"|<(/?)({_CONTAINERS})(?=[\s/>])",
    re.I | re.S,
)


def check_nesting(text: str, source: str) -> None:
    """Refuse a page whose elements are nested deeper than ``MAX_NESTING``."""
    nesting = _nesting(text)
    if nesting > MAX_NESTING:
        raise UnreadableDocument(
            source,
            f"the page's elements are nested {nesting:,} deep and the limit is {MAX_NESTING:,}; "
            "save its text as .txt",
        )


def _nesting(text: str) -> int:
    """Return how many containers are open at once, at most.

    Each kind is counted by itself: an end that fits no beginning closes nothing.
    """
    still_open: Counter[str] = Counter()
    depth = deepest = 0
    for found in _TAG.finditer(text):
        tag = (found.group(3) or "").lower()
        if tag and not found.group(2):
            still_open[tag] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif still_open[tag]:
            still_open[tag] -= 1
            depth -= 1
    return deepest
