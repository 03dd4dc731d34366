"""This project as one of the systems compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from texts import Vectors

from index.datatypes import Document
from index.default_model import DefaultEmbedder
from index.passage_index import PassageIndex


class Given(DefaultEmbedder):
    """loccit's embedder with passages whose vectors are known."""

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        super().__init__()
        self._rows = dict(zip(texts, vectors, strict=True))

    def embed(self, texts: Sequence[str], kind: Any) -> Vectors:
        """Return the known rows of passages; questions go through the model."""
        if kind == "question":
            return super().embed(texts, kind)
        return np.array([self._rows[text] for text in texts], dtype=np.float32)


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
        embedder = Given(texts, vectors)
        with PassageIndex.open(self._folder / "index", create=True, embedder=embedder) as index:
            for number, text in enumerate(texts):
                index.add(Document(f"{number:032}", text, "", f"{number}.txt"))

    def load(self) -> None:
        """Open the index and its model."""
        self._index = PassageIndex.open(self._folder / "index")
        self._index.warm_up()

    def search(self, question: str, k: int) -> list[str]:
        """Search in both ways."""
        assert self._index is not None
        return [hit.passage.text for hit in self._index.search(question, k)]
