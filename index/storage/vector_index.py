"""The FAISS index: nearest vectors by inner product, a cache derived from the catalogue.

Flat in half precision while that is quick: no training, deletable, and nearly exact. For very many
vectors an inverted file of 8-bit vectors, which looks into the cells nearest to a question alone.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from loccit.index.ingestion.files import replacing

FILE_NAME = "vectors.faiss"

# Among 50,000 real vectors 8-bit cells have 99% of the ten that exact search finds, in a fifth of
# a flat index's time; among 303,000 98%, in a quarter (tests/benchmarks/cells.py). One or four
# cells for each root of the number of vectors find as much in the same time; four learn slowly.
CELLS_FROM = 50_000  # vectors
CELLS_PER_ROOT = 2
PROBED = 256  # cells that a search looks into
TRAINED_PER_CELL = 40  # vectors that a cell's centre is learnt from, about FAISS's least
_TRAINING_ROUNDS = 10  # of k-means, as FAISS has it for inverted files

_MAGIC = b"loccit-vectors-2"
_GENERATION_BYTES = 8
_DIGEST_BYTES = 32
_HEADER_BYTES = len(_MAGIC) + _DIGEST_BYTES + _GENERATION_BYTES
_BLOCK = 1 << 22  # bytes read and written at once

Batch = tuple[NDArray[np.int64], NDArray[np.float32]]  # keys and their vectors

logger = logging.getLogger(__name__)


def cells_for(count: int) -> int:
    """Return how many cells suit a number of vectors; 0 is a flat index."""
    return 0 if count < CELLS_FROM else round(CELLS_PER_ROOT * math.sqrt(count))


class VectorIndex:
    """Vectors by key in memory; may be shared by threads."""

    def __init__(self, faiss_index: Any, dimension: int) -> None:
        self._index = faiss_index
        self._dimension = dimension
        self._lock = threading.Lock()

    @classmethod
    def empty(cls, dimension: int, sample: NDArray[np.float32] | None = None) -> VectorIndex:
        """Return an index without vectors: flat, or with a sample of those to come in cells.

        ``sample`` is ``(m, dimension)``, and there is a cell for `TRAINED_PER_CELL` of it.
        """
        import faiss

        if sample is None:
            flat = faiss.IndexScalarQuantizer(
                dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
            )
            return cls(faiss.IndexIDMap(flat), dimension)
        cells = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimension),
            dimension,
            max(1, len(sample) // TRAINED_PER_CELL),
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
        )
        cells.cp.niter = _TRAINING_ROUNDS
        cells.cp.spherical = True  # centres are unit rows, as the vectors are
        cells.train(np.ascontiguousarray(sample, dtype=np.float32))
        return cls(cells, dimension)

    @classmethod
    def build(
        cls, dimension: int, batches: Iterable[Batch], sample: NDArray[np.float32] | None = None
    ) -> VectorIndex:
        """Index batches of keys ``(n,) int64`` and vectors ``(n, dimension) float32``."""
        index = cls.empty(dimension, sample)
        for keys, vectors in batches:
            index.add(keys, vectors)
        return index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def num_cells(self) -> int:
        """The number of cells; 0 if the index is flat."""
        return int(getattr(self._index, "nlist", 0))

    def keys(self) -> NDArray[np.int64]:
        """Return all keys ``(n,)``, in no order."""
        import faiss

        with self._lock:
            if not self.num_cells:
                flat: NDArray[np.int64] = faiss.vector_to_array(self._index.id_map)
                return flat
            lists = self._index.invlists
            parts = [
                faiss.rev_swig_ptr(lists.get_ids(cell), lists.list_size(cell)).copy()
                for cell in range(self.num_cells)
                if lists.list_size(cell)
            ]
            return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def add(self, keys: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Add vectors ``(n, dimension) float32`` under new keys ``(n,) int64``."""
        if len(keys):
            with self._lock:
                self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), keys)

    def remove(self, keys: NDArray[np.int64]) -> None:
        """Remove vectors; keys that are not there are passed over."""
        if len(keys):
            with self._lock:
                self._index.remove_ids(np.ascontiguousarray(keys, dtype=np.int64))

    def search(
        self, vectors: NDArray[np.float32], depth: int, *, only: Sequence[int] | None = None
    ) -> list[list[int]]:
        """Return for each row of ``vectors (n, dimension)`` the keys nearest to it, best first.

        At most ``depth``; ``only`` keeps the search to some keys, and looks into all cells. Equal
        similarities come in the order of keys.
        """
        import faiss

        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        with self._lock:
            depth = min(depth, len(self))
            if depth == 0:
                return [[] for _ in rows]
            # A thread more than there are rows only waits, and for long where others compute.
            faiss.omp_set_num_threads(min(len(rows), os.cpu_count() or 1))
            similarities, keys = self._index.search(rows, depth, params=self._parameters(only))
        ranked = []
        for row in zip(keys.tolist(), similarities.tolist(), strict=True):
            found = zip(*row, strict=True)
            ranked.append([key for _, key in sorted((-s, key) for key, s in found if key >= 0)])
        return ranked

    def _parameters(self, only: Sequence[int] | None) -> Any:
        import faiss

        parameters: Any
        if self.num_cells:
            parameters = faiss.SearchParametersIVF()
            parameters.nprobe = PROBED if only is None else self.num_cells
        else:
            parameters = faiss.SearchParameters()
        if only is not None:
            parameters.sel = faiss.IDSelectorBatch(np.asarray(only, dtype=np.int64))
        return parameters

    def save(self, path: Path, identity: str, generation: int) -> None:
        """Write the index so that a crash leaves the old file or the new one, whole.

        Args:
            path: of the file.
            identity: of the catalogue that the vectors are of.
            generation: of that catalogue.
        """
        import faiss

        header = _header(identity, generation)
        digest = hashlib.sha256(header)
        with replacing(path) as file:
            file.write(header + bytes(_DIGEST_BYTES))

            def write(block: bytes) -> int:
                digest.update(block)
                return file.write(block)

            with self._lock:  # written as it goes: a copy would double the memory
                writer = faiss.PyCallbackIOWriter(write, _BLOCK)  # type: ignore[attr-defined]
                faiss.write_index(self._index, writer)
            file.seek(len(header))
            file.write(digest.digest())

    @classmethod
    def load(cls, path: Path, identity: str, dimension: int) -> tuple[VectorIndex, int] | None:
        """Read the file and the generation that it is of.

        None where it is missing, damaged or of another catalogue.
        """
        import faiss

        if not path.exists():
            return None
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            if header[:-_GENERATION_BYTES] != _header(identity, 0)[:-_GENERATION_BYTES]:
                return None
            if not _is_whole(file, header):
                logger.warning("%s is damaged: building it again from the catalogue", path)
                return None
            file.seek(_HEADER_BYTES + _DIGEST_BYTES)
            reader = faiss.PyCallbackIOReader(file.read, _BLOCK)  # type: ignore[attr-defined]
            index = faiss.read_index(reader)
        generation = int.from_bytes(header[-_GENERATION_BYTES:], "little")
        return (cls(index, dimension), generation) if index.d == dimension else None


def is_whole(path: Path) -> bool:
    """Tell whether a file is as it was written, of whichever catalogue it is."""
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        return header.startswith(_MAGIC) and _is_whole(file, header)


def _is_whole(file: IO[bytes], header: bytes) -> bool:
    """Tell whether the digest that follows a file's header is that of header and vectors."""
    saved, digest = file.read(_DIGEST_BYTES), hashlib.sha256(header)
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.digest() == saved


def _header(identity: str, generation: int) -> bytes:
    name = hashlib.sha256(identity.encode()).digest()
    return _MAGIC + name + generation.to_bytes(_GENERATION_BYTES, "little")
