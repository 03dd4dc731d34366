"""What `doctor` finds, and what repair makes again; copies that are put back."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loccit.index.datatypes import Hit
from loccit.index.errors import DamagedIndex, IndexMismatch, IndexNotFound, LoccitError
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.index.storage import backup as copying
from loccit.index.storage import vector_index as vectors
from loccit.index.storage.integrity import check_index, repair_index
from loccit.index.storage.sqlite import catalogue
from loccit.qa.assistant import Assistant
from loccit.qa.conversation.store import FILE_NAME, Conversations
from loccit.ui.command_line import main as cli
from loccit.ui.command_line import maintenance
from loccit.ui.command_line.options_and_exits import ExitCode

TEXTS = {
    "lease.md": "# Lease\n\n## Rent\n\nThe rent is 900 euros a month.\n\n## Term\n\nTwo years.\n",
    "ship.txt": "The ship left the harbour at dawn, and the pilot stayed behind.",
}
QUESTION = "How much is the rent?"
pytestmark = pytest.mark.usefixtures("shared_model")


@pytest.fixture
def folder(tmp_path: Path, embedder: DefaultEmbedder) -> Path:
    """The folder of an index of two documents."""
    (files := tmp_path / "files").mkdir()
    for name, text in TEXTS.items():
        (files / name).write_text(text, encoding="utf-8")
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        index.add(files)
    return tmp_path / "i"


def execute(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / catalogue.FILE_NAME, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def flip(folder: Path) -> None:
    path = folder / vectors.FILE_NAME
    data = bytearray(path.read_bytes())
    data[-20] ^= 255
    path.write_bytes(data)


def swap(folder: Path) -> None:
    other = folder.with_name("other")
    with PassageIndex.open(other, create=True) as index:
        index.add(folder.with_name("files") / "ship.txt")
    shutil.copy(other / vectors.FILE_NAME, folder / vectors.FILE_NAME)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


DAMAGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "a word is lost": (
        "full text",
        lambda folder: execute(folder, "DELETE FROM fulltext_data WHERE id > 10"),
    ),
    "a row is lost": (
        "full text",
        lambda folder: execute(folder, "DELETE FROM fulltext WHERE rowid = 1"),
    ),
    "a row is too many": (
        "full text",
        lambda folder: execute(folder, "INSERT INTO fulltext (rowid, text) VALUES (99, 'more')"),
    ),
    "a passage was changed": (
        "passages",
        lambda folder: execute(
            folder, "UPDATE fulltext SET text = 'The rent is 90.' WHERE rowid = 1"
        ),
    ),
    "a vector is zero": (
        "vectors",
        lambda folder: execute(folder, "UPDATE passages SET vector = zeroblob(1536) WHERE key = 2"),
    ),
    "a vector is short": (
        "vectors",
        lambda folder: execute(folder, "UPDATE passages SET vector = x'00' WHERE key = 2"),
    ),
    "blocks are cut": (
        "blocks",
        lambda folder: execute(folder, "UPDATE documents SET blocks = '[[1, 2'"),
    ),
    "blocks are of another document": (
        "blocks",
        lambda folder: execute(folder, """UPDATE documents SET blocks = '[[0,99999999,"code"]]'"""),
    ),
    "blocks are of another passage": (
        "blocks",
        lambda folder: execute(
            folder, """UPDATE passages SET blocks = '[[9000000,9000001,"code"]]' WHERE key = 2"""
        ),
    ),
    "pages of a document are no list": (
        "blocks",
        lambda folder: execute(folder, "UPDATE documents SET page_starts = 'zz'"),
    ),
    "emphasis is no span": (
        "blocks",
        lambda folder: execute(folder, """UPDATE documents SET emphasis = '[[5, 2, "em"]]'"""),
    ),
    "lines of a page are noise": (
        "blocks",
        lambda folder: execute(
            folder,
            """UPDATE documents SET page_starts = '[0]'""",
            "INSERT INTO page_lines SELECT doc_id, 1, 9, 9, randomblob(50) FROM documents",
        ),
    ),
    "the file is flipped": ("vector index", flip),
    "the file is empty": (
        "vector index",
        lambda folder: (folder / vectors.FILE_NAME).write_bytes(b"") and None,
    ),
}


def test_a_sound_index_is_sound(folder: Path) -> None:
    findings = check_index(folder)
    assert all(finding.is_sound for finding in findings)
    assert [finding.name for finding in findings] == [
        "catalogue", "full text", "blocks", "passages", "vectors", "vector index",
    ]  # fmt: skip
    with pytest.raises(IndexNotFound):
        check_index(folder.with_name("nowhere"))


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_mended(folder: Path, embedder: DefaultEmbedder, damage: str) -> None:
    with PassageIndex.open(folder, embedder=embedder) as index:
        before = index.search(QUESTION)
    name, harm = DAMAGES[damage]
    harm(folder)
    wrong = [finding for finding in check_index(folder) if not finding.is_sound]
    assert name in [finding.name for finding in wrong]
    assert all(finding.can_mend for finding in wrong)
    repair_index(folder, wrong)
    assert all(finding.is_sound for finding in check_index(folder))
    with PassageIndex.open(folder, embedder=embedder) as index:
        # A document that is read anew has new keys, which order hits of equal score.
        assert by_passage(index.search(QUESTION)) == by_passage(before)


def by_passage(hits: Sequence[Hit]) -> list[Hit]:
    """Return hits without their ranks, in the order of their passages."""
    return sorted((replace(h, rank=1) for h in hits), key=lambda h: h.passage.passage_id)


def test_a_damaged_catalogue_is_made_anew_of_what_is_sound(
    folder: Path, embedder: DefaultEmbedder
) -> None:
    with PassageIndex.open(folder, embedder=embedder) as index:
        before = dict(index.documents)
    path = folder / catalogue.FILE_NAME
    data = bytearray(path.read_bytes())
    data[4096:12288] = b"\xff" * 8192
    path.write_bytes(data)
    (finding,) = check_index(folder)
    assert (finding.name, finding.is_sound, finding.can_mend) == ("catalogue", False, True)
    assert run("ask", QUESTION, "--index", folder).exit_code == ExitCode.ERROR
    assert run("doctor", "--index", folder).exit_code == ExitCode.ERROR
    assert run("doctor", "--repair", "--index", folder).exit_code == ExitCode.OK
    with PassageIndex.open(folder, embedder=embedder) as index:
        assert dict(index.documents) == before
        assert "900 euros" in index.search(QUESTION)[0].passage.text


def test_doctor(folder: Path) -> None:
    assert run("doctor", "--index", folder).exit_code == ExitCode.OK
    flip(folder)
    told = run("doctor", "--index", folder)
    assert told.exit_code == ExitCode.ERROR
    assert "WRONG vector index: damaged" in told.stdout
    assert "--repair" in told.stdout
    assert run("doctor", "--repair", "--index", folder).exit_code == ExitCode.OK
    rows = json.loads(run("doctor", "--json", "--index", folder).stdout)
    assert {row["name"] for row in rows} >= {"embedding model", "reading model", "free disk"}


def test_doctor_without_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    none = tmp_path / "none"
    told = run("doctor", "--index", none)
    assert told.exit_code == ExitCode.ERROR
    assert told.stderr == f"{none} holds no index. Only the installation was checked.\n"
    assert "ok    embedding model" in told.stdout
    # Before anything is added the default index is not there, and nothing is wrong.
    monkeypatch.setattr(maintenance, "DEFAULT_INDEX", none)
    assert run("doctor", "--index", none).exit_code == ExitCode.OK


def test_a_backup_made_in_use_is_put_back(
    folder: Path, embedder: DefaultEmbedder, tmp_path: Path
) -> None:
    with PassageIndex.open(folder, embedder=embedder) as index:
        before, documents = index.search(QUESTION), dict(index.documents)
        assert run("backup", tmp_path / "copy", "--index", folder).exit_code == ExitCode.OK
        index.remove(index.resolve("lease.md"))
    assert run("backup", tmp_path / "copy", "--index", folder).exit_code == ExitCode.ERROR
    new = tmp_path / "new"
    assert run("restore", tmp_path / "copy", "--index", new).exit_code == ExitCode.OK
    assert run("restore", tmp_path / "copy", "--index", new).exit_code == ExitCode.ERROR
    with PassageIndex.open(new, embedder=embedder) as index:
        assert index.search(QUESTION) == before
        assert dict(index.documents) == documents
    assert all(finding.is_sound for finding in check_index(new))
    # The vectors of the original are not taken for the copy's.
    shutil.copy(folder / vectors.FILE_NAME, new / vectors.FILE_NAME)
    assert check_index(new)[-1].detail.startswith("out of date")


def test_vectors_of_another_index_are_out_of_date_and_never_used(
    folder: Path, embedder: DefaultEmbedder
) -> None:
    with PassageIndex.open(folder, embedder=embedder) as index:
        before = index.search(QUESTION)
    swap(folder)
    assert check_index(folder)[-1].detail.startswith("out of date")
    with PassageIndex.open(folder, embedder=embedder) as index:
        assert index.search(QUESTION) == before
    assert check_index(folder)[-1].detail == "3 vectors"


def test_conversations_go_with_a_backup_and_are_looked_at(
    folder: Path, embedder: DefaultEmbedder, tmp_path: Path
) -> None:
    assert "ok    conversations:" not in run("doctor", "--index", folder).stdout
    now = datetime.now(UTC)
    with (
        PassageIndex.open(folder, embedder=embedder) as index,
        Conversations.open(folder, create=True) as kept,
    ):
        asked = kept.create(QUESTION, at=now)
        kept.add_turn(asked, QUESTION, Assistant(index).ask(QUESTION), index.documents, at=now)
        before = kept.read(asked, index)
        assert run("backup", tmp_path / "copy", "--index", folder).exit_code == ExitCode.OK
        kept.delete(asked)
    assert "ok    conversations: 0 conversations, sound" in run("doctor", "--index", folder).stdout
    new = tmp_path / "new"
    (new / FILE_NAME).parent.mkdir()
    (new / FILE_NAME).write_bytes(b"")
    told = run("restore", tmp_path / "copy", "--index", new)
    assert (told.exit_code, FILE_NAME in told.stderr) == (ExitCode.ERROR, True)
    (new / FILE_NAME).unlink()
    assert run("restore", tmp_path / "copy", "--index", new).exit_code == ExitCode.OK
    for private in (tmp_path / "copy", new / FILE_NAME):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
    with PassageIndex.open(new, embedder=embedder) as index, Conversations.open(new) as kept:
        assert kept.read(asked, index) == before
    assert "1 conversation, sound" in run("doctor", "--index", new).stdout
    with closing(sqlite3.connect(new / catalogue.FILE_NAME)) as copy:
        assert not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'beside'").fetchone()
    with (new / FILE_NAME).open("r+b") as damaged:
        damaged.seek(8192)
        damaged.write(b"\xff" * 4096)
    told = run("doctor", "--index", new)
    assert (told.exit_code, "WRONG conversations" in told.stdout) == (ExitCode.ERROR, True)


def test_what_is_no_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    (nonsense := tmp_path / "nonsense").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DamagedIndex, match="no copy of an index"):
        copying.restore(nonsense, tmp_path / "new")
    sqlite3.connect(tmp_path / "other").close()
    with pytest.raises(DamagedIndex, match="no copy of an index"):
        copying.restore(tmp_path / "other", tmp_path / "new")
    copying.back_up(folder, tmp_path / "copy")
    execute_on = sqlite3.connect(tmp_path / "copy")
    with execute_on:
        execute_on.execute(
            "UPDATE meta SET value = json_set(value, '$.format_version', 99)"
            " WHERE name = 'settings'"
        )
    execute_on.close()
    with pytest.raises(IndexMismatch, match="format 99"):
        copying.restore(tmp_path / "copy", tmp_path / "new")
    with pytest.raises(LoccitError, match="does not exist"):
        copying.restore(tmp_path / "none", tmp_path / "new")
    with pytest.raises(IndexNotFound):
        copying.back_up(tmp_path, tmp_path / "copy2")
    with pytest.raises(DamagedIndex):
        copying.restore(nonsense, tmp_path / "far" / "new")
    (taken := tmp_path / "a file").touch()
    with pytest.raises(LoccitError, match=r"a file/new can't be written: Not a directory$"):
        copying.restore(tmp_path / "copy", taken / "new")
    assert {path.name for path in tmp_path.iterdir()} == {
        *("nonsense", "other", "copy", "a file", "files", folder.name)
    }


def test_a_backup_that_can_not_be_written_names_what_was_asked_for(
    folder: Path, tmp_path: Path
) -> None:
    absent = tmp_path / "absent"
    told = run("backup", absent / "copy", "--index", folder)
    assert told.exit_code == ExitCode.ERROR
    assert told.stderr == f"error: the folder {absent} does not exist: make it first\n"
    long = tmp_path / ("x" * 300)  # longer than a name may be
    told = run("backup", long, "--index", folder)
    assert told.exit_code == ExitCode.ERROR
    assert told.stderr == f"error: {long} can't be written: File name too long\n"
