"""What is stored of conversations, as values and as rows of the file."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from loccit.index.datatypes import Document, Hit, Passage, Span
from loccit.index.parsing.normalizing import encodable
from loccit.index.storage.packing import digest_of
from loccit.qa.answering.anchoring import CONTEXT_CHARS, Surroundings, reanchor_answer
from loccit.qa.answering.verifying import Sources, texts_at
from loccit.qa.conversation.file import Row, fold
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.qa.evaluation.feedback import Feedback, Rating

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

logger = logging.getLogger(__name__)

TITLE_CHARS = 80
TURN_COLUMNS = (
    "number, asked, question, completed, answer, surroundings, rating, note, documents, digest"
)

# What reading a damaged row leads to.
DAMAGE = (ValueError, TypeError, KeyError, AttributeError)

_CACHED_DOCUMENTS = 16  # texts held while a conversation is read


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and its answer, as they are kept; ``number`` counts from 1.

    ``completed`` is the question in full where it was a follow-up. ``answer`` is None if the
    question was stopped or interrupted. ``surroundings`` are the text around each citation of the
    answer at that time. ``documents`` are the ids of those that were asked; None is all.
    """

    number: int
    asked: datetime
    question: str
    completed: str | None
    answer: Answer | None
    surroundings: tuple[Surroundings, ...]
    feedback: Feedback | None
    documents: tuple[str, ...] | None = None

    @property
    def full_question(self) -> str:
        """The question as it can be asked on its own."""
        return self.completed or self.question


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation as a list shows it; times are in UTC."""

    conversation_id: str
    title: str
    created: datetime
    changed: datetime
    num_turns: int


@dataclass(frozen=True, slots=True)
class KeptConversation:
    """A conversation as it is kept, its turns in order; times are in UTC."""

    conversation_id: str
    title: str
    created: datetime
    changed: datetime
    turns: tuple[KeptTurn, ...]


def answer_record(answer: Answer) -> dict[str, Any]:
    """Return the answer as JSON values, field by field, without the blocks of its passages.

    Blocks are what a reader works with; they are no part of what was said.
    """
    record = asdict(answer)
    for hit in record["hits"]:
        del hit["passage"]["blocks"]
    return record


def answer_from_record(record: Mapping[str, Any]) -> Answer:
    """Return the answer that a record was made of.

    Raises:
        KeyError, TypeError, ValueError: the record is of another shape.
    """
    return Answer(
        **{
            **record,
            "sentences": tuple(_sentence_from(row) for row in record["sentences"]),
            "citations": tuple(_citation_from(row) for row in record["citations"]),
            "hits": tuple(_hit_from(row) for row in record["hits"]),
        }
    )


def row_from_answer(
    question: str,
    completed: str | None,
    answer: Answer | None,
    documents: Sources | Mapping[str, Document],
    asked: Sequence[str] | None = None,
) -> Row:
    """Return the columns completed, answer, surroundings, documents, words and digest of a turn."""
    record, around, said = None, [], ""
    if answer is not None:
        record = answer_record(answer)
        around = [asdict(context) for context in _surroundings(answer.citations, documents)]
        said = f"{answer.short or ''} {answer.text}"
    kept = (
        None if completed is None else encodable(completed),
        json.dumps(record),
        json.dumps(around),
        None if asked is None else json.dumps(list(asked)),
    )
    words = encodable(fold(f"{question} {completed or ''} {said}"))
    return (*kept, words, digest_of(encodable(question), *kept))


def turns_from_rows(rows: Sequence[Row], index: PassageIndex) -> tuple[KeptTurn, ...]:
    """Return the turns of rows of `TURN_COLUMNS`, their citations as the index is now."""
    load = lru_cache(_CACHED_DOCUMENTS)(index.documents.get)

    def find(citation: Citation) -> Document | None:
        return load(citation.doc_id) or load(index.document_at(citation.source) or "")

    turns = []
    for row in rows:
        try:
            turns.append(_turn(row, find))
        except DAMAGE as error:
            logger.warning(
                "turn %s is shown without its answer, which can't be read: %s", row[0], error
            )
            turns.append(_without_answer(row))
    return tuple(turns)


def damage_told(rows: Sequence[Row]) -> list[str]:
    """Say how many of these rows of `TURN_COLUMNS` can't be read; nothing where all can."""
    damaged = 0
    for row in rows:
        try:
            _turn(row, lambda citation: None)
        except DAMAGE:
            damaged += 1
    return [f"answers that can't be read, and are left out: {damaged}"] if damaged else []


def summary_from_row(row: Row) -> ConversationSummary:
    """Read a row of id, title, created, changed and number of turns."""
    conversation_id, title, created, changed, num_turns = row
    return ConversationSummary(
        conversation_id, str(title), time_from_stamp(created), time_from_stamp(changed), num_turns
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
    number, asked, question, completed, answer, contexts, rating, note, documents, digest = row
    kept = (question, completed, answer, contexts, documents)
    if digest is not None and digest != digest_of(*kept):
        raise ValueError("it is not what was kept")
    around = tuple(Surroundings(**context) for context in json.loads(contexts))
    record = json.loads(answer)
    return KeptTurn(
        number,
        time_from_stamp(asked),
        question,
        completed,
        record and reanchor_answer(answer_from_record(record), around, find),
        around,
        None if rating is None else Feedback(Rating(rating), note),
        None if documents is None else tuple(json.loads(documents)),
    )


def _without_answer(row: Row) -> KeptTurn:
    """Return a turn of which the question alone can be read."""
    number, asked, question, *_ = row
    try:
        time = time_from_stamp(asked)
    except DAMAGE:
        time = datetime.fromtimestamp(0, UTC)
    return KeptTurn(int(number), time, str(question), None, None, (), None)


def _surroundings(
    citations: Sequence[Citation], documents: Sources | Mapping[str, Document]
) -> list[Surroundings]:
    """Return what stands around each citation; no document is read as a whole."""
    places = [
        place
        for citation in citations
        for place in (
            (citation.doc_id, Span(max(0, citation.span.start - CONTEXT_CHARS), citation.span.end)),
            (citation.doc_id, Span(citation.span.start, citation.span.end + CONTEXT_CHARS)),
        )
    ]
    texts = [text if isinstance(text, str) else "" for text in texts_at(places, documents)]
    return [
        Surroundings(before[: -len(citation.quote)], after[len(citation.quote) :])
        for citation, before, after in zip(citations, texts[::2], texts[1::2], strict=True)
    ]


def _sentence_from(row: Mapping[str, Any]) -> Sentence:
    return Sentence(**{**row, "markers": tuple(row["markers"])})


def _citation_from(row: Mapping[str, Any]) -> Citation:
    answer = row["answer"]
    return Citation(
        **{
            **row,
            "span": Span(**row["span"]),
            "support": Support(row["support"]),
            "answer": None if answer is None else Span(**answer),
        }
    )


def _hit_from(row: Mapping[str, Any]) -> Hit:
    passage = row["passage"]
    return Hit(**{**row, "passage": Passage(**{**passage, "span": Span(**passage["span"])})})
