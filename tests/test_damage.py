"""What is damaged is never cited: it is told, repaired from the file, or marked and left out."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loccit.index.errors import DamagedIndex
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.backup import back_up, restore
from loccit.index.storage.integrity import check_index, repair_index
from loccit.index.storage.sqlite.catalogue import FILE_NAME
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer, Support
from loccit.qa.reading.reader import open_reader
from loccit.qa.reading.sentences import Reader
from loccit.ui.chat.views.answers import answer_html
from loccit.ui.command_line import main as cli
from loccit.ui.command_line.options_and_exits import ExitCode
from loccit.ui.exports.answer_json import answer_json

LEASE = "# Lease of the mill\n\nThe rent of the mill is 2399 pounds a month.\n"
OTHER = "The ship left the harbour at dawn, and the pilot stayed behind.\n"
QUESTION = "What is the rent of the mill?"

# Every column that is cited or shown, and a value that damage may leave there.
DAMAGES = {
    "a digit of the text": "UPDATE documents SET text = replace(text, '2399', '6399')",
    "a text that is no UTF-8": "UPDATE documents SET text = CAST(x'636166e920' AS TEXT)",
    "a text that is cut": "UPDATE documents SET text = substr(text, 1, 20)",
    "a text that is bytes": "UPDATE documents SET text = CAST(text AS BLOB)",
    "a text that is a number": "UPDATE documents SET text = 17",
    "a title": "UPDATE documents SET title = 'Lease of the hill'",
    "a title that is bytes": "UPDATE documents SET title = x'00ff'",
    "pages": "UPDATE documents SET page_starts = '[0, 5]'",
    "emphasis": """UPDATE documents SET emphasis = '[[0, 5, "strong"]]'""",
    "hidden text": """UPDATE documents SET hidden = '[[0, "gone", "struck"]]'""",
    "recognised pages": "UPDATE documents SET recognised_pages = '[1]'",
    "digests": "UPDATE documents SET digests = zeroblob(length(digests))",
    "no digests": "UPDATE documents SET digests = NULL",
    "the place of a passage": "UPDATE passages SET start = start + 1",
    "a place that is text": "UPDATE passages SET start = 'x'",
    "a heading": "UPDATE passages SET heading = 'Lease of the hill'",
    "the text of a passage": "UPDATE fulltext SET text = replace(text, '2399', '6399')",
    "a passage that is no UTF-8": "UPDATE fulltext SET text = CAST(x'636166e9' AS TEXT)",
    "the digest of a passage": "UPDATE passages SET digest = x'00'",
    "a vector that is text": "UPDATE passages SET vector = 'x'",
    "a vector that is infinite": "UPDATE passages SET vector = x'0000807f'",
}


Ask = Callable[[Path], Answer]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def execute(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, embedder: DefaultEmbedder) -> Path:
    """A folder with two files and their index, which is only copied."""
    place = tmp_path_factory.mktemp("made")
    (place / "files").mkdir()
    (place / "files" / "lease.md").write_text(LEASE, encoding="utf-8")
    (place / "files" / "ship.txt").write_text(OTHER, encoding="utf-8")
    with PassageIndex.open(place / "i", create=True, embedder=embedder) as index:
        index.add(place / "files")
    return place


@pytest.fixture
def files(made: Path) -> Iterator[Path]:
    yield made / "files"
    (made / "files" / "lease.md").write_text(LEASE, encoding="utf-8")


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "i", tmp_path / "i"))


@pytest.fixture(scope="module")
def reader(embedder: DefaultEmbedder) -> Reader:
    return open_reader(embedder)


@pytest.fixture
def ask(embedder: DefaultEmbedder, reader: Reader) -> Ask:
    def asked(folder: Path) -> Answer:
        with PassageIndex.open(folder, embedder=embedder) as index:
            return Assistant(index, reader).ask(QUESTION)

    return asked


def is_sound(folder: Path) -> bool:
    return all(finding.is_sound for finding in check_index(folder))


def is_marked(folder: Path, embedder: DefaultEmbedder) -> list[bool]:
    with PassageIndex.open(folder, embedder=embedder) as index:
        return [summary.is_damaged for summary in index.summaries()]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_never_cited_and_is_repaired_from_the_file(
    folder: Path, embedder: DefaultEmbedder, ask: Ask, damage: str
) -> None:
    before = ask(folder)
    assert before.short == "2399 pounds a month"
    execute(folder, DAMAGES[damage])
    try:
        told = ask(folder)
        assert told.answered is (told.citations == before.citations)
        assert told.answered or [c.support for c in told.citations] == [Support.DAMAGED]
        assert all("6399" not in hit.passage.text for hit in told.hits)
    except DamagedIndex as error:
        assert "run `loccit doctor" in str(error)
    findings = check_index(folder)
    assert not all(finding.is_sound for finding in findings)
    repair_index(folder, findings, embedder)
    assert is_sound(folder)
    after = ask(folder)
    assert (after.text, after.citations) == (before.text, before.citations)


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_has_no_file_any_more_is_kept_apart_where_it_cannot_be_repaired(
    folder: Path, files: Path, embedder: DefaultEmbedder, ask: Ask, damage: str
) -> None:
    before = ask(folder)
    (files / "lease.md").unlink()
    execute(folder, DAMAGES[damage])
    repair_index(folder, check_index(folder), embedder)
    after = ask(folder)
    with PassageIndex.open(folder, embedder=embedder) as index:
        (lease, ship) = index.summaries()
        assert not ship.is_damaged
        if lease.is_damaged:
            assert not after.answered and after.citations == ()
            assert [hit.passage.doc_id for hit in index.search("mill", 9)] == [ship.doc_id]
            assert not is_sound(folder)
            with pytest.raises(DamagedIndex):
                index.documents.get(lease.doc_id)
            with pytest.raises(DamagedIndex, match="left out: run `loccit doctor`"):
                index.search("mill", documents=["lease.md"])
            index.remove(ship.doc_id)
            with pytest.raises(DamagedIndex, match="left out: run `loccit doctor`"):
                index.search("mill")
            index.add(files)
            # With its file it comes back.
            (files / "lease.md").write_text(LEASE, encoding="utf-8")
            assert [o.status for o in index.sync(files).outcomes] == ["updated", "skipped"]
    assert ask(folder).citations == before.citations
    assert is_sound(folder)


def test_a_damaged_source_is_never_shown(
    folder: Path, files: Path, embedder: DefaultEmbedder, ask: Ask
) -> None:
    before = ask(folder)
    execute(folder, "UPDATE sources SET source = replace(source, 'lease', 'leash')")
    with pytest.raises(DamagedIndex, match="loccit doctor"):
        ask(folder)
    repair_index(folder, check_index(folder), embedder)
    assert is_marked(folder, embedder) == [True, False]
    with PassageIndex.open(folder, embedder=embedder) as index:
        index.add(files)
    assert ask(folder).citations == before.citations
    assert is_sound(folder)


@pytest.mark.usefixtures("shared_model")
def test_an_answer_from_damaged_text_is_not_called_missing(folder: Path, ask: Ask) -> None:
    execute(folder, DAMAGES["a digit of the text"])
    answer = ask(folder)
    assert (answer.answered, [c.support for c in answer.citations]) == (False, [Support.DAMAGED])
    shown = str(answer_html(answer, {}))
    assert "the index is damaged here: run `loccit doctor`" in shown
    assert "no answer in your documents" not in shown
    assert answer_json(answer)["citations"][0]["support"] == "damaged"
    told = run("ask", QUESTION, "--index", folder)
    assert (told.exit_code, told.exception.__class__) == (ExitCode.ERROR, SystemExit)
    assert "the index is damaged here: run `loccit doctor`" in told.stdout
    assert "6399" not in told.output


def test_a_backup_refuses_damage_and_tells_of_what_is_marked(
    folder: Path, files: Path, embedder: DefaultEmbedder, tmp_path: Path
) -> None:
    execute(folder, DAMAGES["a digit of the text"])
    told = run("backup", tmp_path / "copy", "--index", folder)
    assert told.exit_code == ExitCode.ERROR
    assert "lease.md" in told.stderr and "run `loccit doctor --repair`" in told.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["i"]
    (files / "lease.md").unlink()
    repair_index(folder, check_index(folder), embedder)
    told = run("list", "--index", folder)
    assert "damaged, left out" in told.stdout.splitlines()[0]
    told = run("backup", tmp_path / "copy", "--index", folder)
    assert (told.exit_code, "lease.md" in told.stderr) == (ExitCode.FILES_FAILED, True)
    restore(tmp_path / "copy", tmp_path / "new")
    assert is_marked(tmp_path / "new", embedder) == [True, False]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_not_restored(folder: Path, tmp_path: Path, damage: str) -> None:
    back_up(folder, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy", isolation_level=None)) as connection:
        connection.execute(DAMAGES[damage])
    if "vector" in damage:  # it is derived, and doctor finds it
        return
    with pytest.raises(DamagedIndex):
        restore(tmp_path / "copy", tmp_path / "new")
    assert not (tmp_path / "new").exists()


BACK_UP = """
import signal, sys
from pathlib import Path
from loccit.index.storage import backup
def stop(*_):
    print("here", flush=True)
    signal.pause()
