"""An embedder that remembers: the same question or sentence is not embedded twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from loccit.index.models.embedder import Embedder, Kind

VECTORS_KEPT = 20_000  # 30 MB of 384-d float32 rows


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
