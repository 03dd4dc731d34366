"""The conversation as HTML: each question, what was said to it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loccit.index.datatypes import Document
from loccit.qa.evaluation.feedback import Rating
from loccit.ui.chat.turns import Talk, Turn
from loccit.ui.chat.views.answers import answer_html
from loccit.ui.chat.views.messages import message_html, pending_html
from loccit.ui.exports.formats import FORMATS
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import tr
from loccit.ui.text.wording import asked_words, titles_asked

RATINGS = {
    Rating.RIGHT: "✓ Right",
    Rating.WRONG_ANSWER: "✗ Wrong answer",
    Rating.WRONG_EVIDENCE: "✗ Wrong evidence",
}


def conversation_html(
    talk: Talk, documents: Mapping[str, Document], *, empty: str, num_unread: int = 0
) -> Html:
    """Return the whole conversation, or ``empty`` (Html) before the first question.

    ``num_unread`` is how many files could not be read.
    """
    turns = joined(turn_html(turn, documents, num_unread=num_unread) for turn in talk.turns)
    notice = message_html(talk.notice) if talk.notice else Html("")
    return Html('<div class="lc-talk" data-conversation="{}">{}{}{}</div>').format(
        talk.conversation_id, turns, notice, Html("") if turns else empty
    )


def turn_html(turn: Turn, documents: Mapping[str, Document], *, num_unread: int = 0) -> Html:
    """Return a question and what was said to it."""
    if turn.answer is not None:
        body = answer_html(turn.answer, documents, scope=turn.scope, num_unread=num_unread)
    elif turn.message:
        body = message_html(turn.message) + _again_html(turn)
    else:
        body = pending_html(turn.waiting)
    number = "" if turn.number is None else Html(' data-turn="{}"').format(turn.number)
    return Html(
        '<section class="lc-turn"{}><h2 class="lc-question" dir="auto" lang="">{}</h2>'
        "{}{}{}</section>"
    ).format(number, turn.question, _asked_html(turn), body, _tools_html(turn))


def empty_html(num_documents: int, examples: Sequence[str]) -> Html:
    """Return what a visitor sees before the first question."""
    if num_documents == 0:
        how = tr(
            "Click “Add files”, or drop files on this page. Only this program reads and searches "
            "them, without any outside service."
        )
        return Html('<div class="lc-empty"><h2>{}</h2><p>{}</p></div>').format(
            tr("Add your documents first"), how
        )
    buttons = joined(
        Html('<button type="button" class="lc-example" data-question="{0}">{0}</button>').format(
            question
        )
        for question in examples
    )
    how = tr(
        "Every answer is taken word for word from your documents. Click a number to see it in the "
        "document."
    )
    return Html(
        '<div class="lc-empty"><h2>{}</h2><p>{}</p><div class="lc-examples">{}</div></div>'
    ).format(tr("What would you like to know?"), how, buttons)


def _again_html(turn: Turn) -> Html:
    """Return the button that asks a question again which is kept without an answer."""
    if turn.number is None:
        return Html("")
    return Html(
        '<p class="lc-scope"><button type="button" data-question="{}">{}</button></p>'
    ).format(turn.question, tr("Ask again"))


def _asked_html(turn: Turn) -> Html:
    """Return how a follow-up was understood, with a button that asks it as it was typed."""
    titles = titles_asked(turn.documents, turn.answer)
    words = asked_words(turn.question, turn.completed, titles)
    if not words:
        return Html("")
    return Html(
        '<p class="lc-completed">{} <button type="button" data-question="{}" data-typed>'
        "{}</button></p>"
    ).format(words, turn.question, tr("Ask as typed") if turn.completed else tr("Ask all"))


def _tools_html(turn: Turn) -> Html:
    """Return the buttons under an answer; where it is not kept, the one that copies it alone."""
    if turn.answer is None:
        return Html("")
    copy = (
        Html('<button type="button" data-copy="answer">{}</button>').format(tr("Copy answer"))
        if turn.answer.answered
        else Html("")
    )
    if turn.number is None:
        return Html('<div class="lc-tools">{}</div>').format(copy) if copy else copy
    exports = joined(
        Html('<button type="button" data-export="{}">{}</button>').format(name, tr(form.label))
        for name, form in FORMATS.items()
    )
    return Html(
        '<div class="lc-tools">{copy}<span role="group" aria-label="{rate}">{ratings}</span>'
        '<button type="button" data-link>{link}</button>'
        '<details class="lc-exports"><summary>{export}</summary>{exports}</details>{note}</div>'
    ).format(
        copy=copy,
        rate=tr("Rate this answer"),
        ratings=_ratings_html(turn),
        link=tr("Copy link"),
        export=tr("Export"),
        exports=exports,
        note=_note_html(turn),
    )


def _ratings_html(turn: Turn) -> Html:
    given = turn.feedback.rating if turn.feedback else None
    return joined(
        Html('<button type="button" data-rate="{}" aria-pressed="{}">{}</button>').format(
            rating.value, "true" if rating is given else "false", tr(words)
        )
        for rating, words in RATINGS.items()
    )


def _note_html(turn: Turn) -> Html:
    """Return a line in which to say what is wrong, under an answer that is rated wrong."""
    if turn.feedback is None or turn.feedback.rating is Rating.RIGHT:
        return Html("")
    return Html(
        '<span class="lc-note"><input type="text" aria-label="{}" placeholder="{}" value="{}">'
        '<button type="button" data-note="{}">{}</button></span>'
    ).format(
        tr("What is wrong"),
        tr("What would be right? (optional)"),
        turn.feedback.note,
        turn.feedback.rating.value,
        tr("Save note"),
    )
