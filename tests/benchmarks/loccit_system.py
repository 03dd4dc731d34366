"""This project as one of the systems compared."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from texts import Vectors

from index.datatypes import Document
from index.default_model import DefaultEmbedder
from index.passage_index import PassageIndex
from qa.assistant import Assistant

_PARAGRAPHS = 50  # of a document whose vectors are made up


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
        """Index a file a text, which is also read and parsed."""
        if vectors is None:
            files = self._folder / "texts"
            files.mkdir(parents=True)
            for number, text in enumerate(texts):
                (files / f"{number:07}.txt").write_text(text, encoding="utf-8")
            with PassageIndex.open(self._folder / "index", create=True) as index:
                index.add(files)
            return
        embedder = Given(vectors)
        with PassageIndex.open(self._folder / "index", create=True, embedder=embedder) as index:
            for start in range(0, len(texts), _PARAGRAPHS):
                text = "\n\n".join(texts[start : start + _PARAGRAPHS])
                index.add(Document(f"{start:032}", text, f"Document {start}", f"{start}.txt"))
            index.warm_up()

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
