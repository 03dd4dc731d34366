"""How well passages are found and questions answered, on question sets and collections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean

from index.datatypes import Document, Passage
from index.errors import UnreadableDocument
from index.passage_index import Mode, PassageIndex
from qa.assistant import Assistant
from qa.datasets import Collection, Question
from qa.datatypes import Answer
from qa.measures import area_under_roc, ndcg_at_k, recall_at_k, reciprocal_rank

MODES: tuple[Mode, ...] = ("dense", "lexical", "hybrid")
CUTOFFS = (1, 5, 10)

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
    """Shares in [0, 1] over questions; None where no question is of that kind.

    ``first_holds``: the best evidence holds a gold answer, of the answerable questions.
    ``answered``: an answer was given, of the answerable questions.
    ``right``: the first citation holds a gold answer, of the answers given.
    ``abstained``: no answer was given, of the questions that nothing answers.
    ``area``: under the ROC curve of the confidence, answerable against not.
    """

    first_holds: float | None
    answered: float | None
    right: float | None
    abstained: float | None
    area: float | None


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
    index.embedder.embed([question.text for question in questions], "question")  # in batches, kept
    rankings = []
    for question in questions:
        if question.answers:
            hits = index.search(question.text, max(CUTOFFS), mode=mode)
            relevant = relevant_passages(question, passages_of(question.doc_id))
            rankings.append(([hit.passage.passage_id for hit in hits], relevant))
    if not rankings:
        raise ValueError("none of the questions has an answer to be found")
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
    """Measure evidence and abstention.

    With ``outside``, every question is also asked of all documents but its own, as a question
    that nothing answers.
    """
    asked: list[tuple[Question, Answer, bool]] = []
    negative: list[Answer] = []
    everything = set(assistant.index.documents)
    assistant.index.embedder.embed([question.text for question in questions], "question")
    for question in questions:
        answer, holds = _ask(assistant, question)
        if question.answers:
            asked.append((question, answer, holds))
            if outside and len(everything) > 1:
                others = everything - {question.doc_id}
                negative.append(assistant.ask(question.text, documents=others))
        else:
            negative.append(answer)
    given = [(question, answer) for question, answer, _ in asked if answer.answered]
    return AnswerScores(
        first_holds=_mean([holds for _, _, holds in asked]),
        answered=_mean([answer.answered for _, answer, _ in asked]),
        right=_mean([cites(question, answer) for question, answer in given]),
        abstained=_mean([not answer.answered for answer in negative]),
        area=area_under_roc(
            [answer.confidence for _, answer, _ in asked],
            [answer.confidence for answer in negative],
        )
        if asked and negative
        else None,
    )


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


def _ask(assistant: Assistant, question: Question) -> tuple[Answer, bool]:
    """Return the answer, and whether the best evidence holds a gold answer, given or not."""
    answer = assistant.ask(question.text)
    evidence = assistant.reader.read(question.text, answer.hits)
    if not evidence:
        return answer, False
    best = evidence[0]
    return answer, holds_answer(question, best.doc_id, best.span.start, best.text)


def _mean(values: Sequence[bool]) -> float | None:
    return fmean(values) if values else None
