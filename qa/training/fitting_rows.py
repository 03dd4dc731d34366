"""Questions that were read, with features and gold labels, to fit the reader's weights on."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Hit
from loccit.index.models.embedder import Embedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import READ_PASSAGES
from loccit.qa.evaluation.measures import f1
from loccit.qa.evaluation.question_sets import Question, load_squad
from loccit.qa.evaluation.scores import RIGHT_F1, add_all, holds_answer, relevant_passages
from loccit.qa.reading.cross_encoder import Reading
from loccit.qa.reading.reader import open_reader, sentence_margins
from loccit.qa.reading.sentences import sentence_features, sentences_of
from loccit.qa.reading.span_candidates import SpanCandidate, candidates_of, rivals_of, span_features
from loccit.qa.reading.words import normalize_answer

Kind = Literal["answerable", "near", "far"]

FAR_SHARE = 0.4  # of the answerable questions, asked again of all documents but their own
_SEED = 20261124
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Row:
    """One question as it was read.

    ``near`` is a question that its document nearly answers, ``far`` one asked of other documents.
    ``spans`` ``(n, F)`` and ``sentences`` ``(m, G)`` are features; ``agrees``: the span has an F1
    of `RIGHT_F1`, or stands where the question was asked and is part of a gold answer, or one is
    part of it; ``right``: it has that F1 and stands there; ``placed``: its passage holds a gold
    answer there; ``rivals`` ``(n, n)``: as `rivals_of` has it; ``holds``: the sentence holds a
    gold answer there.

    The sets have one gold answer a question. In SQuAD's development set, which has three, a
    person's answer has that F1 with one other person's in 89% of the questions and agrees with it
    in 94%, which is how often it has that F1 with one of two others'.
    """

    kind: Kind
    spans: NDArray[np.float64]
    agrees: NDArray[np.bool_]
    right: NDArray[np.bool_]
    placed: NDArray[np.bool_]
    rivals: NDArray[np.bool_]
    sentences: NDArray[np.float64]
    holds: NDArray[np.bool_]


def collect(path: Path, count: int, reader: str | None) -> list[Row]:
    """Read up to ``count`` questions of each kind of a file in SQuAD's layout."""
    data = load_squad(path)
    rng = random.Random(_SEED)
    answerable = [question for question in data.questions if question.answers]
    near = [question for question in data.questions if not question.answers]
    answerable, near = (rng.sample(g, min(count, len(g))) for g in (answerable, near))
    far = answerable[: int(len(answerable) * FAR_SHARE)]
    with tempfile.TemporaryDirectory() as folder, PassageIndex.open(folder, create=True) as index:
        add_all(index, data.documents)
        return [
            row
            for kind, group in (("answerable", answerable), ("near", near), ("far", far))
            for start in range(0, len(group), _CHUNK)
            for row in _rows(index, kind, group[start : start + _CHUNK], reader)  # type: ignore[arg-type]
        ]


def _rows(
    index: PassageIndex, kind: Kind, questions: Sequence[Question], model: str | None
) -> list[Row]:
    reader = open_reader(index.embedder, model)
    texts = [question.text for question in questions]
    if kind == "far":
        everything = set(index.documents)
        index.embedder.embed(texts, "question")  # in batches, and remembered
        hits = [
            index.search(q.text, READ_PASSAGES, documents=everything - {q.doc_id})
            for q in questions
        ]
    else:
        hits = index.search_many(texts, READ_PASSAGES)
    return [
        _row(kind, question, found, readings, index.embedder)
        for question, (_, found, readings) in zip(
            questions, reader.readings(texts, hits), strict=True
        )
    ]


def _row(
    kind: Kind,
    question: Question,
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    embedder: Embedder,
) -> Row:
    spans = candidates_of(hits, readings)
    sentences = sentences_of(hits)
    features = sentence_features(question.text, sentences, embedder)
    close = np.array([f1(span.text, question.answers) >= RIGHT_F1 for span in spans], dtype=bool)
    inside = np.array([_in_place(question, span) for span in spans], dtype=bool)
    holding = relevant_passages(question, [hit.passage for hit in hits])
    return Row(
        kind=kind,
        spans=span_features(question.text, spans, embedder),
        agrees=close | (inside & [_is_part(question, span) for span in spans]),
        right=close & inside,
        placed=np.array([span.hit.passage.passage_id in holding for span in spans], dtype=bool),
        rivals=rivals_of(spans),
        sentences=np.hstack([features, sentence_margins(sentences, hits, readings)]),
        holds=np.array(
            [
                holds_answer(
                    question, s.hit.passage.doc_id, s.hit.passage.span.start + s.span.start, s.text
                )
                for s in sentences
            ],
            dtype=bool,
        ),
    )


def _is_part(question: Question, candidate: SpanCandidate) -> bool:
    """Tell whether the span is part of a gold answer or holds one, after normalisation."""
    found = f" {normalize_answer(candidate.text)} "
    golds = [f" {normalize_answer(answer)} " for answer in question.answers]
    return bool(found.strip()) and any(
        gold.strip() and (gold in found or found in gold) for gold in golds
    )


def _in_place(question: Question, candidate: SpanCandidate) -> bool:
    passage = candidate.hit.passage
    start, end = (passage.span.start + at for at in (candidate.span.start, candidate.span.end))
    place = question.place
    return (
        place is not None
        and passage.doc_id == question.doc_id
        and start < place.end
        and place.start < end
    )
