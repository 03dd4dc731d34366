"""How an element looks to a reader: whether its words are seen, and if not, why.

The looks of an element follow from those of its parent and from what it is given by rules, by its
style attribute and by attributes such as "hidden" (CSS Cascading Level 4), as far as that decides
what is seen. Nothing is laid out: what depends on how long words are is taken as seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from loccit.index.datatypes import HiddenReason
from loccit.index.parsing.unseen import BLACK, TINY_POINTS, WHITE, Colour, is_faint
from loccit.index.parsing.web.styling.css_values import (
    FONT_SIZE,
    VIEW_WIDTH,
    blended,
    colour,
    length,
    number,
)
from loccit.index.parsing.web.styling.given import (
    HINTED_TAGS,
    Attributes,
    Values,
    cascaded,
    hints,
    parts_of,
)
from loccit.index.parsing.web.styling.matching import by_name, matched
from loccit.index.parsing.web.styling.placing import (
    FAR_OUT,
    font_size,
    is_block,
    is_cut_away,
    is_outside,
    scale_of,
)
from loccit.index.parsing.web.styling.style_sheets import (
    MAY_MATTER,
    Declaration,
    declarations,
    read_sheets,
)

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

TINY_PIXELS = TINY_POINTS * 96 / 72
MAX_KNOWN = 20_000  # looks of one page that are kept, for elements that are given the same
CLEAR = 0.05  # what is no more opaque than this is not seen
MAX_PICTURES_SOUGHT = 2_000  # in one page, behind words of the colour that is behind them

_VISIBILITIES = ("visible", "hidden", "collapse")
_FILTER = re.compile(r"opacity\(([^()]*)\)")
_PICTURES = "img, picture, video, canvas, svg, iframe, object, embed"


@dataclass(frozen=True, slots=True)
class Look:
    """What an element passes on to those in it.

    ``reason`` is why its own words are not seen, None where they are. Where it ``is_final``,
    nothing in the element can be seen. ``leaves_gap`` says that unseen words still take their
    place in the line. ``ink`` is the colour of words, ``behind`` the one behind them, each None
    where it is unknown, or a picture. ``size`` is that of the font, in pixels.
    """

    reason: HiddenReason | None = None
    is_final: bool = False
    leaves_gap: bool = False
    is_visible: bool = True
    is_struck: bool = False
    is_reversed: bool = False
    opacity: float = 1.0
    scale: float = 1.0
    size: float = FONT_SIZE
    indent: float = 0.0
    ink: Colour | None = BLACK
    alpha: float = 1.0
    behind: Colour | None = WHITE
    variables: Mapping[str, str] = field(default_factory=dict)


def looks_of(page: LexborHTMLParser, source: str, *, has_scripts: bool) -> Looks:
    """Read the style sheets of a page.

    Raises:
        UnreadableDocument: they are too large, or take too long.
    """
    texts = [
        (node.text(), node.attributes.get("media") or "")
        for node in page.css("style")
        if (node.attributes.get("type") or "text/css").lower() == "text/css"
    ]
    if not texts:
        return Looks({}, {}, has_scripts=has_scripts)
    elements = by_name(page)
    sheet = read_sheets(texts, elements, source)
    found = matched(page, elements, sheet, source)
    return Looks(found, sheet.ends, has_scripts=has_scripts)


class Looks:
    """The looks of the elements of one page."""

    def __init__(
        self,
        matched: Mapping[int, tuple[Declaration, ...]],
        ends: Mapping[str, Sequence[Declaration]],
        *,
        has_scripts: bool,
    ) -> None:
        self._matched = matched
        self._ends = ends
        self._has_scripts = has_scripts
        self._styles: dict[str, tuple[Declaration, ...]] = {}  # by the text of the attribute
        self._known: dict[tuple[int, str, tuple[Declaration, ...]], tuple[Look, Look]] = {}
        self._have_pictures: dict[int, bool] = {}  # by parent

    def of_root(self, node: LexborNode) -> Look:
        """Return how an element looks that stands anywhere in the page."""
        around: list[LexborNode] = []
        parent: LexborNode | None = node
        while parent is not None:
            around.append(parent)
            parent = parent.parent
        look = Look()
        for element in reversed(around):
            if element.is_element_node and not look.is_final:
                look = self.of(element, element.tag or "", element.attributes, look)
        return look

    def is_copy(self, node: LexborNode, attributes: Attributes, look: Look) -> bool:
        """Tell whether an element is KaTeX's drawing of a formula whose words are seen before."""
        before = node.prev if attributes.get("class") == "katex-html" else None
        if before is None or not before.is_element_node:
            return False
        return self.of(before, before.tag or "", before.attributes, look).reason is None

    def of(self, node: LexborNode, tag: str, attributes: Attributes, parent: Look) -> Look:
        """Return how an element looks that stands in one that looks like ``parent``."""
        given = self._given(node, tag, attributes)
        if not given:
            return parent
        key = id(parent), tag, tuple(given)
        known = self._known.get(key)
        if known is None:
            known = parent, self._worked_out(node, tag, given, parent)
            if known[1].reason != "faint" and len(self._known) < MAX_KNOWN:
                self._known[key] = known  # with the parent, so that no other gets its id
        return known[1]

    def _worked_out(
        self, node: LexborNode, tag: str, given: Sequence[Declaration], parent: Look
    ) -> Look:
        values, variables = cascaded(given, parent.variables, self._ends)
        look = _with_values(parent, values, variables)
        if look.reason == "faint" and self._may_cover_picture(node, values):
            look = _with_reason(replace(look, behind=None))
        reason, leaves_gap = _why_all_unseen(tag, values, look)
        if self._has_scripts and tag in ("html", "body") and (reason or look.reason):
            return parent  # a script will show it: nobody keeps a page that shows nothing
        if reason is None:
            return look
        return replace(look, reason=reason, is_final=True, leaves_gap=leaves_gap)

    def _given(self, node: LexborNode, tag: str, attributes: Attributes) -> Sequence[Declaration]:
        """Return all that an element is given, in the order in which later declarations win."""
        given = hints(tag, attributes) if attributes or tag in HINTED_TAGS else []
        rules = self._matched.get(node.mem_id, ()) if self._matched else ()
        style = attributes.get("style")
        own = self._read(style) if style else ()
        if not rules and not own:
            return given
        for is_important in (False, True):
            given += (one for one in rules if one[2] == is_important)
            given += (one for one in own if one[2] == is_important)
        return given

    def _read(self, style: str) -> tuple[Declaration, ...]:
        if style not in self._styles:
            self._styles[style] = declarations(style) if MAY_MATTER.search(style) else ()
        return self._styles[style]

    def _may_cover_picture(self, node: LexborNode, values: Values) -> bool:
        """Tell whether an element is laid over a picture that stands beside it."""
        parent = node.parent
        if parent is None or parent.tag in ("body", "html"):
            return False
        if values.get("position") not in ("absolute", "fixed", "relative"):
            return False
        if parent.mem_id not in self._have_pictures:
            if len(self._have_pictures) >= MAX_PICTURES_SOUGHT:
                return False
            self._have_pictures[parent.mem_id] = parent.css_first(_PICTURES) is not None
        return self._have_pictures[parent.mem_id]


