"""How many files a question passes, and how many statements it puts to the database.

Whoever follows a question in the code opens no more files than these.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.sqlite.connections import Connections
from loccit.index.storage.sqlite.schema import Row
from loccit.qa.assistant import Assistant
from loccit.qa.conversation.store import Conversations
from loccit.ui.chat import handlers
from loccit.ui.chat.handlers import Desk
from loccit.ui.chat.indexing import Indexing
from loccit.ui.chat.turns import Talk

ROOT = Path(__file__).resolve().parent.parent
ROOMS = tuple(str(ROOT / room) + "/" for room in ("index", "qa", "ui"))
MAX_ASK_FILES = 23  # wanted: 12
MAX_CHAT_FILES = 40  # wanted: 20
MAX_STATEMENTS = 15

QUESTION = "When was the mill built?"
FOLLOW_UP = "and what is its rent?"
LOADED: Future[None] = Future()
LOADED.set_result(None)


def files_entered(call: Callable[[], object]) -> list[str]:
    """Return the files of this repository in which a function runs during a call."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(ROOMS):
            entered.add(str(Path(frame.f_code.co_filename).relative_to(ROOT)))

    before = sys.gettrace()
    threading.settrace(note)
    sys.settrace(note)
    try:
        call()
    finally:
        sys.settrace(before)
        threading.settrace(before)  # type: ignore[arg-type]
    return sorted(entered)


@pytest.fixture
def index(tmp_path: Path, embedder: DefaultEmbedder) -> Iterator[PassageIndex]:
    file = tmp_path / "lease.txt"
    file.write_text("The mill was built in 1890.\n\nThe rent of the mill is 900 euros.", "utf-8")
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as opened:
        opened.add(file)
        yield opened


def test_a_question_passes_few_files(index: PassageIndex) -> None:
    assistant = Assistant(index)
    assistant.ask(QUESTION)  # loads what is loaded once
    passed = files_entered(lambda: assistant.ask("What is the rent of the mill?"))
    assert "qa/assistant.py" in passed
    assert len(passed) <= MAX_ASK_FILES, "\n".join(passed)


def test_a_question_puts_few_statements_and_loads_no_document(
    index: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Connections.read
    put: list[str] = []

    def note(self: Connections, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        put.append(statement)
        return read(self, statement, parameters)

    monkeypatch.setattr(Connections, "read", note)
    with PassageIndex.open(index.folder, embedder=index.embedder.within) as opened:
        assistant = Assistant(opened)
        assistant.ask(QUESTION)  # loads what is loaded once
        put.clear()
        answer = assistant.ask("What is the rent of the mill?")
        asked = list(put)  # closing puts others
    assert answer.citations
    assert 0 < len(asked) <= MAX_STATEMENTS, "\n".join(asked)
    assert not [statement for statement in asked if "SELECT text" in statement]


def test_a_question_in_the_chat_passes_few_files(index: PassageIndex) -> None:
    with Conversations.open(index.folder, create=True) as kept:
        desk = Desk(index, Indexing(index), Assistant(index).ask_in_steps, LOADED, kept)

        def ask(question: str, talk: Talk) -> Talk:
            *_, done = handlers.answered(desk, handlers.asked(question, talk, LOADED), ())
            return done

        talk = ask(QUESTION, ask("What is the rent of the mill?", Talk()))
        passed = files_entered(lambda: ask(FOLLOW_UP, talk))
        assert "qa/conversation/conversation.py" in passed
        assert len(passed) <= MAX_CHAT_FILES, "\n".join(passed)
