"""The field's measures: pure functions of ranked results and of answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from loccit.qa.reading.words import normalize_answer

_BINS = 10


def recall_at_k(ranking: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return 1 where any of the first ``k`` is relevant, else 0.

    This is the recall of open-domain question answering, where one passage with the answer is
    enough (Karpukhin et al. 2020, "top-k retrieval accuracy").
    """
    return float(any(item in relevant for item in ranking[:k]))


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Return 1 / rank of the first relevant item; 0 where there is none."""
    for rank, item in enumerate(ranking, start=1):
        if item in relevant:
            return 1 / rank
    return 0.0


def ndcg_at_k(ranking: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """Return the normalised discounted cumulative gain of the first ``k``.

    Gain is linear and the discount ``log2(rank + 1)`` (Järvelin and Kekäläinen 2002, as in
    trec_eval's ndcg_cut). 0 where nothing is relevant.
    """
    ideal = _dcg(sorted(gains.values(), reverse=True)[:k])
    if ideal == 0:
        return 0.0
    return _dcg([gains.get(item, 0.0) for item in ranking[:k]]) / ideal


def exact_match(answer: str, gold: Sequence[str]) -> float:
    """Return 1 where the answer equals a gold answer after normalisation."""
    return float(normalize_answer(answer) in {normalize_answer(text) for text in gold})


def f1(answer: str, gold: Sequence[str]) -> float:
    """Return the best harmonic mean of precision and recall of words against a gold answer."""
    return max((_f1(answer, text) for text in gold), default=0.0)


def area_under_roc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the chance that a positive's score beats a negative's, ties counted half."""
    if not positive or not negative:
        raise ValueError("the area needs at least one positive and one negative score")
    # Mann and Whitney 1947: by ranks, with the mean rank for ties.
    scores = sorted([(score, 1) for score in positive] + [(score, 0) for score in negative])
    rank_sum, place = 0.0, 0
    while place < len(scores):
        end = place
        while end < len(scores) and scores[end][0] == scores[place][0]:
            end += 1
        mean_rank = (place + 1 + end) / 2
        rank_sum += mean_rank * sum(kind for _, kind in scores[place:end])
        place = end
    count = len(positive)
    return (rank_sum - count * (count + 1) / 2) / (count * len(negative))


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Return the expected calibration error, in ten bins of equal width (Guo et al. 2017).

    The mean, weighed by answers, of how far a bin's mean confidence is from its share of right
    answers.
    """
    if not confidences:
        raise ValueError("the error needs at least one answer")
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, is_right in zip(confidences, right, strict=True):
        bins.setdefault(min(int(confidence * _BINS), _BINS - 1), []).append((confidence, is_right))
    return sum(
        abs(sum(confidence - is_right for confidence, is_right in inside))
        for inside in bins.values()
    ) / len(confidences)


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _f1(answer: str, gold: str) -> float:
    found, expected = normalize_answer(answer).split(), normalize_answer(gold).split()
    if not found or not expected:
        return float(found == expected)
    common = sum((Counter(found) & Counter(expected)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(found), common / len(expected)
    return 2 * precision * recall / (precision + recall)
