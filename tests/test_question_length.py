"""No question takes longer than its length: those that are too long are refused at every door."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hostile_questions import SHAPES, follow_up, question_of
from measuring import cpu_seconds
from typer.testing import CliRunner

import loccit
from loccit.index.errors import LoccitError, QuestionTooLong
from loccit.index.passage_index import PassageIndex
from loccit.index.retrieval.questions import MAX_QUESTION_CHARACTERS
from loccit.qa.assistant import Assistant
from loccit.qa.conversation.conversation import Conversation, ask
from loccit.qa.conversation.follow_ups.completing import Exchange, complete
from loccit.qa.conversation.scoping import MAX_MENTIONS, asked_of
from loccit.qa.evaluation.question_sets import UnreadableQuestions, load_questions
from loccit.ui.chat.handlers import show_conversation
from loccit.ui.chat.turns import Talk
from loccit.ui.command_line.main import app
from loccit.ui.text.language import speaking
from loccit.ui.text.wording import too_long_words

LONG = "w" * (MAX_QUESTION_CHARACTERS + 1)
LONGEST = "What is the rent? " * (MAX_QUESTION_CHARACTERS // 18)
TOLD = "the question has 12,001 characters and the limit is 12,000; ask in fewer words"
# Four times as long takes four times as long; what grows with the square takes sixteen times.
LINEAR, NOTHING = 9, 0.01  # a ratio, and seconds that are too few to tell


@pytest.mark.parametrize("shape", SHAPES)
def test_the_rules_of_follow_ups_take_time_in_proportion_to_a_question(shape: str) -> None:
    short, long = (question_of(shape, MAX_QUESTION_CHARACTERS // n) for n in (4, 1))
    few = cpu_seconds(lambda: follow_up(short), times=3)
    many = cpu_seconds(lambda: follow_up(long), times=3)
    assert many <= LINEAR * few + NOTHING


def test_the_api_refuses_a_question_that_is_too_long(seed_index: PassageIndex) -> None:
    assistant = Assistant(seed_index)
    doors = (
        lambda: seed_index.search(LONG),
        lambda: seed_index.search_many(["rent", LONG]),
        lambda: assistant.ask(LONG),
        lambda: assistant.ask_many(["rent", LONG]),
        lambda: list(assistant.ask_in_steps(LONG)),
        lambda: ask(Conversation(), LONG, assistant, at=datetime.now(UTC)),
    )
    for door in doors:
        with pytest.raises(QuestionTooLong, match=TOLD) as caught:
            door()
        assert isinstance(caught.value, ValueError)
    assert isinstance(loccit.QuestionTooLong(TOLD), loccit.LoccitError)


def test_a_question_of_paragraphs_is_asked(seed_index: PassageIndex) -> None:
    assert seed_index.search(LONGEST)
    assert Assistant(seed_index).ask(LONGEST).question == LONGEST


def test_a_follow_up_that_would_be_too_long_is_asked_as_typed() -> None:
    before = Exchange("Is the rent paid " + "by the month, " * (MAX_QUESTION_CHARACTERS // 14 - 1))
    assert complete("and for how long exactly?", [before]) is None
    much = "flat " * (MAX_QUESTION_CHARACTERS // 5 - 2)
    assert complete("Is it, or is it not, on it?", [Exchange(much)]) is None


def test_a_question_names_only_so_many_documents() -> None:
    with pytest.raises(LoccitError, match=f"more than {MAX_MENTIONS} documents"):
        asked_of("@lease " * (MAX_MENTIONS + 1), [])


@pytest.mark.parametrize("command", ["ask", "search"])
def test_the_command_line_tells_a_question_that_is_too_long(command: str, tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, [command, LONG, "--index", str(tmp_path)])
    assert ended.exit_code == 1
    assert ended.stderr.strip() == f"error: {TOLD}"


def test_a_question_set_tells_which_question_is_too_long(tmp_path: Path) -> None:
    rows = tmp_path / "own.jsonl"
    rows.write_text("\n".join(json.dumps({"question": q}) for q in ("rent?", LONG)))
    with pytest.raises(UnreadableQuestions, match=f"question 2: {TOLD}"):
        load_questions(rows, [])


def test_the_page_tells_a_question_that_is_too_long(seed_index: PassageIndex) -> None:
    assert too_long_words(f"  {LONG[1:]}\n") == ""
    told = too_long_words(LONG)
    assert told == (
        "The question has 12,001 characters, and the limit is 12,000. Shorten it in the box below, "
        "then ask again."
    )
    with speaking("de"):
        assert "Die Frage hat 12.001 Zeichen, erlaubt sind 12.000." in too_long_words(LONG)
    desk: Any = SimpleNamespace(index=seed_index, suggestions=None)
    assert told in show_conversation(desk, Talk(notice=told))
