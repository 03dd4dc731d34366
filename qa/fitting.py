"""Fits what the readers weigh: ``python -m qa.fitting squad_validation.json.gz qed-tune.json``.

Takes files in SQuAD's layout that training has not seen. Each answerable question is asked of all
documents, and some again of all but their own, as questions that nothing answers; a set's own
unanswerable questions are asked as they are. Prints what to write in ``reading.py`` and
``span_reading.py``; ``qa/fitting_rows.py`` says what is collected.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.fitting_rows import Row, collect
from qa.measures import area_under_roc
from qa.reading import FEATURES as SENTENCE_FEATURES
from qa.span_candidates import FEATURES, gaps

_PENALTY = 0.01  # of the squared weights, in nats

Floats = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on files in SQuAD's layout and print the weights and thresholds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--questions", type=int, default=1000, help="of each kind and set")
    parser.add_argument("--reader", default=None, help="a checkpoint; the project's own if absent")
    options = parser.parse_args(arguments)
    sets = [collect(path, options.questions, options.reader) for path in options.sets]
    weights = fit_ranking(sets)
    _say_weights("span_reading.WEIGHTS", FEATURES, weights)
    rows = [row for part in sets for row in part]
    calibration = fit_calibration(sets, weights)
    print("span_reading.CALIBRATION =", np.round(calibration, 3).tolist())  # noqa: T201
    _say_thresholds(rows, lambda row: confidence(row, weights, calibration))
    for name, columns, labels in (
        ("reading", slice(0, len(SENTENCE_FEATURES)), SENTENCE_FEATURES),
        ("span_reading", slice(None), (*SENTENCE_FEATURES, "span_margin", "passage_margin")),
    ):
        sentence_weights, bias = fit_sentences(rows, columns)
        _say_weights(f"{name}, sentences", labels, sentence_weights)
        print(f"bias = {bias:.2f}")  # noqa: T201

        def best(row: Row, columns: slice = columns, w: Floats = sentence_weights) -> float:
            return _best_chance(row.sentences[:, columns] @ w + bias)  # noqa: B023

        _say_thresholds(rows, best)


def fit_ranking(sets: Sequence[Sequence[Row]]) -> Floats:
    """Return weights under which right spans beat the others of their question.

    A softmax over each question's candidates; every set weighs the same, whatever its size.
    """
    from scipy.optimize import minimize

    items = []
    for rows in sets:
        kept = [row for row in rows if row.kind == "answerable" and row.right.any()]
        items += [(row.spans, row.right, 1 / len(kept)) for row in kept]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = _PENALTY * float(weights @ weights), 2 * _PENALTY * weights
        for features, right, share in items:
            sums = features @ weights
            chances = np.exp(sums - sums.max())
            chances /= chances.sum()
            positive = chances * right
            total -= share * float(np.log(positive.sum()))
            slope = slope - share * (features.T @ (positive / positive.sum() - chances))
        return total, slope

    found = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, dtype=np.float64)


def fit_calibration(sets: Sequence[Sequence[Row]], weights: Floats) -> Floats:
    """Return Platt's weights of the best candidate's sum and gap, and the constant.

    Right is a short answer of F1 0.5 or more. A question that nothing answers counts as much as
    it is there.
    """
    from sklearn.linear_model import LogisticRegression

    features, right, share = [], [], []
    for rows in sets:
        kept = [row for row in rows if len(row.spans)]
        for row in kept:
            best, *pair = _best(row, weights)
            features.append(pair)
            right.append(bool(row.close[best]))
            share.append(1 / len(kept))
    model = LogisticRegression(C=1e3).fit(features, right, np.array(share) * len(share))
    return np.array([*model.coef_[0], model.intercept_[0]])


def fit_sentences(rows: Sequence[Row], columns: slice) -> tuple[Floats, float]:
    """Return a logistic regression's weights and bias: does the sentence hold a gold answer?"""
    from sklearn.linear_model import LogisticRegression

    features = np.concatenate([row.sentences[:, columns] for row in rows])
    holds = np.concatenate([row.holds for row in rows])
    model = LogisticRegression(C=10.0, max_iter=2000).fit(features, holds)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])


def confidence(row: Row, weights: Floats, calibration: Floats) -> float:
    """Return the chance that the best span is right."""
    if not len(row.spans):
        return 0.0
    _, total, gap = _best(row, weights)
    return _best_chance(np.array([calibration @ (total, gap, 1.0)]))


def _best(row: Row, weights: Floats) -> tuple[int, float, float]:
    sums = row.spans @ weights
    best = int(sums.argmax())
    return best, float(sums[best]), float(gaps(sums, row.rivals)[best])


def _best_chance(sums: Floats) -> float:
    return float(1 / (1 + np.exp(-sums.max()))) if len(sums) else 0.0


def _say_weights(name: str, labels: Sequence[str], weights: Floats) -> None:
    print(f"{name}:")  # noqa: T201
    for label, weight in zip(labels, weights, strict=True):
        print(f"    {weight:.2f},  # {label}")  # noqa: T201


def _say_thresholds(rows: Sequence[Row], score: Callable[[Row], float]) -> None:
    scores = {
        kind: [score(row) for row in rows if row.kind == kind]
        for kind in ("answerable", "near", "far")
    }
    for kind in ("near", "far"):
        area = area_under_roc(scores["answerable"], scores[kind])
        print(f"area, answerable against {kind}: {area:.3f}")  # noqa: T201
    for threshold in np.arange(0.02, 0.52, 0.02):
        shares = ", ".join(
            f"{kind} {np.mean([s >= threshold for s in values]):.3f}"
            for kind, values in scores.items()
        )
        print(f"threshold {threshold:.2f}: answered of {shares}")  # noqa: T201


if __name__ == "__main__":
    main()
