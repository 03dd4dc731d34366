"""What an element is given: by its attributes, by rules and by its style, the last wins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from loccit.index.parsing.web.styling.css_values import colour, length, number
from loccit.index.parsing.web.styling.style_sheets import Declaration

Attributes = Mapping[str, str | None]
"""The attributes of an element."""

Values = Mapping[str, str]
"""The value of each property that an element is given, in small letters, without shorthands."""

SCREEN_READER_CLASSES = frozenset(
    (
        *("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text"),
        *("screen-reader-only", "element-invisible", "u-visually-hidden", "a11y-hidden"),
    )
)
"""Classes whose words are for people who are read to, by the names that frameworks give them: the
style sheet that hides the words from all others is often in another file."""

HINTED_TAGS = frozenset(("del", "s", "strike", "mark", "dialog", "bdo"))
"""Tags that give something to an element without attributes."""

STRUCK_TAGS = frozenset(("del", "s", "strike"))
MAX_VALUE = 1_000  # characters of a value once its variables are filled in
MAX_FILLED = 50  # variables in one value

_KEYWORDS = {
    "visibility": frozenset(("visible", "hidden", "collapse")),
    "position": frozenset(("static", "relative", "absolute", "fixed", "sticky", "-webkit-sticky")),
    "display": frozenset(
        (
            *("none", "contents", "block", "inline", "inline-block", "flow-root", "list-item"),
            *("flex", "inline-flex", "grid", "inline-grid", "table", "inline-table", "run-in"),
            *("table-row", "table-cell", "table-column", "table-caption", "table-row-group"),
            *("table-header-group", "table-footer-group", "table-column-group", "ruby"),
            *("-webkit-box", "-webkit-inline-box", "-webkit-flex", "block flow", "math"),
        )
    ),
}
_COLOURS = frozenset(("color", "background-color", "-webkit-text-fill-color"))
_NUMBERS = frozenset(("opacity", "zoom"))
_LENGTHS = frozenset(
    (
        *("left", "right", "top", "bottom", "text-indent", "margin-left", "margin-top"),
        *("width", "height", "max-width", "max-height", "font-size"),
    )
)
_WORD = re.compile(r"[a-z-]+")
_CSS_WIDE = frozenset(("inherit", "initial", "unset", "revert", "revert-layer"))
_VARIABLE = re.compile(r"var\(\s*(--[^\s,()]+)\s*(?:,([^()]*(?:\([^()]*\)[^()]*)*))?\)")
_PART = re.compile(r"[\w#-]*\([^()]*(?:\([^()]*\)[^()]*)*\)|[^\s,/()]+")
_PICTURE = re.compile(r"(?:url|gradient|image|image-set|element|paint)\(")
_RENAMED = {
    "-webkit-background-clip": "background-clip",
    "-webkit-animation": "animation",
    "text-decoration": "text-decoration-line",
}
_LEGACY_COLOUR = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")


def hints(tag: str, attributes: Attributes) -> list[Declaration]:
    """Return what an element's tag and attributes give it before any style sheet does."""
    given: list[tuple[str, str]] = []
    if tag in STRUCK_TAGS:
        given.append(("text-decoration-line", "line-through"))
    elif tag == "a" and "href" in attributes:
        given.append(("color", "#0000ee"))
    elif tag == "mark":
        given += (("background-color", "yellow"), ("color", "black"))
    elif tag == "font" and attributes.get("color"):
        given.append(("color", _legacy_colour(attributes["color"])))
    elif tag == "body" and attributes.get("text"):
        given.append(("color", _legacy_colour(attributes["text"])))
    elif tag == "dialog" and "open" not in attributes:
        given.append(("display", "none"))
    elif tag == "bdo":
        given.append(("unicode-bidi", "bidi-override"))
    if attributes.get("bgcolor"):
        given.append(("background-color", _legacy_colour(attributes["bgcolor"])))
    if attributes.get("background"):
        given.append(("background-image", "url()"))
    if "dir" in attributes:
        given.append(("direction", (attributes["dir"] or "").lower()))
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        given.append(("display", "none"))
    classes = attributes.get("class")
    if classes and not SCREEN_READER_CLASSES.isdisjoint(classes.split()):
        given.append(("clip-path", "inset(50%)"))
    return [(name, value, False) for name, value in given]


