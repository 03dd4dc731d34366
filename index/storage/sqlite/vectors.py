"""The vectors of a catalogue: as it holds them, and the FAISS index that is derived from them.

It holds them with its passages: float32, little-endian, one a row.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.errors import DamagedIndex
from loccit.index.ingestion.identity import hash_of_text
from loccit.index.storage import vector_index
from loccit.index.storage.packing import generation_from, naming_document
from loccit.index.storage.sqlite.schema import Row, Run
from loccit.index.storage.vector_index import TRAINED_PER_CELL, Batch, VectorIndex, cells_for

logger = logging.getLogger(__name__)

AT_ONCE = 2_000  # 3 MB of 384-d rows
OUTGROWN = 2  # times as many cells as there are would suit: then they are learnt anew
# Share of the vectors that may have changed before the file is written again: the next start reads
# that many from the catalogue, which takes less than writing all of them at each change.
UNSAVED_SHARE = 0.005

_SEED = 20261124
_UNIT_TOLERANCE = 1e-2  # of a row's length: models round


class StoredVectors:
    """Reads vectors on a catalogue's connection; may be shared by threads."""

    def __init__(self, run: Run) -> None:
        """Store ``run``, which executes a statement on the catalogue and returns all rows."""
        self._run = run

    @property
    def generation(self) -> int:
        """Rises with every change of the catalogue."""
        return generation_from(self._meta("generation"))

    @property
    def identity(self) -> str:
        """Another one for every catalogue, and for every model of one."""
        return self._meta("identity")

    def count(self) -> int:
        """Return how many there are."""
        return int(self._run("SELECT count(*) FROM passages", ())[0][0])

    def keys(self, after: int = -1) -> NDArray[np.int64]:
        """Return the keys ``(n,)`` that are higher than ``after``."""
        rows = self._run("SELECT key FROM passages WHERE key > ? ORDER BY key", (after,))
        return np.array([row[0] for row in rows], dtype=np.int64)

    def unsound(self, dimension: int) -> list[int]:
        """Return the keys of what is no unit row of ``dimension`` numbers."""
        found, last = [], -1
        while rows := self._run(
            "SELECT key, vector FROM passages WHERE key > ? ORDER BY key LIMIT ?", (last, AT_ONCE)
        ):
            last = rows[-1][0]
            found += [key for key, vector in rows if not _is_unit(vector, dimension)]
        return found

    def sample(self, dimension: int, count: int) -> NDArray[np.float32]:
        """Return some of the vectors ``(count, dimension)``, the same ones each time."""
        keys = self.keys()
        chosen = np.random.default_rng(_SEED).choice(keys, min(count, len(keys)), replace=False)
        rows = np.zeros((len(chosen), dimension), dtype=np.float32)
        chosen.sort()
        for start in range(0, len(chosen), AT_ONCE):
            _, found = self.of_keys(dimension, chosen[start : start + AT_ONCE].tolist())
            rows[start : start + len(found)] = found
        return rows

    def all(self, dimension: int) -> Iterator[Batch]:
        """Yield keys ``(n,) int64`` and vectors ``(n, dimension) float32``, batch by batch."""
        last = -1
        while rows := self._run(
            "SELECT key, vector FROM passages WHERE key > ? ORDER BY key LIMIT ?",
            (last, AT_ONCE),
        ):
            last = rows[-1][0]
            yield _batch(rows, dimension)

    def of_keys(self, dimension: int, keys: Sequence[int]) -> Batch:
        """Return the keys that are there ``(n,) int64`` and vectors ``(n, dimension) float32``."""
        rows = self._run(
            "SELECT key, vector FROM passages WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return _batch(rows, dimension)

    def of_texts(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the stored vectors of what was embedded before, by text; no damaged ones."""
        text_of = {hash_of_text(text): text for text in texts}
        rows = self._run(
            "SELECT text_hash, vector FROM passages "
            "WHERE text_hash IN (SELECT value FROM json_each(?))",
            (json.dumps(list(text_of)),),
        )
        return {
            text_of[text_hash]: np.frombuffer(vector, dtype="<f4")
            for text_hash, vector in rows
            if isinstance(vector, bytes) and _is_unit(vector, len(vector) // 4)
        }

    def _meta(self, name: str) -> str:
        rows = self._run("SELECT value FROM meta WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""


class SearchedVectors:
    """What is derived of a catalogue's vectors, from when it is first searched; for threads."""

    def __init__(self, stored: StoredVectors, folder: Path) -> None:
        self._stored = stored
        self._folder = folder
        self._cache: VectorCache | None = None

    def search(
        self, rows: NDArray[np.float32], depth: int, only: Sequence[int] | None = None
    ) -> list[list[int]]:
        """Return for each of the unit rows ``(n, dimension)`` the keys nearest to it, best first.

        At most ``depth`` each; ``only`` are the keys that may be returned; None is all.
        """
        return self.derived(rows.shape[1]).current().search(rows, depth, only=only)

    def derived(self, dimension: int) -> VectorCache:
        """Return what is derived of the vectors of this length."""
        cache = self._cache
        if cache is None or cache.dimension != dimension:
            cache = self._cache = VectorCache(self._stored, self._folder, dimension)
        return cache

    def close(self) -> None:
        """Keep what was derived for the next start; twice is once."""
        cache, self._cache = self._cache, None
        if cache is not None:
            cache.close()


class VectorCache:
    """The vectors of a catalogue, in memory and in a file beside it; shared by threads."""

    def __init__(self, stored: StoredVectors, folder: Path, dimension: int) -> None:
        self.dimension = dimension
        self._stored = stored
        self._path = folder / vector_index.FILE_NAME
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


def vector_from(stored: object, doc_id: str) -> NDArray[np.float32]:
    """Read the vector of a passage of a document.

    Raises:
        DamagedIndex: it is no row of finite numbers.
    """
    with naming_document(doc_id):
        row: NDArray[np.float32] = np.frombuffer(stored, dtype="<f4")  # type: ignore[call-overload]
        if not np.isfinite(row).all():
            raise ValueError("numbers are infinite")
        return row


def _is_unit(vector: object, dimension: int) -> bool:
    if not isinstance(vector, bytes) or len(vector) != 4 * dimension:
        return False
    return abs(float(np.linalg.norm(np.frombuffer(vector, dtype="<f4"))) - 1) < _UNIT_TOLERANCE


def _batch(rows: Sequence[Row], dimension: int) -> Batch:
    try:
        flat = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
        if len(flat) != len(rows) * dimension:
            raise ValueError(f"not all vectors have {dimension} numbers")
    except (TypeError, ValueError) as error:
        raise DamagedIndex(
            f"the index is damaged here (vectors: {error}): run `loccit doctor --repair`"
        ) from error
    return (
        np.array([row[0] for row in rows], dtype=np.int64),
        flat.reshape(-1, dimension).astype(np.float32, copy=False),
    )
