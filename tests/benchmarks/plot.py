"""Draws what run.py measured: a figure against the number of texts, a line a system.

    python tests/benchmarks/plot.py results.jsonl --to docs

Writes ``benchmarks.png`` and ``benchmarks.svg``; needs matplotlib, of the extra ``bench``.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot
from systems import OURS, SYSTEMS

PANELS = (  # figure, value, what it is called
    ("indexing", "texts_per_s", "indexing, texts a second"),
    ("starting", "seconds", "start to first hits, s"),
    ("searching", "p50_ms", "one search, median, ms"),
    ("searching", "p95_ms", "one search, 95th percentile, ms"),
    ("asking", "p50_ms", "one answer, median, ms"),
    ("searching", "resident_mb", "memory while searching, MB"),
)


def main() -> None:
    """Read and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--to", type=Path, required=True, help="a folder")
    options = parser.parse_args()
    lines = options.results.read_text(encoding="utf-8").splitlines()
    mpl.rcParams["svg.hashsalt"] = OURS  # the same file of the same figures
    drawn = draw([json.loads(line) for line in lines])
    options.to.mkdir(parents=True, exist_ok=True)
    drawn.savefig(options.to / "benchmarks.png", dpi=110)
    drawn.savefig(options.to / "benchmarks.svg", metadata={"Date": None})


def draw(results: Sequence[dict[str, Any]]) -> Any:
    """Return the figure with a panel for each of `PANELS`."""
    drawn, axes = pyplot.subplots(2, 3, figsize=(12, 6.5), layout="constrained")
    for axis, (figure, value, title) in zip(axes.flat, PANELS, strict=True):
        rows = [row for row in results if row["figure"] == figure]
        for number, system in enumerate(SYSTEMS):
            values = defaultdict(list)
            for row in rows:
                if row["system"] == system:
                    values[row["size"]].append(row[value])
            if values:
                sizes = sorted(values)
                style = {"linewidth": 3, "zorder": 3} if system == OURS else {"linewidth": 1.2}
                medians = [median(values[size]) for size in sizes]
                axis.plot(sizes, medians, f"C{number}", marker="o", label=system, **style)
        axis.set_title(title, fontsize=10)
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel("texts", fontsize=8)
        axis.tick_params(labelsize=8)
        axis.grid(alpha=0.3)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside lower center", ncols=len(SYSTEMS), fontsize=9)
    return drawn


if __name__ == "__main__":
    main()
