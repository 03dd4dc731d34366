"""Files in, ranked passages out: the real model, the real SQLite, the real FAISS."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import SEEDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loccit.index.datatypes import Document, Scope
from loccit.index.errors import (
    DamagedIndex,
    DamagedModel,
    EmptyIndex,
    IndexLocked,
    IndexMismatch,
    IndexNotFound,
    LoccitError,
    UnknownDocument,
)
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.models.encoder import processor_precision
from loccit.index.passage_index import PassageIndex
from loccit.index.storage import vector_index as vectors
from loccit.index.storage.sqlite import catalogue, connections

CATS = "Cats sleep sixteen hours a day. They hunt at dawn."
SHIPS = "The ship left Rotterdam in March. Its cargo was wheat."


@pytest.fixture
def index(tmp_path: Path, embedder: DefaultEmbedder) -> Iterator[PassageIndex]:
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as opened:
        yield opened


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def statuses(index: PassageIndex, *paths: Path) -> list[str]:
    return [outcome.status for outcome in index.add(list(paths)).outcomes]


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="the system is not told there")
def test_warming_up_reads_the_whole_file_ahead(
    index: PassageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(write(tmp_path, "ships.md", SHIPS * 20_000))
    advised: list[tuple[int, int]] = []
    monkeypatch.setattr(
        os, "posix_fadvise", lambda _, start, size, advice: advised.append((start, size))
    )
    index.warm_up()
    ends = [start + size for start, size in advised]
    assert [start for start, _ in advised] == [0, *ends[:-1]]
    size = (index.folder / catalogue.FILE_NAME).stat().st_size
    assert ends[-2] < size <= ends[-1]
    monkeypatch.setattr(connections, "WARMED_BYTES", 1)
    advised.clear()
    index.warm_up()
    assert len(advised) == 1


def test_all_modes_find_the_passage(index: PassageIndex, tmp_path: Path) -> None:
    write(tmp_path, "cats.txt", CATS)
    ships = write(tmp_path, "ships.md", SHIPS)
    assert statuses(index, tmp_path / "cats.txt", ships) == ["added", "added"]
    for mode in ("hybrid", "dense", "lexical"):
        hits = index.search("When did the ship leave Rotterdam?", mode=mode)
        assert hits[0].passage.text == SHIPS
        assert hits[0].rank == 1
    (lexical,) = index.search("wheat", mode="lexical")
    assert lexical.passage.text == SHIPS


def test_dense_search_equals_brute_force(
    index: PassageIndex, embedder: DefaultEmbedder, tmp_path: Path
) -> None:
    texts = [f"Sentence {i} speaks of {word}." for i, word in enumerate(("rain", "tax", "bread"))]
    for i, text in enumerate(texts):
        index.add(Document(f"d{i}", text, "", f"s{i}"))
    question = embedder.embed(["What about flour and baking?"], "question")[0]
    similarities = embedder.embed(texts, "passage") @ question
    expected = [texts[i] for i in np.argsort(-similarities)]
    hits = index.search("What about flour and baking?", mode="dense")
    assert [hit.passage.text for hit in hits] == expected


def test_the_same_bytes_do_nothing_and_a_change_replaces(
    index: PassageIndex, tmp_path: Path
) -> None:
    path = write(tmp_path, "a.txt", CATS)
    assert statuses(index, path) == ["added"]
    assert statuses(index, path) == ["skipped"]
    write(tmp_path, "a.txt", SHIPS)
    assert statuses(index, path) == ["updated"]
    assert [summary.sources for summary in index.summaries()] == [(str(path),)]
    assert [hit.passage.text for hit in index.search("cats sleep")] == [SHIPS]


def test_one_content_under_two_names_is_stored_once(index: PassageIndex, tmp_path: Path) -> None:
    first, second = write(tmp_path, "a.txt", CATS), write(tmp_path, "b.txt", CATS)
    assert statuses(index, first, second) == ["added", "skipped"]
    (summary,) = index.summaries()
    assert summary.sources == (str(first), str(second))
    write(tmp_path, "a.txt", SHIPS)
    assert statuses(index, first) == ["updated"]
    assert sorted(s.sources for s in index.summaries()) == [(str(first),), (str(second),)]


def test_a_folder_reports_every_file(index: PassageIndex, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    write(folder, "a.txt", CATS)
    write(folder, "b.xyz", "unknown")
    write(folder, "empty.txt", "")
    write(folder, ".hidden.txt", SHIPS)
    write(folder / "sub", "c.txt", SHIPS)
    result = index.add(folder)
    assert [(Path(o.source).name, o.status) for o in result.outcomes] == [
        ("a.txt", "added"),
        ("b.xyz", "failed"),
        ("empty.txt", "failed"),
        ("c.txt", "added"),
    ]
    reason = ".xyz files are not supported; save a copy in another format"
    assert result.outcomes[1].reason == reason
    (missing,) = index.add(tmp_path / "nowhere.txt").outcomes
    assert missing.status == "failed"


def test_removed_documents_are_gone(index: PassageIndex, tmp_path: Path) -> None:
    index.add([write(tmp_path, "a.txt", CATS), write(tmp_path, "b.txt", SHIPS)])
    index.search("warm")
    doc_id = index.resolve("a.txt")
    index.remove(doc_id)
    assert doc_id not in index.documents
    assert [hit.passage.text for hit in index.search("cats sleep")] == [SHIPS]
    with pytest.raises(UnknownDocument):
        index.remove(doc_id)


def test_a_passage_knows_what_it_stands_under(index: PassageIndex, tmp_path: Path) -> None:
    index.add(write(tmp_path, "lease.md", "# Lease\n\n## Rent\n\nThe rent is 900 euros a month.\n"))
    for mode in ("hybrid", "dense", "lexical"):
        passage = index.search("How much is the rent?", mode=mode)[0].passage
        assert (passage.title, passage.heading) == ("Lease", "Lease > Rent")
        assert passage.context == "Lease > Rent"


def test_scope(index: PassageIndex, tmp_path: Path) -> None:
    index.add([write(tmp_path, "a.txt", CATS), write(tmp_path, "b.txt", SHIPS)])
    doc_id = index.resolve("b.txt")
    for mode in ("hybrid", "dense", "lexical"):
        hits = index.search("cats the ship", mode=mode, documents=[doc_id])
        assert [hit.passage.doc_id for hit in hits] == [doc_id]
    with pytest.raises(UnknownDocument):
        index.search("cats", documents=["gone"])
    assert index.search("cats", documents=Scope(("gone",))) == []
    assert index.search("cats", documents=[]) == []


def test_resolve(index: PassageIndex, tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", CATS)
    index.add(path)
    (doc_id,) = index.documents
    for name in (doc_id, doc_id[:8], "a.txt", str(path)):
        assert index.resolve(name) == doc_id
    for name in ("", "b.txt", "zz"):
        with pytest.raises(UnknownDocument):
            index.resolve(name)


def test_an_index_is_found_again(tmp_path: Path, embedder: DefaultEmbedder) -> None:
    folder = tmp_path / "index ünï"
    with PassageIndex.open(folder, create=True, embedder=embedder) as index:
        index.add(SEEDS / "cxmt-ipo.txt")
        before = index.search("planned IPO")
        documents = dict(index.documents)
    assert (folder / vectors.FILE_NAME).is_file()
    for damage in (False, True):
        if damage:
            (folder / vectors.FILE_NAME).write_bytes(b"nonsense")
        with PassageIndex.open(folder, embedder=embedder) as index:
            assert index.search("planned IPO") == before
            assert dict(index.documents) == documents


def test_an_index_records_the_precision_of_its_model(
    tmp_path: Path, embedder: DefaultEmbedder
) -> None:
    PassageIndex.open(tmp_path, create=True, embedder=embedder).close()
    file = sqlite3.connect(tmp_path / catalogue.FILE_NAME)
    assert file.execute("SELECT value FROM meta WHERE name = 'precision'").fetchall() == [
        (processor_precision(),)
    ]
    file.close()


def test_another_process_s_changes_are_seen(tmp_path: Path, embedder: DefaultEmbedder) -> None:
    with (
        PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as reader,
        PassageIndex.open(tmp_path / "i", embedder=embedder) as writer,
    ):
        writer.add(write(tmp_path, "a.txt", CATS))
        assert [hit.passage.text for hit in reader.search("cats", mode="dense")] == [CATS]
        writer.remove(writer.resolve("a.txt"))
        with pytest.raises(EmptyIndex):
            reader.search("cats")


def test_what_can_be_wrong(index: PassageIndex, tmp_path: Path) -> None:
    with pytest.raises(EmptyIndex):
        index.search("anything")
    index.add(write(tmp_path, "a.txt", CATS))
    for blank in ("", "  \n"):
        with pytest.raises(ValueError, match="empty"):
            index.search(blank)
    with pytest.raises(ValueError, match="k must be"):
        index.search("cats", 0)
    with pytest.raises(ValueError, match="mode"):
        index.search("cats", mode="fuzzy")  # type: ignore[arg-type]
    with pytest.raises(IndexNotFound):
        PassageIndex.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_another_model_is_refused(tmp_path: Path, embedder: DefaultEmbedder) -> None:
    class Other(DefaultEmbedder):
        name = "other-model"
        fingerprint = "sha256:other"

    PassageIndex.open(tmp_path, create=True, embedder=embedder).close()
    with pytest.raises(IndexMismatch, match=r"all-MiniLM-L6-v2.*other-model"):
        PassageIndex.open(tmp_path, embedder=Other())


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    PassageIndex.open(tmp_path, create=True).close()
    file = sqlite3.connect(tmp_path / catalogue.FILE_NAME)
    with file:
        file.execute(
            "UPDATE meta SET value = json_set(value, '$.format_version', 99)"
            " WHERE name = 'settings'"
        )
    file.close()
    with pytest.raises(IndexMismatch, match="99"):
        PassageIndex.open(tmp_path)


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / catalogue.FILE_NAME).write_bytes(b"not a database at all, but long enough" * 50)
    with pytest.raises(DamagedIndex, match="not a database"):
        PassageIndex.open(tmp_path)


def test_a_second_writer_is_told(
    tmp_path: Path, embedder: DefaultEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LOCK_SECONDS", 0.1)
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        other = sqlite3.connect(tmp_path / "i" / catalogue.FILE_NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(IndexLocked, match="another process"):
            index.add(Document("d", CATS, "", "d"))
        other.execute("ROLLBACK")
        other.close()
        assert index.add(Document("d", CATS, "", "d")).outcomes[0].status == "added"


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    with pytest.raises(DamagedModel, match="53aa5117"):
        DefaultEmbedder(tmp_path).embed(["x"], "question")
    with pytest.raises(LoccitError, match="neither a folder"):
        PassageIndex.open(tmp_path / "i", create=True, embedder="no/such-model")


def test_a_model_by_path_gives_the_same_vectors(embedder: DefaultEmbedder) -> None:
    from loccit.index.models.default_model import default_model_directory
    from loccit.index.models.embedder import open_embedder

    other = open_embedder(str(default_model_directory()))
    texts = ["A text.", "Another, longer text."]
    rows, expected = other.embed(texts, "passage"), embedder.embed(texts, "passage")
    assert (rows * expected).sum(axis=1).min() > 0.999  # the default one may run in bfloat16
    assert other.count_tokens(texts) == embedder.count_tokens(texts)
    assert (other.dimension, other.window) == (embedder.dimension, embedder.window)
    assert other.fingerprint != embedder.fingerprint


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(min_size=1, max_size=80),
        st.lists(
            st.sampled_from(
                [
                    '"',
                    "*",
                    "NEAR(",
                    "AND",
                    "OR",
                    "NOT",
                    "^",
                    ":",
                    "text:",
                    "-",
                    "👍",
                    ")",
                    "{a}",
                    "ship",
                ]
            ),
            min_size=1,
        ).map(" ".join),
    ).filter(str.strip)
)
def test_a_question_is_just_words(seed_index: PassageIndex, question: str) -> None:
    hits = seed_index.search(question, mode="lexical")
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_threads_share_an_index(index: PassageIndex, tmp_path: Path) -> None:
    index.add(write(tmp_path, "a.txt", CATS))
    failures: list[Exception] = []

    def search() -> None:
        try:
            for _ in range(10):
                assert index.search("cats sleep")[0].passage.text == CATS
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(5):
        index.add(Document(f"n{number}", f"Number {number} is here.", "", f"n{number}"))
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(index.documents) == 6


def test_many_questions_find_what_each_does(index: PassageIndex, tmp_path: Path) -> None:
    index.add([write(tmp_path, "a.txt", CATS), write(tmp_path, "b.txt", SHIPS)])
    questions = ["cats sleep", "When did the ship leave?", "cats sleep"]
    for mode in ("hybrid", "dense", "lexical"):
        found = index.search_many(questions, 2, mode=mode)
        assert found == [index.search(question, 2, mode=mode) for question in questions]
    (doc_id,) = [index.resolve("b.txt")]
    for hits in index.search_many(questions, documents=[doc_id]):
        assert [hit.passage.text for hit in hits] == [SHIPS]
    assert index.search_many([]) == []
    with pytest.raises(ValueError, match="empty"):
        index.search_many(["cats", " "])
