"""One writer and many readers of an index: processes and threads, for real."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from crashing import Hashing
from patience import PATIENCE_SECONDS, wait_until

from loccit.index.datatypes import Document
from loccit.index.errors import IndexLocked
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.sqlite import connections

HERE = Path(__file__).parent
HOLD = """
import sys
from pathlib import Path
from loccit.index.storage.sqlite.catalogue import FILE_NAME, Catalogue
stored = Catalogue(Path(sys.argv[1]) / FILE_NAME)
with stored._connections.transaction():
    print("held", flush=True)
    sys.stdin.readline()
stored.close()
"""
WRITE = """
import sys
from crashing import Hashing
from test_sharing import document
from loccit.index.passage_index import PassageIndex
with PassageIndex.open(sys.argv[1], embedder=Hashing(), wait=True) as index:
    for number in range(int(sys.argv[3])):
        index.add(document(f"{sys.argv[2]}{number}", f"lease number {number} of {sys.argv[2]}"))
        print(number, flush=True)
"""


def document(name: str, text: str) -> Document:
    return Document(name, text, name, name)


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=HERE.parent,
        env={"PYTHONPATH": f"{HERE.parent}:{HERE}", "PATH": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with PassageIndex.open(tmp_path / "i", create=True, embedder=Hashing()) as index:
        index.add(document("first", "the first lease"))
    return tmp_path / "i"


@pytest.fixture
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a change."""
    process = start(HOLD, folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate("\n", timeout=PATIENCE_SECONDS)


def test_a_second_writer_is_told_who_writes(
    folder: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LOCK_SECONDS", 0.1)
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        assert index.search("lease", 1)  # a reader waits for nobody
        with pytest.raises(IndexLocked, match=rf"process \(number {holder.pid}, -c .*--wait"):
            index.add(document("second", "the second lease"))


class Tries:
    """A clock that counts how often it is looked at: once after each try for the lock in vain."""

    number = 0

    def monotonic(self) -> float:
        self.number += 1
        return 100.0 * self.number


def test_a_patient_writer_waits(
    folder: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = Tries()
    with PassageIndex.open(folder, embedder=Hashing(), wait=True) as index:
        monkeypatch.setattr(connections, "time", tries)
        adding = threading.Thread(
            target=index.add, args=[document("second", "the second lease")], daemon=True
        )
        adding.start()
        wait_until(lambda: tries.number >= 5)  # the first looks at the clock before it
        assert adding.is_alive()
        assert holder.stdin is not None
        holder.stdin.write("\n")
        holder.stdin.flush()
        adding.join(PATIENCE_SECONDS)
        assert "second" in index.documents


def test_readers_follow_writers_of_other_processes_without_opening_again(folder: Path) -> None:
    writers = [start(WRITE, folder, name, 20) for name in ("a", "b")]
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        seen = 0
        while any(writer.poll() is None for writer in writers):
            # Documents, passages and vectors are those of one moment.
            hits = index.search("lease", 100)
            assert len(hits) >= seen
            seen = len(hits)
            assert all(hit.passage.text in index.documents[hit.passage.doc_id].text for hit in hits)
        assert [
            writer.communicate(timeout=PATIENCE_SECONDS)[0].split()[-1] for writer in writers
        ] == ["19"] * 2
        assert len(index.search("lease", 100, mode="dense")) == 41
        assert len(index.search("lease", 100, mode="lexical")) == 41


def test_what_is_written_after_another_process_closed_the_index_is_kept(folder: Path) -> None:
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        index.warm_up()
        with PassageIndex.open(folder, create=True, embedder=Hashing()):
            pass
        start(WRITE, folder, "other", 1).communicate(timeout=PATIENCE_SECONDS)
        index.add(document("late", "the lease that came last"))
        # As after a kill: nothing is closed in between.
        with PassageIndex.open(folder, embedder=Hashing()) as again:
            assert set(again.documents) == {"first", "other0", "late"}
        found = "from loccit.index.passage_index import PassageIndex; from crashing import Hashing;"
        found += "import sys; i = PassageIndex.open(sys.argv[1], embedder=Hashing());"
        found += "print(sorted(i.documents)); i.close()"
        told = start(found, folder).communicate(timeout=PATIENCE_SECONDS)[0]
        assert told.strip() == "['first', 'late', 'other0']"


def test_threads_share_an_open_index(folder: Path) -> None:
    failures: list[BaseException] = []
    with PassageIndex.open(folder, embedder=Hashing()) as index:

        def use(name: str) -> None:
            try:
                for number in range(10):
                    index.add(document(f"{name}{number}", f"lease of {name} number {number}"))
                    found = index.search(f"{name} number {number}", 50)
                    assert f"{name}{number}" in {hit.passage.doc_id for hit in found}
                index.remove(f"{name}0")
            except BaseException as error:
                failures.append(error)
                raise

        threads = [threading.Thread(target=use, args=[name]) for name in "pqrs"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert len(index.documents) == 1 + 4 * 9
