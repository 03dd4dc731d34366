"""Keeps the FAISS index in step with the catalogue it is derived from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from index import vectors
from index.catalogue import Catalogue
from index.vectors import VectorIndex

# A change to the catalogue: the keys of the passages it added and of those it removed.
Change = Callable[[], tuple[list[int], list[int]]]


class VectorCache:
    """The vectors of a catalogue, in memory and in a file beside it; shared by threads."""

    def __init__(self, catalogue: Catalogue, folder: Path, dimension: int) -> None:
        self._catalogue = catalogue
        self._path = folder / vectors.FILE_NAME
        self._dimension = dimension
        self._lock = threading.RLock()
        self._index: VectorIndex | None = None
        self._generation = -1
        self._saved_generation = -1

    def current(self) -> VectorIndex:
        """Return the vectors of the catalogue as it is now.

        They come from memory, else from the file, else from the catalogue: another process may
        have changed it, and the file may be missing, stale or damaged.
        """
        with self._lock:
            generation = self._catalogue.generation
            if self._index is None or self._generation != generation:
                self._index = VectorIndex.load(self._path, generation, self._dimension)
                self._saved_generation = generation
                if self._index is None:
                    self._index = VectorIndex.build(
                        self._dimension, self._catalogue.vectors.all(self._dimension)
                    )
                    self._saved_generation = -1
                self._generation = generation
            return self._index

    def follow(self, change: Change) -> None:
        """Make a change to the catalogue, then the same one to the vectors in memory."""
        with self._lock:
            before = self._catalogue.generation
            added, removed = change()
            after = self._catalogue.generation
            if self._index is None or self._generation != before or after != before + 1:
                return  # `current` will read them anew
            self._index.remove(removed)
            self._index.add(*self._catalogue.vectors.of_keys(self._dimension, added))
            self._generation = after

    def save(self) -> None:
        """Write the file for the next start, unless it is there already."""
        with self._lock:
            if self._index is not None and self._generation != self._saved_generation:
                self._index.save(self._path, self._generation)
                self._saved_generation = self._generation
