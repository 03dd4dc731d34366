"""Fits the weights of the reader.

``python -m loccit.qa.training.fitting squad_validation.json.gz qed-tune.json``

Takes files in SQuAD's layout that training has not seen. Each answerable question is asked of all
documents, and some again of all but their own, as questions that nothing answers; a set's own
unanswerable questions are asked as they are. Prints what to write in ``reader.py``;
``fitting_rows.py`` says what is collected.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from loccit.qa.answering.composing import MAX_NO_ANSWER
from loccit.qa.evaluation.measures import area_under_roc, calibration_error
from loccit.qa.reading.sentences import FEATURES as SENTENCE_FEATURES
from loccit.qa.reading.sentences import sigmoid
from loccit.qa.reading.span_candidates import FEATURES, gaps
from loccit.qa.training.fitting_rows import Kind, Row, collect

# How often a user's question is answered by the documents, nearly so, or not at all. For the
# confidence, which is that of answers given, it is an assumption: most people ask of what they
# know is there. For abstention the two sides weigh the same, as in SQuAD 2's own evaluation.
CALIBRATED: dict[Kind, float] = {"answerable": 0.9, "near": 0.05, "far": 0.05}
BALANCED: dict[Kind, float] = {"answerable": 0.5, "near": 0.4, "far": 0.1}
# Of the squared weights, in nats. Cross-validated; 0.01 loses 0.5 points of accuracy@1.
_PENALTY = 0.001

_MARGIN = FEATURES.index("margin")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Best:
    """The best evidence for a question of set ``number``.

    ``tells_right`` and ``tells_absent`` are what tells its chances.
    """

    number: int
    kind: Kind
    tells_right: tuple[float, ...]
    tells_absent: tuple[float, ...]
    is_right: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on files in SQuAD's layout and print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--questions", type=int, default=1000, help="of each kind and set")
    parser.add_argument("--reader", default=None, help="a checkpoint; the project's own if absent")
    options = parser.parse_args(arguments)
    sets = [collect(path, options.questions, options.reader) for path in options.sets]
    weights = fit_ranking(sets)
    _say("reader.WEIGHTS", FEATURES, weights)
    best = best_spans(sets, weights)
    no_answer = fit_no_answer(best)
    calibration = fit_calibration(best, no_answer)
    _say("reader.CALIBRATION", ("sum", "gap", "constant"), calibration)
    _say("reader.NO_ANSWER", ("sum", "margin", "constant"), no_answer)
    _say_scores(best, calibration, no_answer)
    sentence_weights, best = fit_sentences(sets)
    labels = (*SENTENCE_FEATURES, "span_margin", "passage_margin", "bias")
    _say("reader.SENTENCE_WEIGHTS", labels, sentence_weights)
    no_answer = fit_no_answer(best)
    _say("reader.SENTENCE_NO_ANSWER", ("log_odds", "constant"), no_answer)
    _say_scores(best, np.array([1.0, 0.0]), no_answer)


def fit_ranking(sets: Sequence[Sequence[Row]]) -> Floats:
    """Return weights under which right spans beat the others of their question.

    A softmax over each question's candidates, twice: for the spans that are right, and for all of
    the passages that hold an answer, which ranks passages better than the first alone. Every set
    weighs the same, whatever its size.
    """
    from scipy.optimize import minimize

    items = []
    for rows in sets:
        asked = [row for row in rows if row.kind == "answerable"]
        for labels in ([row.right for row in asked], [row.placed for row in asked]):
            kept = [(row, label) for row, label in zip(asked, labels, strict=True) if label.any()]
            items += [(row.spans, label, 1 / len(kept)) for row, label in kept]

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


def best_spans(sets: Sequence[Sequence[Row]], weights: Floats) -> list[Best]:
    """Return each question's best span: its sum and gap, and its sum and margin."""
    found = []
    for number, rows in enumerate(sets):
        for row in rows:
            if not len(row.spans):
                continue
            sums = row.spans @ weights
            best = int(sums.argmax())
            tells_right = (sums[best], gaps(sums, row.rivals)[best])
            tells_absent = (sums[best], row.spans[best, _MARGIN])
            found.append(Best(number, row.kind, tells_right, tells_absent, bool(row.agrees[best])))
    return found