def _with_values(parent: Look, values: Values, variables: Mapping[str, str]) -> Look:
    """Return the look of an element with these values, but for what makes all of it unseen."""
    ink, alpha = _ink(parent, values)
    behind = _behind(parent, values)
    if behind is None and values.get("background-clip") == "text":
        ink = None  # the picture is seen through the letters
    if ink is not None and _has_shadow(values.get("text-shadow", "none"), behind):
        ink = None
    indent = length(values.get("text-indent", ""), font_size=parent.size, whole=VIEW_WIDTH)
    visibility = values.get("visibility", "inherit")
    is_visible = visibility == "visible" if visibility in _VISIBILITIES else parent.is_visible
    is_override = values.get("unicode-bidi") in ("bidi-override", "isolate-override")
    look = Look(
        is_visible=is_visible or visibility == "initial",
        is_struck=parent.is_struck or "line-through" in values.get("text-decoration-line", ""),
        is_reversed=parent.is_reversed or (is_override and values.get("direction") == "rtl"),
        opacity=parent.opacity * _opacity(values),
        scale=parent.scale * scale_of(values),
        size=font_size(values.get("font-size"), parent.size),
        indent=parent.indent if indent is None else indent,
        ink=ink,
        alpha=alpha,
        behind=behind,
        variables=variables,
    )
    return _with_reason(look)


