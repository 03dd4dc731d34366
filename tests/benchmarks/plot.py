"""Draws what run.py measured: a figure against the number of texts, a line a system.

    python tests/benchmarks/plot.py results.jsonl --to docs

Writes ``benchmarks.png`` and ``benchmarks.svg``; needs matplotlib, of the extra ``bench``.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot, ticker
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
        medians = _medians([row for row in results if row["figure"] == figure], value)
        sizes = {size for found in medians.values() for size in found}
        if len(sizes) == 1:
            _draw_bars(axis, {name: found[min(sizes)] for name, found in medians.items()})
            axis.set_title(f"{title} ({min(sizes):,} texts)", fontsize=10)
        else:
            _draw_lines(axis, medians)
            axis.set_title(title, fontsize=10)
        axis.tick_params(labelsize=8)
        axis.grid(alpha=0.3)
    handles, labels = axes[0, 2].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside lower center", ncols=len(SYSTEMS), fontsize=9)
    return drawn


def _medians(rows: Sequence[dict[str, Any]], value: str) -> dict[str, dict[int, float]]:
    """Return the medians by system and size."""
    values: dict[str, dict[int, list[float]]] = {}
    for row in rows:
        sizes = values.setdefault(row["system"], defaultdict(list))
        sizes[row["size"]].append(row[value])
    return {
        system: {size: median(found) for size, found in sorted(values[system].items())}
        for system in SYSTEMS
        if system in values
    }


def _draw_bars(axis: Any, values: Mapping[str, float]) -> None:
    names = list(reversed(values))
    axis.barh(names, [values[name] for name in names], color=[_colour(name) for name in names])
    axis.bar_label(axis.containers[0], fmt="%.3g", fontsize=8, padding=3)
    axis.set_xmargin(0.15)


def _draw_lines(axis: Any, medians: Mapping[str, Mapping[int, float]]) -> None:
    for name, found in medians.items():
        style = {"linewidth": 3, "zorder": 3} if name == OURS else {"linewidth": 1.2}
        axis.plot(list(found), list(found.values()), _colour(name), marker="o", label=name, **style)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel("texts", fontsize=8)
    for either in (axis.xaxis, axis.yaxis):
        either.set_major_formatter(ticker.StrMethodFormatter("{x:,g}"))
        either.set_minor_formatter(ticker.NullFormatter())


def _colour(system: str) -> str:
    return f"C{list(SYSTEMS).index(system)}"


if __name__ == "__main__":
    main()
