"""The text of one Word paragraph, run by run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from loccit.index.datatypes import EmphasisKind, HiddenReason
from loccit.index.parsing.notation import raised
from loccit.index.parsing.rich_text import RichText, Run, from_runs
from loccit.index.parsing.unseen import apart, may_hide
from loccit.index.parsing.word.looks import Looks, Properties
from loccit.index.parsing.word.names import MC, M, W, is_on

_NOT_SHOWN = frozenset(
    (
        *(W + name for name in ("pPr", "rPr", "instrText", "delInstrText")),
        W + "txbxContent",  # a text box is a block of its own
        W + "rt",  # the reading above a character, which the character itself already stands for
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
_RUNS = frozenset((W + "r", M + "r"))
_DELETED = (W + "del", W + "moveFrom")  # by a tracked change
_FIELD = W + "fldChar"
_BRANCHES = (MC + "Choice", MC + "Fallback")
_CHANGING = frozenset((*_DELETED, *_BRANCHES, _FIELD))
"""What decides whether words in it, or after it, are seen."""

_TEXTS = frozenset((W + "t", W + "delText"))
_PROPERTIES: dict[str, EmphasisKind] = {W + "b": "strong", W + "i": "em"}
# By the ids that Word and pandoc give these styles.
_STYLES: dict[str, EmphasisKind] = {
    **dict.fromkeys(("Strong", "IntenseEmphasis"), "strong"),
    "Emphasis": "em",
    **dict.fromkeys(("VerbatimChar", "HTMLCode", "HTMLTypewriter", "SourceText"), "code"),
}
_MATH_MARKS = {M + "den": "/", M + "sup": "^", M + "sub": "_"}  # "a/b" must not become "ab"
_KNOWN = re.compile(
    r"http://schemas\.(?:microsoft\.com/office/[a-z]+/20(?:0[6-9]|1\d|2[0-6])/|openxmlformats\.org/)"
)
_NOTE_PREFIXES = {W + "footnoteReference": "", W + "endnoteReference": "e"}


_Open = tuple[Iterator[Any], HiddenReason | None, Properties]
"""What is left to be read of an element, why it is not seen, and what its run sets."""


def paragraph_text(paragraph: Any, looks: Looks) -> RichText:
    """Return what a reader sees of a paragraph: insertions, hyperlinks and fields, no deletions."""
    return from_runs(list(_runs(paragraph, looks)))


def is_shown(branch: Any) -> bool:
    """Tell whether an mc:Choice or mc:Fallback is the one that Word shows of its alternatives."""
    if branch.tag not in _BRANCHES:
        return False
    choices = branch.getparent().findall(MC + "Choice")
    shown = next((choice for choice in choices if _is_known(choice)), None)
    return branch is shown or (shown is None and branch.tag == MC + "Fallback")


def _is_known(choice: Any) -> bool:
    """Tell whether Word knows all that a choice requires."""
    needed = (choice.nsmap.get(prefix) or "" for prefix in choice.get("Requires", "").split())
    return all(_KNOWN.match(space) for space in needed)


def _runs(paragraph: Any, looks: Looks) -> Iterator[Run]:
    """Yield the pieces of text; the walk keeps its own stack, for nesting may be hostile."""
    look = looks.of(paragraph)
    codes: list[bool] = []  # whether each open field is still in its code, which is not shown
    stack: list[_Open] = [(iter(paragraph), look.reason, {})]
    while stack:
        children, reason, own = stack[-1]
        element = next(children, None)
        if element is None:
            stack.pop()
            continue
        tag = element.tag
        if not isinstance(tag, str) or tag in _NOT_SHOWN:
            continue
        if tag in _RUNS:
            properties = element.find(W + "rPr")
            own = {} if properties is None else {child.tag: child for child in properties}
            reason = reason or looks.why_unseen(own, look)
        elif tag in _CHANGING:
            if tag == _FIELD:
                _follow_field(codes, element.get(W + "fldCharType"))
            elif tag in _DELETED:
                reason = reason or "struck"
            elif not is_shown(element):
                yield from _other_words(element)
                continue
        piece = _piece(element, own)
        if piece and codes and any(codes):
            yield piece, reason or "invisible"
        elif piece and reason is None and not may_hide(piece):
            yield piece, _kinds(own)
        elif piece:
            yield from _seen_or_not(piece, own, reason)
        if not piece or tag in _MATH_MARKS:
            stack.append((iter(element), reason, own))


def _other_words(branch: Any) -> Iterator[Run]:
    """Yield the words of an alternative that is not shown, where they are not those that are."""
    words = _words_of([branch])
    if words and words not in _words_of(filter(is_shown, branch.getparent())):
        yield f" {words} ", "invisible"


def _words_of(branches: Iterable[Any]) -> str:
    texts = (text.text or "" for branch in branches for text in branch.iter(W + "t"))
    return " ".join("".join(texts).split())


def _seen_or_not(piece: str, own: Properties, reason: HiddenReason | None) -> Iterator[Run]:
    """Yield a piece with how it is emphasised, or why it is not seen."""
    if reason is not None:
        yield (f" {piece} " if reason == "faint" else piece), reason  # faint words keep their place
    else:
        yield from ((part, why or _kinds(own)) for part, why in apart(piece))


def _follow_field(codes: list[bool], kind: str | None) -> None:
    """Note that a field begins, goes from its code to its result, or ends."""
    if kind == "begin":
        codes.append(True)
    elif codes and kind == "separate":
        codes[-1] = False
    elif codes and kind == "end":
        codes.pop()


def _piece(element: Any, own: Properties) -> str:
    """Return the text that one element stands for, or "" when its children may hold some."""
    tag = element.tag
    if tag in _FIXED:
        return _FIXED[tag]
    if tag in _MATH_MARKS:
        return _MATH_MARKS[tag] if len(element) else ""
    if tag in _TEXTS:
        content = element.text or ""
        align = own.get(W + "vertAlign")
        # Superscript figures are written as such: "10⁶" must not become 106.
        is_raised = align is not None and align.get(W + "val") == "superscript"
        return raised(content) if is_raised else content
    if tag == M + "t":
        return element.text or ""
    if tag in _NOTE_PREFIXES:
        return f"[{_NOTE_PREFIXES[tag]}{element.get(W + 'id')}]"
    return ""


def _kinds(own: Properties) -> tuple[EmphasisKind, ...]:
    """Return how a piece is emphasised by the properties of its run, or by the run's style."""
    if not own:
        return ()
    style = own.get(W + "rStyle")
    kinds = [_STYLES.get(style.get(W + "val", ""))] if style is not None else []
    kinds += [kind for tag, kind in _PROPERTIES.items() if tag in own and is_on(own[tag])]
    return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))
