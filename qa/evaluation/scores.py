"""Measures how well passages are found and questions are answered."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import fmean

from loccit.index.datatypes import Document, Hit, Passage
from loccit.index.errors import UnreadableDocument
from loccit.index.passage_index import PassageIndex
from loccit.index.retrieval.searching import Mode
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer, Evidence
from loccit.qa.evaluation.measures import (
    area_under_roc,
    calibration_error,
    exact_match,
    f1,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank,
)
from loccit.qa.evaluation.question_sets import Collection, Question
from loccit.qa.reading.sentences import Reader

MODES: tuple[Mode, ...] = ("dense", "lexical", "hybrid")
CUTOFFS = (1, 5, 10)
RIGHT_F1 = 0.5  # of a short answer that counts as right: "May 1995" where the gold is "1995"

_CHUNK = 256  # questions read at once
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
# Passages asked for so that ten different documents are among them: a long document has many.
_COLLECTION_DEPTH = 50


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Means over questions, in [0, 1]; ``recall`` by cutoff, ``mrr`` at the deepest one."""

    mode: Mode
    recall: Mapping[int, float]
    mrr: float


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """Shares in [0, 1] over questions; None if there is no question of that kind.

    Of the answerable questions, the best evidence taken whether it is given as an answer or not:
    ``exact`` and ``f1`` of the short answer, ``passage``: its passage holds a gold answer,
    ``sentence``: it does itself. ``answered``: an answer was given. ``right``: of those given, the
    short answer has an F1 of at least `RIGHT_F1`, or where there is none, the first citation holds
    a gold answer.

    Of the others: ``refused_near`` and ``area_near`` (no answer was given; area under the ROC curve
    of the best evidence's no-answer score, answerable against not) for the set's own unanswerable
    questions, ``refused_far`` and ``area_far`` for questions asked of all documents but their own.

    ``calibration``: expected calibration error of the answers given to the set's questions.
    """

    exact: float | None
    f1: float | None
    passage: float | None
    sentence: float | None
    answered: float | None
    right: float | None
    refused_near: float | None
    area_near: float | None
    refused_far: float | None
    area_far: float | None
    calibration: float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its answer, and the best evidence for it, given as an answer or not."""

    question: Question
    answer: Answer
    best: Evidence | None

    @property
    def short(self) -> str:
        """The best evidence's short answer, or ""."""
        return (self.best.short or "") if self.best else ""

    @property
    def is_right(self) -> bool:
        """Tell whether the answer that was given is right, as `AnswerScores` has it."""
        short = self.answer.short
        if short is None:
            return cites(self.question, self.answer)
        return f1(short, self.question.answers) >= RIGHT_F1


def add_all(index: PassageIndex, documents: Iterable[Document]) -> None:
    """Add documents that a question set brings.

    Raises:
        UnreadableDocument: one of them was not taken.
    """
    for document in documents:
        for outcome in index.add(document).with_status("failed"):
            raise UnreadableDocument(outcome.source, outcome.reason or "not added")


def evaluate_retrieval(
    index: PassageIndex, questions: Sequence[Question], mode: Mode
) -> RetrievalScores:
    """Measure how high the passage that holds the answer is ranked.

    Relevant is a passage that holds a gold answer inside the place it was asked about.
    Questions that nothing answers are left out.
    """
    passages_of = cache(index.passages)
    asked = [question for question in questions if question.answers]
    if not asked:
        raise ValueError("none of the questions has an answer to be found")
    found = index.search_many([question.text for question in asked], max(CUTOFFS), mode=mode)
    rankings = [
        (
            [hit.passage.passage_id for hit in hits],
            relevant_passages(question, passages_of(question.doc_id)),
        )
        for question, hits in zip(asked, found, strict=True)
    ]
    return RetrievalScores(
        mode,
        {k: fmean(recall_at_k(found, wanted, k) for found, wanted in rankings) for k in CUTOFFS},
        fmean(reciprocal_rank(found, wanted) for found, wanted in rankings),
    )


def evaluate_collection(index: PassageIndex, collection: Collection, mode: Mode) -> float:
    """Return the mean nDCG@10 of documents, each ranked by its best passage."""
    scores = []
    for question_id, text in collection.questions.items():
        hits = index.search(text, _COLLECTION_DEPTH, mode=mode)
        ranking = list(dict.fromkeys(hit.passage.doc_id for hit in hits))
        scores.append(ndcg_at_k(ranking, collection.gains[question_id], 10))
    return fmean(scores)


