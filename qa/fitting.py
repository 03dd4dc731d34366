"""Fits the sentence reader's weights and its threshold: ``python -m qa.fitting SQUAD_FILE``.

Each question of a validation file is asked twice: of all documents, and of all but its own, as
a question that nothing answers. A sentence is positive where it holds a gold answer in the
paragraph that was asked about. Prints what to write in ``reading.py`` and ``composing.py``.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.passage_index import PassageIndex
from qa.assistant import READ_PASSAGES
from qa.datasets import Question, load_squad
from qa.evaluation import add_all, holds_answer
from qa.measures import area_under_roc
from qa.reading import FEATURES, Candidate, SentenceReader, sentences_of

_SEED = 20261123

Rows = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on a SQuAD file and print the weights and the threshold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("squad", type=Path)
    parser.add_argument("--questions", type=int, default=3000, help="how many to sample")
    options = parser.parse_args(arguments)
    data = load_squad(options.squad)
    questions = random.Random(_SEED).sample(
        data.questions, min(options.questions, len(data.questions))
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        PassageIndex.open(folder, create=True) as index,
    ):
        add_all(index, data.documents)
        asked, outside = _collect(index, questions)
    _fit(asked, outside)


def _collect(
    index: PassageIndex, questions: Sequence[Question]
) -> tuple[list[tuple[Question, Rows, Rows]], list[Rows]]:
    """Return features and labels of each question, and features asked outside its document."""
    reader = SentenceReader(index.embedder)
    everything = set(index.documents)
    index.embedder.embed([question.text for question in questions], "question")  # in batches, kept
    asked, outside = [], []
    for question in questions:
        candidates = sentences_of(index.search(question.text, READ_PASSAGES))
        labels = np.array([_label(question, candidate) for candidate in candidates])
        asked.append((question, reader.features(question.text, candidates), labels))
        others = everything - {question.doc_id}
        hits = index.search(question.text, READ_PASSAGES, documents=others)
        outside.append(reader.features(question.text, sentences_of(hits)))
    return asked, outside


def _label(question: Question, candidate: Candidate) -> float:
    passage = candidate.hit.passage
    start = passage.span.start + candidate.span.start
    return float(holds_answer(question, passage.doc_id, start, candidate.text))


def _fit(asked: list[tuple[Question, Rows, Rows]], outside: list[Rows]) -> None:
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate([features for _, features, _ in asked] + outside)
    labels = np.concatenate(
        [labels for _, _, labels in asked] + [np.zeros(len(features)) for features in outside]
    )
    model = LogisticRegression(C=10.0, max_iter=1000).fit(rows, labels)
    weights, bias = model.coef_[0], float(model.intercept_[0])
    for name, weight in zip(FEATURES, weights, strict=True):
        print(f"    {weight:.2f},  # {name}")  # noqa: T201
    print(f"BIAS = {bias:.2f}")  # noqa: T201

    def best(features: Rows) -> float:
        return float(1 / (1 + np.exp(-(features @ weights + bias).max())))

    answerable = [best(features) for question, features, _ in asked if question.answers]
    impossible = [best(features) for question, features, _ in asked if not question.answers]
    absent = [best(features) for features in outside]
    right = [
        float(labels[(features @ weights).argmax()])
        for question, features, labels in asked
        if question.answers
    ]
    print(f"first sentence holds the answer: {np.mean(right):.3f}")  # noqa: T201
    print(f"area, answerable against absent: {area_under_roc(answerable, absent):.3f}")  # noqa: T201
    if impossible:
        area = area_under_roc(answerable, impossible)
        print(f"area, answerable against impossible: {area:.3f}")  # noqa: T201
    for threshold in np.arange(0.05, 0.31, 0.01):
        answered = np.mean([score >= threshold for score in answerable])
        abstained = np.mean([score < threshold for score in absent])
        refused = np.mean([score < threshold for score in impossible]) if impossible else 0.0
        print(  # noqa: T201
            f"threshold {threshold:.2f}: answered {answered:.3f}, absent refused "
            f"{abstained:.3f}, impossible refused {refused:.3f}"
        )


if __name__ == "__main__":
    main()
