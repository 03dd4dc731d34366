"""Conversations with their quotes, as JSON values and as Markdown; ``page`` makes them HTML.

A document may hold anything, so all that comes from a document or a person is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Literal, NotRequired, TypedDict
from urllib.parse import quote

from loccit.index.datatypes import Document, Span
from loccit.qa.answering.anchoring import CONTEXT_CHARS, Surroundings, surroundings
from loccit.qa.conversation.records import ConversationSummary, KeptConversation, KeptTurn
from loccit.qa.conversation.store import UnknownConversation
from loccit.qa.datatypes import Answer, Citation, Support
from loccit.qa.evaluation.feedback import Feedback
from loccit.ui.exports.answer_json import AnswerJson, answer_json
from loccit.ui.text.language import counted, tr
from loccit.ui.text.wording import (
    NEAREST,
    NO_ANSWER_YET,
    NUM_NEAREST,
    asked_words,
    file_name,
    leads,
    one_line,
    place,
    printable,
    sound_document,
    support_words,
    titles_asked,
    unanswered_words,
)

EXCERPT_CHARS = 600  # of the paragraph that are shown on each side of the quote

_GAP = "\n\n"  # between paragraphs
_LOST = (Support.STALE, Support.GONE, Support.MISSING, Support.DAMAGED)
_INLINE = re.compile(r"[\\`*_\[\]<>&~|$#]")
_LINE_START = re.compile(r"^([+\-=]|\d+(?=[.)]))")


class SelectorJson(TypedDict):
    """A TextPositionSelector (``start``, ``end``) or a TextQuoteSelector (the others)."""

    type: Literal["TextPositionSelector", "TextQuoteSelector"]
    start: NotRequired[int]
    end: NotRequired[int]
    exact: NotRequired[str]
    prefix: NotRequired[str]
    suffix: NotRequired[str]


class TargetJson(TypedDict):
    """A citation as the target of a W3C Web Annotation; ``source`` is an IRI.

    The position counts code points of the text that loccit has extracted. Where the document no
    longer has the quote there is no position, and prefix and suffix are those of the old text.
    """

    type: Literal["SpecificResource"]
    source: str
    selector: list[SelectorJson]


class FeedbackJson(TypedDict):
    """What a person thought of an answer: "right", "wrong answer" or "wrong evidence"."""

    rating: str
    note: str


class TurnJson(TypedDict):
    """A question with its answer; ``targets`` are the answer's citations, in their order.

    ``completed`` is the question in full where it was a follow-up. ``documents`` are the ids of the
    documents that were asked, null for all. ``answer`` is null if the question was stopped.
    """

    number: int
    asked: str
    question: str
    completed: str | None
    answer: AnswerJson | None
    targets: list[TargetJson]
    feedback: FeedbackJson | None
    documents: list[str] | None


class SummaryJson(TypedDict):
    """A conversation in a list; times are ISO 8601 in UTC."""

    conversation_id: str
    title: str
    created: str
    changed: str
    turns: int


class ConversationJson(TypedDict):
    """A conversation with its turns in order; times are ISO 8601 in UTC."""

    conversation_id: str
    title: str
    created: str
    changed: str
    turns: list[TurnJson]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote within its paragraph; ``is_cut_before`` and ``_after`` say where that is cut."""

    before: str
    quote: str
    after: str
    is_cut_before: bool
    is_cut_after: bool


def only_turn(conversation: KeptConversation, number: int) -> KeptConversation:
    """Return the conversation with only the turn of this number.

    Raises:
        UnknownConversation: it has no turn of this number.
    """
    turns = tuple(turn for turn in conversation.turns if turn.number == number)
    if not turns:
        length = counted(len(conversation.turns), "turn")
        raise UnknownConversation(f"there is no turn {number}: the conversation has {length}")
    return replace(conversation, turns=turns)


def conversation_json(
    conversation: KeptConversation, documents: Mapping[str, Document]
) -> ConversationJson:
    """Return the conversation as JSON values; ``documents`` are those that the index holds now."""
    return {
        "conversation_id": conversation.conversation_id,
        "title": conversation.title,
        "created": conversation.created.isoformat(),
        "changed": conversation.changed.isoformat(),
        "turns": [_turn_json(turn, documents) for turn in conversation.turns],
    }


def conversations_json(summaries: Sequence[ConversationSummary]) -> list[SummaryJson]:
    """Return a list of conversations as JSON values, in the same order."""
    return [
        {
            "conversation_id": summary.conversation_id,
            "title": summary.title,
            "created": summary.created.isoformat(),
            "changed": summary.changed.isoformat(),
            "turns": summary.num_turns,
        }
        for summary in summaries
    ]


def conversation_markdown(conversation: KeptConversation) -> str:
    """Return the conversation as CommonMark, each answer above its quotes."""
    blocks = [f"# {markdown(one_line(conversation.title))}"]
    for turn in conversation.turns:
        blocks += _turn_markdown(turn)
    return "\n\n".join(blocks) + "\n"


