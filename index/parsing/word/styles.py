"""What Word's styles and numbering say of a paragraph: heading level, list mark, list depth."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from loccit.index.datatypes import BlockKind
from loccit.index.parsing.word.names import W

MAX_STYLE_DEPTH = 30  # styles based on styles; a longer chain is a circle

_HEADING_NAME = re.compile(r"heading ([1-9])$", re.I)
_KINDS: dict[str, BlockKind] = {
    "caption": "caption",
    **dict.fromkeys(("html preformatted", "source code", "macro"), "code"),
}
"""By the names that Word and pandoc give these styles in every language."""

_BODY_OUTLINE = 9  # Word's outline level for body text; 0 is that of Heading 1
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles and the numbering of one document.

    ``levels`` maps a style id to its heading level; ``numbering`` maps a style id to its
    (numId, depth); ``formats`` maps (numId, depth) to (format, start, label); ``kinds`` maps a
    style id to the kind of block it makes, unless that is a plain paragraph.
    """

    levels: Mapping[str, int]
    numbering: Mapping[str, tuple[str, int]]
    formats: Mapping[tuple[str, int], tuple[str, int, str]]
    kinds: Mapping[str, BlockKind]

    def kind_of(self, paragraph: Any) -> BlockKind:
        """Return the kind of block that a paragraph's style makes of it."""
        return self.kinds.get(_style_id(paragraph), "paragraph")

    def heading_level(self, paragraph: Any) -> int | None:
        """Return the level of a paragraph that is a heading, else None."""
        outline = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if outline is not None:
            return _outline_level(outline)
        return self.levels.get(_style_id(paragraph))

    def list_depth(self, paragraph: Any) -> int:
        """Return how deep a list item is nested, from 0."""
        numbered = self._numbered(paragraph)
        return numbered[1] if numbered else 0

    def number_of(self, paragraph: Any, counters: MutableMapping[tuple[str, int], int]) -> str:
        """Return the mark of a list item, "-" or "2.", and count it; "" for no item."""
        numbered = self._numbered(paragraph)
        if numbered is None:
            return ""
        kind, start, label = self.formats.get(numbered, ("bullet", 1, ""))
        if kind == "none":
            return ""
        if kind == "bullet":
            return "-"
        number_id, depth = numbered
        for key in [key for key in counters if key[0] == number_id and key[1] > depth]:
            del counters[key]
        counters[numbered] = counters.get(numbered, start - 1) + 1
        return _label(label, counters, numbered, self.formats)

    def _numbered(self, paragraph: Any) -> tuple[str, int] | None:
        """Return (numId, depth) of a numbered or bulleted paragraph."""
        inherited = self.numbering.get(_style_id(paragraph))
        own = paragraph.find(f"{W}pPr/{W}numPr")
        if own is None:
            return inherited
        number = own.find(W + "numId")
        depth = _integer(own.find(W + "ilvl"), inherited[1] if inherited else 0)
        number_id = number.get(W + "val") if number is not None else (inherited or ("0", 0))[0]
        return None if number_id in (None, "0") else (number_id, depth)


def _style_id(paragraph: Any) -> str:
    """Return the id of a paragraph's style; "" for the default style."""
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return style.get(W + "val", "") if style is not None else ""


def read_styles(document: Any) -> Styles:
    """Read the styles and the numbering of a python-docx document."""
    elements = {
        style.get(W + "styleId", ""): style
        for style in document.styles.element.iter(W + "style")
        if style.get(W + "type") == "paragraph"
    }
    levels: dict[str, int] = {}
    numbering: dict[str, tuple[str, int]] = {}
    kinds: dict[str, BlockKind] = {}
    for style_id in elements:
        chain = _chain(style_id, elements)
        level = next((found for style in chain if (found := _style_level(style)) is not None), 0)
        if level:
            levels[style_id] = level
        numbered = next((pair for style in chain if (pair := _style_number(style))), None)
        if numbered and numbered[0] != "0":
            numbering[style_id] = numbered
        kind = next((kind for style in chain if (kind := _KINDS.get(_name(style).lower()))), None)
        if kind:
            kinds[style_id] = kind
    return Styles(levels, numbering, _formats(document), kinds)


