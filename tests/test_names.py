"""Files with any name, from the folder to the list, the JSON and the page."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from loccit.index.ingestion.reporting import AddResult
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.ui.chat.uploads import MAX_NAME_BYTES, safe_name
from loccit.ui.chat.views.adding import report_html
from loccit.ui.chat.views.documents import documents_html
from loccit.ui.command_line import main as cli

posix = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="such names can't exist")

NAMES = [
    "plain.txt",
    "-x.txt",
    "--index.txt",
    "two..dots...txt",
    "$(touch ran) `touch ran`.txt",
    "<img src=x onerror=alert(1)>.txt",
    "line\nbreak\r\ttab.txt",
    "\x1b[31mred\x1b]0;title\x07.txt",
    "\u202etxt.exe \u2066.txt",
    "猫 🦓 العربية.txt",
    unicodedata.normalize("NFC", "été.txt"),
    unicodedata.normalize("NFD", "été.txt"),
    "a" * 251 + ".txt",
    "猫" * 83 + ".txt",
    "CON.txt",
    "%2e%2e%2f.txt",
    " blank .txt",
    "quote'\"\\.txt",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of each name, no two alike."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / name).write_text(f"The number of this is {number}.", encoding="utf-8")
    return folder


@posix
def test_every_name_is_indexed_listed_and_mirrored(
    folder: Path, tmp_path: Path, embedder: DefaultEmbedder, shared_model: None
) -> None:
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as index:
        added = index.add(folder)
        assert [one.status for one in added.outcomes] == ["added"] * len(NAMES)
        assert {one.source for one in added.outcomes} == {str(folder / name) for name in NAMES}
        again = index.sync(folder)
        assert again.num_skipped == len(NAMES)
        page = documents_html(index.summaries(), ()) + report_html(added)
        page.encode()
        assert "<img" not in page
        (folder / NAMES[6]).unlink()
        assert index.sync(folder).deleted == (str(folder / NAMES[6]),)
    shown = run("list", "--index", tmp_path / "index")
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == len(NAMES)  # one of them is gone, and the total is below
    rows = json.loads(run("list", "--json", "--index", tmp_path / "index"))
    assert len(rows) == len(NAMES) - 1


def run(*arguments: object) -> str:
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_leading_dash_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_model: None
) -> None:
    (tmp_path / "-x.txt").write_text("The rent is 900 euros.", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert f"{tmp_path / '-x.txt'} (1 passage)" in run("add", "--index", "i", "--", "-x.txt")
    assert "900" in run("ask", "--index", "i", "--", "-- what is the rent?")


def test_two_dots_lead_out_of_a_folder(tmp_path: Path, embedder: DefaultEmbedder) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "in.txt").write_text("Inside.", encoding="utf-8")
    (tmp_path / "out.txt").write_text("Outside.", encoding="utf-8")
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as index:
        (outcome,) = index.add(tmp_path / "folder" / ".." / "out.txt").outcomes
        assert outcome.source == str((tmp_path / "out.txt").resolve())
        assert index.sync(tmp_path / "folder").deleted == ()
        assert len(index.summaries()) == 2


@posix
def test_a_name_that_is_no_text(
    tmp_path: Path, embedder: DefaultEmbedder, shared_model: None
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.txt").write_text("The rent is 900 euros.", encoding="utf-8")
    bad = os.fsencode(folder) + b"/caf\xe9.txt"
    Path(os.fsdecode(bad)).write_text("The rent of this is 800 euros.", encoding="utf-8")
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as index:
        for result in (
            index.add(folder),
            AddResult(index.sync(folder).outcomes),
            AddResult(index.sync(folder, dry_run=True).outcomes),
            index.add(Path(os.fsdecode(bad))),
            AddResult(index.sync(folder).outcomes),
        ):
            (failed,) = result.with_status("failed")
            assert failed.source == str(folder / "caf\\udce9.txt")
            assert "not valid UTF-8" in (failed.reason or "")
            report_html(result).encode()
            assert index.failures() == {failed.source: failed.reason}
        os.unlink(bad)  # noqa: PTH108 - bytes are no Path
        index.sync(folder)
        assert index.failures() == {}
        Path(os.fsdecode(bad)).write_text("The rent is 800 euros.", encoding="utf-8")
    added = CliRunner().invoke(cli.app, ["add", str(folder), "--index", str(tmp_path / "index")])
    assert "caf\\udce9.txt: its name is not valid UTF-8" in added.stdout
    (row,) = json.loads(run("list", "--failed", "--json", "--index", tmp_path / "index"))
    assert row["source"].endswith("caf\\udce9.txt")
    assert "caf\\udce9.txt" in run("list", "--failed", "--index", tmp_path / "index")


def test_a_question_that_is_no_text(tmp_path: Path, shared_model: None) -> None:
    (tmp_path / "lease.txt").write_text("The rent is 900 euros.", encoding="utf-8")
    run("add", tmp_path / "lease.txt", "--index", tmp_path / "index")
    for command in ("ask", "search"):
        assert "900" in run(command, "What is the \udcff rent?", "--index", tmp_path / "index")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("COM1.txt", "_COM1.txt"),
        ("lpt².tar.gz", "_lpt².tar.gz"),
        ("aux .txt", "_aux .txt"),
        ("conin$", "_conin$"),
        ("contract.txt", "contract.txt"),
        ("com10.txt", "com10.txt"),
        ("..", "document"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        (".hidden.txt", "hidden.txt"),
        ("stream.txt:hidden", "stream.txt_hidden"),
        ("a\ud800b.txt", "a_b.txt"),
        ("line\nbreak\x85.txt", "line_break_.txt"),
        ("-rf.txt", "-rf.txt"),
        ("end. . .", "end"),
    ],
)
def test_the_names_of_uploads(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.slow
@given(st.text(st.characters(), max_size=300) | st.from_regex(r"[a.]{0,9}\.[b猫]{200,300}"))
def test_any_upload_gets_a_name_that_can_be_kept(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= MAX_NAME_BYTES + 1
    assert safe == Path(safe).name
    assert not safe.startswith(".")
    assert not safe.endswith((" ", "."))
    assert safe_name(safe) == safe