def markdown(text: str) -> str:
    """Return text as CommonMark that shows these very characters.

    White space at both ends of a line is dropped: it would mean a line break or a code block.
    """
    lines = (_INLINE.sub(r"\\\g<0>", line.strip()) for line in printable(text).split("\n"))
    return "\n".join(_LINE_START.sub(_escape_start, line) for line in lines)


def excerpt(citation: Citation, around: Surroundings, documents: Mapping[str, Document]) -> Excerpt:
    """Return the quote within its paragraph, or within the old text where it is no longer there."""
    document = None if citation.support in _LOST else sound_document(documents, citation.doc_id)
    reach = CONTEXT_CHARS if document is None else EXCERPT_CHARS
    if document is not None:
        around = surroundings(document.text, citation.span, reach)
    _, gap_before, before = around.prefix.rpartition(_GAP)
    after, gap_after, _ = around.suffix.partition(_GAP)
    is_cut_before = not gap_before and len(around.prefix) == reach
    is_cut_after = not gap_after and len(around.suffix) == reach
    return Excerpt(
        before.split(" ", 1)[-1] if is_cut_before else before,  # between words
        citation.quote,
        after.rsplit(" ", 1)[0] if is_cut_after else after,
        is_cut_before,
        is_cut_after,
    )


def shown_time(time: datetime) -> str:
    """Return "2026-03-01 12:00 UTC"."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def rated_words(feedback: Feedback) -> str:
    """Say what a person thought of an answer."""
    rated = tr("Rated {rating}", rating=tr(feedback.rating.value))
    return f"{rated}: {feedback.note}" if feedback.note else rated


def citation_place(citation: Citation) -> str:
    """Name the file of a citation, and where in it the quote is if it is still there."""
    name = file_name(citation.source)
    if citation.support in _LOST:
        return name
    start, end = citation.span.start, citation.span.end
    return f"{name}, {tr('characters {start}–{end}', start=start, end=end)}"


def _turn_json(turn: KeptTurn, documents: Mapping[str, Document]) -> TurnJson:
    feedback = turn.feedback
    cited = turn.answer.citations if turn.answer else ()
    pairs = zip(cited, turn.surroundings, strict=True)
    return {
        "number": turn.number,
        "asked": turn.asked.isoformat(),
        "question": turn.question,
        "completed": turn.completed,
        "answer": answer_json(turn.answer, documents) if turn.answer else None,
        "targets": [_target_json(citation, around, documents) for citation, around in pairs],
        "feedback": (
            {"rating": feedback.rating.value, "note": feedback.note} if feedback else None
        ),
        "documents": None if turn.documents is None else list(turn.documents),
    }


def _target_json(
    citation: Citation, around: Surroundings, documents: Mapping[str, Document]
) -> TargetJson:
    span: Span | None = None
    document = sound_document(documents, citation.doc_id)
    if document is not None and citation.support not in _LOST:
        span, around = citation.span, surroundings(document.text, citation.span)
    position: list[SelectorJson] = (
        [{"type": "TextPositionSelector", "start": span.start, "end": span.end}] if span else []
    )
    return {
        "type": "SpecificResource",
        "source": _iri(citation.source),
        "selector": [
            *position,
            {
                "type": "TextQuoteSelector",
                "exact": citation.quote,
                "prefix": around.prefix,
                "suffix": around.suffix,
            },
        ],
    }


def _iri(source: str) -> str:
    path = PurePath(source)
    return path.as_uri() if path.is_absolute() else quote(source)


def _turn_markdown(turn: KeptTurn) -> Iterator[str]:
    yield f"## {turn.number}. {markdown(one_line(turn.question))}"
    yield markdown(tr("Asked {time}", time=shown_time(turn.asked)))
    asked = asked_words(turn.question, turn.completed, titles_asked(turn.documents, turn.answer))
    if asked:
        yield markdown(one_line(asked))
    if turn.answer is None:
        yield markdown(tr(NO_ANSWER_YET))
    else:
        yield from _answer_markdown(turn.answer)
    if turn.feedback:
        yield markdown(rated_words(turn.feedback))


def _answer_markdown(answer: Answer) -> Iterator[str]:
    if not answer.answered:
        yield markdown(tr(unanswered_words(answer)))
        nearest = answer.hits[:NUM_NEAREST]
        if nearest:
            yield markdown(tr(NEAREST))
        for hit in nearest:
            yield markdown(one_line(f"{hit.rank}. {hit.passage.title or hit.passage.doc_id}"))
            yield _block_quote(hit.passage.text)
        return
    for sentence in leads(answer):
        yield f"**{markdown(one_line(sentence.short or ''))}**"
    yield markdown(answer.text)
    for citation in answer.citations:
        where = one_line(f"{place(citation.title, citation.page)} · {citation_place(citation)}")
        yield markdown(f"[{citation.marker}] {where} · {support_words(citation.support)}")
        yield _block_quote(citation.quote)


def _block_quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in markdown(text.strip()).split("\n"))


def _escape_start(match: re.Match[str]) -> str:
    start = match[0]
    return f"{start}\\" if start[0].isdigit() else f"\\{start}"
