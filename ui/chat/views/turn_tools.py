"""What can be done with an answer that is kept, as HTML: rate it, link to it, take it along."""

from __future__ import annotations

from loccit.qa.evaluation.feedback import Rating
from loccit.ui.chat.turns import Turn
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import tr

RATINGS = {
    Rating.RIGHT: "✓ Right",
    Rating.WRONG_ANSWER: "✗ Wrong answer",
    Rating.WRONG_EVIDENCE: "✗ Wrong evidence",
}
FORMATS = {"md": "Markdown", "html": "Web page", "json": "JSON"}


def tools_html(turn: Turn) -> str:
    """Return the buttons under an answer; none where it is not kept."""
    if turn.number is None or turn.answer is None:
        return ""
    given = turn.feedback.rating if turn.feedback else None
    rates = "".join(
        f'<button type="button" data-rate="{rating.value}" '
        f'aria-pressed="{"true" if rating is given else "false"}">{tr(words)}</button>'
        for rating, words in RATINGS.items()
    )
    exports = "".join(
        f'<button type="button" data-export="{form}">{tr(words)}</button>'
        for form, words in FORMATS.items()
    )
    return (
        '<div class="lc-tools">'
        f'<span role="group" aria-label="{tr("Rate this answer")}">{rates}</span>'
        f'<button type="button" data-link>{tr("Copy link")}</button>'
        f'<details class="lc-exports"><summary>{tr("Export")}</summary>{exports}</details>'
        f"{_note_html(turn)}</div>"
    )


def _note_html(turn: Turn) -> str:
    """Return a line for what is wrong, once something is said to be."""
    if turn.feedback is None or turn.feedback.rating is Rating.RIGHT:
        return ""
    return (
        f'<span class="lc-note"><input type="text" aria-label="{tr("What is wrong")}" '
        f'placeholder="{tr("What would be right? (optional)")}" '
        f'value="{escape(turn.feedback.note)}">'
        f'<button type="button" data-note="{turn.feedback.rating.value}">'
        f"{tr('Keep the note')}</button></span>"
    )
