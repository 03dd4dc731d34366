"""Counts the project's files that a call enters, and the statements that it puts to the index.

    python tests/tracing.py FOLDER QUESTION

asks the index in FOLDER and prints the files that `Assistant.ask` enters.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("index", "qa", "ui")


def files_entered(call: Callable[[], object]) -> list[str]:
    """Return the files whose functions a call enters, in whichever thread, by their paths."""
    codes = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        codes.add(frame.f_code.co_filename)

    old = sys.gettrace()
    threading.settrace_all_threads(note) if hasattr(threading, "settrace_all_threads") else (
        threading.settrace(note)
    )
    sys.settrace(note)
    try:
        call()
    finally:
        sys.settrace(old)
        threading.settrace(old)  # type: ignore[arg-type]
    paths = (Path(code).resolve() for code in codes if not code.startswith("<"))
    names = (path.relative_to(ROOT) for path in paths if path.is_relative_to(ROOT))
    return sorted(str(name) for name in names if name.parts[0] in ROOMS)


@contextmanager
def statements(index: Any) -> Iterator[list[str]]:
    """Collect the statements that are put to an open index meanwhile."""
    connections = index._store._connections
    told: list[str] = []
    with connections._pooling:
        for connection in connections._idle:
            connection.close()
        connections._idle.clear()
    run = index._store._run

    def noting(statement: str, parameters: Any = ()) -> Any:
        told.append(statement)
        return run(statement, parameters)

    holders = [index._store, index._store.full_text, index._store.vectors, index.documents]
    for holder in holders:
        holder._run = noting
    try:
        yield told
    finally:
        for holder in holders:
            holder._run = run


if __name__ == "__main__":
    from loccit.index.passage_index import PassageIndex
    from loccit.qa.assistant import Assistant

    with PassageIndex.open(sys.argv[1]) as opened:
        assistant = Assistant(opened)
        assistant.ask(sys.argv[2])
        print(*files_entered(lambda: assistant.ask(sys.argv[2])), sep="\n")
        with statements(opened) as asked:
            assistant.ask(sys.argv[2])
        print(len(asked), "statements")
        for one in asked:
            print("  ", " ".join(one.split())[:110])
