"""The list of earlier conversations as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from loccit.qa.conversation.records import ConversationSummary
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import counted, date, tr


def past_html(
    summaries: Sequence[ConversationSummary], current: str, *, is_found: bool = False
) -> Html:
    """Return the list, with the open conversation marked.

    Args:
        summaries: what is listed, in order.
        current: the id of the open conversation, or "".
        is_found: whether the list holds only what a search has found.
    """
    if not summaries:
        return none_html(
            tr("No conversation matches.")
            if is_found
            else tr("Your conversations will be kept here.")
        )
    rows = joined(_row_html(summary, summary.conversation_id == current) for summary in summaries)
    return Html('<ul class="lc-past" aria-label="{}">{}</ul>').format(tr("Conversations"), rows)


def none_html(words: str) -> Html:
    """Return what stands in the place of an empty list."""
    return Html('<p class="lc-past-none">{}</p>').format(words)


def deleted_html(conversation_id: str, *, was_open: bool) -> Html:
    """Return the note that a conversation was deleted, with a button that brings it back.

    The button opens it as well if it ``was_open``.
    """
    return Html(
        '<p class="lc-past-deleted" role="status">{} '
        '<button type="button" data-undo="{}"{}>{}</button></p>'
    ).format(
        tr("Deleted."), conversation_id, Html(" data-was-open") if was_open else "", tr("Undo")
    )


def _row_html(summary: ConversationSummary, is_current: bool) -> Html:
    return Html(
        '<li class="lc-past-row" data-id="{id}">'
        '<button type="button" class="lc-past-open"{current}><bdi>{title}</bdi>'
        '<span class="lc-doc-detail"><time datetime="{time}">{date}</time> · {size}</span></button>'
        '<button type="button" class="lc-past-more" aria-label="{name}" title="{more}">⋯</button>'
        "</li>"
    ).format(
        id=summary.conversation_id,
        current=Html(' aria-current="true"') if is_current else "",
        title=summary.title,
        time=summary.changed.isoformat(),
        date=date(summary.changed),
        size=counted(summary.num_turns, "question"),
        name=tr("Change {title}", title=summary.title),
        more=tr("Rename, export, delete"),
    )