setattr(backup, sys.argv[3], stop)
backup.back_up(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_what_a_killed_backup_leaves_is_removed_by_the_next(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "copies"
    place.mkdir()
    for step in ("_copy", "_refuse_damage", "_reach_the_disk"):
        command = [sys.executable, "-c", BACK_UP, str(folder), str(place / step), step]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "here\n"
            # The one at work is left alone.
            back_up(folder, place / f"beside {step}")
            assert len([path for path in place.iterdir() if path.is_dir()]) == 1
            child.kill()
        assert [path for path in place.iterdir() if path.is_dir()]
        back_up(folder, place / f"after {step}")
        assert not [path for path in place.iterdir() if path.is_dir()]
    assert not list(place.glob(".*"))


def test_settings_that_are_damaged_are_made_anew(
    folder: Path, embedder: DefaultEmbedder, ask: Ask
) -> None:
    before = ask(folder)
    execute(folder, "UPDATE meta SET value = replace(value, 'MiniLM', 'MaxiLM')")
    with pytest.raises(DamagedIndex, match="settings"):
        ask(folder)
    repair_index(folder, check_index(folder), embedder)
    assert ask(folder).citations == before.citations
    assert is_sound(folder)


def test_a_file_that_is_cut_to_nothing_is_no_empty_index(folder: Path, ask: Ask) -> None:
    (folder / FILE_NAME).write_bytes(b"")
    with pytest.raises(DamagedIndex, match="restore a backup"):
        ask(folder)
    (finding,) = check_index(folder)
    assert (finding.is_sound, finding.can_mend) == (False, False)


def test_vectors_are_out_of_date_after_a_kill_and_damaged_only_where_they_are(
    folder: Path, embedder: DefaultEmbedder
) -> None:
    with PassageIndex.open(folder, embedder=embedder) as index:
        index.search(QUESTION)
    assert check_index(folder)[-1].detail == "2 vectors"
    execute(folder, "UPDATE meta SET value = 'another' WHERE name = 'identity'")  # as reembed does
    finding = check_index(folder)[-1]
    assert (finding.is_sound, finding.detail.split(":")[0]) == (True, "out of date")
    data = bytearray((folder / "vectors.faiss").read_bytes())
    data[60] ^= 1
    (folder / "vectors.faiss").write_bytes(data)
    finding = check_index(folder)[-1]
    assert (finding.is_sound, finding.detail) == (False, "damaged")


def test_an_index_that_is_being_made_is_not_called_damaged(
    tmp_path: Path, embedder: DefaultEmbedder
) -> None:
    (tmp_path / FILE_NAME).touch()  # as SQLite makes it, before anything is written
    with PassageIndex.open(tmp_path, embedder=embedder) as index:
        index.add(_note(tmp_path))
    (tmp_path / FILE_NAME).write_bytes(b"")
    with pytest.raises(DamagedIndex, match="was cut off, and is empty"):
        PassageIndex.open(tmp_path, embedder=embedder)


def _note(folder: Path) -> Path:
    file = folder / "note.txt"
    file.write_text("The rent is 900 euros.", encoding="utf-8")
    return file
