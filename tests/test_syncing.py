"""A mirrored folder: what is new, changed, moved and gone; what is passed over; what goes wrong."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from patience import PATIENCE_SECONDS, wait_until

from loccit.index.errors import FolderMissing
from loccit.index.ingestion.identity import doc_id_of_file
from loccit.index.ingestion.reporting import SyncResult
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex

# loccit, which notes that it pauses because the folder it follows is away, and pauses but briefly.
PAUSING = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's children ignore it
from loccit.ui.command_line.main import main
note, sleep = Path(sys.argv.pop(1)), time.sleep
time.sleep = lambda seconds: (note.touch(), sleep(0.1))
main()
"""


class Counting(DefaultEmbedder):
    """The default model, which remembers the passages it was asked to embed."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str], kind: Any) -> NDArray[np.float32]:
        if kind == "passage":
            self.embedded += texts
        return super().embed(texts, kind)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "sub").mkdir(parents=True)
    for name in ("a", "b", "c", "sub/d"):
        text = f"The file {name} is about the number {len(name)} and the letter {name[-1]}."
        (tmp_path / "docs" / f"{name}.txt").write_text(text, encoding="utf-8")
    return tmp_path / "docs"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PassageIndex]:
    with PassageIndex.open(tmp_path / "i", create=True, embedder=Counting()) as opened:
        yield opened


def signs(result: SyncResult) -> str:
    return (
        f"+{result.num_added} ~{result.num_updated} -{result.num_deleted} ={result.num_skipped} "
        f"!{result.num_failed}"
    )


def names(index: PassageIndex) -> list[str]:
    return sorted(Path(source).name for s in index.summaries() for source in s.sources)


def test_the_index_becomes_the_folder(index: PassageIndex, folder: Path) -> None:
    assert signs(index.sync(folder)) == "+4 ~0 -0 =0 !0"
    assert signs(index.sync(folder)) == "+0 ~0 -0 =4 !0"
    (folder / "a.txt").write_text("Now it is about something else.", encoding="utf-8")
    (folder / "b.txt").rename(folder / "sub" / "renamed.txt")
    (folder / "c.txt").unlink()
    (folder / "new.txt").write_text("This one is new.", encoding="utf-8")
    model = index.embedder.within
    assert isinstance(model, Counting)
    model.embedded.clear()
    before = names(index)
    expected = "+1 ~2 -1 =1 !0"
    assert signs(index.sync(folder, dry_run=True)) == expected
    assert names(index) == before
    assert signs(index.sync(folder)) == expected
    assert names(index) == ["a.txt", "d.txt", "new.txt", "renamed.txt"]
    assert sorted(model.embedded) == ["a\nNow it is about something else.", "new\nThis one is new."]
    texts = {document.text for document in index.documents.values()}
    assert "Now it is about something else." in texts
    assert len(texts) == 4


def test_only_the_sections_that_changed_are_embedded(index: PassageIndex, folder: Path) -> None:
    sections = [f"# Section {n}\n\n" + f"It says the word {n} again. " * 25 for n in range(6)]
    (folder / "a.md").write_text("\n\n".join(sections), encoding="utf-8")
    index.sync(folder)
    model = index.embedder.within
    assert isinstance(model, Counting)
    model.embedded.clear()
    sections[3] = "# Section 3\n\nIt is another now."
    (folder / "a.md").write_text("\n\n".join(sections), encoding="utf-8")
    index.sync(folder)
    assert [text.split("\n")[-1] for text in model.embedded] == ["It is another now."]


def test_documents_from_elsewhere_stay(index: PassageIndex, folder: Path, tmp_path: Path) -> None:
    (other := tmp_path / "docs2" / "else.txt").parent.mkdir()
    other.write_text("From elsewhere.", encoding="utf-8")
    copy = tmp_path / "copy of a.txt"
    copy.write_bytes((folder / "a.txt").read_bytes())
    index.add([other, copy])
    index.sync(folder)
    (folder / "a.txt").unlink()
    assert signs(index.sync(folder)) == "+0 ~0 -1 =3 !0"
    assert names(index) == ["b.txt", "c.txt", "copy of a.txt", "d.txt", "else.txt"]


def test_what_is_passed_over(index: PassageIndex, folder: Path, tmp_path: Path) -> None:
    for name in (
        ".hidden.txt",
        "~$report.docx",
        "draft.tmp",
        "b.txt~",
        "logs/x.txt",
        "sub/old.txt",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("no", encoding="utf-8")
    (secret := tmp_path / "secret.txt").write_text("no", encoding="utf-8")
    (folder / "link.txt").symlink_to(secret)
    (folder / "inner.txt").symlink_to(folder / "a.txt")
    (folder / "ring").symlink_to(folder)
    (folder / ".loccitignore").write_text("# mine\nlogs/\n/sub/old.*\n", encoding="utf-8")
    index.sync(folder)
    assert names(index) == ["a.txt", "b.txt", "c.txt", "d.txt", "inner.txt"]
    # What is ignored from now on is taken out.
    (folder / ".loccitignore").write_text("*.txt\n!a.txt\n", encoding="utf-8")
    assert index.sync(folder).num_deleted == 4
    assert names(index) == ["a.txt"]


def test_a_folder_that_blinks_loses_nothing(index: PassageIndex, folder: Path) -> None:
    index.sync(folder)
    away = folder.rename(folder.with_name("away"))
    with pytest.raises(FolderMissing, match="nothing was changed"):
        index.sync(folder)
    folder.mkdir()
    for dry_run in (True, False):
        with pytest.raises(FolderMissing, match="4 files from it are still in the index"):
            index.sync(folder, dry_run=dry_run)
    assert len(names(index)) == 4
    folder.rmdir()
    away.rename(folder)
    assert index.sync(folder).num_skipped == 4
    for file in [*folder.rglob("*.txt")]:
        file.unlink()
    assert index.sync(folder, allow_empty=True).num_deleted == 4
    assert names(index) == []


def test_failures_are_remembered_until_they_are_mended(index: PassageIndex, folder: Path) -> None:
    (bad := folder / "bad.pdf").write_bytes(b"%PDF-1.4 and no more")
    result = index.sync(folder)
    assert signs(result) == "+4 ~0 -0 =0 !1"
    assert list(index.failures()) == [str(bad)]
    assert index.failures()[str(bad)] == result.failures[0].reason
    # A file that was fine and is broken now keeps what was stored of it.
    (folder / "a.txt").write_bytes(b"\x00\x01\x02\x00" * 500)
    assert signs(index.sync(folder)).endswith("!2")
    assert "a.txt" in names(index)
    assert len(index.failures()) == 2
    (folder / "a.txt").write_text("Fine again.", encoding="utf-8")
    bad.unlink()
    index.sync(folder)
    assert index.failures() == {}


def test_a_dry_run_counts_the_files_that_would_fail(index: PassageIndex, folder: Path) -> None:
    (folder / "empty.txt").write_bytes(b"")
    (folder / "b.rst").write_text("No format of ours.", encoding="utf-8")
    (folder / "copy.rst").write_bytes((folder / "a.txt").read_bytes())
    (bad := folder / "bad.docx").write_text("No Word document.", encoding="utf-8")
    # Only who reads it knows that the Word document is none.
    assert signs(index.sync(folder, dry_run=True)) == "+5 ~0 -0 =0 !3"
    index.add(folder / "a.txt")  # with which the copy's content is known
    assert signs(index.sync(folder, dry_run=True)) == "+5 ~0 -0 =1 !2"
    done = index.sync(folder)
    assert signs(done) == "+4 ~0 -0 =1 !3"
    planned = index.sync(folder, dry_run=True)
    assert signs(planned) == "+0 ~0 -0 =5 !3"
    assert planned.failures == done.failures
    assert {Path(o.source).name for o in done.failures} == {"empty.txt", "b.rst", "bad.docx"}
    bad.write_bytes((folder / "a.txt").read_bytes())
    (folder / "empty.txt").write_text("Something now.", encoding="utf-8")
    assert signs(index.sync(folder, dry_run=True)) == "+2 ~0 -0 =5 !1"


@pytest.mark.parametrize("place", [0, 70, 139])
def test_an_edit_embeds_the_passages_around_it_alone(
    index: PassageIndex, folder: Path, place: int
) -> None:
    rng = random.Random(5)
    words = ["ship", "mill", "rent", "barley", "harbour", "keeper", "oil", "wheel", "spring"]
    lines = [f"{' '.join(rng.choices(words, k=18)).capitalize()}." for _ in range(140)]
    file = folder / "long.txt"
    file.write_text("\n\n".join(lines), encoding="utf-8")
    index.sync(folder)
    model = index.embedder.within
    assert isinstance(model, Counting)
    model.embedded.clear()
    lines[place] += " The committee met again in the spring."
    file.write_text("\n\n".join(lines), encoding="utf-8")
    assert signs(index.sync(folder)) == "+0 ~1 -0 =4 !0"
    (count,) = [row.num_passages for row in index.summaries() if row.title == "long"]
    assert count > 15
    assert 1 <= len(model.embedded) <= count // 3


def test_a_sync_that_is_interrupted_keeps_what_was_done(index: PassageIndex, folder: Path) -> None:
    def stop(_progress: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.sync(folder, on_progress=stop)
    assert index.sync(folder).num_failed == 0
    assert len(names(index)) == 4


@pytest.mark.slow
@pytest.mark.usefixtures("shared_model")
def test_a_watched_folder_is_followed(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "watched"
    pause = tmp_path / "pause"
    command = [sys.executable, "-c", PAUSING, str(pause)]
    command += ["sync", str(folder), "--watch", "--index", str(place)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        wait_until(
            lambda: place.exists() and _names_of(place) == ["a.txt", "b.txt", "c.txt", "d.txt"]
        )
        # As editors write: beside it, then in its place.
        (folder / "a.tmp").write_text("Written anew.", encoding="utf-8")
        (folder / "a.tmp").replace(folder / "a.txt")
        (folder / "b.txt").unlink()
        (folder / "e.txt").write_text("One more.", encoding="utf-8")
        wait_until(lambda: _names_of(place) == ["a.txt", "c.txt", "d.txt", "e.txt"])
        # It goes away and comes back.
        away = folder.rename(folder.with_name("away"))
        wait_until(pause.exists)
        (away / "f.txt").write_text("Written while it was away.", encoding="utf-8")
        away.rename(folder)
        wait_until(lambda: "f.txt" in _names_of(place))
        assert len(_names_of(place)) == 5
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, output
    assert "Traceback" not in output


def _names_of(place: Path) -> list[str]:
    with PassageIndex.open(place) as opened:
        return names(opened)


def test_only_files_that_seem_changed_are_read_again(
    index: PassageIndex, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def reading(path: Path) -> str:
        read.append(path.name)
        return doc_id_of_file(path)

    monkeypatch.setattr("loccit.index.ingestion.identity.doc_id_of_file", reading)
    index.sync(folder)
    read.clear()
    index.sync(folder)
    assert len(read) == 4  # so new that they could change again within the same tick
    monkeypatch.setattr("loccit.index.ingestion.identity._SETTLED_NS", 0)
    index.sync(folder)
    read.clear()
    assert signs(index.sync(folder)) == "+0 ~0 -0 =4 !0"
    assert read == []
    before = (folder / "a.txt").stat()
    (folder / "a.txt").write_text((folder / "a.txt").read_text(encoding="utf-8")[::-1], "utf-8")
    os.utime(folder / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))  # as an archive does
    assert signs(index.sync(folder)) == "+0 ~1 -0 =3 !0"
    assert read == ["a.txt"]
