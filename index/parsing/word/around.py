"""What is around a paragraph of a Word document: its cell, its text box, its frame, the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from loccit.index.datatypes import HiddenReason
from loccit.index.parsing.unseen import WHITE, Colour
from loccit.index.parsing.word.colours import Theme, drawn_colour, read_theme, shade_of
from loccit.index.parsing.word.names import WP, WPS, A, W, is_on, number_of, value_of

MAX_DEPTH = 200  # elements around a paragraph that are looked at
TWIPS = 20  # of a point
EMUS = 635  # of a twip
FAR_OUT = 360 * TWIPS  # five inches to the left of the text, or above it
A4 = (11_906, 16_838)  # twips
SLIVER = 2 * TWIPS  # a line or a row of this height shows nothing

_STYLE = re.compile(
    r"(?:^|;)\s*(left|top|margin-left|margin-top|width|height|visibility)\s*:\s*"
    r"(hidden|-?[\d.]{1,12})(pt|in|px|cm|mm|)",
    re.I,
)
_BODY, _CELL = W + "body", W + "tc"
_POINTS = {"pt": 1.0, "": 0.75, "px": 0.75, "in": 72.0, "cm": 28.35, "mm": 2.835}


@dataclass(frozen=True, slots=True)
class Page:
    """What is the same for all paragraphs: sizes in twips, the colour of the paper, the theme.

    ``shaded`` are the ids of the table styles that put colours behind words.
    """

    width: float
    height: float
    paper: Colour
    colours: Theme
    shaded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Around:
    """What a paragraph has from where it stands.

    ``reason`` is why it is not seen there, None where it may be; ``behind`` the colour behind it,
    None where that is a picture or unknown; ``table_style`` the id of its table's style, or "".
    """

    reason: HiddenReason | None
    behind: Colour | None
    table_style: str = ""


def read_page(document: Any, styles: Mapping[str, Any]) -> Page:
    """Read what is the same for all paragraphs of a python-docx document."""
    root = document.element
    size = next(root.iter(W + "pgSz"), None)
    background = root.find(W + "background")
    theme = read_theme(_theme_of(document))
    paper = WHITE
    if background is not None and is_on(
        document.settings.element.find(W + "displayBackgroundShape")
    ):
        value = background.get(W + "color", "")
        if re.fullmatch(r"[0-9A-Fa-f]{6}", value):
            paper = int(value[:2], 16), int(value[2:4], 16), int(value[4:], 16)
    return Page(
        number_of(size, A4[0], "w"),
        number_of(size, A4[1], "h"),
        paper,
        theme,
        frozenset(
            style_id
            for style_id, style in styles.items()
            if style.get(W + "type") == "table" and next(style.iter(W + "shd"), None) is not None
        ),
    )


def around(paragraph: Any, properties: Any, page: Page) -> Around:
    """Return what a paragraph has from where it stands; ``properties`` are its w:pPr, or None."""
    reason = _why_out_of_sight(properties, page) if properties is not None else None
    table_style = ""
    if paragraph.getparent().tag == _BODY:  # most paragraphs
        return Around(reason, page.paper)
    found: list[Colour | None] = []  # behind the paragraph, the nearest first
    for element in islice(paragraph.iterancestors(), MAX_DEPTH):
        tag = element.tag
        if tag == _BODY:
            break
        if tag == _CELL:
            shade = element.find(f"{W}tcPr/{W}shd")
            found += [shade_of(shade, page.colours, None)] if _is_shaded(shade) else []
        elif tag == W + "tr":
            reason = reason or _why_row_unseen(element)
        elif tag == W + "tbl":
            properties = element.find(W + "tblPr")
            own = value_of(properties, "tblStyle")
            table_style = table_style or own
            shade = properties.find(W + "shd") if properties is not None else None
            if own in page.shaded:
                found.append(None)
            elif _is_shaded(shade):
                found.append(shade_of(shade, page.colours, None))
        elif tag == W + "txbxContent":
            found.append(_box_colour(element, page))
            reason = reason or _why_box_unseen(element, page)
    return Around(reason, found[0] if found else page.paper, table_style)


def _theme_of(document: Any) -> Any:
    from lxml import etree

    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith("/theme"):
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            return etree.fromstring(relation.target_part.blob, parser)
    return None


def _is_shaded(shade: Any) -> bool:
    """Tell whether a w:shd puts any colour behind words."""
    if shade is None:
        return False
    fill = shade.get(W + "fill", "auto") != "auto" or shade.get(W + "themeFill") is not None
    return fill or shade.get(W + "val", "clear") not in ("clear", "nil")


def _why_out_of_sight(properties: Any, page: Page) -> HiddenReason | None:
    """Return why a paragraph is not seen where its own properties put it."""
    spacing = properties.find(W + "spacing")
    is_exact = spacing is not None and spacing.get(W + "lineRule") == "exact"
    if is_exact and number_of(spacing, SLIVER + 1, "line") <= SLIVER:
        return "clipped"
    indent, frame = properties.find(W + "ind"), properties.find(W + "framePr")
    if indent is None and frame is None:
        return None
    left = max((number_of(indent, 0, name) for name in ("left", "start")), key=abs)
    across, down = number_of(frame, 0, "x"), number_of(frame, 0, "y")
    is_out = any(place <= -FAR_OUT for place in (left, left + across, down))
    return "outside" if is_out or left + across >= page.width or down >= page.height else None


def _why_row_unseen(row: Any) -> HiddenReason | None:
    properties = row.find(W + "trPr")
    if properties is None:
        return None
    if properties.find(W + "del") is not None:
        return "struck"
    if is_on(properties.find(W + "hidden")):
        return "invisible"
    height = properties.find(W + "trHeight")
    is_exact = height is not None and height.get(W + "hRule") == "exact"
    return "clipped" if is_exact and number_of(height, SLIVER + 1) <= SLIVER else None


def _why_box_unseen(content: Any, page: Page) -> HiddenReason | None:
    """Return why a text box is not seen; drawings are DrawingML's, or VML's of older programs."""
    for element in islice(content.iterancestors(), MAX_DEPTH):
        if element.tag in (WP + "anchor", WP + "inline"):
            name = element.find(WP + "docPr")
            if name is not None and name.get("hidden") in ("1", "true"):
                return "invisible"
            extent = element.find(WP + "extent")
            if extent is not None and "0" in (extent.get("cx"), extent.get("cy")):
                return "clipped"
            limits = {"H": page.width, "V": page.height}
            places = {
                way: _twips(element.find(f"{WP}position{way}/{WP}posOffset")) for way in limits
            }
            if any(not -FAR_OUT < places[way] < limit for way, limit in limits.items()):
                return "outside"
        elif element.get("style") and element.tag.startswith("{urn:schemas-microsoft-com:vml}"):
            return _why_vml_unseen(element.get("style"), page)
        elif element.tag == W + "p":
            return None
    return None


def _why_vml_unseen(style: str, page: Page) -> HiddenReason | None:
    for name, value, unit in _STYLE.findall(style):
        if value.lower() == "hidden":
            return "invisible" if name.lower() == "visibility" else None
        twips = _number(value) * _POINTS[unit.lower()] * TWIPS
        limit = page.width if name.lower().endswith("left") else page.height
        if name.lower() in ("width", "height"):
            if twips <= 0:
                return "clipped"
        elif not -FAR_OUT < twips < limit:
            return "outside"
    return None


def _box_colour(content: Any, page: Page) -> Colour | None:
    """Return the colour of a text box; None where it has none of its own, or it is unknown."""
    for element in islice(content.iterancestors(), MAX_DEPTH):
        if element.tag == WPS + "wsp":
            fill = element.find(f"{WPS}spPr/{A}solidFill")
            return None if fill is None else drawn_colour(fill, page.colours)
        if element.tag == W + "p":
            break
    return None


def _twips(offset: Any) -> float:
    text = (offset.text or "").strip() if offset is not None else ""
    return int(text) / EMUS if re.fullmatch(r"-?\d{1,12}", text) else 0


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0
