"""Finds citations again in a changed document, by their quote and the text around it.

Quote, prefix and suffix are those of a TextQuoteSelector (W3C Web Annotation Data Model, 4.2.4).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from loccit.index.datatypes import Document, Span
from loccit.index.errors import DamagedIndex
from loccit.qa.datatypes import Answer, Citation, Support

CONTEXT_CHARS = 64  # of prefix and of suffix
LEAD_CHARS = 8  # by which the best place must fit better; less may be chance: a space, "the"

# A word or number that goes on: the fee of "the fee is 40" is not written in "the fee is 400".
_GOES_ON = re.compile(r"\w|[.,]\d")
_WENT_BEFORE = re.compile(r"(?:\w|\d[.,])\Z")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text directly before and after a quote."""

    prefix: str = ""
    suffix: str = ""


def surroundings(text: str, span: Span, chars: int = CONTEXT_CHARS) -> Surroundings:
    """Return what stands around a span of a text: at most ``chars`` on each side."""
    return Surroundings(
        text[max(0, span.start - chars) : span.start], text[span.end : span.end + chars]
    )


def reanchor_answer(
    answer: Answer,
    around: Sequence[Surroundings],
    find: Callable[[Citation], Document | None],
) -> Answer:
    """Return the answer with its citations where their quotes stand now.

    Sentences, hits and ``answered`` stay as they were, since they are what was said.

    Args:
        answer: an answer of an earlier day.
        around: what stood around each of its citations.
        find: returns the document as it is now, in which a citation is looked for, or None;
            where it raises DamagedIndex, the citation becomes DAMAGED.
    """
    citations = []
    for citation, context in zip(answer.citations, around, strict=True):
        try:
            citations.append(reanchor(citation, context, find(citation)))
        except DamagedIndex:
            citations.append(replace(citation, support=Support.DAMAGED))
    return replace(answer, citations=tuple(citations))


def reanchor(citation: Citation, around: Surroundings, document: Document | None) -> Citation:
    """Return the citation where its quote stands in the document of now.

    If the quote stands in several places, the one whose surroundings fit best is taken. If it
    stands nowhere, or two places fit equally well, the citation keeps its old place and quote and
    becomes STALE, or GONE if there is no document. A citation that was never EXACT is returned as
    it is.
    """
    if citation.support is not Support.EXACT:
        return citation
    if document is None:
        return replace(citation, support=Support.GONE)
    start = _find(citation, around, document)
    if start is None:
        return replace(citation, support=Support.STALE)
    moved, answer = start - citation.span.start, citation.answer
    if answer is not None:
        answer = Span(answer.start + moved, answer.end + moved)
    return replace(
        citation,
        doc_id=document.doc_id,
        span=Span(start, start + len(citation.quote)),
        title=document.title,
        source=document.source,
        page=document.page_of(start if answer is None else answer.start),
        answer=answer,
    )


def _find(citation: Citation, around: Surroundings, document: Document) -> int | None:
    """Return where the quote starts now, or None."""
    text, quote, span = document.text, citation.quote, citation.span
    is_same = citation.doc_id == document.doc_id and text[span.start : span.end] == quote
    if is_same and surroundings(text, span) == around:
        return span.start  # also where an equal quote stands between equal words elsewhere
    places = list(_places(text, quote, around))
    if len(places) < 2:
        return places[0] if places else None
    fits = sorted(((_fit(text, start, quote, around), start) for start in places), reverse=True)
    (best, start), (second, _) = fits[:2]
    # Where both are infinite the difference is NaN, which is no lead.
    return start if best - second >= LEAD_CHARS else None


def _places(text: str, quote: str, around: Surroundings) -> Iterator[int]:
    """Yield where the quote stands, but not inside longer words, unless it stood so before."""
    may_go_on = bool(_GOES_ON.match(around.suffix))
    may_be_inside = bool(_WENT_BEFORE.search(around.prefix))
    start = text.find(quote)
    while start >= 0:
        end = start + len(quote)
        if (may_go_on or not _GOES_ON.match(text[end : end + 2])) and (
            may_be_inside or not _WENT_BEFORE.search(text[max(0, start - 2) : start])
        ):
            yield start
        start = text.find(quote, start + 1)


def _fit(text: str, start: int, quote: str, around: Surroundings) -> float:
    """Return how many characters next to the quote are the same as before.

    The result is infinite if all are, and 0 if one side fits by chance at most: the row above a
    deleted row has the same rows below it.
    """
    end = start + len(quote)
    before = _in_common(
        reversed(text[max(0, start - len(around.prefix)) : start]), reversed(around.prefix)
    )
    after = _in_common(text[end : end + len(around.suffix)], around.suffix)
    if before == len(around.prefix) and after == len(around.suffix):
        return math.inf
    least_before = min(LEAD_CHARS, len(around.prefix))
    least_after = min(LEAD_CHARS, len(around.suffix))
    return before + after if before >= least_before and after >= least_after else 0


def _in_common(one: Iterable[str], other: Iterable[str]) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
