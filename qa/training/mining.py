"""Finds hard negatives: passages that retrieval ranks high and that do not answer.

The ranking is BM25, the lexical half of loccit's own, over the passages of all sources together,
computed as a sparse product: asking an index a hundred thousand questions would take hours.
Search questions are also asked of the dense half, fused as retrieval does it; embedding the
passages of all sources would take half an hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from loccit.index.datatypes import Document, Passage
from loccit.index.models.embedder import Embedder
from loccit.index.retrieval.searching import reciprocal_rank_fusion
from loccit.qa.reading.words import content_stems
from loccit.qa.training.sources import TrainingQuestion

DEPTH = 30  # passages looked at
NEGATIVES = 6  # kept for a question
BM25_K1, BM25_B = 1.2, 0.75  # as SQLite's FTS5 has them
COMMON = 0.1  # a word in more than this share of the passages is left out of the product

DENSE_SOURCES = frozenset({"qed"})  # whose questions dense retrieval answers better than BM25

_CHUNK = 256  # questions in one product


def mine(
    passages: Sequence[Passage],
    documents: Sequence[Document],
    questions: Sequence[TrainingQuestion],
    embedder: Embedder,
) -> list[list[int]]:
    """Return for each question the numbers of at most ``NEGATIVES`` passages, best first.

    Left out are passages that overlap the paragraph the question was asked about, and those
    that hold the text of one of its answers.

    Args:
        passages: of all documents.
        documents: where the answers' texts stand.
        questions: as they were asked.
        embedder: of the dense half of the ranking.
    """
    texts = {document.doc_id: document.text for document in documents}
    lowered = [passage.text.lower() for passage in passages]
    bm25 = Bm25([passage.text for passage in passages])
    dense = _dense_rankings(passages, questions, embedder)
    mined = []
    for start in range(0, len(questions), _CHUNK):
        chunk = questions[start : start + _CHUNK]
        rankings = _top(bm25.scores([question.text for question in chunk]))
        for number, lexical in enumerate(rankings.tolist(), start):
            question, ranking = questions[number], lexical
            if number in dense:
                fused = reciprocal_rank_fusion({"lexical": lexical, "dense": dense[number]})
                ranking = [passage for passage, _ in fused]
            golds = {texts[question.doc_id][a.start : a.end].lower() for a in question.answers}
            mined.append(_negatives(question, golds, ranking, passages, lowered))
    return mined


class Bm25:
    """BM25 of every passage for many questions at once, as a sparse product."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(content_stems(text)) for text in texts]
        self._columns: dict[str, int] = {}
        frequency = Counter(stem for count in counts for stem in count)
        for stem, documents in frequency.items():
            if documents <= max(1, COMMON * len(texts)):
                self._columns[stem] = len(self._columns)
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float32)
        relative = BM25_K1 * (1 - BM25_B + BM25_B * lengths / max(lengths.mean(), 1))
        rows, columns, values = [], [], []
        for number, count in enumerate(counts):
            for stem, times in count.items():
                if (column := self._columns.get(stem)) is not None:
                    idf = np.log1p((len(texts) - frequency[stem] + 0.5) / (frequency[stem] + 0.5))
                    rows.append(column)
                    columns.append(number)
                    values.append(idf * times * (BM25_K1 + 1) / (times + relative[number]))
        self._weights = csr_matrix(
            (np.array(values, dtype=np.float32), (rows, columns)),
            shape=(len(self._columns), len(texts)),
        )

    def scores(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """Return ``(len(questions), len(texts))``."""
        rows, columns = [], []
        for row, question in enumerate(questions):
            for stem in set(content_stems(question)):
                if (column := self._columns.get(stem)) is not None:
                    rows.append(row)
                    columns.append(column)
        asked = csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, columns)),
            shape=(len(questions), len(self._columns)),
        )
        dense: NDArray[np.float32] = (asked @ self._weights).toarray()
        return dense


def _dense_rankings(
    passages: Sequence[Passage], questions: Sequence[TrainingQuestion], embedder: Embedder
) -> dict[int, list[int]]:
    """Return, by the numbers of the dense sources' questions, their own source's best passages."""
    rankings: dict[int, list[int]] = {}
    for source in DENSE_SOURCES:
        asked = [number for number, q in enumerate(questions) if q.source == source]
        if not asked:
            continue
        documents = {questions[number].doc_id for number in asked}
        found = np.array([n for n, p in enumerate(passages) if p.doc_id in documents])
        vectors = embedder.embed([passages[n].text_in_context for n in found], "passage")
        for start in range(0, len(asked), _CHUNK):
            chunk = asked[start : start + _CHUNK]
            scores = embedder.embed([questions[n].text for n in chunk], "question") @ vectors.T
            rankings |= dict(zip(chunk, found[_top(scores)].tolist(), strict=True))
    return rankings


def _top(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the numbers of the ``DEPTH`` best of each row, best first."""
    depth = min(DEPTH, scores.shape[1])
    best = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _negatives(
    question: TrainingQuestion,
    golds: Collection[str],
    ranking: Iterable[int],
    passages: Sequence[Passage],
    lowered: Sequence[str],
) -> list[int]:
    kept = (
        number
        for number in ranking
        if not (
            passages[number].doc_id == question.doc_id
            and passages[number].span.overlaps(question.place)
        )
        and not any(gold in lowered[number] for gold in golds)
    )
    return list(islice(kept, NEGATIVES))
