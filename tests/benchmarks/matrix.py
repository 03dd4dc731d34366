"""Which share of this machine's own rate of matrix products embedding reaches.

    python tests/benchmarks/matrix.py squad.json

Both in the precision that the processor does best, and in turns; medians.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from texts import load_texts

from loccit.index.models.default_model import DEFAULT_DIMENSION, DEFAULT_WINDOW, DefaultEmbedder
from loccit.index.models.encoder import import_openvino, processor_precision

SIDE = 2_048  # of the square matrices: they fit the caches, and are larger than any of the model's
PRODUCTS = 20  # in one measurement
TEXTS = 512
ROUNDS = 7
LAYERS, INNER = 6, 1_536  # of all-MiniLM-L6-v2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path, help="a file in SQuAD's layout")
    texts = load_texts(parser.parse_args().set, TEXTS)
    embedder = DefaultEmbedder()
    lengths = [min(count + 2, DEFAULT_WINDOW) for count in embedder.count_tokens(texts)]
    work = sum(map(operations, lengths))
    multiply = product()
    pairs = [
        (PRODUCTS * 2 * SIDE**3 / seconds(multiply), work / seconds(lambda: embed(embedder, texts)))
        for _ in range(ROUNDS + 1)
    ][1:]
    rates = [median(values) / 1e9 for values in zip(*pairs, strict=True)]
    shares = [embedding / matrices for matrices, embedding in pairs]
    print(f"precision: {processor_precision()}, {np.mean(lengths):.0f} word pieces a text")
    print(f"matrix product: {rates[0]:,.0f} GFLOP/s")
    print(f"embedding: {rates[1]:,.0f} GFLOP/s, {rates[1] * 1e9 / work * len(texts):.0f} texts/s")
    print(f"share: {median(shares):.2f}")


def operations(length: int) -> float:
    """Return the multiplications and additions of one text of ``length`` word pieces."""
    weights = 4 * DEFAULT_DIMENSION**2 + 2 * DEFAULT_DIMENSION * INNER
    return LAYERS * (2 * length * weights + 4 * length**2 * DEFAULT_DIMENSION)


def product() -> Callable[[], object]:
    """Return what multiplies two square matrices `PRODUCTS` times."""
    openvino = import_openvino()
    ops = openvino.opset15
    rows = ops.parameter([SIDE, SIDE], np.float32, "rows")
    weights = np.random.default_rng(0).normal(size=(SIDE, SIDE)).astype(np.float32)
    result: Any = rows
    for _ in range(PRODUCTS):
        result = ops.matmul(result, ops.constant(weights / SIDE), False, True)
    config = {"INFERENCE_PRECISION_HINT": processor_precision(), "PERFORMANCE_HINT": "LATENCY"}
    model = openvino.Model([ops.result(result)], [rows], "product")
    request = openvino.Core().compile_model(model, "CPU", config).create_infer_request()
    values = np.ones((SIDE, SIDE), dtype=np.float32)
    return lambda: request.infer([values], share_inputs=True)


def embed(embedder: DefaultEmbedder, texts: list[str]) -> None:
    """Embed as indexing does."""
    embedder.embed(texts, "passage")


def seconds(run: Callable[[], object]) -> float:
    """Return how long one run takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
