"""Indexes that earlier versions made are opened, searched and changed by this one.

``tests/data/formats`` holds one for each format and schema, as `FORMAT_VERSION-SCHEMA_VERSION`:
whoever raises a version adds a file and keeps the others.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from index.catalogue import FILE_NAME
from index.datatypes import Document
from index.passage_index import PassageIndex
from index.schema import SCHEMA_VERSION
from index.settings import FORMAT_VERSION

FORMATS = sorted((Path(__file__).parent / "data" / "formats").glob("*.sqlite3"))


def test_this_versions_own_is_among_them() -> None:
    assert f"{FORMAT_VERSION}-{SCHEMA_VERSION}" in [file.stem for file in FORMATS]


@pytest.mark.parametrize("file", FORMATS, ids=lambda file: file.stem)
def test_an_index_of_then_is_of_use_now(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path / FILE_NAME)
    with PassageIndex.open(tmp_path) as index:
        assert [document.title for document in index.documents.values()] == ["Lease", "Keeper"]
        for mode in ("hybrid", "dense", "lexical"):
            (hit, *_) = index.search("Who is the keeper of the mill?", mode=mode)
            assert hit.passage.text == "The keeper of the mill is Ada Byron."
        index.add(Document("c" * 32, "The roof is of slate.", "Roof", "roof.txt"))
        index.remove("a" * 32)
        assert index.search("slate roof", 1)[0].passage.title == "Roof"
        assert index.failures() == {}
