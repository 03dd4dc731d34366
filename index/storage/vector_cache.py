"""Keeps the FAISS index in step with the catalogue it is derived from."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import numpy as np

from loccit.index.storage import vector_index as vectors
from loccit.index.storage.sqlite.vectors import AT_ONCE, StoredVectors
from loccit.index.storage.vector_index import TRAINED_PER_CELL, VectorIndex, cells_for

logger = logging.getLogger(__name__)

OUTGROWN = 2  # times as many cells as there are would suit: then they are learnt anew
# Share of the vectors that may have changed before the file is written again: the next start reads
# that many from the catalogue, which takes less than writing all of them at each change.
UNSAVED_SHARE = 0.005


class VectorCache:
    """The vectors of a catalogue, in memory and in a file beside it; shared by threads."""

    def __init__(self, stored: StoredVectors, folder: Path, dimension: int) -> None:
        self.dimension = dimension
        self._stored = stored
        self._path = folder / vectors.FILE_NAME
        self._lock = threading.Lock()  # of what follows
        self._keeping = threading.Lock()
        self._index: VectorIndex | None = None
        self._generation = -1
        self._identity = ""  # of the catalogue, with the model, that the index is of
        self._unsaved = 0  # vectors that were added or removed since the file was written

    def current(self) -> VectorIndex:
        """Return the vectors of the catalogue as it is now.

        From memory or the file, and what has changed since from the catalogue, whichever process
        changed it; all from the catalogue where the file is missing or damaged.
        """
        with self._lock:
            if self._index is None or self._generation != self._stored.generation:
                identity = self._stored.identity
                if self._index is None or identity != self._identity:
                    self._identity = identity
                    self._index, self._generation = self._load()
            self._catch_up()
            return self._index

    def keep(self) -> None:
        """Write the file for the next start, where enough has changed.

        Cells that were outgrown are learnt anew first, while searches go on with the old ones.
        """
        with self._keeping:
            index = self.current()
            if cells_for(len(index)) > OUTGROWN * index.num_cells:
                index, generation = self._build()
                with self._lock:
                    self._index, self._generation, self._unsaved = index, generation, len(index)
                    self._catch_up()
            with self._lock:
                generation, unsaved = self._generation, self._unsaved
            if unsaved <= UNSAVED_SHARE * len(index):
                return
            try:
                index.save(self._path, self._identity, generation)
            except OSError as error:  # it is derived: the next start makes it again
                logger.warning("%s was not written: %s", self._path, error)
                return
            with self._lock:
                self._unsaved -= unsaved

    def close(self) -> None:
        """Write the file for the next start, where the vectors are in memory and of use."""
        if self._index is not None and self._identity == self._stored.identity:
            self.keep()

    def _load(self) -> tuple[VectorIndex, int]:
        """Return an index and the generation of the catalogue that it is of, or a later one's."""
        loaded = VectorIndex.load(self._path, self._identity, self.dimension)
        if loaded is not None and loaded[1] <= self._stored.generation:
            return loaded
        index, generation = self._build()
        self._unsaved = max(1, len(index))
        return index, generation

    def _build(self) -> tuple[VectorIndex, int]:
        stored, generation = self._stored, self._stored.generation
        num_cells = cells_for(stored.count())
        sample = stored.sample(self.dimension, num_cells * TRAINED_PER_CELL) if num_cells else None
        index = VectorIndex.empty(self.dimension, sample)
        del sample  # it may be large
        for keys, rows in stored.all(self.dimension):
            index.add(keys, rows)
        return index, generation

    def _catch_up(self) -> None:
        """Add and remove what the catalogue has and has not.

        A key is never used twice, so a vector whose key is known is known.
        """
        index, generation = self._index, self._stored.generation
        if index is None or generation == self._generation:
            return
        stored = self._stored
        known = index.keys()
        new = stored.keys(after=int(known.max(initial=-1)))
        gone = np.empty(0, dtype=np.int64)
        if stored.count() != len(known) + len(new):
            now = stored.keys()
            gone = np.setdiff1d(known, now, assume_unique=True)
            new = np.setdiff1d(now, known, assume_unique=True)
        index.remove(gone)
        for keys in np.split(new, range(AT_ONCE, len(new), AT_ONCE)):
            index.add(*stored.of_keys(self.dimension, keys.tolist()))
        self._unsaved += len(gone) + len(new)
        self._generation = generation
