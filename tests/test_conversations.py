"""Kept conversations: what is written is read again, and citations point where they should."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from loccit.index.datatypes import Hit, Passage, Span
from loccit.index.errors import IndexNotFound
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.conversation import file as conversation_file
from loccit.qa.conversation.file import ConversationsFailed
from loccit.qa.conversation.records import answer_record
from loccit.qa.conversation.store import FILE_NAME, Conversations, UnknownConversation
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.qa.evaluation.feedback import Feedback, Rating

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FEE = "The yearly fee is 40 euros."
TEXT = f"The lease began in May.\n\n{FEE}\n\nIt ends in June."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A document of the index."""
    path = tmp_path / "lease.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def index(tmp_path: Path, file: Path, embedder: DefaultEmbedder) -> Iterator[PassageIndex]:
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as opened:
        opened.add(file)
        yield opened


@pytest.fixture
def kept(index: PassageIndex) -> Iterator[Conversations]:
    with Conversations.open(index.folder, create=True) as opened:
        yield opened


def answer(index: PassageIndex, question: str = "What is the fee?") -> Answer:
    """An answer that cites the fee, as the assistant would give it."""
    (document,) = index.documents.values()
    span = Span(document.text.index(FEE), document.text.index(FEE) + len(FEE))
    short = Span(span.start + 18, span.start + 26)
    citation = Citation(
        1, document.doc_id, span, FEE, document.title, document.source, None, Support.EXACT, short
    )
    hit = Hit(Passage("p", document.doc_id, span, FEE, "Fees", "Lease"), 0.3, 1, 0.8)
    sentence = Sentence(FEE, (1,), "40 euros")
    return Answer(question, (sentence,), (citation,), (hit,), answered=True, confidence=0.9)


def unanswered(question: str) -> Answer:
    return Answer(question, (), (), (), answered=False, confidence=0.0)


def test_what_is_kept_is_read_again(kept: Conversations, index: PassageIndex) -> None:
    said = answer(index)
    conversation_id = kept.create("  What is\nthe fee? ", at=NOON)
    number = kept.add_turn(conversation_id, "  What is\nthe fee? ", said, index.documents, at=NOON)
    later = NOON + timedelta(minutes=1)
    zone = timezone(timedelta(hours=2))
    full = "When is the fee due?"
    kept.add_turn(
        conversation_id,
        "And when?",
        unanswered(full),
        index.documents,
        at=later.astimezone(zone),
        completed=full,
    )
    read = kept.read(conversation_id, index)
    assert (read.title, read.created, read.changed) == ("What is the fee?", NOON, later)
    first, second = read.turns
    assert (number, first.number, second.number) == (1, 1, 2)
    assert (first.question, first.completed) == ("  What is\nthe fee? ", None)
    assert (first.asked, first.feedback) == (NOON, None)
    assert first.answer == said
    assert first.surroundings[0].prefix.endswith("in May.\n\n")
    assert first.surroundings[0].suffix == "\n\nIt ends in June."
    assert (second.question, second.completed) == ("And when?", full)
    assert second.full_question == full
    assert second.answer == unanswered(full)


def test_citations_follow_an_edited_file_and_of_a_removed_one_are_gone(
    kept: Conversations, index: PassageIndex, file: Path
) -> None:
    said = answer(index)
    conversation_id = kept.create("What is the fee?", at=NOON)
    kept.add_turn(conversation_id, "What is the fee?", said, index.documents, at=NOON)

    file.write_text(f"A new beginning, of which nothing was said.\n\n{TEXT}", encoding="utf-8")
    index.add(file)
    ((doc_id, document),) = index.documents.items()
    (citation,) = kept.read(conversation_id, index).turns[0].answer.citations
    assert (citation.doc_id, citation.support) == (doc_id, Support.EXACT)
    assert doc_id != said.citations[0].doc_id
    assert document.text[citation.span.start : citation.span.end] == FEE
    assert citation.answer is not None
    assert document.text[citation.answer.start : citation.answer.end] == "40 euros"

    index.remove(doc_id)
    gone = replace(said.citations[0], support=Support.GONE)
    assert kept.read(conversation_id, index).turns[0].answer.citations == (gone,)


