"""An index that an older loccit made is upgraded, nothing is lost, and it answers all the while."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import ageing
import numpy as np
import pytest
from ageing import age
from crashing import Hashing
from numpy.typing import NDArray
from patience import wait_until

from loccit.index.datatypes import Block, Document, PageLines, Span
from loccit.index.errors import DamagedIndex, NotWritten
from loccit.index.ingestion import upgrading
from loccit.index.ingestion.identity import doc_id_of_file
from loccit.index.ingestion.reembedding import reembed
from loccit.index.ingestion.reporting import Progress
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.backup import back_up, restore
from loccit.index.storage.integrity import check_index, repair_index
from loccit.index.storage.sqlite import connections
from loccit.index.storage.sqlite.catalogue import FILE_NAME
from loccit.index.storage.store import NewDocument
from loccit.ui.chat.indexing import Indexing

LIST = "Terms\n\nThe tenant pays:\n\n- the rent\n- the heating\n"
TITLE = Block(Span(0, 5), "heading", 1)


class Counting(Hashing):
    """Remembers what it was asked to embed."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str], kind: Any) -> NDArray[np.float32]:
        self.embedded += texts
        return super().embed(texts, kind)


def open_as_it_is(folder: Path) -> PassageIndex:
    return PassageIndex.open(folder, embedder=Hashing(), upgrade=False)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.txt").write_text(f"{name} is a letter.\n\n{LIST}", encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path, files: Path) -> Path:
    """An index of three files and of a document without one, as an older loccit left it."""
    with PassageIndex.open(tmp_path / "i", create=True, embedder=Hashing()) as index:
        index.add(files)
        index.add(Document("d" * 32, LIST, "Terms", "elsewhere", blocks=(TITLE,)))
    age(tmp_path / "i")
    return tmp_path / "i"


def kinds(blocks: Sequence[Block], text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.span.start : block.span.end]) for block in blocks]


OF_LIST = [
    ("heading", "Terms"),
    ("paragraph", "The tenant pays:"),
    ("item", "- the rent"),
    ("item", "- the heating"),
]


def test_blocks_are_there_before_and_after_the_upgrade(folder: Path) -> None:
    with open_as_it_is(folder) as index:
        assert index.needs_upgrade()
        before = dict(index.documents)
        assert kinds(before["d" * 32].blocks, LIST) == OF_LIST
        (passage,) = index.passages("d" * 32)
        assert kinds(passage.blocks, LIST) == OF_LIST
        index.upgrade()
        assert not index.needs_upgrade()
        after = index.documents["d" * 32]
        assert kinds(after.blocks, LIST) == OF_LIST
        assert list(index.documents) == list(before)
        assert {d: x.text for d, x in index.documents.items()} == {
            d: x.text for d, x in before.items()
        }
    assert all(finding.is_sound for finding in check_index(folder))


