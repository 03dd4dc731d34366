"""Compares answers that people have rated with the answers that are given now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer, Citation, Support
from loccit.qa.reading.words import normalize_answer

_WITHHELD = (Support.MISSING, Support.DAMAGED)
_LOST = (Support.STALE, Support.GONE)


class Rating(StrEnum):
    """What a person thought of an answer."""

    RIGHT = "right"
    WRONG_ANSWER = "wrong answer"
    WRONG_EVIDENCE = "wrong evidence"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A rating, and a note in the person's own words or ""."""

    rating: Rating
    note: str = ""


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer that a person has rated; ``question`` is complete without those before it.

    ``documents`` are the ids of those that were asked; None is all.
    """

    question: str
    answer: Answer
    rating: Rating
    documents: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A rated answer, and the answer that is given now.

    ``same_answer``: the short answers are equal after normalisation; where neither has one, the
    first citations share a place; or neither answers. ``same_citation``: the first citations share
    a place, or neither has one. ``overlap``: of the characters that either cites, the share that
    both cite, in [0, 1]; 1 where neither cites any.
    """

    rated: RatedAnswer
    now: Answer
    same_answer: bool
    same_citation: bool
    overlap: float


@dataclass(frozen=True, slots=True)
class RatingScores:
    """Of the answers with one rating: shares in [0, 1] that are the same, and the mean overlap."""

    rating: Rating
    num_questions: int
    same_answer: float
    same_citation: float
    overlap: float


def ask_again(assistant: Assistant, rated: Sequence[RatedAnswer]) -> list[Comparison]:
    """Ask every question again and compare; the old citations must point to the documents of now.

    Each is asked of the same documents, or of all where none of those is left.

    Raises:
        EmptyIndex: the index holds no passage.
    """
    known = assistant.index.documents
    return [
        compare(
            row,
            assistant.ask(
                row.question, documents=[d for d in row.documents or () if d in known] or None
            ),
        )
        for row in rated
    ]


def compare(rated: RatedAnswer, now: Answer) -> Comparison:
    """Compare a rated answer with the answer of now."""
    then, (old, new) = rated.answer, (_shown(rated.answer), _shown(now))
    same_citation = (not old and not new) or bool(_places(old[:1]) & _places(new[:1]))
    if then.short is None and now.short is None:
        same_answer = then.answered == now.answered and same_citation
    else:
        same_answer = normalize_answer(then.short or "") == normalize_answer(now.short or "")
    either = _places(old) | _places(new)
    overlap = len(_places(old) & _places(new)) / len(either) if either else 1.0
    return Comparison(rated, now, same_answer, same_citation, overlap)


def scores_by_rating(comparisons: Sequence[Comparison]) -> list[RatingScores]:
    """Return the scores of each rating that was given, in the order of `Rating`."""
    groups = [[c for c in comparisons if c.rated.rating is rating] for rating in Rating]
    return [
        RatingScores(
            group[0].rated.rating,
            len(group),
            fmean(c.same_answer for c in group),
            fmean(c.same_citation for c in group),
            fmean(c.overlap for c in group),
        )
        for group in groups
        if group
    ]


def _shown(answer: Answer) -> list[Citation]:
    """Return the citations that were not withheld."""
    return [citation for citation in answer.citations if citation.support not in _WITHHELD]


def _places(citations: Iterable[Citation]) -> set[tuple[str, bool, int]]:
    """Return the cited characters; some are of a text that is not there any more."""
    return {
        (citation.doc_id, citation.support in _LOST, offset)
        for citation in citations
        for offset in range(citation.span.start, citation.span.end)
    }
