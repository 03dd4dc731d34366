"""Which rules of a page's style sheets hold for which of its elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.web.styling.style_sheets import Declaration, Rule, Sheet

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

MAX_STEPS = 100_000_000
"""Elements that selectors are tried on, and so many for each declaration that an element is given:
some six seconds."""

STEPS_A_DECLARATION = 20

Elements = dict[str, set[int]]
"""The elements of each tag, class (".a") and id ("#b"), and all of them ("*"), by ``mem_id``."""


def matched(
    page: LexborHTMLParser, elements: Elements, sheet: Sheet, source: str
) -> dict[int, tuple[Declaration, ...]]:
    """Return what each element is given by rules, by its ``mem_id``; later declarations win.

    Raises:
        UnreadableDocument: to find it takes more than ``MAX_STEPS``.
    """
    found: dict[int, list[Declaration]] = {}
    steps = 0
    for _, rule in sorted(enumerate(sheet.rules), key=lambda item: (item[1].weight, item[0])):
        if not all(name in elements for name in rule.names):
            continue
        chosen = _chosen(page, rule, elements)
        steps += STEPS_A_DECLARATION * len(chosen) * len(rule.declarations)
        steps += 0 if rule.is_simple else len(elements["*"])
        if steps > MAX_STEPS:
            raise UnreadableDocument(
                source,
                f"its {len(sheet.rules):,} style rules are too many to be applied to its "
                f"{len(elements['*']):,} elements; save its text as .txt",
            )
        for element in chosen:
            found.setdefault(element, []).extend(rule.declarations)
    return {element: tuple(given) for element, given in found.items()}


def by_name(page: LexborHTMLParser) -> Elements:
    """Return the elements of a page by their names."""
    elements: Elements = {"*": set()}
    for node in page.css("*"):
        element = node.mem_id
        elements["*"].add(element)
        elements.setdefault(node.tag or "", set()).add(element)
    for node in page.css("[class], [id]"):
        for name in (node.attributes.get("class") or "").split():
            elements.setdefault("." + name, set()).add(node.mem_id)
        if node.attributes.get("id"):
            elements.setdefault(f"#{node.attributes['id']}", set()).add(node.mem_id)
    return elements


def _chosen(page: LexborHTMLParser, rule: Rule, elements: Elements) -> set[int]:
    """Return the elements that a rule's selector chooses; none where it can't be read."""
    from selectolax.lexbor import SelectolaxError

    if rule.is_simple:
        smallest, *others = sorted((elements[name] for name in rule.names), key=len)
        return smallest.intersection(*others)
    try:
        return {node.mem_id for node in page.css(rule.selector)}
    except SelectolaxError:  # it asks for what only a browser knows, such as :focus-within
        return set()
