"""The derived vectors follow the catalogue, whoever changes it, and survive damage."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from loccit.index.datatypes import Document, Passage, Span
from loccit.index.storage import vector_index as vectors
from loccit.index.storage.sqlite import vectors as vector_cache
from loccit.index.storage.sqlite.catalogue import FILE_NAME, Catalogue
from loccit.index.storage.sqlite.vectors import VectorCache
from loccit.index.storage.store import NewDocument
from loccit.index.storage.vector_index import VectorIndex

DIMENSION = 16
RNG = np.random.default_rng(11)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    stored = Catalogue(tmp_path / FILE_NAME)
    yield stored
    stored.close()


def put(stored: Catalogue, names: Sequence[str], num_passages: int = 3) -> None:
    documents = []
    for name in names:
        text = f"{name} " * num_passages
        size = len(name) + 1
        passages = [
            Passage(f"{name}:{n}", name, Span(n * size, (n + 1) * size), f"{name} ", title="")
            for n in range(num_passages)
        ]
        rows = RNG.normal(size=(num_passages, DIMENSION)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        documents.append(NewDocument(Document(name, text, name, name), passages, rows))
    stored.put(documents)


def agree(index: VectorIndex, stored: Catalogue) -> bool:
    """Tell whether every stored vector is found first by itself, and no other is there."""
    batches = list(stored.vectors.all(DIMENSION))
    keys = np.concatenate([keys for keys, _ in batches]) if batches else np.empty(0)
    if sorted(index.keys()) != keys.tolist():
        return False
    rows = np.concatenate([rows for _, rows in batches])
    return [found[0] for found in index.search(rows, 1)] == keys.tolist()


def test_changes_are_caught_up_with(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, [f"d{n}" for n in range(50)])
    cache = VectorCache(catalogue.vectors, tmp_path, DIMENSION)
    index = cache.current()
    put(catalogue, ["new"])
    assert agree(cache.current(), catalogue)
    catalogue.remove("d7")
    put(catalogue, ["newer"])
    catalogue.remove("new")
    assert agree(cache.current(), catalogue)
    assert cache.current() is index  # not built again
    cache.keep()
    # A later start reads the file, then what has changed since.
    put(catalogue, ["newest"])
    assert agree(VectorCache(catalogue.vectors, tmp_path, DIMENSION).current(), catalogue)


def test_the_file_is_written_when_enough_has_changed(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_cache, "UNSAVED_SHARE", 0.1)
    cache = VectorCache(catalogue.vectors, tmp_path, DIMENSION)
    put(catalogue, [f"d{n}" for n in range(50)])
    file = tmp_path / vectors.FILE_NAME
    cache.keep()
    written = file.read_bytes()
    put(catalogue, ["few"])
    cache.keep()
    assert file.read_bytes() == written
    put(catalogue, [f"more{n}" for n in range(10)])
    cache.keep()
    assert file.read_bytes() != written


def test_a_file_of_another_catalogue_is_not_used(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, ["a", "b"])
    VectorCache(catalogue.vectors, tmp_path, DIMENSION).keep()
    (other := tmp_path / "other").mkdir()
    stored = Catalogue(other / FILE_NAME)
    try:
        put(stored, ["c", "d"])  # the same keys, other vectors
        shutil.copy(tmp_path / vectors.FILE_NAME, other / vectors.FILE_NAME)
        assert agree(VectorCache(stored.vectors, other, DIMENSION).current(), stored)
    finally:
        stored.close()


def test_a_file_from_the_future_is_not_used(catalogue: Catalogue, tmp_path: Path) -> None:
    # As where an older catalogue was put back.
    old = tmp_path / "old.sqlite3"
    put(catalogue, ["a"])
    catalogue._connections.read("VACUUM INTO ?", (str(old),))
    put(catalogue, ["b"])
    VectorCache(catalogue.vectors, tmp_path, DIMENSION).keep()
    stored = Catalogue(old)
    try:
        assert agree(VectorCache(stored.vectors, tmp_path, DIMENSION).current(), stored)
    finally:
        stored.close()


def test_cells_are_learnt_as_the_index_grows(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "CELLS_FROM", 500)
    cache = VectorCache(catalogue.vectors, tmp_path, DIMENSION)
    put(catalogue, [f"d{n}" for n in range(100)])
    cache.keep()
    assert cache.current().num_cells == 0
    put(catalogue, [f"e{n}" for n in range(100)])
    assert cache.current().num_cells == 0  # searching does not wait for it
    cache.keep()
    assert cache.current().num_cells == 15  # 2 x sqrt(600) would suit, of the 600 that there are
    assert agree(cache.current(), catalogue)
    again = VectorCache(catalogue.vectors, tmp_path, DIMENSION).current()
    assert again.num_cells == 15
    assert agree(again, catalogue)


def test_a_search_does_not_wait_for_a_writer(catalogue: Catalogue, tmp_path: Path) -> None:
    put(catalogue, ["a"])
    cache = VectorCache(catalogue.vectors, tmp_path, DIMENSION)
    found: list[int] = []
    with catalogue._connections.transaction():
        catalogue._write("DELETE FROM passages")
        thread = threading.Thread(target=lambda: found.append(len(cache.current())))
        thread.start()
        thread.join(20)
    assert found == [3]  # the state before the change
