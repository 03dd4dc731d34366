"""What the web chat does with kept conversations: opens, lists, changes, rates, exports them."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loccit.index.datatypes import Document, Scope
from loccit.index.errors import LoccitError
from loccit.qa.answering.anchoring import Surroundings, reanchor_answer, surroundings
from loccit.qa.conversation.conversation import open_conversation
from loccit.qa.conversation.records import KeptConversation
from loccit.qa.conversation.store import UnknownConversation
from loccit.qa.datatypes import Answer, Citation
from loccit.qa.evaluation.feedback import Feedback, Rating
from loccit.ui.chat.turns import Talk, Turn, shown
from loccit.ui.chat.views.messages import message_html
from loccit.ui.chat.views.past import deleted_html, none_html, past_html
from loccit.ui.exports.conversation import only_turn
from loccit.ui.exports.formats import FORMATS
from loccit.ui.text.escaping import Html
from loccit.ui.text.language import tr
from loccit.ui.text.wording import NO_ANSWER_YET, searched_words, sound_document

if TYPE_CHECKING:
    from loccit.ui.chat.handlers import Desk

logger = logging.getLogger(__name__)

NOTE_CHARS = 2_000
GONE = "This conversation does not exist any more. Perhaps it was deleted."


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
    return replace(talk, turns=tuple(map(_as_reopened, talk.turns)))


def _as_reopened(turn: Turn) -> Turn:
    """Return a turn with what the page said to it when it was new, as far as that is kept."""
    if turn.answer is None:
        return replace(turn, message=tr(NO_ANSWER_YET))
    return replace(turn, scope=searched_words(Scope(turn.documents), None))


def with_present_citations(desk: Desk, talk: Talk) -> Talk:
    """Return the talk with each citation where its quote is now, or marked as stale."""
    now: dict[int | None, Answer | None] = {}
    if desk.conversations is not None and talk.conversation_id:
        try:
            found = open_conversation(talk.conversation_id, desk.conversations, desk.index)
            now = {turn.number: turn.answer for turn in found.turns}
        except LoccitError as error:  # deleted on another page
            logger.info("a conversation was not read again: %s", error)
    turns = tuple(
        _cited_anew(turn, now.get(turn.number) or _reanchored(desk, turn.answer))
        if turn.answer
        else turn
        for turn in talk.turns
    )
    return replace(talk, turns=turns)


def _cited_anew(turn: Turn, now: Answer) -> Turn:
    """Return the turn with the citations of now; the rest stays as it was said."""
    assert turn.answer is not None  # the caller has looked
    return replace(turn, answer=replace(turn.answer, citations=now.citations))


def _reanchored(desk: Desk, answer: Answer) -> Answer:
    """Return an answer that is not kept, its citations where their quotes are in the index now."""
    documents = desk.index.documents
    around = [_around(c, sound_document(documents, c.doc_id)) for c in answer.citations]

    def find(citation: Citation) -> Document | None:
        at_source = desk.index.document_at(citation.source) or ""
        return documents.get(citation.doc_id) or documents.get(at_source)

    return reanchor_answer(answer, around, find)


def _around(citation: Citation, document: Document | None) -> Surroundings:
    """Return what is around a quote that is still in its place; nothing is known of others."""
    span = citation.span
    if document is None or document.text[span.start : span.end] != citation.quote:
        return Surroundings()
    return surroundings(document.text, span)


def show_past(desk: Desk, words: str | None, current: str, *, deleted: str = "") -> str:
    """Return the list of the conversations that hold some words; of all, without words.

    ``deleted`` is the id of a conversation that was just deleted, which a button brings back.
    """
    if desk.conversations is None:
        return none_html(tr("Conversations are not kept here."))
    try:
        found = desk.conversations.summaries(words or "")
        note = deleted_html(deleted, was_open=deleted == current) if deleted else Html("")
        shown_now = past_html(found, current, is_found=bool(words and words.strip()))
        return note + shown_now
    except LoccitError as error:
        return message_html(str(error))


def change(desk: Desk, event: Any) -> None:
    """Rename, delete or restore a conversation, as a button of the list says."""
    kept = desk.conversations
    if kept is None:
        return
    try:
        if event.do == "delete":
            kept.delete(str(event.id))
        elif event.do == "restore":
            kept.restore(str(event.id))
        elif event.do == "rename" and str(event.title).strip():
            kept.rename(str(event.id), str(event.title))
    except LoccitError as error:
        logger.warning("a conversation was not changed: %s", error)


def rate(desk: Desk, talk: Talk, event: Any) -> Talk:
    """Return the talk with a turn rated; the same rating a second time takes it back."""
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
    """Return an export for the browser to save, as HTML that the page's script reads.

    It is of the conversation, or of one of its turns.
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


def _read(desk: Desk, conversation_id: object) -> KeptConversation:
    if desk.conversations is None:
        raise LoccitError("conversations are not kept here")
    return desk.conversations.read(str(conversation_id), desk.index)
