"""Whether a reader of a Word document sees the words of a run, and if not, why.

The looks of a run follow from the defaults, from the styles of its table, its paragraph and its
own, and from what is set directly (ISO/IEC 29500-1, 17.7.2). Words in automatic colour are seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loccit.index.datatypes import HiddenReason
from loccit.index.parsing.unseen import TINY_POINTS, Colour, is_faint
from loccit.index.parsing.word.around import Page, around, read_page
from loccit.index.parsing.word.colours import colour_of, highlight_of, shade_of
from loccit.index.parsing.word.names import W14, W, is_on, number_of, value_of

MAX_STYLE_DEPTH = 30  # styles based on styles; a longer chain is a circle
FAR_HALF_POINTS = 144  # an inch above or below the line
LEAST_WIDTH = 10  # per cent of a letter's own
LETTER_WIDTH = 0.5  # of its size: so much nearer, each letter stands upon the one before
FONT_POINTS = 10.0  # where nothing sets another

_FILL = W14 + "textFill"
_LOOKED_AT = frozenset(
    W + name
    for name in (
        *("vanish", "specVanish", "strike", "dstrike", "color", "sz", "shd", "highlight"),
        *("position", "w", "spacing"),
    )
) | {_FILL}

Properties = Mapping[str, Any]
"""Elements of run properties by their tags."""


@dataclass(frozen=True, slots=True)
class ParagraphLook:
    """What the runs of a paragraph have from it.

    ``reason`` is why nothing of it is seen, None where something may be. ``plain`` is the same of a
    run that sets nothing itself. ``behind`` is the colour behind its words, None where that is a
    picture or unknown.
    """

    style: Properties
    table: Properties
    behind: Colour | None
    reason: HiddenReason | None = None
    plain: HiddenReason | None = None


@dataclass(frozen=True, slots=True)
class Looks:
    """What the styles of a document say of looks, by their ids; "" is the default style."""

    defaults: Properties
    paragraphs: Mapping[str, Properties]
    shades: Mapping[str, Any]
    characters: Mapping[str, Properties]
    tables: Mapping[str, Properties]
    page: Page

    def of(self, paragraph: Any) -> ParagraphLook:
        """Return what the runs of a paragraph have from it and from what is around it."""
        properties = paragraph.find(W + "pPr")
        style_id = value_of(properties, "pStyle")
        style = self.paragraphs.get(style_id, {})
        place = around(paragraph, self.page)
        table = self.tables.get(place.table_style, {}) if place.table_style else {}
        shade = properties.find(W + "shd") if properties is not None else None
        shade = self.shades.get(style_id) if shade is None else shade
        behind = place.behind
        if shade is not None:
            behind = shade_of(shade, self.page.colours, behind)
        look = ParagraphLook(style, table, behind, place.reason)
        return replace(look, plain=self._why(look, {}, {}))

    def why_unseen(self, run: Any, look: ParagraphLook) -> HiddenReason | None:
        """Return why a reader does not see the words of a run, None where they are seen."""
        properties = run.find(W + "rPr")
        if properties is None or look.reason is not None:
            return look.plain
        own = _looked_at(properties)
        style = self.characters.get(value_of(properties, "rStyle"), {})
        return self._why(look, style, own) if own or style else look.plain

    def _why(self, look: ParagraphLook, style: Properties, own: Properties) -> HiddenReason | None:
        if look.reason is not None:
            return look.reason
        levels = (own, style, look.style, look.table, self.defaults)
        if self._is_toggled("vanish", levels) or is_on(_nearest("specVanish", levels)):
            return "invisible"
        if _is_tiny(levels):
            return "tiny"
        if abs(number_of(_nearest("position", levels), 0)) >= FAR_HALF_POINTS:
            return "outside"
        faint = self._why_faint(look, levels)
        if faint is not None:
            return faint
        is_struck = self._is_toggled("strike", levels) or is_on(_nearest("dstrike", levels))
        return "struck" if is_struck else None

    def _why_faint(self, look: ParagraphLook, levels: Sequence[Properties]) -> HiddenReason | None:
        """Return why letters don't stand out from what is behind them, None where they do."""
        colours = self.page.colours
        ink = colour_of(_nearest("color", levels), colours)
        fill = next((level[_FILL] for level in levels if _FILL in level), None)
        if fill is not None:
            if fill.find(W14 + "noFill") is not None:
                return "invisible"
            ink = None if len(fill) else ink
        if ink is None:
            return None
        behind = look.behind
        shade = _nearest("shd", levels)
        if shade is not None:
            behind = shade_of(shade, colours, behind)
        behind = highlight_of(_nearest("highlight", levels), behind)
        return "faint" if behind is not None and is_faint(ink, behind) else None

    def _is_toggled(self, name: str, levels: Sequence[Properties]) -> bool:
        """Tell whether a property is on that turns round in each style (17.7.3)."""
        own, *styles, defaults = levels
        if W + name in own:
            return is_on(own[W + name])
        if is_on(defaults.get(W + name)):
            return True
        return sum(is_on(style.get(W + name)) for style in styles) % 2 == 1


def read_looks(document: Any) -> Looks:
    """Read what the styles of a python-docx document say of looks."""
    root = document.styles.element
    elements = {style.get(W + "styleId", ""): style for style in root.iter(W + "style")}
    found: dict[str, dict[str, Properties]] = {"paragraph": {}, "character": {}, "table": {}}
    shades: dict[str, Any] = {}
    for style_id, style in elements.items():
        chain = _chain(style_id, elements)
        merged: dict[str, Any] = {}
        for one in reversed(chain):
            merged |= _looked_at(one.find(W + "rPr"))
        kind = style.get(W + "type", "paragraph")
        shade = next((s for one in chain if (s := one.find(f"{W}pPr/{W}shd")) is not None), None)
        is_default = kind == "paragraph" and style.get(W + "default") in ("1", "true", "on")
        for name in (style_id, "") if is_default else (style_id,):
            if merged:
                found.setdefault(kind, {})[name] = merged
            if shade is not None:
                shades[name] = shade
    return Looks(
        _looked_at(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")),
        found["paragraph"],
        shades,
        found["character"],
        found["table"],
        read_page(document, elements),
    )


def _chain(style_id: str, elements: Mapping[str, Any]) -> list[Any]:
    """Return a style and the styles it is based on, nearest first."""
    chain: list[Any] = []
    while style_id in elements and len(chain) < MAX_STYLE_DEPTH:
        chain.append(elements[style_id])
        style_id = value_of(elements[style_id], "basedOn")
    return chain


def _looked_at(properties: Any) -> dict[str, Any]:
    if properties is None:
        return {}
    return {child.tag: child for child in properties if child.tag in _LOOKED_AT}


def _is_tiny(levels: Sequence[Properties]) -> bool:
    size = number_of(_nearest("sz", levels), 2 * FONT_POINTS) / 2
    width = number_of(_nearest("w", levels), 100)
    apart = number_of(_nearest("spacing", levels), 0)  # twentieths of a point between letters
    return size <= TINY_POINTS or width <= LEAST_WIDTH or apart <= -LETTER_WIDTH * 20 * size


def _nearest(name: str, levels: Sequence[Properties]) -> Any:
    """Return the element of a property that counts; None where nothing sets it."""
    return next((level[W + name] for level in levels if W + name in level), None)
