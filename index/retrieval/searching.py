"""Searching: by meaning and by words at once, fused by rank."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Hit
from loccit.index.errors import DamagedIndex, EmptyIndex
from loccit.index.models.default_model import Kind
from loccit.index.models.embedder import Embedder
from loccit.index.opening import settings_and_model
from loccit.index.settings import IndexSettings
from loccit.index.storage.store import Store

Mode = Literal["hybrid", "dense", "lexical"]

# How many hits of each kind are fused; deeper ranks add less than 1 / (60 + 100).
FUSION_DEPTH = 100
FUSION_WEIGHTS = {"dense": 1.0, "lexical": 1.0}
RRF_K = 60  # Cormack, Clarke and Buettcher, SIGIR 2009: damps the weight of the first ranks
VECTORS_KEPT = 20_000  # 30 MB of 384-d float32 rows
_LEFT_OUT = "what is asked is damaged in the index, and left out: run `loccit doctor`"


@dataclass(frozen=True, slots=True)
class Searchable:
    """What a search goes through, all made with the same settings."""

    store: Store
    settings: IndexSettings
    embedder: RememberingEmbedder
    threads: Executor


class Searcher:
    """Searches a store, with the model that it has by now; may be shared by threads."""

    def __init__(self, store: Store, settings: IndexSettings, embedder: Embedder) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(thread_name_prefix="searching")
        self._changing_model = threading.Lock()
        self._parts = self._parts_of(settings, embedder)

    def close(self) -> None:
        """Begin no further search."""
        self._threads.shutdown(cancel_futures=True)

    def search(
        self,
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
        while True:
            parts = self.current()
            try:
                hits = search(parts, questions, k, mode=mode, documents=documents)
            except Exception:  # vectors of another length, for one, if the model was changed
                if parts is self.current():
                    raise
                continue
            if parts is self.current():
                return hits

    def current(self) -> Searchable:
        """Return what there is to search, with the model that the index has by now."""
        if self._store.has_settings(self._parts.settings):
            return self._parts
        with self._changing_model:
            if not self._store.has_settings(self._parts.settings):
                self._parts = self._parts_of(*settings_and_model(self._store, None))
            return self._parts

    def _parts_of(self, settings: IndexSettings, embedder: Embedder) -> Searchable:
        return Searchable(self._store, settings, RememberingEmbedder(embedder), self._threads)


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
        DamagedIndex: what was found is damaged, or all that is asked is left out for that.
    """
    if not questions:
        return []
    if not parts.store.has_passages():
        if parts.store.damaged_documents():
            raise DamagedIndex(_LEFT_OUT)
        raise EmptyIndex("the index is empty. Add a document first, then ask.")
    depth = max(k, FUSION_DEPTH) if mode == "hybrid" else k
    rankings: list[dict[str, list[int]]] = [{} for _ in questions]
    only = None if documents is None else parts.store.keys_of(documents)
    if only == [] and not set(documents or ()).isdisjoint(parts.store.damaged_documents()):
        raise DamagedIndex(_LEFT_OUT)
    vectors = None
    # Both kinds at once: SQLite, FAISS and the model let go of Python's lock while they work.
    lexical = [
        parts.threads.submit(parts.store.search_words, question, depth, only)
        for question in questions
        if mode != "dense"
    ]
    if mode != "lexical":
        vectors = parts.embedder.embed(questions, "question")
        nearest = parts.store.search_vectors(vectors, depth, only)
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


def reciprocal_rank_fusion(
    rankings: Mapping[str, Sequence[int]],
    *,
    weights: Mapping[str, float] | None = None,
    k: int = RRF_K,
) -> list[tuple[int, float]]:
    """Fuse rankings of ids: ``score(id) = sum of weight / (k + rank)``, ranks from 1.

    Returns:
        (id, score) pairs, best first; equal scores in the order of the ids.
    """
    scores: dict[int, float] = {}
    for name, ranking in rankings.items():
        weight = 1.0 if weights is None else weights[name]
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


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
    found = parts.store.load_passages(keys)
    similarities: dict[int, float] = {}
    if vector is not None:  # row by row: in a product of all a row's place moves the last digit
        similarities = {key: float(row @ vector) for key, (_, row) in found.items()}
    kept = [(key, score) for key, score in fused if key in found]
    return [
        Hit(
            found[key][0],
            score,
            rank,
            similarities.get(key, 0.0),
            dense_rank=ranks.get("dense", {}).get(key),
            lexical_rank=ranks.get("lexical", {}).get(key),
        )
        for rank, (key, score) in enumerate(kept, start=1)
    ]


class RememberingEmbedder:
    """Wraps an embedder and keeps the vectors asked for last; may be shared by threads.

    A question is embedded for searching and again for reading, and questions come back to the
    same passages.
    """

    def __init__(self, embedder: Embedder, *, kept: int = VECTORS_KEPT) -> None:
        self.within = embedder  # remembers nothing, as suits what is embedded once
        self._limit = kept
        self._kept: OrderedDict[tuple[Kind, str], NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name of the embedder within."""
        return self.within.name

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the embedder within."""
        return self.within.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.within.dimension

    @property
    def window(self) -> int:
        """The most word pieces of a text that count."""
        return self.within.window

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return unit rows ``(len(texts), dimension) float32``."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            found = {text: self._kept.get((kind, text)) for text in texts}
        missing = [text for text, row in found.items() if row is None]
        if missing:
            found |= zip(missing, self.within.embed(missing, kind), strict=True)
        with self._lock:
            for text, row in found.items():
                if row is not None:
                    self._kept[kind, text] = row
                    self._kept.move_to_end((kind, text))
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        rows = [found[text] for text in texts]
        return np.array(rows, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        return self.within.count_tokens(texts)
