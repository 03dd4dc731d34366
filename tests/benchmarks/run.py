"""loccit beside its peers, on the same texts with the same model: prints Markdown tables.

    python tests/benchmarks/run.py squad.json --size 2000 --rounds 3 --to results.jsonl

Needs the packages of the extra ``bench``; a system that is not installed is left out and named.
Each measurement is a process of its own; systems take turns within a round, and a figure is the
median over rounds. Times depend on the machine and on what else it does: compare the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from systems import ANSWERING, OURS, SYSTEMS

Result = dict[str, str | float]  # figure, system, size, and what was measured

QUESTION = "Who won the Super Bowl in 2016?"
ANSWERED = (0, 4)  # exit codes of `loccit ask`: with an answer, and not in the documents
OFFLINE = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true", "ANONYMIZED_TELEMETRY": "false"}
TABLES = {  # figure: values and whether less is better
    "indexing": (("texts_per_s", False), ("peak_mb", True), ("disk_mb", True)),
    "growing": (("peak_mb", True),),
    "starting": (("seconds", True),),
    "first answer": (("seconds", True),),
    "searching": (("p50_ms", True), ("p95_ms", True), ("resident_mb", True)),
    "asking": (("p50_ms", True), ("p95_ms", True), ("resident_mb", True)),
}


def main() -> None:
    """Measure, append what was measured to a file, and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", type=Path, help="a file in SQuAD's layout")
    parser.add_argument("--size", type=int, default=2_000, help="texts that are indexed; 0: none")
    parser.add_argument("--made-up", type=int, nargs="*", default=[], help="sizes of further ones")
    parser.add_argument("--asked", type=int, default=65, help="questions that are read for")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--systems", nargs="*", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--to", type=Path, required=True, help="a .jsonl file; it grows")
    options = parser.parse_args()
    results = []
    with options.to.open("a", encoding="utf-8") as file:
        for result in measure(options):
            file.write(json.dumps(result) + "\n")
            file.flush()
            results.append(result)
    for line in tables(results):
        print(line)


def measure(options: argparse.Namespace) -> Iterator[Result]:
    """Yield one result a process."""
    systems = list(options.systems)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds if options.size else 0):
            for system in list(systems):
                place = Path(folder) / system.replace(" ", "-")
                shutil.rmtree(place, ignore_errors=True)
                result = _child("indexing", system, options, options.size, place)
                if result is None:
                    systems.remove(system)
                    continue
                yield result
            for figure in ("starting", "searching", "asking"):
                for system in _of(figure, systems):
                    place = Path(folder) / system.replace(" ", "-")
                    if result := _child(figure, system, options, options.size, place):
                        yield result
            if OURS in systems:
                yield from _first_answers(Path(folder) / OURS / "index", options.size)
            print(f"round {number + 1} of {options.rounds} is done", file=sys.stderr)
    for size in options.made_up:
        yield from _made_up(systems, size, options)


def _made_up(systems: Sequence[str], size: int, options: argparse.Namespace) -> Iterator[Result]:
    """Fill every system with made-up vectors once, and search in turns."""
    with tempfile.TemporaryDirectory() as folder:
        filled: dict[str, Path] = {}
        for system in systems:
            place = Path(folder) / system.replace(" ", "-")
            if _child("filling", system, options, size, place) is not None:
                filled[system] = place
        if OURS in filled and (result := _child("growing", OURS, options, size, filled[OURS])):
            yield result
        for _ in range(options.rounds):
            for figure in ("searching", "asking"):
                for system in _of(figure, filled):
                    if result := _child(figure, system, options, size, filled[system]):
                        yield result


def _of(figure: str, systems: Iterable[str]) -> list[str]:
    return [system for system in systems if figure != "asking" or system in ANSWERING]


def tables(results: Sequence[Result]) -> Iterator[str]:
    """Yield the medians as Markdown, each with its ratio to loccit's."""
    for figure, values in TABLES.items():
        for size in dict.fromkeys(r["size"] for r in results if r["figure"] == figure):
            rows = [r for r in results if r["figure"] == figure and r["size"] == size]
            yield f"\n{figure}, {size:,} texts\n"
            yield "| | " + " | ".join(f"{name} | loccit is" for name, _ in values) + " |"
            yield "|---" * (1 + 2 * len(values)) + "|"
            for system in dict.fromkeys(str(row["system"]) for row in rows):
                cells = []
                for name, less in values:
                    its, ours = (_median(rows, who, name) for who in (system, OURS))
                    ratio = (its / ours if less else ours / its) if ours and its else 0.0
                    cells += [f"{its:.3g}", f"{ratio:.2g} times better"]
                yield f"| {system} | " + " | ".join(cells) + " |"


def _median(rows: Sequence[Result], system: str, name: str) -> float:
    values = [float(row[name]) for row in rows if row["system"] == system]
    return median(values) if values else 0.0


def _first_answers(index: Path, size: int) -> Iterator[Result]:
    """Time the command line from its start to its answer, beside what its peers import first."""
    ask = [str(Path(sys.executable).with_name("loccit")), "ask", QUESTION, "--index", str(index)]
    imports = [sys.executable, "-c", "import sentence_transformers"]
    for system, command in ((OURS, ask), ("import sentence_transformers", imports)):
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, env=os.environ | OFFLINE, check=False)
        if done.returncode not in ANSWERED:
            print(f"{system} is left out: {done.stderr.decode()[-200:]}", file=sys.stderr)
            continue
        seconds = time.perf_counter() - began
        yield {"figure": "first answer", "system": system, "size": size, "seconds": seconds}


def _child(
    figure: str, system: str, options: argparse.Namespace, size: int, folder: Path
) -> Result | None:
    command = [
        sys.executable,
        str(Path(__file__).with_name("measure.py")),
        *(figure, system),
        *("--set", str(options.set)),
        *("--size", str(size)),
        *("--asked", str(options.asked)),
        *("--folder", str(folder)),
    ]
    began = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | OFFLINE, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it was killed"
        print(f"{system} is left out of {figure}: {reason}", file=sys.stderr)
        return None
    values = json.loads(done.stdout.strip().splitlines()[-1])
    return {"figure": figure, "system": system, "size": size, "seconds": seconds, **values}


if __name__ == "__main__":
    main()
