"""Reciprocal rank fusion against values worked out by hand."""

import pytest

from loccit.index.retrieval.searching import reciprocal_rank_fusion


def test_scores_by_hand() -> None:
    fused = reciprocal_rank_fusion({"dense": [7, 3], "lexical": [3, 9]})
    assert [item for item, _ in fused] == [3, 7, 9]
    assert [score for _, score in fused] == pytest.approx([1 / 61 + 1 / 62, 1 / 61, 1 / 62])


def test_weights_and_ties() -> None:
    assert reciprocal_rank_fusion({"a": [2], "b": [1]}) == [(1, 1 / 61), (2, 1 / 61)]
    weighted = reciprocal_rank_fusion({"a": [2], "b": [1]}, weights={"a": 2.0, "b": 1.0})
    assert [item for item, _ in weighted] == [2, 1]
