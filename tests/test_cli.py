"""The command line: in a process of its own where that matters, in this one elsewhere."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ageing import age
from conftest import SEEDS
from patience import PATIENCE_SECONDS
from typer.testing import CliRunner, Result

from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.ui.command_line import main as cli
from loccit.ui.command_line.options_and_exits import ExitCode

SEED = SEEDS / "cxmt-ipo.txt"
QUESTION = "What would a large-scale IPO provide the company with?"
pytestmark = pytest.mark.usefixtures("shared_model")
HEAVY = {"torch", "gradio", "sentence_transformers", "transformers", "faiss"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, embedder: DefaultEmbedder) -> Path:
    """The folder of an index that holds the seed document."""
    folder = tmp_path_factory.mktemp("cli") / "index"
    with PassageIndex.open(folder, create=True, embedder=embedder) as index:
        index.add(SEED)
    return folder


@pytest.fixture(scope="module")
def text(made: Path) -> str:
    """The stored text of the seed document, which offsets count in."""
    with PassageIndex.open(made) as index:
        (document,) = index.documents.values()
        return document.text


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def process(*command: str, index: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    if index is not None:
        environment["LOCCIT_INDEX"] = str(index)
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, env=environment, check=False
    )


def test_add_reports_every_file(tmp_path: Path) -> None:
    good = tmp_path / "files" / "fees [bold]2026 – ünïcode.txt"
    good.parent.mkdir()
    good.write_text("The yearly fee is 40 euros.", encoding="utf-8")
    bad = good.with_name("picture.png")
    bad.write_bytes(b"\x89PNG")
    result = run("add", good.parent, "--index", tmp_path / "index")
    assert result.exit_code == ExitCode.FILES_FAILED
    first, second, supported, totals = result.stdout.splitlines()
    assert first == f"added   {good} (1 passage)"
    assert second == f"failed  {bad}: .png files are not supported; save a copy in another format"
    assert supported.startswith("Supported: PDF, Word (.docx)")
    assert totals == "2 files: 1 added, 0 updated, 0 skipped, 1 failed"

    again = run("add", good, "--index", tmp_path / "index")
    assert again.exit_code == ExitCode.OK
    assert again.stdout.startswith("skipped ")
    good.write_text("The yearly fee is 50 euros.", encoding="utf-8")
    assert run("add", good, "--index", tmp_path / "index").stdout.startswith("updated ")


def test_ask_prints_the_answer_and_where_it_is_written(made: Path, text: str) -> None:
    result = run("ask", QUESTION, "--index", made)
    assert result.exit_code == ExitCode.OK, result.output
    quoted = next(line for line in result.stdout.splitlines() if line.startswith("[1] “"))
    quote = quoted.removeprefix("[1] “").removesuffix("”")
    start = text.index(quote)
    assert "long-term funding flexibility" in quote
    assert f"    {SEED}, characters {start}-{start + len(quote)}, ✓ exact quote" in result.stdout
    assert "\x1b" not in result.output


def test_ask_json_has_exact_offsets(made: Path, text: str) -> None:
    result = run("ask", QUESTION, "--json", "--index", made)
    answer = json.loads(result.stdout)
    assert answer["question"] == QUESTION
    assert answer["answered"] is True
    for citation in answer["citations"]:
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert citation["source"] == str(SEED)
    assert [hit["rank"] for hit in answer["hits"]] == list(range(1, len(answer["hits"]) + 1))


def test_not_answered_offers_the_nearest_passages(made: Path) -> None:
    result = run("ask", "Who won the 1958 chess tournament in Reykjavik?", "--index", made)
    assert result.exit_code == ExitCode.NOT_ANSWERED, result.output
    assert result.stdout.startswith(
        "I found no answer in your documents.\n\nThe nearest passages:\n\n1. "
    )


def test_nothing_to_add_is_an_error(tmp_path: Path) -> None:
    place, missing = tmp_path / "index", tmp_path / "contrcts"
    result = run("add", tmp_path, missing, "--index", place)
    assert result.exit_code == ExitCode.ERROR
    assert result.stderr.split() == [
        *("error:", "no", "such", "file", "or", "folder:", f"{missing}.", "Nothing", "was"),
        "added.",
    ]
    assert not place.exists()
    (tmp_path / "empty").mkdir()
    result = run("add", tmp_path / "empty", "--index", place)
    assert result.exit_code == ExitCode.ERROR
    assert f"no files to add in {tmp_path / 'empty'}. Supported: " in result.stderr
    assert result.stdout == ""


def test_scope_narrows_the_search(tmp_path: Path) -> None:
    for name, animal in (("a.txt", "zebra"), ("b.txt", "okapi")):
        (tmp_path / name).write_text(f"The keeper of the {animal} is Ada.", encoding="utf-8")
    run("add", tmp_path / "a.txt", tmp_path / "b.txt", "--index", tmp_path / "index")
    found = run("search", "keeper", "-d", "b.txt", "--json", "--index", tmp_path / "index")
    assert [hit["text"] for hit in json.loads(found.stdout)] == ["The keeper of the okapi is Ada."]
    unknown = run("ask", "keeper?", "-d", "c.txt", "--index", tmp_path / "index")
    assert unknown.exit_code == ExitCode.ERROR
    assert (
        "no document and no folder is called “c.txt”: did you mean “b.txt”, “a.txt”?"
        in unknown.stderr
    )


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_search(made: Path, mode: str) -> None:
    result = run("search", "STAR Market", "--mode", mode, "-k", 2, "--index", made)
    assert result.exit_code == ExitCode.OK
    lines = result.stdout.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("1. ")
    assert "STAR Market" in lines[0]
    assert lines[1].startswith(f"    {SEED}, characters ")


def test_a_search_without_hits_says_so(made: Path) -> None:
    result = run("search", "zzxqy", "--mode", "lexical", "--index", made)
    assert (result.exit_code, result.stdout) == (ExitCode.OK, "no passage was found\n")
    as_json = run("search", "zzxqy", "--mode", "lexical", "--json", "--index", made)
    assert json.loads(as_json.stdout) == []


def test_list_and_remove(tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("Tea is at four.", encoding="utf-8")
    index = tmp_path / "index"
    run("add", file, "--index", index)
    (entry,) = json.loads(run("list", "--json", "--index", index).stdout)
    assert entry["sources"] == [str(file)]
    listed = run("list", "--index", index).stdout
    assert listed.splitlines()[0].endswith(f"(1 passage)  {file}")

    wrong = run("remove", "note.txt", "other.txt", "--index", index)
    assert wrong.exit_code == ExitCode.ERROR
    assert len(json.loads(run("list", "--json", "--index", index).stdout)) == 1
    removed = run("remove", "note.txt", "--index", index)
    assert removed.exit_code == ExitCode.OK
    assert removed.stdout.startswith("removed ")
    assert file.exists()
    assert run("list", "--index", index).stdout == "0 documents\n"


def test_remove_tells_the_other_names_of_equal_files(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "form.md").write_text("The form is green.", encoding="utf-8")
    run("add", tmp_path / "a", tmp_path / "b", "--index", tmp_path / "index")
    removed = run("remove", tmp_path / "a" / "form.md", "--index", tmp_path / "index")
    names = f"{tmp_path / 'a' / 'form.md'}, {tmp_path / 'b' / 'form.md'}"
    assert removed.stdout == f"removed form\n    under all its names: {names}\n"


def test_a_document_can_not_steer_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "trap.txt"
    file.write_text("The password of the vault \x1b]0;owned\x07 is swordfish.", encoding="utf-8")
    run("add", file, "--index", tmp_path / "index")
    result = run("search", "password of the vault", "--index", tmp_path / "index")
    assert "swordfish" in result.output
    assert "\x1b" not in result.output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["list"], ExitCode.ERROR, "holds no index"),
        (["ask", "Who?"], ExitCode.ERROR, "holds no index"),
        (["ask", "  "], ExitCode.USAGE, "the question is empty"),
        (["ask", "Who?", "-k", "0"], ExitCode.USAGE, "-k"),
        (["search", "x", "--mode", "magic"], ExitCode.USAGE, "magic"),
        (["frobnicate"], ExitCode.USAGE, "frobnicate"),
    ],
)
def test_errors(tmp_path: Path, arguments: list[str], code: ExitCode, words: str) -> None:
    extra = [] if arguments == ["frobnicate"] else ["--index", tmp_path / "none"]
    result = run(*arguments, *extra)
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_an_empty_index_is_an_error_with_a_next_step(
    tmp_path: Path, embedder: DefaultEmbedder
) -> None:
    PassageIndex.open(tmp_path / "index", create=True).close()
    result = run("ask", "Who?", "--index", tmp_path / "index")
    assert result.exit_code == ExitCode.ERROR
    assert "Add a document first" in result.stderr


def test_an_older_index_is_upgraded_and_told_beside_the_answer(made: Path, tmp_path: Path) -> None:
    older = shutil.copytree(made, tmp_path / "older")
    age(older)
    result = run("ask", QUESTION, "--index", older)
    assert result.exit_code == ExitCode.OK
    told = "An older loccit made this index: its documents are read again, once."
    assert " ".join(result.stderr.split()) == told
    again = run("ask", QUESTION, "--index", older)
    assert (again.stdout, again.stderr) == (result.stdout, "")


def test_interrupting_is_quiet(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PassageIndex, "summaries", interrupt)
    result = run("list", "--index", made)
    assert result.exit_code == ExitCode.INTERRUPTED
    assert result.output == ""


def test_exit_codes_and_the_default_index_are_in_the_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    shown = run("ask", "--help").stdout
    for code in ExitCode:
        assert str(code.value) in shown
    assert "LOCCIT_INDEX" in shown
    assert str(cli.DEFAULT_INDEX) in shown


def test_version() -> None:
    assert run("--version").stdout.startswith("loccit ")


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "--json"]])
def test_a_light_command_imports_nothing_heavy(made: Path, arguments: list[str]) -> None:
    code = (
        "import sys\nfrom loccit.ui.command_line.main import main\n"
        f"try: main({arguments})\n"
        f"finally: print(sorted({HEAVY} & sys.modules.keys()), file=sys.stderr)"
    )
    result = process("-c", code, index=made)
    assert result.returncode == ExitCode.OK, result.stderr
    assert result.stderr == "[]\n"


def test_piped_output_is_plain_and_never_wrapped(made: Path) -> None:
    result = process("-m", "loccit", "list", index=made)
    assert result.returncode == ExitCode.OK, result.stderr
    assert "\x1b" not in result.stdout
    assert result.stdout.splitlines()[0].endswith(f"  {SEED}")
    assert result.stderr == ""


def test_ask_says_nothing_beside_the_answer(made: Path) -> None:
    result = process("-m", "loccit", "ask", QUESTION, index=made)
    assert result.returncode == ExitCode.OK, result.stderr
    assert "long-term funding flexibility" in result.stdout
    assert result.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_ends_the_chat_without_a_traceback(tmp_path: Path) -> None:
    # A shell without a terminal lets what it runs in the background ignore Ctrl-C.
    code = (
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from loccit.ui.command_line.main import main\nmain(sys.argv[1:])"
    )
    arguments = ["chat", "--port", str(free_port()), "--index", str(tmp_path / "index")]
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            assert "loccit is at http://localhost:" in server.stdout.readline()
            server.send_signal(signal.SIGINT)
            _, errors = server.communicate(timeout=PATIENCE_SECONDS)
        finally:
            server.kill()  # or a chat that goes on would be waited for without end
    assert server.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in errors


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_sync_list_failed_and_retry(tmp_path: Path) -> None:
    folder, place = tmp_path / "docs", tmp_path / "index"
    folder.mkdir()
    (folder / "fees.txt").write_text("The yearly fee is 40 euros.", encoding="utf-8")
    (bad := folder / "bad.txt").write_bytes(b"\x00\x01\x02\x00" * 500)
    planned = run("sync", folder, "--dry-run", "--index", place)
    would = "would be 2 added, 0 updated, 0 deleted, 0 unchanged, 0 failed"
    assert planned.stdout.splitlines()[-1] == would
    done = run("sync", folder, "--index", place)
    assert done.exit_code == ExitCode.FILES_FAILED
    assert done.stdout.splitlines()[-1] == "1 added, 0 updated, 0 deleted, 0 unchanged, 1 failed"
    line, total = run("list", "--failed", "--index", place).stdout.splitlines()
    assert line.startswith(f"{bad}: ")
    assert total == "1 file could not be read"
    for command in (["ask", "Who?", "-d"], ["remove"]):
        unread = run(*command, "bad.txt", "--index", place)
        assert unread.exit_code == ExitCode.ERROR
        assert unread.stderr.startswith("error: “bad.txt” could not be read: ")
    (failure,) = json.loads(run("list", "--failed", "--json", "--index", place).stdout)
    assert failure["source"] == str(bad)
    assert run("retry", "--index", place).exit_code == ExitCode.FILES_FAILED
    bad.write_text("It is mended.", encoding="utf-8")
    assert run("retry", "--index", place).exit_code == ExitCode.OK
    assert run("retry", "--index", place).stdout == "no failed files\n"
    bad.unlink()
    gone = run("sync", folder, "--index", place).stdout.splitlines()
    assert gone == [
        f"deleted {bad}",
        "0 added, 0 updated, 1 deleted, 1 unchanged, 0 failed",
    ]
    (folder / "fees.txt").unlink()
    refused = run("sync", folder, "--index", place)
    assert refused.exit_code == ExitCode.ERROR
    assert "--allow-empty" in refused.stderr
    assert run("sync", folder, "--allow-empty", "--index", place).exit_code == ExitCode.OK
