"""A disk that fills, and a folder that can't be written to: in small file systems of their own."""

from __future__ import annotations

import logging
import random
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from ageing import age
from crashing import Hashing, State, check, document

from loccit.index.errors import NotWritten
from loccit.index.passage_index import PassageIndex

MEGABYTES = 3


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB; skipped where none may be made."""
    (place := tmp_path / "small").mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def text(rng: random.Random) -> str:
    return " ".join(rng.choices(["lease", "rent", "clause", "notice"], k=600))


def test_a_full_disk_loses_nothing(small: Path, caplog: pytest.LogCaptureFixture) -> None:
    rng = random.Random(1)
    state: State = {}
    with (
        caplog.at_level(logging.ERROR),
        PassageIndex.open(small / "i", create=True, embedder=Hashing()) as index,
    ):
        with pytest.raises(NotWritten, match="make room"):
            for number in range(1_000):
                words = text(rng)
                index.add(document(f"d{number}", words))
                state[f"d{number}"] = words
        assert len(state) > 10
        assert index.search("lease", 3)
        with pytest.raises(NotWritten):
            index.add(document("more", text(rng)))
    assert check(small / "i", state, state) == state
    remount(small, f"size={4 * MEGABYTES}m")
    with PassageIndex.open(small / "i", embedder=Hashing()) as index:
        index.remove(index.resolve("d0"))
        index.add(document("more", "There is room now."))
    del state["d0"]
    assert check(small / "i", state, state | {"more": "There is room now."})["more"]
    assert not [*(small / "i").glob(".tmp*")]


def test_a_read_only_index_answers(small: Path) -> None:
    with PassageIndex.open(small / "i", create=True, embedder=Hashing()) as index:
        index.add(document("a", "The lease ends in May."))
    remount(small, "ro")
    with PassageIndex.open(small / "i", embedder=Hashing()) as index:
        assert [hit.passage.text for hit in index.search("lease")] == ["The lease ends in May."]
        with pytest.raises(NotWritten, match="read-only"):
            index.add(document("b", "Another."))
        with pytest.raises(NotWritten, match="read-only"):
            index.remove(index.resolve("a"))
        assert len(index.documents) == 1


def test_an_older_index_on_a_full_disk_answers(
    small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with PassageIndex.open(small / "i", create=True, embedder=Hashing()) as index:
        index.add(document("a", "The lease ends in May."))
    age(small / "i")
    (small / "filler").write_bytes(b"")
    with suppress(OSError), (small / "filler").open("ab", buffering=0) as filler:
        while filler.write(bytes(1024)):
            pass
    with PassageIndex.open(small / "i", embedder=Hashing()) as index:
        assert [hit.passage.text for hit in index.search("lease")] == ["The lease ends in May."]
        assert "can only be read" in caplog.text
        with pytest.raises(NotWritten, match="make room"):
            index.add(document("b", "Another."))
    (small / "filler").unlink()
    with PassageIndex.open(small / "i", embedder=Hashing()) as index:
        assert not index.needs_upgrade()
        index.add(document("b", "Another."))
