"""The list of kept conversations as HTML: pure and escaped."""

from __future__ import annotations

from collections.abc import Sequence

from loccit.qa.conversation.records import ConversationSummary
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import counted, date, tr


def past_html(
    summaries: Sequence[ConversationSummary], current: str, *, is_found: bool = False
) -> str:
    """Return the conversations, the one that is open marked; ``is_found``: by some words."""
    if not summaries:
        words = (
            tr("None with these words.")
            if is_found
            else tr("Your conversations will be kept here.")
        )
        return f'<p class="lc-past-none">{words}</p>'
    rows = "".join(_row_html(summary, summary.conversation_id == current) for summary in summaries)
    return f'<ul class="lc-past" aria-label="{tr("Conversations")}">{rows}</ul>'


def _row_html(summary: ConversationSummary, is_current: bool) -> str:
    title = escape(summary.title)
    current = ' aria-current="true"' if is_current else ""
    return (
        f'<li class="lc-past-row" data-id="{escape(summary.conversation_id)}">'
        f'<button type="button" class="lc-past-open"{current}><bdi>{title}</bdi>'
        f'<span class="lc-doc-detail"><time datetime="{summary.changed.isoformat()}">'
        f"{date(summary.changed)}</time> · {counted(summary.num_turns, 'question')}</span>"
        f'</button><button type="button" class="lc-past-more" '
        f'aria-label="{tr("Change {title}", title=title)}" '
        f'title="{tr("Rename, export, delete")}">⋯</button></li>'
    )
