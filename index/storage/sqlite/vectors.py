"""The vectors that a catalogue holds with its passages: float32, little-endian, one a row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from loccit.index.ingestion.identity import hash_of_text
from loccit.index.storage.sqlite.schema import Row, Run
from loccit.index.storage.vector_index import Batch

AT_ONCE = 2_000  # 3 MB of 384-d rows
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
        return int(self._meta("generation") or 0)

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
        """Return the stored vectors of what was embedded before, by text."""
        text_of = {hash_of_text(text): text for text in texts}
        rows = self._run(
            "SELECT text_hash, vector FROM passages "
            "WHERE text_hash IN (SELECT value FROM json_each(?))",
            (json.dumps(list(text_of)),),
        )
        return {
            text_of[text_hash]: np.frombuffer(vector, dtype="<f4") for text_hash, vector in rows
        }

    def _meta(self, name: str) -> str:
        rows = self._run("SELECT value FROM meta WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""


def _is_unit(vector: object, dimension: int) -> bool:
    if not isinstance(vector, bytes) or len(vector) != 4 * dimension:
        return False
    return abs(float(np.linalg.norm(np.frombuffer(vector, dtype="<f4"))) - 1) < _UNIT_TOLERANCE


def _batch(rows: Sequence[Row], dimension: int) -> Batch:
    flat = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
    return (
        np.array([row[0] for row in rows], dtype=np.int64),
        flat.reshape(-1, dimension).astype(np.float32, copy=False),
    )