def fit_sentences(sets: Sequence[Sequence[Row]]) -> tuple[Floats, list[Best]]:
    """Return weights and bias of the chance that the best sentence holds a gold answer.

    A logistic regression over all sentences ranks them; Platt's scaling of the best one's log
    odds makes a chance of it.
    """
    from sklearn.linear_model import LogisticRegression

    kept = [(n, row) for n, rows in enumerate(sets) for row in rows if len(row.sentences)]
    model = LogisticRegression(C=10.0, max_iter=2000).fit(
        np.concatenate([row.sentences for _, row in kept]),
        np.concatenate([row.holds for _, row in kept]),
    )
    weights, bias = model.coef_[0], float(model.intercept_[0])
    best = []
    for number, row in kept:
        sums = row.sentences @ weights + bias
        tells = (float(sums.max()),)
        best.append(Best(number, row.kind, tells, tells, bool(row.holds[sums.argmax()])))
    scale, shift = fit_calibration(best, fit_no_answer(best))
    scaled = []
    for b in best:
        tells = (b.tells_right[0] * scale + shift,)
        scaled.append(replace(b, tells_right=tells, tells_absent=tells))
    return np.array([*(weights * scale), bias * scale + shift]), scaled


def fit_no_answer(best: Sequence[Best]) -> Floats:
    """Return weights and constant that make the log odds of no answer of what tells it."""
    absent = [b.kind != "answerable" for b in best]
    values = np.array([b.tells_absent for b in best])
    return _logistic(values, absent, _weighed(best, BALANCED))


def fit_calibration(best: Sequence[Best], no_answer: Floats) -> Floats:
    """Return weights and constant that make the log odds of being right of what tells it.

    Fitted to the answers given: those that ``no_answer`` does not hold back.
    """
    weighed = _weighed(best, CALIBRATED) * (_absent(best, no_answer) < MAX_NO_ANSWER)
    values = np.array([b.tells_right for b in best])
    return _logistic(values, [b.is_right for b in best], weighed)


def _logistic(values: Floats, labels: Sequence[bool], weighed: Floats) -> Floats:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e3).fit(values, labels, weighed * len(weighed) / weighed.sum())
    return np.array([*model.coef_[0], model.intercept_[0]])


def _weighed(best: Sequence[Best], shares: Mapping[Kind, float]) -> Floats:
    """Weigh every set the same, and the kinds of question in it as ``shares`` say."""
    counts = Counter((b.number, b.kind) for b in best)
    return np.array([shares[b.kind] / counts[b.number, b.kind] for b in best])


def _absent(best: Sequence[Best], no_answer: Floats) -> Floats:
    values = np.array([b.tells_absent for b in best])
    return sigmoid(values @ no_answer[:-1] + no_answer[-1])


def _say(name: str, labels: Sequence[str], weights: Floats) -> None:
    print(f"{name}:")  # noqa: T201
    for label, weight in zip(labels, weights, strict=True):
        print(f"    {weight:.2f},  # {label}")  # noqa: T201


def _say_scores(best: Sequence[Best], calibration: Floats, no_answer: Floats) -> None:
    """Print how well chances are told, on what they were fitted on."""
    absent = _absent(best, no_answer)
    values = np.array([b.tells_right for b in best])
    chances = sigmoid(values @ calibration[:-1] + calibration[-1])
    asked = [i for i, b in enumerate(best) if b.kind == "answerable"]
    given = [i for i in asked if absent[i] < MAX_NO_ANSWER]
    for kind in ("near", "far"):
        others = [absent[i] for i, b in enumerate(best) if b.kind == kind]
        area = area_under_roc(others, [absent[i] for i in asked])
        refused = fmean(value >= MAX_NO_ANSWER for value in others)
        print(f"{kind}: area {area:.3f}, refused {refused:.3f}")  # noqa: T201
    error = calibration_error([chances[i] for i in given], [best[i].is_right for i in given])
    print(  # noqa: T201
        f"answerable: {len(given) / len(asked):.3f} answered, of which "
        f"{fmean(best[i].is_right for i in given):.3f} right, calibration error {error:.3f}"
    )


if __name__ == "__main__":
    main()
