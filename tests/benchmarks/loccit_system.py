"""This project as one of the systems compared."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from texts import Vectors

from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant

_PARAGRAPHS = 50  # of a file whose vectors are made up


class Given(DefaultEmbedder):
    """loccit's embedder, with made-up vectors for passages, one after the other."""

    def __init__(self, vectors: Vectors) -> None:
        super().__init__()
        self._rows = itertools.cycle(vectors)

    def embed(self, texts: Sequence[str], kind: Any) -> Vectors:
        """Return the next rows for passages; questions go through the model."""
        if kind == "question":
            return super().embed(texts, kind)
        return np.array(list(itertools.islice(self._rows, len(texts))), dtype=np.float32)


class Loccit:
    """This project: a folder of text files, dense and full-text search fused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: PassageIndex | None = None

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Index files, which are also read and parsed."""
        files = self._folder / "texts"
        files.mkdir(parents=True)
        per_file = 1 if vectors is None else _PARAGRAPHS
        for start in range(0, len(texts), per_file):
            text = "\n\n".join(texts[start : start + per_file])
            (files / f"{start:07}.txt").write_text(text, encoding="utf-8")
        self._index_files("index", None if vectors is None else Given(vectors))

    def add_again(self, vectors: Vectors) -> None:
        """Index the files that ``add`` wrote into an index of its own, with made-up vectors."""
        embedder = Given(vectors)
        embedder.embed(["ready"], "question")  # the model is in memory, as when it embeds
        self._index_files("again", embedder)

    def _index_files(self, name: str, embedder: Given | None) -> None:
        with PassageIndex.open(self._folder / name, create=True, embedder=embedder) as index:
            index.add(self._folder / "texts")

    def load(self) -> None:
        """Open the index and its model."""
        self._index = PassageIndex.open(self._folder / "index")
        self._index.warm_up()

    def search(self, question: str, k: int) -> list[str]:
        """Search in both ways."""
        assert self._index is not None
        return [hit.passage.text for hit in self._index.search(question, k)]

    def load_reader(self) -> None:
        """Make the reader ready."""
        assert self._index is not None
        self._assistant = Assistant(self._index)
        self._assistant.warm_up()

    def ask(self, question: str, k: int) -> str:
        """Retrieve, read and verify what is cited."""
        return self._assistant.ask(question, k=k).short or ""
