"""Searching: by meaning and by words at once, fused by rank."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Hit
from loccit.index.errors import EmptyIndex
from loccit.index.models.remembering import RememberingEmbedder
from loccit.index.retrieval.fusion import reciprocal_rank_fusion
from loccit.index.settings import IndexSettings
from loccit.index.storage.sqlite.catalogue import Catalogue
from loccit.index.storage.vector_cache import VectorCache

Mode = Literal["hybrid", "dense", "lexical"]

# How many hits of each kind are fused; deeper ranks add less than 1 / (60 + 100).
FUSION_DEPTH = 100
FUSION_WEIGHTS = {"dense": 1.0, "lexical": 1.0}


@dataclass(frozen=True, slots=True)
class Searchable:
    """What a search goes through, all made with the same settings."""

    catalogue: Catalogue
    settings: IndexSettings
    embedder: RememberingEmbedder
    vectors: VectorCache
    threads: Executor


def search(
    parts: Searchable,
    questions: Sequence[str],
    k: int,
    *,
    mode: Mode,
    documents: Collection[str] | None,
) -> list[list[Hit]]:
    """Return the ``k`` hits of each question, as ``PassageIndex.search_many`` does.

    Raises:
        EmptyIndex: the index holds no passage.
    """
    if not questions:
        return []
    if not parts.catalogue.has_passages():
        raise EmptyIndex("the index is empty. Add a document first, then ask.")
    depth = max(k, FUSION_DEPTH) if mode == "hybrid" else k
    rankings: list[dict[str, list[int]]] = [{} for _ in questions]
    only = None if documents is None else parts.catalogue.keys_of(documents)
    vectors = None
    # Both kinds at once: SQLite, FAISS and the model let go of Python's lock while they work.
    lexical = [
        parts.threads.submit(parts.catalogue.full_text.search, question, depth, only)
        for question in questions
        if mode != "dense"
    ]
    if mode != "lexical":
        vectors = parts.embedder.embed(questions, "question")
        nearest = parts.vectors.current().search(vectors, depth, only=only)
        for ranking, keys in zip(rankings, nearest, strict=True):
            ranking["dense"] = keys
    for ranking, found in zip(rankings, lexical, strict=False):
        ranking["lexical"] = found.result()
    return [
        _hits(
            parts,
            ranking,
            k,
            None if vectors is None else vectors[number],
        )
        for number, ranking in enumerate(rankings)
    ]


def check_search(question: str, k: int, mode: str) -> None:
    """Raise ``ValueError`` for a search that makes no sense."""
    if not question.strip():
        raise ValueError("the question is empty: ask with at least one word")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if mode not in ("hybrid", "dense", "lexical"):
        raise ValueError(f'mode is "hybrid", "dense" or "lexical", not {mode!r}')


def _hits(
    parts: Searchable,
    rankings: Mapping[str, Sequence[int]],
    k: int,
    vector: NDArray[np.float32] | None,
) -> list[Hit]:
    """Return the passages that are first by both rankings; ``vector (dim,)`` is the question's.

    A passage removed since it was found is left out.
    """
    fused = reciprocal_rank_fusion(rankings, weights=FUSION_WEIGHTS)[:k]
    keys = [key for key, _ in fused]
    ranks = {name: {key: n for n, key in enumerate(r, 1)} for name, r in rankings.items()}
    passages = parts.catalogue.load_passages(keys)
    similarities: dict[int, float] = {}
    if vector is not None:
        found, rows = parts.catalogue.vectors.of_keys(parts.settings.dimension, keys)
        similarities = dict(zip(found.tolist(), (rows @ vector).tolist(), strict=True))
    kept = [(key, score) for key, score in fused if key in passages]
    return [
        Hit(
            passages[key],
            score,
            rank,
            similarities.get(key, 0.0),
            dense_rank=ranks.get("dense", {}).get(key),
            lexical_rank=ranks.get("lexical", {}).get(key),
        )
        for rank, (key, score) in enumerate(kept, start=1)
    ]