def _why_all_unseen(tag: str, values: Values, look: Look) -> tuple[HiddenReason | None, bool]:
    """Return why nothing in an element is seen, None where it may be; and whether a gap is."""
    if values.get("display") == "none":
        return "invisible", False
    if look.opacity <= CLEAR or values.get("content-visibility") == "hidden":
        return "invisible", True
    if is_outside(values, look.size):
        return "outside", False
    if look.indent <= -FAR_OUT and is_block(tag, values):
        return "outside", False
    if is_cut_away(tag, values, look.size):
        return "clipped", False
    return None, False


def _with_reason(look: Look) -> Look:
    """Return a look with the reason why words that look so are not seen."""
    reason: HiddenReason | None = None
    leaves_gap = False
    if not look.is_visible:
        reason, leaves_gap = "invisible", True
    elif look.size * look.scale <= TINY_PIXELS:
        reason = "tiny"
    elif look.ink is not None and look.alpha <= CLEAR:
        reason, leaves_gap = "invisible", True
    elif look.ink is not None and look.behind is not None:
        seen = blended(look.ink, look.alpha * look.opacity, look.behind)
        leaves_gap = is_faint(seen, look.behind)
        reason = "faint" if leaves_gap else None
    if reason is None and look.is_struck:
        reason = "struck"
    return replace(look, reason=reason, leaves_gap=leaves_gap)


def _ink(parent: Look, values: Values) -> tuple[Colour | None, float]:
    """Return the colour of an element's letters, None if unknown, and how opaque it is."""
    value = values.get("-webkit-text-fill-color", "currentcolor")
    if value in ("currentcolor", "inherit", "unset"):
        value = values.get("color", "inherit")
    if value in ("currentcolor", "inherit", "unset", "revert", "revert-layer"):
        return parent.ink, parent.alpha
    if value == "initial":
        return BLACK, 1.0
    return colour(value) or (None, 1.0)


def _behind(parent: Look, values: Values) -> Colour | None:
    """Return the colour behind an element's letters, None where that is a picture or unknown."""
    if values.get("background-image", "none") not in ("none", "initial", "unset", "revert"):
        return None
    value = values.get("background-color")
    if value in (None, "initial", "unset", "inherit", "revert", "revert-layer"):
        return parent.behind
    found = parent.ink and (parent.ink, parent.alpha) if value == "currentcolor" else colour(value)
    if found is None:
        return None
    over, alpha = found
    if alpha >= 1:
        return over
    return parent.behind and blended(over, alpha, parent.behind)


def _opacity(values: Values) -> float:
    """Return how opaque an element is, from 0 to 1."""
    opacity = number(values.get("opacity", "1"))
    found = _FILTER.search(values.get("filter", ""))
    filtered = number(found[1]) if found else None
    return min(max(1.0 if opacity is None else opacity, 0.0), 1.0) * min(
        1.0 if filtered is None else filtered, 1.0
    )


def _has_shadow(value: str, behind: Colour | None) -> bool:
    """Tell whether letters have a shadow that is seen."""
    found = (colour(part) for part in parts_of(value))
    return any(
        shade is not None
        and shade[1] > CLEAR
        and (behind is None or not is_faint(shade[0], behind))
        for shade in found
    )
