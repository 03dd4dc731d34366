"""``loccit conversations``, ``loccit export`` and ``loccit eval --feedback``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from conftest import SEEDS
from typer.testing import CliRunner, Result

from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.conversation.store import FILE_NAME, Conversations
from loccit.qa.datatypes import Answer
from loccit.qa.evaluation.feedback import Feedback, Rating
from loccit.ui.command_line import main as cli
from loccit.ui.command_line.options_and_exits import ExitCode

pytestmark = pytest.mark.usefixtures("shared_model")

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IPO = "How large is CXMT's planned IPO?"
CHESS = "Who won the 1958 chess tournament in Reykjavik?"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def made(tmp_path: Path, embedder: DefaultEmbedder) -> Path:
    """The folder of an index that holds the seed document."""
    folder = tmp_path / "index"
    with PassageIndex.open(folder, create=True, embedder=embedder) as index:
        index.add(SEEDS / "cxmt-ipo.txt")
    return folder


@pytest.fixture
def kept(made: Path, embedder: DefaultEmbedder) -> Iterator[str]:
    """The id of a conversation of two turns, the second a follow-up; another is about tea."""
    with (
        PassageIndex.open(made, embedder=embedder) as index,
        Conversations.open(made, create=True) as store,
    ):
        assistant = Assistant(index)
        conversation_id = store.create(IPO, at=NOON)
        documents = index.documents
        store.add_turn(conversation_id, IPO, assistant.ask(IPO), documents, at=NOON)
        answer = assistant.ask(CHESS)
        store.add_turn(conversation_id, "Who?", answer, documents, at=NOON, completed=CHESS)
        store.create("\x1b[31mTea?", at=NOON.replace(hour=11))
        yield conversation_id


def test_conversations(made: Path, kept: str) -> None:
    listed = run("conversations", "--index", made)
    assert listed.exit_code == ExitCode.OK, listed.output
    first, second, total = listed.stdout.splitlines()
    assert first == f"{kept}  2026-03-01 12:00 UTC  {IPO}  (2 questions)"
    assert "Tea?  (0 questions)" in second
    assert "\x1b" not in second
    assert total == "2 conversations"
    found = run("conversations", "billion", "cxmt", "--json", "--index", made)
    assert json.loads(found.stdout) == [
        {
            "conversation_id": kept,
            "title": IPO,
            "created": "2026-03-01T12:00:00+00:00",
            "changed": "2026-03-01T12:00:00+00:00",
            "turns": 2,
        }
    ]


def test_an_index_without_conversations(made: Path) -> None:
    assert run("conversations", "--index", made).stdout == "0 conversations\n"
    assert not (made / FILE_NAME).exists()


def test_export(made: Path, kept: str) -> None:
    text = run("export", kept, "--index", made)
    assert text.exit_code == ExitCode.OK, text.output
    assert text.stdout.startswith(f"# {IPO}\n\n## 1. {IPO}\n")
    assert "**US\\$42 Billion**" in text.stdout
    assert f"Asked as “{CHESS}”" in text.stdout

    values = json.loads(run("export", kept, "--format", "json", "--index", made).stdout)
    assert [turn["completed"] for turn in values["turns"]] == [None, CHESS]
    (citation,) = values["turns"][0]["answer"]["citations"]
    position, quote = values["turns"][0]["targets"][0]["selector"]
    assert (position["start"], position["end"]) == (citation["start"], citation["end"])
    assert quote["exact"] == citation["quote"]

    page = run("export", kept, "--format", "html", "--turn", 1, "--index", made)
    assert page.stdout_bytes.decode("utf-8").startswith("<!doctype html>")
    assert "US$42 Billion</b>" in page.stdout
    assert CHESS not in page.stdout


@pytest.mark.parametrize("form", ["md", "json", "html"])
def test_what_a_browser_sends_can_be_exported(made: Path, form: str) -> None:
    question = "Fee \ud800?"
    answer = Answer(question, (), (), (), answered=False, confidence=0.0)
    with Conversations.open(made, create=True) as store:
        conversation_id = store.create(question, at=NOON)
        store.add_turn(conversation_id, question, answer, {}, at=NOON)
    result = run("export", conversation_id, "--format", form, "--index", made)
    assert result.exit_code == ExitCode.OK, result.output
    assert "Fee ??" in result.stdout


def test_export_follows_the_documents(made: Path, kept: str) -> None:
    run("remove", "cxmt-ipo.txt", "--index", made)
    result = run("export", kept, "--turn", 1, "--index", made)
    assert result.exit_code == ExitCode.OK, result.output
    assert "✗ the source is no longer in the index" in result.stdout
    assert "US\\$42 Billion" in result.stdout


def test_ask_in_a_conversation(made: Path) -> None:
    first = run("ask", IPO, "--conversation", "new", "--index", made)
    assert first.exit_code == ExitCode.OK, first.output
    conversation_id = first.stdout.splitlines()[-1].removeprefix("conversation ")
    second = run("ask", "and how large is it?", "--conversation", conversation_id, "--json",
                 "--index", made)  # fmt: skip
    values = json.loads(second.stdout)
    assert values["conversation_id"] == conversation_id
    assert values["completed"] == "How large is CXMT?"
    absent = run("ask", CHESS, "--conversation", conversation_id, "--index", made)
    assert absent.exit_code == ExitCode.NOT_ANSWERED
    assert absent.stdout.endswith(f"conversation {conversation_id}\n")
    exported = run("export", conversation_id, "--format", "json", "--index", made)
    assert [turn["question"] for turn in json.loads(exported.stdout)["turns"]] == [
        IPO,
        "and how large is it?",
        CHESS,
    ]
    unknown = run("ask", IPO, "--conversation", "c0ffee", "--index", made)
    assert unknown.exit_code == ExitCode.ERROR
    assert "no conversation has the id “c0ffee”" in unknown.stderr


@pytest.mark.parametrize("command", ["export", "ask"])
def test_the_beginning_of_an_id_names_a_conversation(made: Path, command: str) -> None:
    ids = ("0123456789abcdef" * 2, "01234567" + "f" * 24, "fedcba98" * 4, "deadbeef" * 4)
    with Conversations.open(made, create=True) as store:
        for conversation_id in ids:
            with patch("secrets.token_hex", return_value=conversation_id):
                store.create(IPO, at=NOON)
        store.delete(ids[3])

    def named(name: str) -> Result:
        given = [name] if command == "export" else [IPO, "--conversation", name]
        return run(command, *given, "--index", made)

    assert named("fedcba98").exit_code == ExitCode.OK
    assert named("012345678").exit_code == ExitCode.OK
    assert named(ids[1]).exit_code == ExitCode.OK
    for name, words in (
        ("fedcba9", "“fedcba9” is too short: give at least 8 characters of the id"),
        ("01234567", "the ids of 2 conversations begin with “01234567”: give more of the id"),
        ("", "“” is too short"),
        ("c0ffee", "no conversation has the id “c0ffee”"),
        ("deadbeef", "no conversation has the id “deadbeef”"),
    ):
        told = named(name)
        assert (told.exit_code, told.stdout) == (ExitCode.ERROR, "")
        assert words in told.stderr


def test_eval_feedback(made: Path, kept: str) -> None:
    none = run("eval", "--feedback", "--index", made)
    assert none.exit_code == ExitCode.ERROR
    assert "has been rated" in none.stderr
    with Conversations.open(made) as store:
        store.set_feedback(kept, 1, Feedback(Rating.RIGHT))
        store.set_feedback(kept, 2, Feedback(Rating.WRONG_ANSWER))
    result = run("eval", "--feedback", "--index", made)
    assert result.exit_code == ExitCode.OK, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "2 rated answers; each question was asked again"
    assert "| right | 1 | 100.0 | 100.0 | 100.0 |" in lines
    assert "| wrong answer | 1 | 100.0 | 100.0 | 100.0 |" in lines
    values = json.loads(run("eval", "--feedback", "--json", "--index", made).stdout)
    assert [row["rating"] for row in values["ratings"]] == ["right", "wrong answer"]
    assert [row["question"] for row in values["questions"]] == [IPO, CHESS]
    assert values["questions"][0]["short_now"] == "US$42 Billion"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["export", "c0ffee"], ExitCode.ERROR, "no conversation has the id “c0ffee”"),
        (["export", "KEPT", "--turn", "3"], ExitCode.ERROR, "there is no turn 3"),
        (["export", "KEPT", "--format", "pdf"], ExitCode.USAGE, "pdf"),
        (["conversations", "--index", "nowhere"], ExitCode.ERROR, "holds no index"),
        (["eval"], ExitCode.USAGE, "--feedback"),
        (["eval", "x.json", "--feedback"], ExitCode.USAGE, "either question sets or"),
        (["eval", "x.json", "--json"], ExitCode.USAGE, "--json"),
        (["eval", "--feedback", "--questions", "3"], ExitCode.USAGE, "--questions"),
    ],
)
def test_errors(made: Path, kept: str, arguments: list[str], code: ExitCode, words: str) -> None:
    named = [kept if argument == "KEPT" else argument for argument in arguments]
    result = run(*named, *([] if "--index" in named else ["--index", made]))
    assert result.exit_code == code
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
    assert result.stdout == ""
