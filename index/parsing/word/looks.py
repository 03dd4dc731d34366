"""Whether a reader of a Word document sees the words of a run, and if not, why.

The looks of a run follow from the defaults, from the styles of its table, its paragraph and its
own, and from what is set directly (ISO/IEC 29500-1, 17.7.2). Words in automatic colour are seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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

_VANISH, _ALWAYS_VANISH, _STRIKE, _DOUBLE_STRIKE = (
    W + name for name in ("vanish", "specVanish", "strike", "dstrike")
)
_INK, _SHADE, _HIGHLIGHT = W + "color", W + "shd", W + "highlight"
_SIZE, _WIDTH, _SPACING, _POSITION = W + "sz", W + "w", W + "spacing", W + "position"
_FILL, _STYLE = W14 + "textFill", W + "rStyle"
_LOOKED_AT = frozenset(
    (
        *(_VANISH, _ALWAYS_VANISH, _STRIKE, _DOUBLE_STRIKE, _INK, _SHADE, _HIGHLIGHT, _SIZE),
        *(_WIDTH, _SPACING, _POSITION, _FILL),
    )
)

Properties = Mapping[str, Any]
"""Elements of run properties by their tags."""


@dataclass(frozen=True, slots=True)
class ParagraphLook:
    """What the runs of a paragraph have from it.

    ``reason`` is why nothing of it is seen, None where something may be. ``plain`` is the same of a
    run that sets nothing itself. ``styles`` are the properties of its own style and of its table's,
    ``merged`` those and the defaults. ``behind`` is the colour behind its words, None where that is
    a picture or unknown.
    """

    styles: tuple[Properties, ...]
    merged: Properties
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
    known: dict[tuple[object, ...], ParagraphLook] = field(default_factory=dict)

    def of(self, paragraph: Any) -> ParagraphLook:
        """Return what the runs of a paragraph have from it and from what is around it."""
        properties = paragraph.find(W + "pPr")
        style_id = value_of(properties, "pStyle")
        place = around(paragraph, properties, self.page)
        shade = properties.find(W + "shd") if properties is not None else None
        shade = self.shades.get(style_id) if shade is None else shade
        behind = place.behind
        if shade is not None:
            behind = shade_of(shade, self.page.colours, behind)
        key = style_id, place.table_style, behind, place.reason
        if key not in self.known:
            own, table = self.paragraphs.get(style_id, {}), self.tables.get(place.table_style, {})
            styles = tuple(style for style in (own, table) if style)
            merged = {**self.defaults, **table, **own}
            look = ParagraphLook(styles, merged, behind, place.reason)
            plain = place.reason or self._why(look, merged, {}, {})
            self.known[key] = replace(look, plain=plain)
        return self.known[key]

    def why_unseen(self, own: Properties, look: ParagraphLook) -> HiddenReason | None:
        """Return why the words of a run that sets ``own`` are not seen, None where they are."""
        if not own or look.reason is not None:
            return look.plain
        style: Properties = {}
        if _STYLE in own:
            style = self.characters.get(own[_STYLE].get(W + "val", ""), {})
        if not style and _LOOKED_AT.isdisjoint(own):
            return look.plain
        return self._why(look, {**look.merged, **style, **own}, style, own)

    def _why(
        self, look: ParagraphLook, given: Properties, style: Properties, own: Properties
    ) -> HiddenReason | None:
        """Return why words are not seen for which all that is set is ``given``."""
        if self._is_toggled(_VANISH, given, (own, style, *look.styles)):
            return "invisible"
        if is_on(given.get(_ALWAYS_VANISH)):
            return "invisible"
        if _is_tiny(given):
            return "tiny"
        if abs(number_of(given.get(_POSITION), 0)) >= FAR_HALF_POINTS:
            return "outside"
        if _INK in given or _FILL in given:
            faint = self._why_faint(look, given)
            if faint is not None:
                return faint
        is_struck = self._is_toggled(_STRIKE, given, (own, style, *look.styles))
        return "struck" if is_struck or is_on(given.get(_DOUBLE_STRIKE)) else None

    def _why_faint(self, look: ParagraphLook, given: Properties) -> HiddenReason | None:
        """Return why letters don't stand out from what is behind them, None where they do."""
        colours = self.page.colours
        ink = colour_of(given.get(_INK), colours)
        fill = given.get(_FILL)
        if fill is not None:
            if fill.find(W14 + "noFill") is not None:
                return "invisible"
            ink = None if len(fill) else ink
        if ink is None:
            return None
        behind = look.behind
        if _SHADE in given:
            behind = shade_of(given[_SHADE], colours, behind)
        behind = highlight_of(given.get(_HIGHLIGHT), behind)
        return "faint" if behind is not None and is_faint(ink, behind) else None

    def _is_toggled(self, tag: str, given: Properties, levels: Sequence[Properties]) -> bool:
        """Tell whether a property is on that each style turns round (17.7.3).

        ``levels`` begin with the run's own properties.
        """
        if tag not in given:
            return False
        own, *styles = levels
        if tag in own:
            return is_on(own[tag])
        if is_on(self.defaults.get(tag)):
            return True
        return sum(is_on(style.get(tag)) for style in styles) % 2 == 1


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


def _is_tiny(given: Properties) -> bool:
    size = number_of(given.get(_SIZE), 2 * FONT_POINTS) / 2
    if size <= TINY_POINTS:
        return True
    if _WIDTH in given and number_of(given[_WIDTH], 100) <= LEAST_WIDTH:
        return True
    apart = number_of(given.get(_SPACING), 0)  # twentieths of a point between letters
    return apart <= -LETTER_WIDTH * 20 * size
