"""Which media queries are true for a reader: a person before a laptop's screen, in light colours.

Rules for paper, for small windows and for dark mode are not theirs.
"""

from __future__ import annotations

import re

from loccit.index.parsing.web.styling.css_values import FONT_SIZE, VIEW_HEIGHT, VIEW_WIDTH, length

_FEATURE = re.compile(
    r"\(\s*(?:(min|max)-(width|height)\s*:\s*([^)]+?)|([a-z-]+)\s*(?::\s*([^)]+?))?)\s*\)"
)
_RANGE = re.compile(r"\(\s*(width|height)\s*([<>]=?)\s*([^)<>=]+?)\s*\)")
_TRUE_FEATURES = {
    ("prefers-color-scheme", "light"),
    ("prefers-reduced-motion", "no-preference"),
    ("prefers-contrast", "no-preference"),
    ("orientation", "landscape"),
    *(("hover", value) for value in ("", "hover")),
    *(("any-hover", value) for value in ("", "hover")),
    *(("pointer", value) for value in ("", "fine")),
    *(("any-pointer", value) for value in ("", "fine")),
    *(("scripting", value) for value in ("", "enabled")),
    *((name, "") for name in ("color", "width", "height", "prefers-color-scheme")),
}


def is_shown(media: str) -> bool:
    """Tell whether a media query, in any letters, is true of a reader's screen."""
    queries = media.lower().split(",")
    return not media.strip() or any(_is_true(query.strip()) for query in queries)


def _is_true(query: str) -> bool:
    is_negated = query.startswith("not ") and "(" not in query.partition(" and ")[0]
    words = query.removeprefix("not ") if is_negated else query.removeprefix("only ")
    parts = [part.strip() for part in re.split(r"\band\b", words)]
    return all(map(_is_condition_true, parts)) != is_negated


def _is_condition_true(part: str) -> bool:
    if part.startswith("not"):
        return not _is_condition_true(part[3:].strip())
    if " or " in part:
        return any(_is_condition_true(one.strip()) for one in part.split(" or "))
    if part in ("all", "screen"):
        return True
    ranged, found = _RANGE.fullmatch(part), _FEATURE.fullmatch(part)
    if ranged:
        return _reaches(ranged[1], ranged[3], is_least=ranged[2][0] == ">")
    if found and found[1]:
        return _reaches(found[2], found[3], is_least=found[1] == "min")
    return found is not None and (found[4], found[5] or "") in _TRUE_FEATURES


def _reaches(side: str, bound: str, *, is_least: bool) -> bool:
    """Tell whether the window is so wide or high, at least or at most."""
    view = VIEW_WIDTH if side == "width" else VIEW_HEIGHT
    limit = length(bound, font_size=FONT_SIZE, whole=0)
    return limit is not None and (view >= limit if is_least else view <= limit)
