"""No socket is opened by indexing, searching and asking, in this process or in its children."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SEEDS

GUARD = """
import sys
def guard(event, args):
    if event in ("socket.__new__", "socket.connect", "socket.getaddrinfo"):
        sys.stderr.write(f"a socket was opened: {event} {args}\\n")
        raise RuntimeError("no network here")
sys.addaudithook(guard)
"""

VISIT = """
import sys
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
with PassageIndex.open(sys.argv[1], create=True) as index:
    print(index.add(sys.argv[2]).outcomes[0].status)
    print(index.search("planned IPO")[0].rank)
    print(Assistant(index).ask("How large is CXMT's planned IPO?").answered)
"""


def run(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HF_", "TRANSFORMERS_"))
    }
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_guard_works(tmp_path: Path) -> None:
    assert "no network here" in run("import socket; socket.socket()", tmp_path).stderr


@pytest.mark.slow
def test_no_socket_is_opened(tmp_path: Path) -> None:
    result = run(VISIT, tmp_path, str(tmp_path / "index"), str(SEEDS / "cxmt-ipo.txt"))
    assert "a socket was opened" not in result.stderr
    assert result.stdout.split() == ["added", "1", "True"], result.stderr