def test_lists_are_latest_first_and_searched_by_words(
    kept: Conversations, index: PassageIndex
) -> None:
    first = kept.create("Tea", at=NOON)
    second = kept.create("Où est le café?", at=NOON + timedelta(seconds=1))
    kept.add_turn(first, "Fee?", answer(index), index.documents, at=NOON + timedelta(seconds=2))
    kept.add_turn(second, "価格は？", unanswered("価格は？"), {}, at=NOON)
    assert [(s.conversation_id, s.num_turns) for s in kept.summaries()] == [(first, 1), (second, 1)]
    assert kept.summaries()[1].changed == NOON + timedelta(seconds=1)  # time does not run back

    def found(words: str) -> list[str]:
        return [summary.conversation_id for summary in kept.summaries(words)]

    assert found("YEARLY euros") == [first]
    assert found("tea fee 40") == [first]  # title, question and answer
    assert found("cafe") == found("CAFÉ ou") == found("価格") == [second]
    assert found("tea cafe") == []
    assert found("%") == found("_") == found('"') == []
    assert found("  ") == [first, second]
    assert found("\ud800\ud800") == []


def test_renaming_deleting_and_long_titles(kept: Conversations, index: PassageIndex) -> None:
    conversation_id = kept.create("長" * 200, at=NOON)
    assert kept.summaries()[0].title == "長" * 79 + "…"
    kept.rename(conversation_id, " The\tlease ")
    assert kept.summaries()[0].title == "The lease"
    with pytest.raises(ValueError, match="title is empty"):
        kept.rename(conversation_id, " ")
    kept.add_turn(conversation_id, "Fee?", answer(index), index.documents, at=NOON)
    kept.set_feedback(conversation_id, 1, Feedback(Rating.RIGHT))
    kept.delete(conversation_id)
    assert kept.summaries() == []
    assert kept.rated(index) == ()
    kept.restore(conversation_id)
    assert [turn.question for turn in kept.read(conversation_id, index).turns] == ["Fee?"]
    assert len(kept.rated(index)) == 1
    kept.delete(conversation_id)
    kept.purge()
    for path in index.folder.glob(f"{FILE_NAME}*"):
        assert b"yearly fee" not in path.read_bytes()
    unknown = pytest.raises(UnknownConversation, match=conversation_id)
    with unknown:
        kept.read(conversation_id, index)
    with unknown:
        kept.rename(conversation_id, "x")
    with unknown:
        kept.delete(conversation_id)
    with unknown:
        kept.add_turn(conversation_id, "Fee?", answer(index), index.documents, at=NOON)
    with unknown:
        kept.set_feedback(conversation_id, 1, None)
    with unknown:
        kept.restore(conversation_id)


def test_what_is_deleted_is_gone_before_it_is_purged(
    kept: Conversations, index: PassageIndex
) -> None:
    conversation_id = kept.create("Fee?", at=NOON)
    number = kept.add_question(conversation_id, "Fee?", at=NOON)
    kept.delete(conversation_id)
    unknown = pytest.raises(UnknownConversation, match=conversation_id)
    with unknown:
        kept.read(conversation_id, index)
    with unknown:
        kept.rename(conversation_id, "x")
    with unknown:
        kept.delete(conversation_id)
    with unknown:
        kept.add_question(conversation_id, "Fee?", at=NOON)
    with unknown:
        kept.set_answer(conversation_id, number, answer(index), index.documents)
    with unknown:
        kept.set_feedback(conversation_id, number, None)


def test_a_question_is_kept_before_its_answer(kept: Conversations, index: PassageIndex) -> None:
    conversation_id = kept.create("Fee?", at=NOON)
    number = kept.add_question(conversation_id, "And it?", at=NOON)
    (turn,) = kept.read(conversation_id, index).turns
    assert (turn.number, turn.question, turn.answer, turn.surroundings) == (1, "And it?", None, ())
    said = answer(index)
    kept.set_answer(
        conversation_id, number, said, index.documents, completed="The fee?", asked=["a"]
    )
    (turn,) = kept.read(conversation_id, index).turns
    assert (turn.answer, turn.completed, turn.documents) == (said, "The fee?", ("a",))
    assert [s.num_turns for s in kept.summaries("yearly euros")] == [1]
    with pytest.raises(UnknownConversation, match="has a turn 2"):
        kept.set_answer(conversation_id, 2, said, index.documents)


