"""Values of CSS: lengths in pixels and colours in red, green and blue."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from loccit.index.parsing.unseen import Colour

VIEW_WIDTH, VIEW_HEIGHT = 1280.0, 800.0
"""Of the window in which a page is looked at, in pixels: a small laptop's."""

FONT_SIZE = 16.0  # of a page that sets none, in pixels

_PIXELS = {
    "px": 1.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
    "vw": VIEW_WIDTH / 100,
    "vh": VIEW_HEIGHT / 100,
    "vmin": VIEW_HEIGHT / 100,
    "vmax": VIEW_WIDTH / 100,
    "rem": FONT_SIZE,
}
_NUMBER = r"[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:e[+-]?\d{1,2})?"
_LENGTH = re.compile(rf"({_NUMBER})([a-z]+|%)?")
_SYSTEM: dict[str, Colour] = {"canvas": (255, 255, 255), "canvastext": (0, 0, 0)}

_XYZ = {"oklab": "xyz-d65", "oklch": "xyz-d65", "lab": "xyz-d50", "lch": "xyz-d50"}
_FROM_XYZ = {
    "xyz-d65": (
        (3.2409699, -1.5373832, -0.4986108),
        (-0.9692436, 1.8759675, 0.0415551),
        (0.0556301, -0.2039770, 1.0569715),
    ),
    "xyz-d50": (
        (3.1338561, -1.6168667, -0.4906146),
        (-0.9787684, 1.9161415, 0.0334540),
        (0.0719453, -0.2289914, 1.4052427),
    ),
}
"""To red, green and blue that are linear in light (CSS Color Module Level 4, section 18)."""


def length(value: str, *, font_size: float, whole: float) -> float | None:
    """Return a length in pixels, or a plain number as it is; None where it is no such thing.

    Args:
        value: in small letters; a product of numbers and one length may stand in "calc()".
        font_size: what "em" stands for, in pixels.
        whole: what 100% are, in pixels.
    """
    if value.startswith("calc(") and value.endswith(")"):
        value = value[5:-1]
    result = 1.0
    for factor in value.split("*"):
        found = _LENGTH.fullmatch(factor.strip())
        if found is None:
            return None
        number, unit = float(found[1]), found[2]
        if unit is None:
            result *= number
        elif unit == "%":
            result *= number * whole / 100
        elif unit in ("em", "lh"):
            result *= number * font_size
        elif unit in ("ex", "ch"):
            result *= number * font_size / 2
        elif unit.lstrip("dls") in _PIXELS:  # dvh, lvw and svh are of the window as well
            result *= number * _PIXELS[unit.lstrip("dls")]
        else:
            return None
    return result


def number(value: str) -> float | None:
    """Return a number, or a percentage as its part of 1."""
    found = _LENGTH.fullmatch(value)
    if found is None or found[2] not in (None, "%"):
        return None
    return float(found[1]) / (100 if found[2] else 1)


def numbers(value: str) -> list[float]:
    """Return all numbers of a value, whatever their units."""
    return [float(found) for found in re.findall(_NUMBER, value)]


@lru_cache(maxsize=10_000)
def colour(value: str) -> tuple[Colour, float] | None:
    """Return a colour and how opaque it is, from 0 to 1; None where it is no fixed colour."""
    from tinycss2.color5 import parse_color

    if value.startswith("light-dark("):
        value = value[len("light-dark(") :].partition(",")[0]
    if value in _SYSTEM:
        return _SYSTEM[value], 1.0
    try:
        parsed = parse_color(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if parsed is None or isinstance(parsed, str):
        return None
    try:
        space = _XYZ.get(parsed.space)
        parts = _of_xyz(parsed, space) if space else parsed.to("srgb").coordinates
        red, green, blue = (_channel(part) for part in parts)
    except (NotImplementedError, ValueError, TypeError, OverflowError):
        return None
    return (red, green, blue), float(parsed.alpha)


def blended(over: Colour, alpha: float, under: Colour) -> Colour:
    """Return the colour that is seen where one that is so opaque lies over another."""
    red, green, blue = (
        round(a * alpha + b * (1 - alpha)) for a, b in zip(over, under, strict=True)
    )
    return red, green, blue


def _of_xyz(parsed: Any, space: str) -> tuple[float, ...]:
    """Return red, green and blue, from 0 to 1, of a colour that tinycss2 can turn into XYZ."""
    xyz = tuple(parsed.to(space).coordinates)
    return tuple(
        _encoded(sum(a * b for a, b in zip(row, xyz, strict=True))) for row in _FROM_XYZ[space]
    )


def _encoded(linear: float) -> float:
    """Return a part of sRGB for one that is linear in light (IEC 61966-2-1)."""
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _channel(part: float | None) -> int:
    return round(255 * min(max(part or 0.0, 0.0), 1.0))
