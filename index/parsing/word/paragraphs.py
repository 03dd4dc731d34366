"""The text of one Word paragraph, run by run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loccit.index.datatypes import EmphasisKind
from loccit.index.parsing.notation import raised
from loccit.index.parsing.rich_text import RichText, Run, from_runs

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_NOT_SHOWN = frozenset(
    (
        *(W + name for name in ("pPr", "rPr", "del", "moveFrom", "delText", "instrText")),
        W + "txbxContent",  # a text box is a block of its own
        W + "rt",  # the reading above a character, which the character itself already stands for
        MC + "Fallback",  # the same again, for programs that don't know the first form
    )
)
_FIXED = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    W + "sym": "•",  # of a symbol font: a bullet, a check box, an arrow
}
_LEFT_OUT = (W + "vanish", W + "strike", W + "dstrike")
_PROPERTIES: dict[str, EmphasisKind] = {W + "b": "strong", W + "i": "em"}
# By the ids that Word and pandoc give these styles.
_STYLES: dict[str, EmphasisKind] = {
    **dict.fromkeys(("Strong", "IntenseEmphasis"), "strong"),
    "Emphasis": "em",
    **dict.fromkeys(("VerbatimChar", "HTMLCode", "HTMLTypewriter", "SourceText"), "code"),
}
_MATH_MARKS = {M + "den": "/", M + "sup": "^", M + "sub": "_"}  # "a/b" must not become "ab"
_NOTE_PREFIXES = {W + "footnoteReference": "", W + "endnoteReference": "e"}


def paragraph_text(paragraph: Any) -> RichText:
    """Return what a reader sees of a paragraph: insertions, hyperlinks and fields, no deletions."""
    return from_runs(list(_runs(paragraph)))


def is_text(box: Any) -> bool:
    """Tell whether a text box is shown: not the copy kept for old programs."""
    return next(box.iterancestors(MC + "Fallback"), None) is None


def _runs(paragraph: Any) -> Iterator[Run]:
    """Yield the pieces of text; the walk keeps its own stack, for nesting may be hostile."""
    stack = [iter(paragraph)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif (
            not isinstance(element.tag, str)
            or element.tag in _NOT_SHOWN
            or (element.tag == W + "r" and _is_hidden(element))
        ):
            continue
        else:
            piece = _piece(element)
            if piece:
                yield piece, _kinds(element)
            if not piece or element.tag in _MATH_MARKS:
                stack.append(iter(element))


def _piece(element: Any) -> str:
    """Return the text that one element stands for, or "" when its children may hold some."""
    tag = element.tag
    if tag in _FIXED:
        return _FIXED[tag]
    if tag in _MATH_MARKS:
        return _MATH_MARKS[tag] if len(element) else ""
    if tag == W + "t":
        return _raised(element)
    if tag == M + "t":
        return element.text or ""
    if tag in _NOTE_PREFIXES:
        return f"[{_NOTE_PREFIXES[tag]}{element.get(W + 'id')}]"
    return ""


def _kinds(element: Any) -> tuple[EmphasisKind, ...]:
    """Return how a piece is emphasised by its run, or by the run's style."""
    properties = element.getparent().find(W + "rPr")
    if properties is None:
        return ()
    style = properties.find(W + "rStyle")
    kinds = [_STYLES.get("" if style is None else style.get(W + "val", ""))]
    kinds += [kind for tag, kind in _PROPERTIES.items() if is_on(properties.find(tag))]
    return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))


def _raised(text: Any) -> str:
    """Return the text, with superscript figures as such: "10⁶" must not become 106."""
    content = text.text or ""
    align = text.getparent().find(f"{W}rPr/{W}vertAlign")
    is_raised = align is not None and align.get(W + "val") == "superscript"
    return raised(content) if is_raised else content


def _is_hidden(run: Any) -> bool:
    """Tell whether a run is formatted as hidden, or is struck out: what is so holds no longer."""
    properties = run.find(W + "rPr")
    return properties is not None and any(is_on(properties.find(tag)) for tag in _LEFT_OUT)


def is_on(switch: Any) -> bool:
    """Tell whether a property is there and not turned off."""
    return switch is not None and switch.get(W + "val", "true") not in ("false", "0", "off")