def test_feedback(kept: Conversations, index: PassageIndex) -> None:
    one, other = kept.create("Fee?", at=NOON), kept.create("Due?", at=NOON)
    for number in range(3):
        kept.add_turn(one, f"Fee {number}?", answer(index), index.documents, at=NOON)
    kept.add_turn(other, "Due?", answer(index), index.documents, at=NOON - timedelta(days=1))
    kept.set_feedback(one, 2, Feedback(Rating.WRONG_EVIDENCE, "see \ud800 page 3"))
    kept.set_feedback(one, 1, Feedback(Rating.RIGHT))
    kept.set_feedback(other, 1, Feedback(Rating.WRONG_ANSWER))
    turns = kept.read(one, index).turns
    assert [turn.feedback for turn in turns] == [
        Feedback(Rating.RIGHT),
        Feedback(Rating.WRONG_EVIDENCE, "see ? page 3"),
        None,
    ]
    kept.set_feedback(one, 1, None)
    assert [turn.question for turn in kept.rated(index)] == ["Due?", "Fee 1?"]
    with pytest.raises(UnknownConversation):
        kept.set_feedback(one, 4, Feedback(Rating.RIGHT))


def test_what_a_browser_sends_can_be_kept(kept: Conversations, index: PassageIndex) -> None:
    question = "Fee \ud800\x00?"
    conversation_id = kept.create(question, at=NOON)
    kept.add_turn(conversation_id, question, unanswered(question), {}, at=NOON)
    (turn,) = kept.read(conversation_id, index).turns
    assert turn.question == "Fee ?\x00?"
    assert turn.answer == unanswered(question)


def test_ids_are_safe_in_a_link_and_times_have_a_zone(kept: Conversations) -> None:
    ids = {kept.create("Fee?", at=NOON) for _ in range(50)}
    assert len(ids) == 50
    assert all(re.fullmatch("[0-9a-f]{32}", conversation_id) for conversation_id in ids)
    with pytest.raises(ValueError, match="no time zone"):
        kept.create("Fee?", at=NOON.replace(tzinfo=None))


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_only_its_owner_can_read_it(kept: Conversations, index: PassageIndex) -> None:
    kept.create("Fee?", at=NOON)
    files = list(index.folder.glob(f"{FILE_NAME}*"))
    assert len(files) > 1  # the write-ahead log holds words as well
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_threads_and_processes_may_write_at_once(kept: Conversations, index: PassageIndex) -> None:
    conversation_id = kept.create("Fee?", at=NOON)
    said = answer(index)
    with Conversations.open(index.folder, create=True) as other, ThreadPoolExecutor(8) as threads:

        def work(number: int) -> int:
            store = (kept, other)[number % 2]
            store.read(conversation_id, index)
            return store.add_turn(conversation_id, f"{number}?", said, index.documents, at=NOON)

        numbers = list(threads.map(work, range(60)))
    assert sorted(numbers) == list(range(1, 61))
    turns = kept.read(conversation_id, index).turns
    assert {turn.question for turn in turns} == {f"{number}?" for number in range(60)}
    assert all(turn.answer == said for turn in turns)


def test_it_is_only_made_when_asked_for(index: PassageIndex, tmp_path: Path) -> None:
    with Conversations.open(index.folder) as none:
        assert none.summaries() == []
    assert not (index.folder / FILE_NAME).exists()
    with pytest.raises(IndexNotFound):
        Conversations.open(tmp_path, create=True)


def test_a_damaged_or_a_later_file_is_told(index: PassageIndex) -> None:
    file = index.folder / FILE_NAME
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(ConversationsFailed, match=re.escape(str(file))):
        Conversations.open(index.folder, create=True)
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ConversationsFailed, match="made by a later loccit"):
        Conversations.open(index.folder)


