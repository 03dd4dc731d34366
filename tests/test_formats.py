"""Indexes that earlier versions made are opened, searched and changed by this one.

``tests/data/formats`` holds one for each format and schema, as `FORMAT_VERSION-SCHEMA_VERSION`:
whoever raises a version adds a file and keeps the others.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loccit.index.datatypes import Block, Document, Emphasis, PageLines, Span
from loccit.index.passage_index import PassageIndex
from loccit.index.settings import FORMAT_VERSION
from loccit.index.storage.sqlite import connections
from loccit.index.storage.sqlite.catalogue import FILE_NAME
from loccit.index.storage.sqlite.schema import SCHEMA_VERSION

FORMATS = sorted((Path(__file__).parent / "data" / "formats").glob("*.sqlite3"))


def test_this_versions_own_is_among_them() -> None:
    assert f"{FORMAT_VERSION}-{SCHEMA_VERSION}" in [file.stem for file in FORMATS]


@pytest.mark.parametrize("file", FORMATS, ids=lambda file: file.stem)
def test_an_index_of_then_is_of_use_now(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path / FILE_NAME)
    with PassageIndex.open(tmp_path) as index:
        assert [document.title for document in index.documents.values()] == ["Lease", "Keeper"]
        assert not index.needs_upgrade()
        keeper = index.documents["b" * 32]
        assert keeper.blocks == (Block(Span(0, 36), "paragraph"),)
        lines = {} if file.stem < "3-3" else {1: PageLines(1, 595.0, 842.0, b"lines")}
        assert index.page_lines("b" * 32, [1]) == lines
        named = [keeper.text[e.span.start : e.span.end] for e in keeper.emphasis]
        assert named == ([] if file.stem == "2-1" else ["Ada Byron"])
        for mode in ("hybrid", "dense", "lexical"):
            (hit, *_) = index.search("Who is the keeper of the mill?", mode=mode)
            assert hit.passage.text == "The keeper of the mill is Ada Byron."
        index.add(Document("c" * 32, "The roof is of slate.", "Roof", "roof.txt"))
        index.remove("a" * 32)
        assert index.search("slate roof", 1)[0].passage.title == "Roof"
        assert index.failures() == {}
        slate = Emphasis(Span(15, 20), "strong")
        index.add(Document("d" * 32, "The roof is of slate.", "Hut", "hut.txt", emphasis=(slate,)))
        assert index.documents["d" * 32].emphasis == (slate,)


@pytest.mark.parametrize("file", FORMATS, ids=lambda file: file.stem)
def test_an_index_of_then_that_cannot_be_written_answers(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(file, tmp_path / FILE_NAME)
    before = (tmp_path / FILE_NAME).read_bytes()
    monkeypatch.setattr(connections, "_is_read_only", lambda _path: True)
    with PassageIndex.open(tmp_path) as index:
        assert [document.title for document in index.documents.values()] == ["Lease", "Keeper"]
        assert [summary.title for summary in index.summaries()] == ["Lease", "Keeper"]
        (hit, *_) = index.search("Who is the keeper of the mill?")
        assert hit.passage.text == "The keeper of the mill is Ada Byron."
    assert (tmp_path / FILE_NAME).read_bytes() == before