@pytest.mark.parametrize(
    "damage",
    [
        *("headings = '{x'", "headings = '[[5, 2, 1]]'", "headings = '[[0, 999999, 1]]'"),
        *("headings = '[[3, 5, 1], [0, 2, 1]]'", "page_starts = 'zz'", "emphasis = 'zz'"),
    ],
)
def test_a_damaged_document_does_not_hold_up_the_others(folder: Path, damage: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        connection.execute(f"UPDATE documents SET {damage} WHERE doc_id = ?", ("d" * 32,))
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        assert len(index.summaries()) == 4
        assert {hit.passage.doc_id for hit in index.search("letter", 9)} >= {*index.documents} - {
            "d" * 32
        }
        with pytest.raises(DamagedIndex, match="doctor --repair"):
            _ = index.documents["d" * 32]
    repair_index(folder, check_index(folder), Hashing())
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        assert not index.needs_upgrade()
        assert index.documents["d" * 32].text == LIST
    assert all(finding.is_sound for finding in check_index(folder))


PAGES = (0, 14)
LINES = (PageLines(1, 595.0, 842.0, b"lines"),)
# Blocks that nobody finds in the text alone.
LEFT, RIGHT = Block(Span(0, 5), "caption"), Block(Span(7, 23), "code")


@pytest.fixture
def schema_3(tmp_path: Path, files: Path) -> Path:
    """An index of schema 3, of three files and of a document without one."""
    place = tmp_path / "i3"
    with PassageIndex.open(place, create=True, embedder=Hashing()) as index:
        index.add(files)
        made = Document(
            "d" * 32, LIST, "Terms", "elsewhere", PAGES, (LEFT, RIGHT), page_lines=LINES
        )
        index.add(made)
    age(place, schema=3)
    return place


def test_an_index_of_schema_3_is_upgraded_and_gets_digests(schema_3: Path, files: Path) -> None:
    with open_as_it_is(schema_3) as index:
        assert index.needs_upgrade()
        before = dict(index.documents)
        assert before["d" * 32].blocks == (LEFT, RIGHT)
        assert index.page_lines("d" * 32, [1]) == {1: LINES[0]}
        assert len(index.search("heating", 99)) == 7
        assert index.slices([("d" * 32, Span(7, 23))]) == ["The tenant pays:"]
    model = Counting()
    with PassageIndex.open(schema_3, embedder=model) as index:
        assert not index.needs_upgrade()
        assert model.embedded == []
        assert dict(index.documents) == before
        assert index.page_lines("d" * 32, [1]) == {1: LINES[0]}
    assert all(finding.is_sound for finding in check_index(schema_3))
    for table in ("documents", "passages", "sources", "page_lines"):
        column = "digests" if table == "documents" else "digest"
        with closing(sqlite3.connect(schema_3 / FILE_NAME)) as connection:
            lacking = connection.execute(f"SELECT count(*) FROM {table} WHERE {column} IS NULL")
            assert lacking.fetchone() == (0,)


def test_a_kill_at_any_statement_of_an_upgrade_from_schema_3_loses_nothing(
    schema_3: Path,
) -> None:
    with open_as_it_is(schema_3) as index:
        before = dict(index.documents)
    for statement in (1, 5, 9, 13):
        command = [sys.executable, ageing.__file__, str(schema_3), str(statement)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "here\n"
            child.kill()
        assert all(finding.is_sound for finding in check_index(schema_3))
        with open_as_it_is(schema_3) as index:
            assert dict(index.documents) == before
            assert {hit.passage.doc_id for hit in index.search("heating", 9)} == set(before)
            assert index.page_lines("d" * 32, [1]) == {1: LINES[0]}
    with PassageIndex.open(schema_3, embedder=Hashing()) as index:
        assert not index.needs_upgrade()
        assert dict(index.documents) == before


def test_damage_of_an_older_index_is_not_given_digests(schema_3: Path) -> None:
    with closing(sqlite3.connect(schema_3 / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE documents SET text = replace(text, 'heating', 'housing')")
    with PassageIndex.open(schema_3, embedder=Hashing()) as index:
        # Files are read anew; what has none is refused, since its passages say something else.
        assert index._store.older_documents() == ["d" * 32]
        assert "heating" in index.documents[next(iter(index.documents))].text
    wrong = check_index(schema_3)
    assert [finding.name for finding in wrong if not finding.is_sound] == ["documents"]
    repair_index(schema_3, wrong, Hashing())
    with PassageIndex.open(schema_3, embedder=Hashing()) as index:
        assert [summary.is_damaged for summary in index.summaries()] == [False] * 3 + [True]
        assert "housing" not in "".join(hit.passage.text for hit in index.search("housing", 9))


def test_an_index_of_schema_3_that_cannot_be_written_is_read_as_it_is(
    schema_3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_is_read_only", lambda _path: True)
    with PassageIndex.open(schema_3, embedder=Hashing()) as index:
        assert index.documents["d" * 32].blocks == (LEFT, RIGHT)
        assert index.page_lines("d" * 32, [1]) == {1: LINES[0]}
        assert len(index.search("heating", 99)) == 7
        assert [summary.num_hidden_words for summary in index.summaries()] == [0] * 4


def test_opening_upgrades_and_embeds_nothing_that_stays(folder: Path) -> None:
    model = Counting()
    with PassageIndex.open(folder, embedder=model) as index:
        assert not index.needs_upgrade()
        assert model.embedded == []
        assert [hit.passage.doc_id for hit in index.search("heating", 9)]


def test_a_file_that_reads_otherwise_now_is_embedded_anew(tmp_path: Path, files: Path) -> None:
    file, same = files / "a.txt", "The rent is 5 euros."
    doc_id = doc_id_of_file(file)
    with PassageIndex.open(tmp_path / "j", create=True, embedder=Hashing()) as index:
        index.add(Document(doc_id, "What was read of it then.", "Old", str(file)))
        index.add(Document("e" * 32, same, "Same", str(files / "gone.txt")))
        index.add(Document("f" * 32, same, "Other", str(files / "b.txt")))
    age(tmp_path / "j")
    model = Counting()
    with PassageIndex.open(tmp_path / "j", embedder=model) as index:
        now = index.documents[doc_id]
        assert now.text.startswith("a is a letter.") and now.text.endswith("- the heating")
        assert model.embedded == [passage.text_in_context for passage in index.passages(doc_id)]
        # One file is gone and the other one has other bytes: their texts are those stored.
        assert [index.documents[name * 32].text for name in "ef"] == [same, same]
        assert index.search("then", 5, mode="lexical") == []
    assert all(finding.is_sound for finding in check_index(tmp_path / "j"))


def test_a_document_that_goes_or_comes_meanwhile_is_as_it_should_be(folder: Path) -> None:
    with open_as_it_is(folder) as index:
        gone, *others = index.documents

        def change(step: Progress) -> None:
            if gone in index.documents:
                index.remove(gone)
                index.add(Document("e" * 32, "Slate.", "Roof", "roof.txt"))

        index.upgrade(on_progress=change)
        assert list(index.documents) == [*others, "e" * 32]
        assert not index.needs_upgrade()


def test_what_is_interrupted_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrading, "POOLED_FILES", 1)
    with open_as_it_is(folder) as index:
        documents = list(index.documents)

        def stop(step: Progress) -> None:
            if step.files_done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            index.upgrade(on_progress=stop)
        assert index._store.older_documents() == documents[2:]
        assert {hit.passage.doc_id for hit in index.search("heating", 9)} == set(documents)
        told: list[int] = []
        index.upgrade(on_progress=lambda step: told.append(step.files_total))
        assert set(told) == {2}
        assert not index.needs_upgrade()


def test_a_kill_at_any_statement_loses_nothing(folder: Path) -> None:
    with open_as_it_is(folder) as index:
        texts = {doc_id: document.text for doc_id, document in index.documents.items()}
    left = []
    for statement in (1, 4, 9, 14):
        command = [sys.executable, ageing.__file__, str(folder), str(statement)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "here\n"
            child.kill()
        assert all(finding.is_sound for finding in check_index(folder))
        with open_as_it_is(folder) as index:
            assert {d: x.text for d, x in index.documents.items()} == texts
            assert {hit.passage.doc_id for hit in index.search("heating", 9)} == set(texts)
            left.append(len(index._store.older_documents()))
    assert left[0] == 4 and left == sorted(left, reverse=True) and 0 < left[-1] < 4
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        assert not index.needs_upgrade()
        assert {d: x.text for d, x in index.documents.items()} == texts


def test_a_copy_of_an_older_index_is_put_back_and_upgraded(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "new")
    with PassageIndex.open(tmp_path / "new", embedder=Hashing()) as index:
        assert not index.needs_upgrade()
        assert kinds(index.documents["d" * 32].blocks, LIST) == OF_LIST
    restored = restore_again(tmp_path / "new", tmp_path)
    with PassageIndex.open(restored, embedder=Hashing(), upgrade=False) as index:
        assert not index.needs_upgrade()
        assert kinds(index.documents["d" * 32].blocks, LIST) == OF_LIST


def restore_again(folder: Path, place: Path) -> Path:
    """Return a folder with what a copy of an index holds."""
    back_up(folder, place / "second copy")
    restore(place / "second copy", place / "newer")
    return place / "newer"


def test_full_text_made_again_leaves_the_blocks(folder: Path) -> None:
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        before = {doc_id: index.passages(doc_id) for doc_id in index.documents}
        index._store.rebuild_full_text(before)
        assert {doc_id: index.passages(doc_id) for doc_id in index.documents} == before


def test_the_chat_upgrades_behind_its_page(folder: Path) -> None:
    with open_as_it_is(folder) as index:
        indexing = Indexing(index)
        indexing.upgrade()
        wait_until(lambda: indexing.state().num_ended == 1)
        assert not index.needs_upgrade()
        assert (indexing.state().result, indexing.state().message) == (None, "")
        indexing.upgrade()  # there is nothing left to do
        assert not indexing.state().is_running
        indexing.close()


def test_a_folder_that_cannot_be_written_is_read_as_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / FILE_NAME).read_bytes()
    monkeypatch.setattr(connections, "_is_read_only", lambda _path: True)
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        assert not index.needs_upgrade()
        assert kinds(index.documents["d" * 32].blocks, LIST) == OF_LIST
        assert kinds(index.passages("d" * 32)[0].blocks, LIST) == OF_LIST
        assert index.page_lines("d" * 32, [1]) == {}
        assert "d" * 32 in {hit.passage.doc_id for hit in index.search("heating", 9)}
    assert (folder / FILE_NAME).read_bytes() == before


def test_a_full_disk_does_not_keep_the_index_from_opening(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NotWritten("nothing was changed: the disk is full")

    monkeypatch.setattr("loccit.index.passage_index.upgrade", fail)
    with PassageIndex.open(folder, embedder=Hashing()) as index:
        assert index.needs_upgrade()
        assert index.search("heating", 1)


def test_another_model_is_for_older_documents_as_well(folder: Path) -> None:
    class Other(Hashing):
        fingerprint = "test:other"

    reembed(folder, Other(), lambda _progress: None)
    with PassageIndex.open(folder, embedder=Other()) as index:
        assert not index.needs_upgrade()
        assert kinds(index.documents["d" * 32].blocks, LIST) == OF_LIST


def test_the_lines_of_pages_are_put_with_what_is_upgraded(folder: Path) -> None:
    lines = (PageLines(1, 595.0, 842.0, b"lines"),)
    with open_as_it_is(folder) as index:
        store = index._store
        document = Document("d" * 32, LIST, "Terms", "elsewhere", page_lines=lines)
        new = NewDocument(document, [], np.zeros((0, 16), dtype=np.float32))
        store.upgrade([new, new], index.settings)  # the second one is upgraded by then
        assert index.page_lines("d" * 32, [1]) == {1: lines[0]}