FIRST_SCHEMA = """
CREATE TABLE conversations (
    conversation_id TEXT PRIMARY KEY, title TEXT NOT NULL,
    created TEXT NOT NULL, changed TEXT NOT NULL);
CREATE TABLE turns (
    conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number INTEGER NOT NULL,
    asked TEXT NOT NULL, question TEXT NOT NULL, completed TEXT,
    answer TEXT NOT NULL, surroundings TEXT NOT NULL,
    words TEXT NOT NULL,
    rating TEXT, note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (conversation_id, number));
PRAGMA user_version = 1;
"""


@pytest.mark.parametrize(
    "damage",
    [
        *("answer = '{junk'", "answer = '[1]'", """answer = '{"a": 1}'""", "surroundings = 'null'"),
        *("answer = replace(answer, '5', '6')", "completed = 'What else?'"),
        *("documents = '5'", "rating = 'zzz'", "asked = 'yesterday'", "answer = x'ff'"),
    ],
)
def test_a_damaged_turn_costs_its_answer_alone(
    kept: Conversations, index: PassageIndex, damage: str
) -> None:
    conversation_id = kept.create("What is the fee?", at=NOON)
    for _ in range(2):
        kept.add_turn(conversation_id, "What is the fee?", answer(index), index.documents, at=NOON)
    assert kept.problem() is None
    with closing(sqlite3.connect(index.folder / FILE_NAME)) as connection, connection:
        connection.execute(f"UPDATE turns SET {damage} WHERE number = 1")
    first, second = kept.read(conversation_id, index).turns
    assert (first.question, first.answer) == ("What is the fee?", None)
    assert second.answer == answer(index)
    assert kept.problem() == "answers that can't be read, and are left out: 1"


def test_a_damaged_title_does_not_hide_the_others(kept: Conversations) -> None:
    for words in ("What is the fee?", "When does it end?"):
        kept.create(words, at=NOON)
    with closing(sqlite3.connect(kept._file._file)) as connection, connection:
        connection.execute("UPDATE conversations SET title = CAST(x'ff' AS TEXT) WHERE rowid = 1")
    assert [summary.title for summary in kept.summaries()] == ["When does it end?", "\ufffd"]


@pytest.mark.parametrize("is_writable", [True, False])
def test_a_file_of_the_first_version_is_read_and_brought_up_to_date(
    index: PassageIndex, monkeypatch: pytest.MonkeyPatch, is_writable: bool
) -> None:
    said = answer(index)
    record = json.dumps(answer_record(said))
    around = json.dumps([{"prefix": "", "suffix": ""}])
    noon = NOON.isoformat(timespec="microseconds")
    file = index.folder / FILE_NAME
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(FIRST_SCHEMA)
        connection.execute("INSERT INTO conversations VALUES ('x', 'Fee', ?, ?)", [noon, noon])
        row = ("x", 1, noon, "The fee?", None, record, around, "the fee?", None, "")
        connection.execute(f"INSERT INTO turns VALUES ({', '.join('?' * len(row))})", row)
    monkeypatch.setattr(conversation_file, "_is_writable", lambda _file: is_writable)
    with Conversations.open(index.folder) as opened:
        (turn,) = opened.read("x", index).turns
        assert (turn.question, turn.answer, turn.documents) == ("The fee?", said, None)
        assert [row.num_turns for row in opened.summaries("fee")] == [1]
        if is_writable:
            opened.add_turn("x", "And?", said, {}, at=NOON, asked=["a", "b"])
            assert [turn.documents for turn in opened.read("x", index).turns] == [None, ("a", "b")]
    with closing(sqlite3.connect(file)) as connection:
        version = conversation_file.SCHEMA_VERSION if is_writable else 1
        assert connection.execute("PRAGMA user_version").fetchone()[0] == version


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_can_be_read(kept: Conversations, index: PassageIndex) -> None:
    conversation_id = kept.create("Fee?", at=NOON)
    kept.close()
    index.folder.chmod(0o500)
    try:
        with Conversations.open(index.folder) as opened:
            assert opened.summaries()[0].conversation_id == conversation_id
            with pytest.raises(ConversationsFailed, match="readonly"):
                opened.create("More?", at=NOON)
    finally:
        index.folder.chmod(0o700)
