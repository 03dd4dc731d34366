"""The measures against values worked out by hand."""

import math

import pytest

from loccit.qa.evaluation.measures import (
    area_under_roc,
    exact_match,
    f1,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank,
)
from loccit.qa.reading.words import normalize_answer


def test_recall_and_reciprocal_rank() -> None:
    ranking = ["a", "b", "c"]
    assert [recall_at_k(ranking, {"b", "z"}, k) for k in (1, 2, 3)] == [0, 1, 1]
    assert recall_at_k(ranking, set(), 3) == 0
    assert reciprocal_rank(ranking, {"c", "b"}) == 1 / 2
    assert reciprocal_rank(ranking, {"z"}) == 0


def test_ndcg() -> None:
    gains = {"a": 3.0, "b": 2.0, "c": 1.0}
    assert ndcg_at_k(["a", "b", "c"], gains, 10) == 1
    expected = (2 + 3 / 2) / (3 + 2 / math.log2(3) + 1 / 2)
    assert ndcg_at_k(["b", "x", "a"], gains, 10) == pytest.approx(expected)
    assert ndcg_at_k(["x", "a"], gains, 1) == 0
    assert ndcg_at_k(["a"], {}, 10) == 0


def test_answers_are_compared_as_squad_does() -> None:
    assert normalize_answer(" The  U.S. Army! ") == "us army"
    assert exact_match("the Army", ["Navy", "army."]) == 1
    assert exact_match("armies", ["army"]) == 0
    assert f1("the red army", ["army of red men"]) == pytest.approx(2 * 1 * 0.5 / 1.5)
    assert f1("", ["army"]) == 0
    assert f1("army", ["navy", "the army"]) == 1


def test_area_under_roc() -> None:
    assert area_under_roc([0.9, 0.8], [0.1, 0.2]) == 1
    assert area_under_roc([0.9, 0.1], [0.5]) == 0.5
    assert area_under_roc([0.5], [0.5]) == 0.5
    assert area_under_roc([0.5, 0.9], [0.5, 0.1]) == pytest.approx((0.5 + 1 + 1 + 1) / 4)
    with pytest.raises(ValueError, match="at least one"):
        area_under_roc([], [1.0])
