"""Another model for an index: from stored text, resumed, while others read and write."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loccit.index.datatypes import Document
from loccit.index.errors import IndexMismatch, IndexNotFound
from loccit.index.ingestion import reembedding
from loccit.index.ingestion.reporting import Progress
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.sqlite.catalogue import DRAFT_FOLDER

WORDS = ["lease", "rent", "notice", "deposit", "garden", "cellar"]


class Toy:
    """A model that counts words: the dimension a model has is its number of columns."""

    name = "toy"
    window = 60

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.fingerprint = f"sha256:toy{dimension}"
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        rows = np.full((len(texts), self.dimension), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[sum(word.strip(".?").encode()) % self.dimension] += 1
        if kind == "passage":
            self.embedded += texts
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with PassageIndex.open(tmp_path / "i", create=True, embedder=Toy(8)) as index:
        for word in WORDS:
            index.add(Document(word, f"This is what is said of the {word}. " * 20, word, word))
    return tmp_path / "i"


def found(index: PassageIndex) -> list[str]:
    return [index.search(word, 1)[0].passage.doc_id for word in WORDS]


def test_all_passages_get_vectors_of_the_new_model(folder: Path) -> None:
    new = Toy(16)
    steps: list[Progress] = []
    reembedding.reembed(folder, new, steps.append)
    assert [step.files_done for step in steps] == [0]
    assert {text.split("\n")[0] for text in new.embedded} == set(WORDS)
    assert not (folder / DRAFT_FOLDER).exists()
    with PassageIndex.open(folder, embedder=Toy(16)) as index:
        assert found(index) == WORDS
        assert index.settings.dimension == 16
        passages = index.passages("rent")
        assert passages == index.passages("rent")
        assert all(p.text in index.documents["rent"].text for p in passages)
        for _, rows in index._store.vectors.all(16):
            assert rows.shape[1] == 16
    new.embedded.clear()
    reembedding.reembed(folder, new, steps.append)
    assert new.embedded == []
    with pytest.raises(IndexMismatch, match="loccit reembed"):
        PassageIndex.open(folder, embedder=Toy(8))


def test_it_goes_on_where_it_was_stopped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reembedding, "POOLED_PASSAGES", 1)
    first, second = Toy(16), Toy(16)

    def stop(step: Progress) -> None:
        if step.files_done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reembedding.reembed(folder, first, stop)
    with PassageIndex.open(folder, embedder=Toy(8)) as index:
        assert found(index) == WORDS  # with the old model
        index.remove("lease")
        index.add(Document("roof", "What is said of the roof.", "roof", "roof"))
    reembedding.reembed(folder, second, lambda step: None)
    assert {text.split("\n")[0] for text in first.embedded} == {"lease", "rent"}
    assert {text.split("\n")[0] for text in second.embedded} == {*WORDS[2:], "roof"}
    with PassageIndex.open(folder, embedder=Toy(16)) as index:
        assert list(index.documents) == [*WORDS[1:], "roof"]
        assert index.search("roof", 1)[0].passage.doc_id == "roof"
    # What was begun with another model is of no use for a third one.
    with pytest.raises(KeyboardInterrupt):
        reembedding.reembed(folder, Toy(8), stop)
    reembedding.reembed(folder, Toy(24), lambda step: None)
    with PassageIndex.open(folder, embedder=Toy(24)) as index:
        assert index.settings.dimension == 24


def test_those_who_read_and_write_meanwhile_are_right_at_every_moment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def model_named(name: object) -> object:
        return name if isinstance(name, Toy) else Toy(16)

    monkeypatch.setattr("loccit.index.opening.open_embedder", model_named)
    going, wrong, rounds = threading.Event(), [], [0]
    with PassageIndex.open(folder, embedder=Toy(8)) as index:

        def read() -> None:
            while not going.is_set():
                rounds[0] += 1
                if (ids := found(index)) != WORDS:
                    wrong.append(ids)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        try:
            reembedding.reembed(folder, Toy(16), lambda step: None)
            assert index.settings.dimension == 16
            assert index.add(Document("roof", "Of the roof.", "roof", "roof")).outcomes
        finally:
            going.set()
            for reader in readers:
                reader.join()
        assert wrong == []
        assert rounds[0] > 0
        assert index.search("roof", 1)[0].passage.doc_id == "roof"


def test_what_was_embedded_with_the_old_model_is_not_stored_with_the_new(folder: Path) -> None:
    class Slow(Toy):
        def embed(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
            rows = super().embed(texts, kind)
            if kind == "passage":
                reembedding.reembed(folder, Toy(16), lambda step: None)
            return rows

    with (
        PassageIndex.open(folder, embedder=Slow(8)) as index,
        pytest.raises(IndexMismatch, match="open it again"),
    ):
        index.add(Document("roof", "Of the roof.", "roof", "roof"))
    with PassageIndex.open(folder, embedder=Toy(16)) as index:
        assert "roof" not in index.documents


def test_there_must_be_an_index(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound):
        reembedding.reembed(tmp_path / "none", Toy(8), lambda step: None)