def cascaded(
    given: Sequence[Declaration],
    inherited: Mapping[str, str],
    ends: Mapping[str, Sequence[Declaration]],
) -> tuple[dict[str, str], Mapping[str, str]]:
    """Return the value of each property, and the variables that the element passes on.

    Args:
        given: what it is given, in the order in which later declarations win.
        inherited: its parent's variables.
        ends: how animations end, by their names.
    """
    own = {name: value for name, value, _ in given if name.startswith("--")}
    variables = {**inherited, **own} if own else inherited
    values: dict[str, str] = {}
    for name, value, _ in given:
        filled = _filled(value, variables) if "var(" in value else value
        if not name.startswith("--"):
            values.update(_valid(name, filled))
    for name, value, _ in _end(values, ends):
        values.update(_valid(name, value))
    return values, variables


def _legacy_colour(value: str | None) -> str:
    """Return a colour of an attribute, whose "#" may be missing."""
    value = (value or "").strip().lower()
    return f"#{value.lstrip('#')}" if _LEGACY_COLOUR.fullmatch(value) else value


def _end(values: Values, ends: Mapping[str, Sequence[Declaration]]) -> Sequence[Declaration]:
    """Return what an animation that keeps its end gives in the end."""
    words = f"{values.get('animation', '')} {values.get('animation-name', '')}".split()
    fills = f"{values.get('animation', '')} {values.get('animation-fill-mode', '')}".split()
    if "forwards" not in fills and "both" not in fills:
        return ()
    return next((ends[word.strip(",")] for word in words if word.strip(",") in ends), ())


def _filled(value: str, variables: Mapping[str, str]) -> str:
    """Return a value with its variables filled in; "" where one is missing."""
    for _ in range(MAX_FILLED):
        found = _VARIABLE.search(value)
        if found is None or len(value) > MAX_VALUE:
            break
        instead = variables.get(found[1], found[2])
        if instead is None:
            return ""
        value = value[: found.start()] + instead.strip() + value[found.end() :]
    return value if "var(" not in value else ""


def _valid(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield what a declaration says, as properties without shorthands; nothing if it is wrong."""
    for longhand, part in _longhands(_RENAMED.get(name, name), value):
        if part in _CSS_WIDE or _is_valid(longhand, part):
            yield longhand, part


def parts_of(value: str) -> list[str]:
    """Return the words and functions of which a value is made."""
    return _PART.findall(value)


def _longhands(name: str, value: str) -> Iterator[tuple[str, str]]:
    parts = parts_of(value)
    if name == "background":
        yield "background-image", "url()" if _PICTURE.search(value) else "none"
        colours = (part for part in parts if part in _CSS_WIDE or _may_be_colour(part))
        yield "background-color", next(colours, "transparent")
        if "text" in parts:
            yield "background-clip", "text"
    elif name == "font":
        sizes = (part for part in parts if part in _CSS_WIDE or _is_size(part))
        yield from (("font-size", size) for size in list(sizes)[:1])
    elif name == "overflow":
        yield from (("overflow-x", parts[0]), ("overflow-y", parts[-1])) if parts else ()
    elif name in ("inset", "margin") and parts:
        top, right = parts[0], parts[min(1, len(parts) - 1)]
        bottom, left = parts[2 if len(parts) > 2 else 0], parts[3] if len(parts) > 3 else right
        before = "margin-" if name == "margin" else ""
        sides = {"top": top, "right": right, "bottom": bottom, "left": left}
        yield from ((before + side, part) for side, part in sides.items())
    else:
        yield name, value


def _is_valid(name: str, value: str) -> bool:
    if name in _KEYWORDS:
        return value in _KEYWORDS[name]
    if name in _COLOURS:
        return _may_be_colour(value)
    if name in _NUMBERS:
        return number(value) is not None or "(" in value
    if name in _LENGTHS:
        is_word = _WORD.fullmatch(value) is not None
        return is_word or "(" in value or length(value, font_size=0, whole=0) is not None
    return bool(value)


def _may_be_colour(value: str) -> bool:
    """Tell a colour, and a function that may well give one, from what is none."""
    if value == "currentcolor" or colour(value) is not None:
        return True
    return value.startswith(("color-mix(", "color(", "rgb", "hsl", "oklch(", "oklab(", "lab("))


def _is_size(part: str) -> bool:
    return part[:1] in "0123456789.+" and length(part, font_size=0, whole=0) is not None
