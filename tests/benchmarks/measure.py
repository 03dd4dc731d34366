"""One measurement of one system, in a process of its own: prints a line of JSON.

Started by ``run.py``, which interleaves the systems.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import cast

import numpy as np
from loccit_system import Loccit
from systems import SYSTEMS, Answering, System
from texts import load_questions, load_texts, synthetic_vectors

K = 10
WARM_UP = 5  # questions that are not counted
MADE_UP = 5_000  # vectors, where they are the same again and again


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", choices=FIGURES)
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("--set", dest="file", type=Path, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--asked", type=int, required=True, help="questions to read for")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    system = SYSTEMS[options.system](options.folder)
    values = FIGURES[options.figure](system, options)
    values["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(values))


def indexing(system: System, options: argparse.Namespace) -> dict[str, float]:
    """Index texts of the set, embedding them."""
    texts = load_texts(options.file, options.size)
    began = time.perf_counter()
    system.add(texts, None)
    seconds = time.perf_counter() - began
    size = sum(file.stat().st_size for file in options.folder.rglob("*") if file.is_file())
    return {"texts_per_s": len(texts) / seconds, "disk_mb": size / 2**20}


def filling(system: System, options: argparse.Namespace) -> dict[str, float]:
    """Index texts with vectors made up, for a search among many."""
    texts = load_texts(options.file, options.size)
    system.add(texts, synthetic_vectors(len(texts)))
    return {}


def growing(system: System, options: argparse.Namespace) -> dict[str, float]:
    """Index again what filling wrote to files; few vectors, so that the peak is loccit's own."""
    cast(Loccit, system).add_again(synthetic_vectors(MADE_UP))
    return {}


def starting(system: System, options: argparse.Namespace) -> dict[str, float]:
    """Open an index and answer one search; the parent takes the time."""
    system.load()
    assert system.search(load_questions(options.file)[0], K)
    return {}


def searching(system: System, options: argparse.Namespace) -> dict[str, float]:
    """Search an index with questions of the set, one by one."""
    system.load()
    return _times(system.search, load_questions(options.file))


def asking(system: System, options: argparse.Namespace) -> dict[str, float]:
    """Search and read, with questions of the set, one by one."""
    answering = cast(Answering, system)
    answering.load()
    answering.load_reader()
    return _times(answering.ask, load_questions(options.file)[: options.asked])


def _times(ask: Callable[[str, int], object], questions: Sequence[str]) -> dict[str, float]:
    """Return the milliseconds that a question takes, and the memory held while serving."""
    seconds = []
    for question in questions:
        began = time.perf_counter()
        ask(question, K)
        seconds.append(time.perf_counter() - began)
    kept = [1000 * value for value in seconds[WARM_UP:]]
    return {
        "p50_ms": median(kept),
        "p95_ms": float(np.quantile(kept, 0.95)),
        "resident_mb": _resident_mb(),
    }


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


FIGURES: dict[str, Callable[[System, argparse.Namespace], dict[str, float]]] = {
    "indexing": indexing,
    "filling": filling,
    "growing": growing,
    "starting": starting,
    "searching": searching,
    "asking": asking,
}

if __name__ == "__main__":
    main()
