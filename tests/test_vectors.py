"""The FAISS index against brute force, and its file against damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from loccit.index.storage import vector_index as vectors
from loccit.index.storage.vector_index import VectorIndex

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
    index.remove(np.array([*range(1000, 1250), 77]))
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
    index.save(path, "mine", generation=3)
    loaded, generation = VectorIndex.load(path, "mine", dimension=32) or (None, 0)
    assert loaded is not None
    assert generation == 3
    assert sorted(loaded.keys()) == KEYS.tolist()
    assert loaded.search(VECTORS[9:12], 10) == index.search(VECTORS[9:12], 10)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["short", "flipped", "empty", "another", "missing", "dimension"])
def test_a_file_that_is_not_right_is_not_used(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "vectors.faiss"
    build().save(path, "mine", generation=3)
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
    identity = "another" if damage == "another" else "mine"
    dimension = 16 if damage == "dimension" else 32
    assert VectorIndex.load(path, identity, dimension) is None


def test_cells_find_nearly_what_brute_force_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "PROBED", 50)
    # Clustered, as real vectors are, and more cells than are looked into.
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(300, 32))
    rows = (centres[rng.integers(0, 300, 12_000)] + 0.4 * rng.normal(size=(12_000, 32))).astype("f")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    keys = np.arange(12_000, dtype=np.int64)
    index = VectorIndex.build(32, [(keys[:9_000], rows[:9_000])], sample=rows[:8_000])
    assert index.num_cells == 200 > vectors.PROBED
    index.add(keys[9_000:], rows[9_000:])
    index.remove(keys[:1_000])
    index.save(tmp_path / "cells", "mine", generation=7)
    loaded, _ = VectorIndex.load(tmp_path / "cells", "mine", dimension=32) or (None, 0)
    assert loaded is not None
    assert loaded.num_cells == 200
    assert sorted(loaded.keys()) == list(range(1_000, 12_000))
    found = loaded.search(rows[5_000:5_050], 10)
    assert found == index.search(rows[5_000:5_050], 10)
    exact = np.argsort(-(rows[5_000:5_050] @ rows[1_000:].T), axis=1)[:, :10] + 1_000
    recall = np.mean([len({*a} & {*b}) / 10 for a, b in zip(found, exact.tolist(), strict=True)])
    assert recall > 0.95
    # A scope is looked for in all cells.
    only = [1_001, 4_000, 9_999]
    assert {*loaded.search(rows[5_000:5_001], 3, only=only)[0]} == {*only}


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (49_999, 0), (50_000, 447), (10**6, 2000)])
def test_more_vectors_have_more_cells(count: int, expected: int) -> None:
    assert vectors.cells_for(count) == expected
