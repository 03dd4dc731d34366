"""Many people ask the web chat at once while a folder is being indexed into the same index.

    python tests/loading.py --people 32 --seconds 300 --files 2000

They speak the page's own protocol. Every question is about one document and has one answer, so
an answer from another document is noticed. Prints what was asked, what went wrong, how long it
took, and the server's memory.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from patience import PATIENCE_SECONDS

FIRST_FILES = 100  # indexed before anyone asks
QUESTIONS_PER_VISIT = 8  # then the page is opened anew
_SYLLABLES = ["ba", "co", "di", "fu", "ga", "lo", "mi", "nu", "pe", "ra", "so", "ti", "ve", "zo"]
_FILLER = "It was written down by the office and is kept with the other papers of that year. "


@dataclass(slots=True)
class Report:
    """What happened; the lists grow as it happens."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    indexed: int | None = None


def facts(count: int) -> list[tuple[str, str]]:
    """Return ``count`` different names of towns, each with the name of its mayor."""
    rng = random.Random(5)
    words: set[str] = set()
    while len(words) < 2 * count:
        words.add("".join(rng.choices(_SYLLABLES, k=4)).capitalize())
    ordered = sorted(words)
    rng.shuffle(ordered)
    return list(zip(ordered[:count], ordered[count:], strict=True))


def write(folder: Path, pairs: list[tuple[str, str]]) -> None:
    """Write a file a fact."""
    folder.mkdir()
    for town, mayor in pairs:
        text = f"The mayor of {town} is {mayor}.\n\n{_FILLER * 12}"
        (folder / f"{town}.txt").write_text(text, encoding="utf-8")


def load(
    people: int, files: int, *, seconds: float = math.inf, questions: float = math.inf
) -> Report:
    """Index, serve, ask from all sides, and return what happened.

    Everyone asks for so many seconds, or so many questions, whichever comes first.
    """
    report = Report()
    pairs = facts(FIRST_FILES + files)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "first", pairs[:FIRST_FILES])
        write(folder / "more", pairs[FIRST_FILES:])
        subprocess.run(_command("add", folder / "first", folder / "i"), check=True)
        with _serving(folder / "i") as (url, server):
            adding = subprocess.Popen(_command("add", folder / "more", folder / "i"))
            ends = time.monotonic() + seconds
            threads = [
                threading.Thread(
                    target=_visit, args=(url, pairs[:FIRST_FILES], ends, questions, n, report)
                )
                for n in range(people)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    report.memory_mb.append(_memory_mb(server.pid))
                    thread.join(min(2.0, seconds / 10))
            report.indexed = adding.poll()
            adding.kill()
            adding.wait()
    return report


def _visit(
    url: str,
    pairs: list[tuple[str, str]],
    ends: float,
    questions: float,
    number: int,
    report: Report,
) -> None:
    """Be one person: open the page, ask, open it again."""
    rng = random.Random(number)
    num_asked = 0
    while time.monotonic() < ends and num_asked < questions:
        try:
            with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as client:
                submit = _submit_event(client.get("/config").raise_for_status().json())
                session = f"{rng.getrandbits(64):x}"
                for _ in range(QUESTIONS_PER_VISIT):
                    town, mayor = rng.choice(pairs)
                    num_asked += 1
                    began = time.monotonic()
                    shown = _ask(client, submit, session, f"Who is the mayor of {town}?")
                    report.seconds.append(time.monotonic() - began)
                    last = shown[shown.rfind(f"mayor of {town}?") :]
                    plain = re.sub(r"<[^>]+>", "", last)
                    if mayor not in plain or f"{town}.txt" not in last:
                        report.wrong.append(f"{town}: {plain[:200]}")
                    if time.monotonic() > ends or num_asked >= questions:
                        return
        except Exception as error:  # noqa: BLE001 - it is what is counted
            report.errors.append(repr(error))


def _submit_event(config: dict[str, Any]) -> tuple[int, int]:
    """Return the numbers of the event that asks and of the component that sends it."""
    for event in config["dependencies"]:
        for component, kind in event["targets"]:
            if kind == "submit":
                return event["id"], component
    raise LookupError("the page has no question to submit")


def _ask(client: httpx.Client, submit: tuple[int, int], session: str, question: str) -> str:
    """Ask as the page does; return the conversation as HTML."""
    event, component = submit
    body = {
        "data": [question, None, None],
        "fn_index": event,
        "session_hash": session,
        "trigger_id": component,
    }
    client.post("/gradio_api/queue/join", json=body).raise_for_status()
    shown = ""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as lines:
        for line in lines.iter_lines():
            if not line.startswith("data:"):
                continue
            message = json.loads(line[5:])
            if message["msg"] == "process_completed":
                if not message["success"]:
                    raise RuntimeError(str(message["output"]))
                shown = str(message["output"]["data"][1])
            if message["msg"] == "close_stream":
                break
    return shown


@contextmanager
def _serving(index: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "loccit",
        "chat",
        "--port",
        str(port),
        "--index",
        str(index),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                httpx.get(url, timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                assert server.poll() is None, "the server has ended"
                assert time.monotonic() < ends, "the server did not start"
                time.sleep(0.3)
        yield url, server
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def _command(verb: str, folder: Path, index: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "loccit",
        verb,
        str(folder),
        "--index",
        str(index),
    ]


def _memory_mb(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Load and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--files", type=int, default=2_000)
    options = parser.parse_args()
    report = load(options.people, options.files, seconds=options.seconds)
    quarter = max(1, len(report.memory_mb) // 4)
    print(f"{len(report.seconds)} questions of {options.people} people")
    print(f"errors: {len(report.errors)} {report.errors[:2]}")
    print(f"wrong: {len(report.wrong)} {report.wrong[:2]}")
    p50, p95 = np.quantile(report.seconds, [0.5, 0.95])
    print(f"an answer: median {p50:.2f} s, 95th percentile {p95:.2f} s")
    first, last = (
        np.mean(part)
        for part in (report.memory_mb[quarter : 2 * quarter], report.memory_mb[-quarter:])
    )
    print(f"memory: {first:.0f} MB in the second quarter, {last:.0f} MB in the last")
    print(f"indexing ended with {report.indexed} (None: it was still at work)")


if __name__ == "__main__":
    main()
