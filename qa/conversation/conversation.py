"""A conversation: what a question means after those before it, its answer, and what is kept.

    question as typed
      -> `next_turn`         completes a follow-up, and says which documents to ask first
      -> `answer_in_steps`   finds the scope, asks, keeps the turn

A conversation is a value. The page, the command line and every other door call the same functions
with it, and get the conversation with one turn more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from loccit.index.datatypes import Hit, Scope
from loccit.index.errors import LoccitError
from loccit.index.parsing.normalizing import encodable
from loccit.index.passage_index import PassageIndex
from loccit.index.retrieval.questions import check_length
from loccit.qa.assistant import READ_PASSAGES, Assistant
from loccit.qa.conversation.follow_ups.completing import Exchange, complete
from loccit.qa.conversation.scoping import asked_of, documents_before, names_documents, turns_away
from loccit.qa.conversation.store import Conversations, UnknownConversation
from loccit.qa.datatypes import Answer
from loccit.qa.evaluation.feedback import Feedback

logger = logging.getLogger(__name__)

# `Assistant.ask_in_steps`, or what stands in for it.
Ask = Callable[..., Iterator[tuple[Hit, ...] | Answer]]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was typed, and its answer; None while there is none, or if it was stopped.

    ``completed`` is the question in full where it is a follow-up. ``first`` are the ids of the
    documents that are asked before all others. ``documents`` are the ids of those that were asked
    in the end; None is all. ``number`` counts from 1; None is a turn that is not kept.
    """

    question: str
    answer: Answer | None = None
    completed: str | None = None
    first: tuple[str, ...] = ()
    documents: tuple[str, ...] | None = None
    number: int | None = None
    feedback: Feedback | None = None

    @property
    def full_question(self) -> str:
        """The question as it can be asked on its own."""
        return self.completed or self.question


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns of a conversation, in order; the id is "" until something of it is kept."""

    conversation_id: str = ""
    turns: tuple[Turn, ...] = ()


def open_conversation(
    conversation_id: str, store: Conversations, index: PassageIndex
) -> Conversation:
    """Return a kept conversation, so that it can go on.

    Raises:
        UnknownConversation: there is none with this id.
    """
    read = store.read(conversation_id, index)
    turns = (
        Turn(
            turn.question,
            turn.answer,
            turn.completed,
            documents=turn.documents,
            number=turn.number,
            feedback=turn.feedback,
        )
        for turn in read.turns
    )
    return Conversation(read.conversation_id, tuple(turns))


def ask(
    conversation: Conversation,
    question: str,
    assistant: Assistant,
    *,
    at: datetime,
    store: Conversations | None = None,
    scope: Scope | None = None,
    as_typed: bool = False,
    k: int = READ_PASSAGES,
) -> Conversation:
    """Ask a question in a conversation; return the conversation with its turn, which is kept.

    Args:
        conversation: what was said before; ``Conversation()`` begins one.
        question: as it was typed. ``@name`` limits it to a document or a folder.
        assistant: answers it.
        at: the time of asking, with its time zone.
        store: where turns are kept; None keeps none.
        scope: what is asked where the question names no document; None is all.
        as_typed: ask neither a completed question nor first what was cited before.
        k: the number of passages to read; at least 1.

    Raises:
        ValueError: the question is blank, or too long (then it is a ``QuestionTooLong``).
        EmptyIndex: the index holds no passage.
        UnknownDocument: the question names a document that there is not.
    """
    asked = with_question(conversation, question, as_typed=as_typed)
    steps = answer_in_steps(
        asked,
        partial(assistant.ask_in_steps, k=k),
        assistant.index,
        at=at,
        store=store,
        scope=scope,
    )
    for step in steps:
        if isinstance(step, Conversation):
            asked = step
    return asked


def with_question(
    conversation: Conversation, question: str, *, as_typed: bool = False
) -> Conversation:
    """Return the conversation with a question that waits for its answer.

    The same question, if it is the last and is kept without an answer, is asked again in its place.
    """
    turn = next_turn(question, conversation.turns, as_typed=as_typed)
    if not conversation.turns:
        return replace(conversation, turns=(turn,))
    *earlier, last = conversation.turns
    is_again = last.answer is None and last.number is not None and last.question == turn.question
    turns = (*earlier, replace(turn, number=last.number)) if is_again else (*earlier, last, turn)
    return replace(conversation, turns=turns)


def next_turn(question: str, earlier: Sequence[Turn], *, as_typed: bool = False) -> Turn:
    """Return a question as the next turn: completed from those before it, unless ``as_typed``.

    Raises:
        QuestionTooLong: it has more than ``MAX_QUESTION_CHARACTERS``.
    """
    question = encodable(question).strip()
    check_length(question)
    if as_typed:
        return Turn(question)
    said = [_exchange(turn, turn.answer) for turn in earlier if turn.answer]
    found = complete(question, said)
    completed = None if found is None else found.question
    first = documents_before(question, completed or question, said)
    return Turn(question, completed=completed, first=first)


def answer_in_steps(
    conversation: Conversation,
    ask: Ask,
    index: PassageIndex,
    *,
    at: datetime,
    store: Conversations | None = None,
    scope: Scope | None = None,
) -> Iterator[tuple[Hit, ...] | Answer | Conversation]:
    """Answer the last question of a conversation; yield each step as it is done.

    The steps are the conversation with the question kept, the passages found (twice, where the
    documents cited before do not answer), the answer, and the conversation with the answer kept.
    Whoever takes no further step stops it: then the question is kept without an answer.

    Args:
        conversation: its last turn waits for an answer, see `with_question`.
        ask: `Assistant.ask_in_steps`, or what stands in for it.
        index: what is asked.
        at: the time of asking, with its time zone.
        store: where turns are kept; None keeps none.
        scope: what is asked where the question names no document; None is all.

    Raises:
        ValueError: the question is blank, or too long (then it is a ``QuestionTooLong``).
        EmptyIndex: the index holds no passage.
        UnknownDocument: the question names a document that there is not.
    """
    last = conversation.turns[-1]
    question = last.full_question
    asked = asked_of(question, index.summaries(), scope, index.failures())
    first = _asked_first(last, question, index, asked.scope)
    last = replace(last, documents=asked.scope.documents)
    conversation = replace(conversation, turns=(*conversation.turns[:-1], last))
    if store is not None and len(index.documents) > 0:
        conversation = kept(conversation, store, index, at)
    yield conversation
    for step in ask(asked.question, documents=asked.scope, first=first):
        yield step
        if not isinstance(step, Answer):
            continue
        *earlier, last = conversation.turns
        documents = _documents_asked(step, asked.scope, first)
        done = replace(last, answer=step, documents=documents)
        conversation = replace(conversation, turns=(*earlier, done))
        yield conversation if store is None else kept(conversation, store, index, at)


def kept(
    conversation: Conversation, store: Conversations, index: PassageIndex, at: datetime
) -> Conversation:
    """Return the conversation with its last turn kept, with its answer or still without one.

    Where it was deleted meanwhile, on another page, the turn begins another conversation. Where
    nothing can be written, the turn stays without a number: the answer is shown all the same.
    """
    try:
        try:
            return _written(conversation, store, index, at)
        except UnknownConversation:
            turns = tuple(replace(turn, number=None) for turn in conversation.turns)
            return _written(Conversation("", turns), store, index, at)
    except LoccitError as error:  # a full disk, for one
        logger.warning("a turn was not kept: %s", error)
        *earlier, last = conversation.turns
        return replace(conversation, turns=(*earlier, replace(last, number=None)))


def _exchange(turn: Turn, answer: Answer) -> Exchange:
    return Exchange(
        turn.full_question,
        answer.short,
        tuple(sentence.text for sentence in answer.sentences),
        tuple(citation.title for citation in answer.citations),
        tuple(citation.doc_id for citation in answer.citations),
    )


def _asked_first(turn: Turn, question: str, index: PassageIndex, scope: Scope) -> tuple[str, ...]:
    """Return the ids of the documents to ask first, but none where the question names others."""
    if not turn.first or names_documents(question):
        return ()
    if not turn.completed and turns_away(question, turn.first, index, scope):
        return ()
    return turn.first


def _documents_asked(answer: Answer, scope: Scope, first: Sequence[str]) -> tuple[str, ...] | None:
    """Return the documents that were asked in the end: those first, if all that was read is theirs.

    None is all.
    """
    read = {hit.passage.doc_id for hit in answer.hits}
    documents = scope.documents
    if not first or not answer.answered or not read <= set(first):
        return documents
    return tuple(doc for doc in first if documents is None or doc in documents)


def _written(
    conversation: Conversation, store: Conversations, index: PassageIndex, at: datetime
) -> Conversation:
    *earlier, last = conversation.turns
    conversation_id, number = conversation.conversation_id, last.number
    if not conversation_id:
        conversation_id = store.create(last.question, at=at)
    if number is None:
        number = store.add_question(conversation_id, last.question, at=at)
    if last.answer is not None:
        store.set_answer(
            conversation_id,
            number,
            last.answer,
            index,
            completed=last.completed,
            asked=last.documents,
        )
    return Conversation(conversation_id, (*earlier, replace(last, number=number)))