def _chain(style_id: str, elements: Mapping[str, Any]) -> list[Any]:
    """Return a style and the styles it is based on, nearest first."""
    chain: list[Any] = []
    while style_id in elements and len(chain) < MAX_STYLE_DEPTH:
        chain.append(elements[style_id])
        based = elements[style_id].find(W + "basedOn")
        style_id = based.get(W + "val", "") if based is not None else ""
    return chain


def _style_level(style: Any) -> int | None:
    """Return the heading level a style sets; 0 where it sets body text; None for neither."""
    text = _name(style)
    heading = _HEADING_NAME.match(text)
    if heading:
        return int(heading.group(1))
    if text.lower() == "title":
        return 1
    outline = style.find(f"{W}pPr/{W}outlineLvl")
    return None if outline is None else (_outline_level(outline) or 0)


def _name(style: Any) -> str:
    name = style.find(W + "name")
    return name.get(W + "val", "") if name is not None else ""


def _style_number(style: Any) -> tuple[str, int] | None:
    """Return the (numId, depth) that a style sets."""
    number = style.find(f"{W}pPr/{W}numPr/{W}numId")
    if number is None:
        return None
    return number.get(W + "val", "0"), _integer(style.find(f"{W}pPr/{W}numPr/{W}ilvl"), 0)


def _outline_level(outline: Any) -> int | None:
    """Turn Word's outline level, from 0, into a heading level, from 1."""
    value = _integer(outline, _BODY_OUTLINE)
    return value + 1 if 0 <= value < _BODY_OUTLINE else None


def _formats(document: Any) -> dict[tuple[str, int], tuple[str, int, str]]:
    """Read how each level of each list is numbered."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError, AttributeError):  # no numbering part
        return {}
    abstract = {one.get(W + "abstractNumId"): one for one in root.iter(W + "abstractNum")}
    formats: dict[tuple[str, int], tuple[str, int, str]] = {}
    for number in root.iter(W + "num"):
        reference = number.find(W + "abstractNumId")
        definition = abstract.get(reference.get(W + "val")) if reference is not None else None
        for level in definition.iter(W + "lvl") if definition is not None else ():
            kind, label = level.find(W + "numFmt"), level.find(W + "lvlText")
            formats[number.get(W + "numId", ""), int(level.get(W + "ilvl", "0"))] = (
                kind.get(W + "val", "bullet") if kind is not None else "decimal",
                _integer(level.find(W + "start"), 1),
                label.get(W + "val", "") if label is not None else "",
            )
    return formats


def _label(
    label: str,
    counters: Mapping[tuple[str, int], int],
    numbered: tuple[str, int],
    formats: Mapping[tuple[str, int], tuple[str, int, str]],
) -> str:
    """Fill the counters into a label such as "%1.%2.", or "(%1)"."""
    number_id, _ = numbered

    def fill(found: re.Match[str]) -> str:
        key = number_id, int(found.group(1)) - 1
        kind, start, _ = formats.get(key, ("decimal", 1, ""))
        return _figure(counters.get(key, start), kind)

    return re.sub(r"%([1-9])", fill, label).strip() or f"{counters[numbered]}."


def _figure(value: int, kind: str) -> str:
    """Write a number as "3", "c", "C", "iii" or "III"."""
    if kind in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letters.upper() if kind == "upperLetter" else letters
    if kind in ("lowerRoman", "upperRoman"):
        roman = _roman(value)
        return roman.upper() if kind == "upperRoman" else roman
    return str(value)


def _roman(value: int) -> str:
    """Write a number in lower-case Roman figures."""
    written = ""
    for number, letters in _ROMAN:
        written += letters * (value // number)
        value %= number
    return written


def _integer(element: Any, default: int) -> int:
    """Return the w:val of an element as a number."""
    value = element.get(W + "val", "") if element is not None else ""
    return int(value) if re.fullmatch(r"-?\d{1,9}", value) else default
