"""Vectors are the embedder's own, and each is asked for once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from loccit.index.models.default_model import DefaultEmbedder, Kind
from loccit.index.retrieval.searching import RememberingEmbedder


class Counting(DefaultEmbedder):
    asked: list[tuple[Kind, list[str]]]

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        self.asked.append((kind, list(texts)))
        return np.array([[len(text), kind == "question"] for text in texts], dtype=np.float32)


def test_each_text_is_embedded_once_and_the_oldest_is_forgotten() -> None:
    inner = Counting()
    inner.asked = []
    embedder = RememberingEmbedder(inner, kept=3)
    assert embedder.embed(["a", "bb", "a"], "passage").tolist() == [[1, 0], [2, 0], [1, 0]]
    assert embedder.embed(["bb", "ccc"], "passage").tolist() == [[2, 0], [3, 0]]
    assert embedder.embed(["a"], "question").tolist() == [[1, 1]]  # "a", the passage, goes
    assert embedder.embed(["ccc", "a"], "passage").tolist() == [[3, 0], [1, 0]]
    assert inner.asked == [
        ("passage", ["a", "bb"]),
        ("passage", ["ccc"]),
        ("question", ["a"]),
        ("passage", ["a"]),
    ]
