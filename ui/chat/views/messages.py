"""One line that tells something: a fault, a note, a wait."""

from __future__ import annotations

from loccit.ui.text.escaping import Html


def message_html(message: str) -> Html:
    """Return a message about something that went wrong, with its next step, as a sentence."""
    return Html(
        '<p class="lc-message" role="alert"><span aria-hidden="true">⚠</span> {}</p>'
    ).format(message[:1].upper() + message[1:])


def note_html(words: str) -> Html:
    """Return one line about what has just happened to the documents; nothing without words."""
    return Html('<p class="lc-report" role="status">{}</p>').format(words) if words else Html("")


def pending_html(words: str) -> Html:
    """Return the sign that an answer is on its way."""
    return Html(
        '<p class="lc-pending" role="status"><span class="lc-spinner"></span>{}</p>'
    ).format(words)


def status_html(words: str, state: str) -> Html:
    """Return how the model stands; ``state`` is "loading", "ready" or "failed"."""
    role = "alert" if state == "failed" else "status"
    return Html('<p class="lc-status lc-{}" role="{}">{}</p>').format(state, role, words)
