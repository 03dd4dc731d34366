"""What the web chat does with the conversations that are kept: values in, values out."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loccit.index.errors import LoccitError
from loccit.qa.conversation.conversation import open_conversation
from loccit.qa.conversation.records import KeptConversation
from loccit.qa.conversation.store import UnknownConversation
from loccit.qa.evaluation.feedback import Feedback, Rating
from loccit.ui.chat.turns import Talk, shown
from loccit.ui.chat.views.answers import message_html
from loccit.ui.chat.views.conversations import past_html
from loccit.ui.exports.conversation import only_turn
from loccit.ui.exports.forms import MEDIA, Form, written
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import tr

if TYPE_CHECKING:
    from loccit.ui.chat.handlers import Desk

logger = logging.getLogger(__name__)

NOTE_CHARS = 2_000
GONE = "This conversation is not there any more: it was deleted, or the link is of another index."
CUT_OFF = "This question was not answered before the page was left. Ask it again."


def reopen(desk: Desk, conversation_id: object) -> Talk:
    """Return a kept conversation, each citation where its quote stands now.

    Where there is none with this id any more, the talk is empty and says so.
    """
    if not conversation_id:
        return Talk()
    if desk.conversations is None:
        return Talk(notice=tr(GONE))
    try:
        found = open_conversation(str(conversation_id), desk.conversations, desk.index)
    except UnknownConversation:
        return Talk(notice=tr(GONE))
    except LoccitError as error:
        return Talk(notice=str(error))
    talk = shown(found)
    turns = (turn if turn.answer else replace(turn, message=tr(CUT_OFF)) for turn in talk.turns)
    return replace(talk, turns=tuple(turns))


def show_past(desk: Desk, words: str | None, current: str) -> str:
    """Return the list of conversations with some words; all without any, and before it is seen."""
    if desk.conversations is None:
        return f'<p class="lc-past-none">{tr("Conversations are not kept here.")}</p>'
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
        form = Form(event.form)
        conversation = _read(desk, event.id)
        if event.turn:
            conversation = only_turn(conversation, int(event.turn))
    except (LoccitError, TypeError, ValueError) as error:
        return message_html(str(error))
    text = written(conversation, form, desk.index.documents)
    return (
        f'<pre hidden data-name="{escape(conversation.title)}.{form}" '
        f'data-media="{MEDIA[form]}" data-at="{datetime.now(UTC).timestamp()}">{escape(text)}</pre>'
    )


def _read(desk: Desk, conversation_id: object) -> KeptConversation:
    if desk.conversations is None:
        raise LoccitError("conversations are not kept here")
    return desk.conversations.read(str(conversation_id), desk.index)
