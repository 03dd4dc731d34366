"""Indexing: files read ahead, embedded together, written together, each with its own outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loccit.index.datatypes import Document
from loccit.index.ingestion import adding, reading_ahead
from loccit.index.ingestion.reporting import AddResult, Progress
from loccit.index.models.default_model import DefaultEmbedder, Kind
from loccit.index.passage_index import PassageIndex


class Counting(DefaultEmbedder):
    """The real model, and what it was asked to embed."""

    def __init__(self, model: DefaultEmbedder) -> None:
        super().__init__()
        self._model = model
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        self.texts += texts
        return self._model.embed(texts, kind)


@pytest.fixture
def counting(embedder: DefaultEmbedder) -> Counting:
    return Counting(embedder)


@pytest.fixture
def index(tmp_path: Path, counting: Counting) -> Iterator[PassageIndex]:
    with PassageIndex.open(tmp_path / "index", create=True, embedder=counting) as opened:
        yield opened


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def told(result: AddResult) -> list[tuple[str, str]]:
    return [(Path(outcome.source).name, outcome.status) for outcome in result.outcomes]


@pytest.mark.parametrize("pooled", [1, 3, 1000])
def test_outcomes_are_in_the_order_of_the_files(
    index: PassageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pooled: int
) -> None:
    monkeypatch.setattr(adding, "POOLED_PASSAGES", pooled)
    monkeypatch.setattr(reading_ahead, "AHEAD", 2)
    folder = tmp_path / "docs"
    for number in range(12):
        write(folder, f"{number:02}.txt", f"Item {number} costs {number} euros.")
    write(folder, "03.txt", "")
    write(folder, "05.txt", "Item 4 costs 4 euros.")
    expected = [
        (f"{number:02}.txt", {3: "failed", 5: "skipped"}.get(number, "added"))
        for number in range(12)
    ]
    assert told(index.add(folder)) == expected
    for number in (0, 4, 11):
        (hit,) = index.search(f"How much is item {number}?", 1)
        assert hit.passage.text == f"Item {number} costs {number} euros."
    assert {status for _, status in told(index.add(folder))} == {"skipped", "failed"}


def test_the_same_text_is_embedded_once(
    index: PassageIndex, counting: Counting, tmp_path: Path
) -> None:
    clause = "The tenant pays the rent on the first day of each month."
    one = "\n\n".join(["# Lease", clause, "# Ends", "The lease ends in May."])
    two = "\n\n".join(["# Lease", clause, "# Ends", "The lease ends in June."])
    index.add(Document("one", clause, "Lease", "one.txt"))
    index.add(Document("two", clause, "Lease", "two.txt"))
    assert counting.texts == [f"Lease\n{clause}"]
    index.add([write(tmp_path / "d", "a.md", one), write(tmp_path / "d", "b.md", two)])
    assert len(counting.texts) == len(set(counting.texts))
    assert len(index.search("rent", 10)) == len(index.search("lease ends", 10))
    hits = index.search("When does the tenant pay the rent?", 3, mode="dense")
    assert {clause in hit.passage.text for hit in hits} == {True}  # each has its vector


def test_content_that_moves_while_files_change_is_kept(index: PassageIndex, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    old, new = "Cats sleep sixteen hours a day.", "The ship left Rotterdam in March."
    write(folder, "a.txt", old)
    index.add(folder)
    write(folder, "a.txt", new)
    write(folder, "b.txt", old)  # what a.txt was: stored as it is read, let go as a.txt changes
    assert told(index.add(folder)) == [("a.txt", "updated"), ("b.txt", "skipped")]
    assert [hit.passage.text for hit in index.search("cats sleep")] == [old, new]


def test_content_that_is_gone_before_its_turn_is_read_again(
    index: PassageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "POOLED_FILES", 1)
    folder = tmp_path / "docs"
    old, new = "Cats sleep sixteen hours a day.", "The ship left Rotterdam in March."
    write(folder, "a.txt", old)
    index.add(folder)
    write(folder, "a.txt", new)
    write(folder, "b.txt", old)
    assert told(index.add(folder))[0] == ("a.txt", "updated")
    assert {hit.passage.text for hit in index.search("cats sleep")} == {old, new}


def test_progress_never_falls_and_ends_near_the_end(index: PassageIndex, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    for number in range(5):
        write(folder, f"{number}.txt", " ".join(f"Entry {number}.{i} of a log." for i in range(90)))
    steps: list[Progress] = []
    index.add(folder, on_progress=steps.append)
    done = [step.files_and_part for step in steps]
    assert done == sorted(done)
    assert steps[-1].stage == "embedding"
    assert 0 <= done[0] <= done[-1] <= 5


def test_an_interrupted_add_keeps_what_was_written(
    index: PassageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "POOLED_PASSAGES", 2)
    folder = tmp_path / "docs"
    for number in range(8):
        write(folder, f"{number}.txt", f"Item {number} costs {number} euros.")

    def interrupt(step: Progress) -> None:
        if step.files_done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.add(folder, on_progress=interrupt)
    assert len(index.documents) == 4
    assert [status for _, status in told(index.add(folder))] == ["skipped"] * 4 + ["added"] * 4
