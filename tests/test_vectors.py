"""The FAISS index against brute force, and its file against damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.vectors import VectorIndex

RNG = np.random.default_rng(7)
VECTORS = RNG.normal(size=(500, 32)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
KEYS = np.arange(1000, 1500, dtype=np.int64)


def build() -> VectorIndex:
    return VectorIndex.build(32, [(KEYS[:300], VECTORS[:300]), (KEYS[300:], VECTORS[300:])])


def brute_force(question: np.ndarray, kept: np.ndarray, depth: int) -> list[int]:
    halves = VECTORS[kept].astype(np.float16).astype(np.float32)
    return [int(key) for key in KEYS[kept][np.argsort(-(halves @ question))][:depth]]


def test_search_equals_brute_force() -> None:
    index = build()
    everything = np.arange(500)
    found = index.search(VECTORS[:20], 10)
    assert found == [brute_force(question, everything, 10) for question in VECTORS[:20]]


def test_removed_vectors_are_not_found() -> None:
    index = build()
    index.remove([*range(1000, 1250), 77])
    assert len(index) == 250
    assert index.search(VECTORS[:1], 10) == [brute_force(VECTORS[0], np.arange(250, 500), 10)]


def test_scope_and_depth() -> None:
    index = build()
    only = [1003, 1400, 1100]
    kept = np.array([3, 100, 400])
    assert index.search(VECTORS[5:6], 10, only=only) == [brute_force(VECTORS[5], kept, 10)]
    assert index.search(VECTORS[5:7], 10, only=[]) == [[], []]
    assert VectorIndex.build(32, []).search(VECTORS[:1], 10) == [[]]


def test_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "naïve 名.faiss"
    index = build()
    index.save(path, generation=3)
    loaded = VectorIndex.load(path, generation=3, dimension=32)
    assert loaded is not None
    assert loaded.search(VECTORS[9:12], 10) == index.search(VECTORS[9:12], 10)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["short", "flipped", "empty", "stale", "missing", "dimension"])
def test_a_file_that_is_not_right_is_not_used(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "vectors.faiss"
    build().save(path, generation=3)
    data = bytearray(path.read_bytes())
    if damage == "short":
        path.write_bytes(data[:-10])
    elif damage == "flipped":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "missing":
        path.unlink()
    generation = 4 if damage == "stale" else 3
    dimension = 16 if damage == "dimension" else 32
    assert VectorIndex.load(path, generation, dimension) is None
