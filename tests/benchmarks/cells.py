"""What looking into some cells alone loses against exact search, on vectors of real texts.

    python tests/benchmarks/cells.py train-v1.1.json --sizes 50000 300000

Prints recall@10 and a search's time on one core, for a flat index and for cells.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from texts import Vectors, load_questions, load_sentences

from loccit.index.models.default_model import DEFAULT_DIMENSION, DefaultEmbedder
from loccit.index.storage import vector_index as vectors
from loccit.index.storage.vector_index import TRAINED_PER_CELL, VectorIndex, cells_for

DEPTH = 100  # as hybrid search asks for
K = 10
PROBES = (64, 128, 256)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path, help="a file in SQuAD's layout")
    parser.add_argument("--sizes", type=int, nargs="+", required=True)
    options = parser.parse_args()
    embedder = DefaultEmbedder()
    questions = embedder.embed(load_questions(options.set), "question")
    texts = load_sentences(options.set)
    texts = random.Random(0).sample(texts, min(max(options.sizes), len(texts)))
    rows = embedder.embed(texts, "passage")
    for size in options.sizes:
        measure(rows[:size], questions)


def measure(rows: Vectors, questions: Vectors) -> None:
    """Print a line an index."""
    keys = np.arange(len(rows), dtype=np.int64)
    exact = np.argsort(-(questions @ rows.T), axis=1)[:, :K]
    print(f"{len(rows):,} vectors of {DEFAULT_DIMENSION}")
    flat = VectorIndex.build(DEFAULT_DIMENSION, [(keys, rows)])
    _report("flat", flat, questions, exact.tolist())
    sample = rows[: cells_for(max(len(rows), vectors.CELLS_FROM)) * TRAINED_PER_CELL]
    cells = VectorIndex.build(DEFAULT_DIMENSION, [(keys, rows)], sample)
    for probes in PROBES:
        vectors.PROBED = probes
        _report(f"{cells.num_cells} cells, {probes}", cells, questions, exact.tolist())


def _report(
    name: str, index: VectorIndex, questions: Vectors, exact: Sequence[Sequence[int]]
) -> None:
    seconds, recalls = [], []
    for question, wanted in zip(questions, exact, strict=True):
        began = time.perf_counter()
        (found,) = index.search(question[None], DEPTH)
        seconds.append(time.perf_counter() - began)
        recalls.append(len({*found[:K]} & {*wanted}) / K)
    print(f"  {name}: recall@10 {np.mean(recalls):.3f}, {1000 * median(seconds):.2f} ms")


if __name__ == "__main__":
    main()
