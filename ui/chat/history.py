"""What the web chat does with the conversations that are kept: values in, values out."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loccit.index.errors import LoccitError
from loccit.qa.conversation.kept import Conversation, KeptTurn
from loccit.qa.datatypes import Answer
from loccit.qa.evaluation.feedback import Feedback, Rating
from loccit.ui.chat.turns import Talk, Turn
from loccit.ui.chat.views.messages import message_html
from loccit.ui.chat.views.past import none_html, past_html
from loccit.ui.exports.conversation import only_turn
from loccit.ui.exports.formats import FORMATS
from loccit.ui.text.escaping import Html
from loccit.ui.text.language import tr

if TYPE_CHECKING:
    from loccit.ui.chat.handlers import Desk

logger = logging.getLogger(__name__)

NOTE_CHARS = 2_000


def keep(desk: Desk, talk: Talk, answer: Answer) -> Talk:
    """Return the talk with the last turn answered, after keeping it where that is possible."""
    *earlier, last = talk.turns
    done = replace(last, answer=answer, waiting="")
    kept = desk.conversations
    if kept is None:
        return replace(talk, turns=(*earlier, done))
    now = datetime.now(UTC)
    documents = desk.index.documents
    cited = {
        citation.doc_id: document
        for citation in answer.citations
        if (document := documents.get(citation.doc_id)) is not None
    }
    try:
        conversation = talk.conversation_id or kept.create(last.question, at=now)
        number = kept.add_turn(
            conversation,
            last.question,
            answer,
            cited,
            at=now,
            completed=last.completed,
            asked=last.documents,
        )
    except LoccitError as error:  # deleted on another page, a full disk: the answer is shown
        logger.warning("an answer was not kept: %s", error)
        return replace(talk, turns=(*earlier, done))
    return Talk(conversation, (*earlier, replace(done, number=number)))


def reopen(desk: Desk, conversation_id: object) -> Talk:
    """Return a kept conversation, its citations where they stand now; an empty one if gone."""
    try:
        conversation = _read(desk, conversation_id)
    except LoccitError:
        return Talk()
    return Talk(conversation.conversation_id, tuple(_turn(kept) for kept in conversation.turns))


def show_past(desk: Desk, words: str | None, current: str) -> str:
    """Return the list of conversations with some words; all without any, and before it is seen."""
    if desk.conversations is None:
        return none_html(tr("Conversations are not kept here."))
    try:
        found = desk.conversations.summaries(words or "")
        return past_html(found, current, is_found=bool(words and words.strip()))
    except LoccitError as error:
        return message_html(str(error))


def change(desk: Desk, event: Any) -> None:
    """Rename or delete a conversation, as a button of the list says; nothing where it is gone."""
    kept = desk.conversations
    if kept is None:
        return
    try:
        if event.do == "delete":
            kept.delete(str(event.id))
        elif event.do == "rename" and str(event.title).strip():
            kept.rename(str(event.id), str(event.title))
    except LoccitError as error:
        logger.warning("a conversation was not changed: %s", error)


def rate(desk: Desk, talk: Talk, event: Any) -> Talk:
    """Return the talk with a turn rated; a rating that is pressed again is taken back."""
    turns = list(talk.turns)
    found = next((n for n, turn in enumerate(turns) if turn.number == event.turn), None)
    if desk.conversations is None or found is None:
        return talk
    try:
        rating = Rating(event.rating)
    except ValueError:
        return talk
    before = turns[found].feedback
    note = str(event.note or "")[:NOTE_CHARS]
    is_same = before is not None and before.rating is rating and event.note is None
    feedback = None if is_same else Feedback(rating, note)
    try:
        desk.conversations.set_feedback(talk.conversation_id, int(event.turn), feedback)
    except LoccitError as error:
        logger.warning("a rating was not kept: %s", error)
        return talk
    turns[found] = replace(turns[found], feedback=feedback)
    return replace(talk, turns=tuple(turns))


def export(desk: Desk, event: Any) -> str:
    """Return a file for the browser to save, as the HTML that its script reads.

    Of a conversation, or of one of its turns.
    """
    try:
        form = FORMATS[str(event.form)]
        conversation = _read(desk, event.id)
        if event.turn:
            conversation = only_turn(conversation, int(event.turn))
    except (LoccitError, KeyError, TypeError, ValueError) as error:
        return message_html(str(error))
    return Html(
        '<pre hidden data-name="{name}.{suffix}" data-media="{media}" data-at="{now}">{text}</pre>'
    ).format(
        name=conversation.title,
        suffix=event.form,
        media=form.media,
        now=datetime.now(UTC).timestamp(),
        text=str(form.write(conversation, desk.index.documents)),
    )


def _read(desk: Desk, conversation_id: object) -> Conversation:
    if desk.conversations is None:
        raise LoccitError("conversations are not kept here")
    return desk.conversations.read(str(conversation_id), desk.index)


def _turn(kept: KeptTurn) -> Turn:
    return Turn(
        kept.question,
        kept.answer,
        kept.completed,
        documents=kept.documents,
        number=kept.number,
        feedback=kept.feedback,
    )
