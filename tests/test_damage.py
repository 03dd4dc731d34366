"""What is damaged is never cited: it is told, repaired from the file, or marked and left out."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loccit.index.errors import DamagedIndex
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.integrity import check_index, repair_index
from loccit.index.storage.sqlite.catalogue import FILE_NAME
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer, Support
from loccit.ui.chat.views.answers import answer_html
from loccit.ui.command_line import main as cli
from loccit.ui.command_line.options_and_exits import ExitCode
from loccit.ui.exports.answer_json import answer_json

LEASE = "# Lease of the mill\n\nThe rent of the mill is 2399 pounds a month.\n"
OTHER = "The ship left the harbour at dawn, and the pilot stayed behind.\n"
QUESTION = "What is the rent of the mill?"
LATIN = b"caf\xe9"  # no UTF-8
TEXT_OF_LEASE = "text LIKE '%mill%'"

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


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def execute(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "lease.md").write_text(LEASE, encoding="utf-8")
    (folder / "ship.txt").write_text(OTHER, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path, files: Path, embedder: DefaultEmbedder) -> Path:
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        index.add(files)
    return tmp_path / "i"


def ask(folder: Path, embedder: DefaultEmbedder) -> Answer:
    with PassageIndex.open(folder, embedder=embedder) as index:
        return Assistant(index).ask(QUESTION)


def is_sound(folder: Path) -> bool:
    return all(finding.is_sound for finding in check_index(folder))


def is_marked(folder: Path, embedder: DefaultEmbedder) -> list[bool]:
    with PassageIndex.open(folder, embedder=embedder) as index:
        return [summary.is_damaged for summary in index.summaries()]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_never_cited_and_is_repaired_from_the_file(
    folder: Path, embedder: DefaultEmbedder, damage: str
) -> None:
    before = ask(folder, embedder)
    assert before.short == "2399 pounds a month"
    execute(folder, DAMAGES[damage])
    try:
        told = ask(folder, embedder)
        assert told.answered is (told.citations == before.citations)
        assert told.answered or [c.support for c in told.citations] == [Support.DAMAGED]
        assert all("6399" not in hit.passage.text for hit in told.hits)
    except DamagedIndex as error:
        assert "run `loccit doctor" in str(error)
    findings = check_index(folder)
    assert not all(finding.is_sound for finding in findings)
    repair_index(folder, findings, embedder)
    assert is_sound(folder)
    after = ask(folder, embedder)
    assert (after.text, after.citations) == (before.text, before.citations)


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_has_no_file_any_more_is_kept_apart_where_it_cannot_be_repaired(
    folder: Path, files: Path, embedder: DefaultEmbedder, damage: str
) -> None:
    before = ask(folder, embedder)
    (files / "lease.md").unlink()
    execute(folder, DAMAGES[damage])
    repair_index(folder, check_index(folder), embedder)
    after = ask(folder, embedder)
    with PassageIndex.open(folder, embedder=embedder) as index:
        (lease, ship) = index.summaries()
        assert not ship.is_damaged
        if lease.is_damaged:
            assert not after.answered and after.citations == ()
            assert [hit.passage.doc_id for hit in index.search("mill", 9)] == [ship.doc_id]
            assert not is_sound(folder)
            with pytest.raises(DamagedIndex):
                index.documents.get(lease.doc_id)
            # With its file it comes back.
            (files / "lease.md").write_text(LEASE, encoding="utf-8")
            assert [o.status for o in index.sync(files).outcomes] == ["updated", "skipped"]
    assert ask(folder, embedder).citations == before.citations
    assert is_sound(folder)


def test_a_damaged_source_is_never_shown(
    folder: Path, files: Path, embedder: DefaultEmbedder
) -> None:
    before = ask(folder, embedder)
    execute(folder, "UPDATE sources SET source = replace(source, 'lease', 'leash')")
    with pytest.raises(DamagedIndex, match="loccit doctor"):
        ask(folder, embedder)
    repair_index(folder, check_index(folder), embedder)
    assert is_marked(folder, embedder) == [True, False]
    with PassageIndex.open(folder, embedder=embedder) as index:
        index.add(files)
    assert ask(folder, embedder).citations == before.citations
    assert is_sound(folder)


def test_an_answer_from_damaged_text_is_not_called_missing(
    folder: Path, embedder: DefaultEmbedder
) -> None:
    execute(folder, DAMAGES["a digit of the text"])
    answer = ask(folder, embedder)
    assert (answer.answered, [c.support for c in answer.citations]) == (False, [Support.DAMAGED])
    shown = str(answer_html(answer, {}))
    assert "the index is damaged here: run `loccit doctor`" in shown
    assert "no answer in your documents" not in shown
    assert answer_json(answer)["citations"][0]["support"] == "damaged"
    told = run("ask", QUESTION, "--index", folder)
    assert (told.exit_code, told.exception.__class__) == (ExitCode.ERROR, SystemExit)
    assert "the index is damaged here: run `loccit doctor`" in told.stdout
    assert "6399" not in told.output
