"""Where an element is put and how large, as far as its own style tells."""

from __future__ import annotations

import re

from loccit.index.parsing.web.styling.css_values import (
    FONT_SIZE,
    VIEW_HEIGHT,
    VIEW_WIDTH,
    length,
    number,
    numbers,
)
from loccit.index.parsing.web.styling.given import Values

FAR_OUT = 1_000.0  # pixels to the left of the page or above it, where nobody can scroll
FAR_RIGHT = 5_000.0  # pixels, where nobody does
SLIVER = 1.0  # pixels: nothing can be read through an opening this small
EDGE_ON = 89.0  # degrees that an element is turned away by

INLINE_TAGS = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em"),
        *("font", "i", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span"),
        *("strike", "strong", "sub", "sup", "time", "tt", "u", "var"),
    )
)
_SIZES = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
    "xxx-large": 48.0,
    "initial": FONT_SIZE,
}
_FUNCTION = re.compile(r"([a-z0-9]+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)")


def font_size(value: str | None, parent: float) -> float:
    """Return the size of a font in pixels, where that of the parent is ``parent``."""
    if value is None:
        return parent
    if value in _SIZES:
        return _SIZES[value]
    if value in ("smaller", "larger"):
        return parent / 1.2 if value == "smaller" else parent * 1.2
    size = length(value, font_size=parent, whole=parent)
    return parent if size is None or size < 0 else size


def is_block(tag: str, values: Values) -> bool:
    """Tell an element with a width and a height from one that is a part of a line."""
    display = values.get("display")
    if values.get("position") in ("absolute", "fixed"):
        return True
    return tag not in INLINE_TAGS if display is None else display not in ("inline", "contents")


def scale_of(values: Values) -> float:
    """Return by how much an element is made smaller; 1 where it is not, or made larger."""
    factor = min(1.0, number(values.get("zoom", "1")) or 1.0)
    scale = numbers(values.get("scale", ""))
    for name, argument in _FUNCTION.findall(values.get("transform", "")):
        sizes = numbers(argument)
        if name in ("scale", "scalex", "scaley", "scale3d"):
            scale += sizes[:2]
        elif name == "matrix" and len(sizes) == 6:
            scale.append(abs(sizes[0] * sizes[3] - sizes[1] * sizes[2]))
        elif name in ("rotatex", "rotatey") and "deg" in argument and sizes:
            scale.append(0.0 if EDGE_ON <= abs(sizes[0]) % 180 <= 180 - EDGE_ON else 1.0)
    return factor * min([1.0, *map(abs, scale)])


def is_outside(values: Values, size: float) -> bool:
    """Tell whether an element is put where no reader gets to; ``size`` is that of its font."""
    places = {"margin-left": VIEW_WIDTH, "margin-top": VIEW_HEIGHT}
    if values.get("position") in ("absolute", "fixed", "relative"):
        places |= {
            **dict.fromkeys(("left", "right"), VIEW_WIDTH),
            **dict.fromkeys(("top", "bottom"), VIEW_HEIGHT),
        }
    found = {
        name: length(values[name], font_size=size, whole=whole)
        for name, whole in places.items()
        if name in values
    }
    shifts = [shift for name, shift in found.items() if shift is not None]
    rights = [found.get("left"), found.get("margin-left")]
    moves = [("translate", values.get("translate", "").replace(" ", ","))]
    for name, argument in (*moves, *_FUNCTION.findall(values.get("transform", ""))):
        if name.startswith("translate"):
            moved = [length(part.strip(), font_size=size, whole=0) for part in argument.split(",")]
            shifts += [shift for shift in moved if shift is not None]
            rights += moved[:1] if name != "translatey" else []
    if any(right is not None and right >= FAR_RIGHT for right in rights):
        return True
    return any(shift <= -FAR_OUT for shift in shifts)


def is_cut_away(tag: str, values: Values, size: float) -> bool:
    """Tell whether nothing is left of an element by what cuts it; ``size`` is that of its font."""
    if _is_clipped(values):
        return True
    if not is_block(tag, values):
        return False
    for axis, names in (("x", ("width", "max-width")), ("y", ("height", "max-height"))):
        if values.get(f"overflow-{axis}") not in ("hidden", "clip"):
            continue
        sides = [length(values.get(name, ""), font_size=size, whole=VIEW_WIDTH) for name in names]
        if any(side is not None and side <= SLIVER for side in sides):
            return True
    return False


def _is_clipped(values: Values) -> bool:
    clip, path = values.get("clip", ""), values.get("clip-path", "")
    if clip.startswith("rect(") and values.get("position") in ("absolute", "fixed"):
        edges = numbers(clip)
        if "auto" not in clip and len(edges) == 4:
            top, right, bottom, left = edges
            return right - left <= SLIVER or bottom - top <= SLIVER
    found = _FUNCTION.match(path)
    if found is None:
        return False
    name, argument = found.groups()
    argument = argument.partition(" round ")[0]
    sizes = numbers(argument)
    if name == "inset" and "%" in argument and sizes:
        top, right = sizes[0], sizes[min(1, len(sizes) - 1)]
        bottom, left = sizes[2 if len(sizes) > 2 else 0], sizes[3] if len(sizes) > 3 else right
        return top + bottom >= 100 or left + right >= 100
    if name in ("circle", "ellipse"):
        radii = numbers(argument.partition("at")[0])
        return bool(radii) and min(radii) <= 0
    if name == "polygon":
        corners = list(zip(sizes[::2], sizes[1::2], strict=False))
        turned = [*corners[1:], *corners[:1]]
        return not sum(a * d - b * c for (a, b), (c, d) in zip(corners, turned, strict=True))
    return False
