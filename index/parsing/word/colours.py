"""Colours in a Word document: by number, by name, and by the theme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from loccit.index.parsing.unseen import BLACK, WHITE, Colour
from loccit.index.parsing.word.names import A, W

Theme = Mapping[str, Colour]
"""The colours of a theme by their names."""

_HEX = re.compile(r"[0-9A-Fa-f]{6}")
_SAME = {
    "background1": "light1",
    "background2": "light2",
    "text1": "dark1",
    "text2": "dark2",
    "lt1": "light1",
    "lt2": "light2",
    "dk1": "dark1",
    "dk2": "dark2",
    "bg1": "light1",
    "bg2": "light2",
    "tx1": "dark1",
    "tx2": "dark2",
    "hlink": "hyperlink",
    "folHlink": "followedHyperlink",
}
_HIGHLIGHTS: dict[str, Colour] = {
    "black": BLACK,
    "white": WHITE,
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "green": (0, 255, 0),
    "magenta": (255, 0, 255),
    "red": (255, 0, 0),
    "yellow": (255, 255, 0),
    "darkBlue": (0, 0, 128),
    "darkCyan": (0, 128, 128),
    "darkGreen": (0, 128, 0),
    "darkMagenta": (128, 0, 128),
    "darkRed": (128, 0, 0),
    "darkYellow": (128, 128, 0),
    "darkGray": (128, 128, 128),
    "lightGray": (192, 192, 192),
}


def read_theme(root: Any) -> dict[str, Colour]:
    """Return the colours of a theme's XML; black and white where there is none."""
    colours: dict[str, Colour] = {"dark1": BLACK, "light1": WHITE}
    scheme = root.find(f"{A}themeElements/{A}clrScheme") if root is not None else None
    for entry in scheme if scheme is not None else ():
        name = entry.tag.rpartition("}")[2] if isinstance(entry.tag, str) else ""
        given = next(iter(entry), None)
        value = (given.get("lastClr") or given.get("val") or "") if given is not None else ""
        if _HEX.fullmatch(value):
            colours[_SAME.get(name, name)] = _hex(value)
    return colours


def colour_of(element: Any, theme: Theme) -> Colour | None:
    """Return the colour of a w:color; None for the automatic one."""
    return None if element is None else _given(element, "val", theme)


def drawn_colour(fill: Any, theme: Theme) -> Colour | None:
    """Return the colour of an a:solidFill; None where it is not known."""
    given = next(iter(fill), None)
    if given is None or len(given):  # one that is lightened, or seen through
        return None
    value = given.get("val", "")
    if given.tag == A + "srgbClr" and _HEX.fullmatch(value):
        return _hex(value)
    return theme.get(_SAME.get(value, value)) if given.tag == A + "schemeClr" else None


def shade_of(shade: Any, theme: Theme, behind: Colour | None) -> Colour | None:
    """Return the colour of a w:shd that lies over ``behind``; None for a pattern."""
    kind = shade.get(W + "val", "clear")
    fill = _given(shade, "fill", theme) or behind
    if kind in ("clear", "nil"):
        return fill
    front = _given(shade, "color", theme) or BLACK
    if kind == "solid":
        return front
    if not re.fullmatch(r"pct\d{1,2}", kind) or fill is None:
        return None
    share = int(kind[3:]) / 100
    red, green, blue = (
        round(a * share + b * (1 - share)) for a, b in zip(front, fill, strict=True)
    )
    return red, green, blue


def highlight_of(highlight: Any, behind: Colour | None) -> Colour | None:
    """Return the colour of a w:highlight that lies over ``behind``."""
    name = highlight.get(W + "val", "none") if highlight is not None else "none"
    return _HIGHLIGHTS.get(name, behind)


def _given(element: Any, plain: str, theme: Theme) -> Colour | None:
    """Return the colour that attributes give, that of the theme first."""
    what = "themeFill" if plain == "fill" else "theme"
    name = element.get(W + ("themeFill" if plain == "fill" else "themeColor"), "none")
    base = theme.get(_SAME.get(name, name))
    if base is not None:
        return _lightened(base, element.get(f"{W}{what}Tint"), element.get(f"{W}{what}Shade"))
    value = element.get(W + plain, "")
    return _hex(value) if _HEX.fullmatch(value) else None


def _lightened(colour: Colour, tint: str | None, shade: str | None) -> Colour:
    """Return a colour with a tint towards white and a shade towards black, each as "00" to "FF"."""
    red, green, blue = colour
    for share, end in ((tint, 255), (shade, 0)):
        if share and re.fullmatch(r"[0-9A-Fa-f]{2}", share):
            kept = int(share, 16) / 255
            red, green, blue = (
                round(part * kept + end * (1 - kept)) for part in (red, green, blue)
            )
    return red, green, blue


def _hex(value: str) -> Colour:
    return int(value[0:2], 16), int(value[2:4], 16), int(value[4:6], 16)
