"""The style sheets of a page: those of their rules that can make words unseen, or seen again.

Sheets in other files are not read: a page is one file.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.web.styling.media import is_shown

MAX_CHARACTERS = 3_000_000  # of all sheets of a page: a million take a second
MAX_DEPTH = 20  # of rules in rules

RELEVANT = frozenset(
    (
        *("display", "visibility", "opacity", "content-visibility", "filter", "unicode-bidi"),
        *("color", "-webkit-text-fill-color", "text-shadow"),
        *("background", "background-color", "background-image"),
        *("background-clip", "-webkit-background-clip"),
        *("font", "font-size", "zoom", "transform", "scale", "translate"),
        *("position", "inset", "left", "right", "top", "bottom", "text-indent"),
        *("margin", "margin-left", "margin-top"),
        *("clip", "clip-path", "overflow", "overflow-x", "overflow-y"),
        *("width", "height", "max-width", "max-height", "direction"),
        *("text-decoration", "text-decoration-line"),
        *("animation", "animation-name", "animation-fill-mode", "-webkit-animation"),
    )
)
"""The properties that are looked at; all others leave words as they are."""

MAY_MATTER = re.compile("|".join((*sorted(RELEVANT), "--")), re.I)
"""Found in every style that any of them is in."""

# Fonts and pictures, which may be most of a sheet.
_DATA = re.compile(
    r"url\(\s*+(?:\"data:[^\"\\]*+\"|'data:[^'\\]*+'|data:[^()\"'\\\s]*+)\s*+\)", re.I
)
# A rule that can't be taken for anything else: no string, comment or escape is near.
_RULE = re.compile(r"(?<=[{};])([^{};\"'\\/@]*+)\{([^{}\"'\\/@]*+)\}")
_NAME = re.compile(r"[.#][\w-]+")
_PSEUDO_ELEMENT = re.compile(r":(?::|before\b|after\b|first-l)", re.I)
Declaration = tuple[str, str, bool]
"""A property, its value in small letters, and whether it is important."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a selector's elements are given.

    ``weight`` puts rules into the order in which later ones win; ``names`` are the classes
    (".a"), ids ("#b") and tags that some element must have for the selector to match. A selector
    is ``simple`` where ``names`` say all of it, of one element.
    """

    selector: str
    weight: tuple[int, int, int, int, int]
    names: frozenset[str]
    is_simple: bool
    declarations: tuple[Declaration, ...]


@dataclass(slots=True)
class Sheet:
    """The rules of all sheets of a page, and how each of its animations ends, by its name."""

    rules: list[Rule] = field(default_factory=list)
    ends: dict[str, tuple[Declaration, ...]] = field(default_factory=dict)


def read_sheets(texts: Sequence[tuple[str, str]], names: Container[str], source: str) -> Sheet:
    """Read style sheets, each a text and its media query, in the order of the page.

    Args:
        texts: the sheets.
        names: the classes (".a") and ids ("#b") that elements of the page have.
        source: the page's name.

    Raises:
        UnreadableDocument: they hold more than ``MAX_CHARACTERS``, fonts and pictures aside.
    """
    from tinycss2 import parse_stylesheet

    shown = [_DATA.sub("url()", text) for text, media in texts if is_shown(media)]
    size = sum(map(len, shown))
    if size > MAX_CHARACTERS:
        raise UnreadableDocument(
            source,
            f"its style sheets hold {size:,} characters and the limit is {MAX_CHARACTERS:,}; "
            "save its text as .txt",
        )
    sheet = Sheet()
    for text in shown:
        nodes = parse_stylesheet(_thinned(text, names), True, True)
        _read(nodes, sheet, is_layered=False, around=(), depth=0)
    return sheet


def _thinned(text: str, names: Container[str]) -> str:
    """Leave out the plain rules that matter for no element: a framework's are mostly such."""

    def kept(rule: re.Match[str]) -> str:
        selectors, body = rule.groups()
        if MAY_MATTER.search(body) is None:
            return ""
        is_met = "(" in selectors or any(
            all(name in names for name in _NAME.findall(selector))
            for selector in selectors.split(",")
        )
        return rule.group() if is_met else ""

    return _RULE.sub(kept, text)


def declarations(text: str) -> tuple[Declaration, ...]:
    """Read the declarations of a style attribute."""
    from tinycss2 import parse_blocks_contents

    return tuple(_relevant(parse_blocks_contents(text, True, True)))


def _read(
    nodes: Sequence[Any], sheet: Sheet, *, is_layered: bool, around: Sequence[str], depth: int
) -> None:
    """Read the rules among ``nodes``; ``around`` are the selectors of the rule they stand in."""
    from tinycss2 import parse_blocks_contents, parse_rule_list, serialize

    for node in nodes if depth < MAX_DEPTH else ():
        if node.type == "qualified-rule":
            _read_rule(node, sheet, is_layered=is_layered, around=around, depth=depth)
        elif node.type != "at-rule" or node.content is None:
            continue
        elif node.lower_at_keyword.endswith("keyframes"):
            name = serialize(node.prelude).strip().strip("\"'").lower()
            for frame in parse_rule_list(node.content, True, True):
                if frame.type == "qualified-rule" and _is_end(serialize(frame.prelude)):
                    inside = parse_blocks_contents(frame.content, True, True)
                    sheet.ends[name] = tuple(_relevant(inside))
        elif _applies(node.lower_at_keyword, serialize(node.prelude).strip().lower()):
            inside = parse_blocks_contents(node.content, True, True)
            layered = is_layered or node.lower_at_keyword == "layer"
            own = tuple(_relevant(inside)) if around else ()
            for selector in around if own else ():
                _add(sheet, selector, own, is_layered=layered)
            _read(inside, sheet, is_layered=layered, around=around, depth=depth + 1)


