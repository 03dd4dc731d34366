"""Kept conversations as values, and the rows that they are stored in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from loccit.index.datatypes import Document
from loccit.index.parsing.normalizing import encodable
from loccit.qa.answering.anchoring import Surroundings, reanchor_answer, surroundings
from loccit.qa.answering.records import answer_from_record, answer_record
from loccit.qa.conversation.file import Row, fold
from loccit.qa.datatypes import Answer, Citation
from loccit.qa.evaluation.feedback import Feedback, Rating

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

TITLE_CHARS = 80
TURN_COLUMNS = "number, asked, question, completed, answer, surroundings, rating, note, documents"

_CACHED_DOCUMENTS = 16  # texts held while a conversation is read


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and what was said to it; ``number`` counts from 1.

    ``completed`` is the question as it was asked in full where it was a follow-up.
    ``surroundings`` are what stood around each citation of the answer then. ``documents`` are the
    ids of those that were asked; None is all.
    """

    number: int
    asked: datetime
    question: str
    completed: str | None
    answer: Answer
    surroundings: tuple[Surroundings, ...]
    feedback: Feedback | None
    documents: tuple[str, ...] | None = None

    @property
    def full_question(self) -> str:
        """The question as it can be asked on its own."""
        return self.completed or self.question


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """What a list shows of a conversation; times are in UTC."""

    conversation_id: str
    title: str
    created: datetime
    changed: datetime
    num_turns: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its turns in order; times are in UTC."""

    conversation_id: str
    title: str
    created: datetime
    changed: datetime
    turns: tuple[KeptTurn, ...]


def row_from_turn(
    question: str,
    answer: Answer,
    documents: Mapping[str, Document],
    *,
    at: datetime,
    completed: str | None,
    asked: Sequence[str] | None,
) -> tuple[str | None, ...]:
    """Return what is stored of a new turn: from ``asked`` to ``words``, and ``documents``."""
    around = [_around(citation, documents) for citation in answer.citations]
    words = " ".join([question, completed or "", answer.short or "", answer.text])
    return (
        stamp_from_time(at),
        encodable(question),
        None if completed is None else encodable(completed),
        json.dumps(answer_record(answer)),
        json.dumps([asdict(context) for context in around]),
        encodable(fold(words)),
        None if asked is None else json.dumps(list(asked)),
    )


def turns_from_rows(rows: Sequence[Row], index: PassageIndex) -> tuple[KeptTurn, ...]:
    """Read rows of `TURN_COLUMNS`; the citations are looked for in the index of now."""
    load = lru_cache(_CACHED_DOCUMENTS)(index.documents.get)

    def find(citation: Citation) -> Document | None:
        return load(citation.doc_id) or load(index.document_at(citation.source) or "")

    return tuple(_turn(row, find) for row in rows)


def summary_from_row(row: Row) -> ConversationSummary:
    """Read a row of id, title, created, changed and number of turns."""
    conversation_id, title, created, changed, num_turns = row
    return ConversationSummary(
        conversation_id, title, time_from_stamp(created), time_from_stamp(changed), num_turns
    )


def title_from_text(text: str) -> str:
    """Return the text on one line, cut to `TITLE_CHARS`."""
    title = " ".join(encodable(text).split())
    return title if len(title) <= TITLE_CHARS else title[: TITLE_CHARS - 1].rstrip() + "…"


def stamp_from_time(time: datetime) -> str:
    """Return a time in UTC as text that sorts; ``ValueError`` where it says no time zone."""
    if time.tzinfo is None:
        raise ValueError(f"{time} says no time zone")
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def time_from_stamp(stamp: str) -> datetime:
    """Return the time that `stamp_from_time` was given."""
    return datetime.fromisoformat(stamp)


def _turn(row: Row, find: Callable[[Citation], Document | None]) -> KeptTurn:
    number, asked, question, completed, answer, contexts, rating, note, documents = row
    around = tuple(Surroundings(**context) for context in json.loads(contexts))
    return KeptTurn(
        number,
        time_from_stamp(asked),
        question,
        completed,
        reanchor_answer(answer_from_record(json.loads(answer)), around, find),
        around,
        None if rating is None else Feedback(Rating(rating), note),
        None if documents is None else tuple(json.loads(documents)),
    )


def _around(citation: Citation, documents: Mapping[str, Document]) -> Surroundings:
    document = documents.get(citation.doc_id)
    return Surroundings() if document is None else surroundings(document.text, citation.span)