def evaluate_answers(
    assistant: Assistant, questions: Sequence[Question], *, outside: bool = False
) -> AnswerScores:
    """Measure answers and abstention.

    With ``outside``, every answerable question is also asked of all documents but its own.
    """
    asked = [
        row
        for start in range(0, len(questions), _CHUNK)
        for row in _ask(assistant, questions[start : start + _CHUNK])
    ]
    answerable = [row for row in asked if row.question.answers]
    near = [row for row in asked if not row.question.answers]
    far = _ask_outside(assistant, [row.question for row in answerable]) if outside else []
    given = [row for row in answerable if row.answer.answered]
    all_given = [row for row in asked if row.answer.answered]
    return AnswerScores(
        exact=_mean([exact_match(row.short, row.question.answers) for row in answerable]),
        f1=_mean([f1(row.short, row.question.answers) for row in answerable]),
        passage=_mean([_passage_holds(row) for row in answerable]),
        sentence=_mean([_sentence_holds(row) for row in answerable]),
        answered=_mean([row.answer.answered for row in answerable]),
        right=_mean([row.is_right for row in given]),
        refused_near=_mean([not row.answer.answered for row in near]),
        area_near=_area(answerable, near),
        refused_far=_mean([not row.answer.answered for row in far]),
        area_far=_area(answerable, far),
        calibration=calibration_error(
            [row.answer.confidence for row in all_given], [row.is_right for row in all_given]
        )
        if all_given
        else None,
    )


def evaluate_reading(
    reader: Reader, documents: Mapping[str, Document], questions: Sequence[Question]
) -> tuple[float, float]:
    """Return exact match and F1 of the short answer where the right paragraph is given.

    Questions that nothing answers are left out.
    """
    kept = [question for question in questions if question.answers and question.place]
    hits = [[_given(question, documents[question.doc_id])] for question in kept]
    evidence = reader.read([question.text for question in kept], hits)
    shorts = [(found[0].short or "") if found else "" for found in evidence]
    pairs = list(zip(shorts, kept, strict=True))
    return (
        fmean(exact_match(short, question.answers) for short, question in pairs),
        fmean(f1(short, question.answers) for short, question in pairs),
    )


def as_keyed_in(question: Question) -> Question:
    """Return the question in lower case and without punctuation, as people type into a search."""
    return replace(question, text=question.text.lower().translate(_NO_PUNCTUATION))


def relevant_passages(question: Question, passages: Sequence[Passage]) -> set[str]:
    """Return the ids of the passages that hold a gold answer inside the question's place."""
    return {
        passage.passage_id
        for passage in passages
        if holds_answer(question, passage.doc_id, passage.span.start, passage.text)
    }


def holds_answer(question: Question, doc_id: str, start: int, text: str) -> bool:
    """Tell whether a text that starts at ``start`` holds a gold answer inside the place."""
    if question.place is None or doc_id != question.doc_id:
        return False
    inside = text[max(0, question.place.start - start) : max(0, question.place.end - start)]
    return any(answer in inside for answer in question.answers)


def cites(question: Question, answer: Answer) -> bool:
    """Tell whether the first citation holds a gold answer inside the question's place."""
    if not answer.citations:
        return False
    first = answer.citations[0]
    return holds_answer(question, first.doc_id, first.span.start, first.quote)


def _ask(
    assistant: Assistant, questions: Sequence[Question], documents: set[str] | None = None
) -> list[Asked]:
    found = assistant.find_evidence([question.text for question in questions], documents=documents)
    return [
        Asked(question, assistant.answer(question.text, hits, evidence), next(iter(evidence), None))
        for question, (hits, evidence) in zip(questions, found, strict=True)
    ]


def _ask_outside(assistant: Assistant, questions: Sequence[Question]) -> list[Asked]:
    """Ask each question of all documents but its own."""
    everything = set(assistant.index.documents)
    own = sorted({question.doc_id for question in questions})
    if len(everything) == 1:
        return []
    return [
        row
        for doc_id in own
        for row in _ask(
            assistant, [q for q in questions if q.doc_id == doc_id], everything - {doc_id}
        )
    ]


def _given(question: Question, document: Document) -> Hit:
    """Return the paragraph that a question was asked about, as if it had been found."""
    place = question.place
    if place is None:
        raise ValueError(f"{question.question_id}: there is no paragraph to give")
    text = document.text[place.start : place.end]
    return Hit(Passage("", document.doc_id, place, text, title=document.title), 1.0, 1)


def _passage_holds(row: Asked) -> bool:
    if row.best is None:
        return False
    passage = row.best.hit.passage
    return holds_answer(row.question, passage.doc_id, passage.span.start, passage.text)


def _sentence_holds(row: Asked) -> bool:
    best = row.best
    return best is not None and holds_answer(row.question, best.doc_id, best.span.start, best.text)


def _area(answerable: Sequence[Asked], others: Sequence[Asked]) -> float | None:
    if not answerable or not others:
        return None
    scores = [[row.best.no_answer if row.best else 1.0 for row in g] for g in (others, answerable)]
    return area_under_roc(*scores)


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