def _applies(keyword: str, condition: str) -> bool:
    """Tell whether the rules in an at-rule are a reader's."""
    if keyword == "media":
        return is_shown(condition)
    if keyword == "supports":
        return not condition.startswith("not")
    return keyword in ("layer", "container", "scope")


def _is_end(prelude: str) -> bool:
    return any(part.strip().lower() in ("to", "100%") for part in prelude.split(","))


def _read_rule(
    rule: Any, sheet: Sheet, *, is_layered: bool, around: Sequence[str], depth: int
) -> None:
    """Read a rule and those in it, where any of their properties are looked at."""
    from tinycss2 import parse_blocks_contents, serialize

    if not _may_matter(rule.content):
        return
    selectors = []
    for tokens in _split(rule.prelude):
        selector = serialize(tokens).strip()
        for outer in around or ("",):
            if not outer:
                selectors.append(selector)
            elif "&" in selector:
                selectors.append(selector.replace("&", f":is({outer})"))
            else:
                selectors.append(f":is({outer}) {selector}")
    inside = parse_blocks_contents(rule.content, True, True)
    own = tuple(_relevant(inside))
    for selector in selectors if own else ():
        _add(sheet, selector, own, is_layered=is_layered)
    nested = [node for node in inside if node.type in ("qualified-rule", "at-rule")]
    if nested and len(selectors) * len(nested) < 1_000:
        _read(nested, sheet, is_layered=is_layered, around=selectors, depth=depth + 1)


def _may_matter(content: Sequence[Any]) -> bool:
    return any(
        (token.type == "ident" and (token.lower_value in RELEVANT or token.value[:2] == "--"))
        or token.type == "{} block"
        for token in content
    )


def _relevant(nodes: Sequence[Any]) -> Iterator[Declaration]:
    """Yield the declarations among ``nodes`` that are looked at, custom properties among them."""
    from tinycss2 import serialize

    for node in nodes:
        if node.type != "declaration":
            continue
        name = node.name if node.name.startswith("--") else node.lower_name
        if name in RELEVANT or name.startswith("--"):
            yield name, " ".join(serialize(node.value).lower().split()), node.important


def _add(sheet: Sheet, selector: str, own: tuple[Declaration, ...], *, is_layered: bool) -> None:
    """Add a rule: twice where some of its declarations are important and others are not."""
    from tinycss2 import parse_component_value_list

    if _PSEUDO_ELEMENT.search(selector):
        return
    tokens = parse_component_value_list(selector)
    names, is_simple = _names(tokens)
    for important in (False, True):
        kept = tuple(one for one in own if one[2] == important)
        if kept:
            layer = -is_layered if not important else int(is_layered)
            weight = (int(important), layer, *_specificity(tokens))
            sheet.rules.append(Rule(selector, weight, names, is_simple, kept))


def _split(prelude: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield the tokens of each selector of a list."""
    tokens: list[Any] = []
    for token in prelude:
        if token == ",":
            yield tokens
            tokens = []
        else:
            tokens.append(token)
    yield tokens


def _names(tokens: Sequence[Any]) -> tuple[frozenset[str], bool]:
    """Return the names that must be there for a selector to match, and whether they are all."""
    names: set[str] = set()
    is_simple = True
    before = ""
    for token in tokens:
        kind = token.type
        if kind == "hash":
            names.add("#" + token.value)
        elif kind == "ident" and before in (".", ""):
            names.add(before + (token.value if before else token.lower_value))
        elif kind == "ident" and before == " ":
            names.add(token.lower_value)
        elif token == "*" and len(tokens) == 1:
            names.add("*")
        elif token != ".":
            is_simple = False
        before = {"whitespace": " ", "literal": getattr(token, "value", "")}.get(kind, "x")
        if before in (">", "+", "~"):
            before = " "
    return frozenset(names), is_simple and bool(names)


def _specificity(tokens: Sequence[Any]) -> tuple[int, int, int]:
    """Return how many ids, classes and tags a selector names (Selectors Level 4, section 17)."""
    ids = classes = tags = 0
    before = ""
    for token in tokens:
        kind = token.type
        if kind == "hash":
            ids += 1
        elif kind == "[] block" or (kind == "ident" and before in (".", ":")):
            classes += 1
        elif kind == "ident":
            tags += 1
        elif kind == "function" and token.lower_name in ("is", "not", "has"):
            inner = max(map(_specificity, _split(token.arguments)), default=(0, 0, 0))
            ids, classes, tags = ids + inner[0], classes + inner[1], tags + inner[2]
        elif kind == "function" and token.lower_name != "where":
            classes += 1
        before = token.value if kind == "literal" else ""
    return ids, classes, tags
