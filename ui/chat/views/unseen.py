"""What a document holds that is not its text: hidden words, and pages that were recognised.

In the text they are drawn by the style sheet, at their places, so that they are no part of it:
nothing shifts, and what is copied is what the document says.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from loccit.index.datatypes import Document, HiddenText
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import number, tr
from loccit.ui.text.wording import left_out_words, reason_words, recognised_words

MAX_LISTED = (
    200  # hidden texts in the list of a document; all of them are in `loccit list --hidden`
)
MAX_MARKED = 500  # in the part of a text that is shown
MAX_CHARACTERS = 300  # of one hidden text


def notes_html(document: Document) -> Html:
    """Return what is said of a document above its text; nothing where all is as usual."""
    notes = []
    if document.recognised_pages:
        recognised = recognised_words(document.recognised_pages)
        notes.append(Html('<p class="lc-unseen">{}</p>').format(recognised))
    if document.hidden:
        notes.append(_list_html(document))
    return Html('<div class="lc-notes">{}</div>').format(joined(notes)) if notes else Html("")


def _list_html(document: Document) -> Html:
    """Return how many hidden words there are, and each with its reason and its place on demand."""
    count = sum(len(item.text.split()) for item in document.hidden)
    items = joined(
        Html("<li><q>{}</q> <span>{}</span></li>").format(
            _short(item.text), " · ".join([reason_words(item.reason), _place(document, item)])
        )
        for item in islice(document.hidden, MAX_LISTED)
    )
    more = len(document.hidden) - MAX_LISTED
    rest = (
        Html("<p>{}</p>").format(tr("and {number} more", number=number(more))) if more > 0 else ""
    )
    return Html('<details class="lc-unseen"><summary>{}</summary><ul>{}</ul>{}</details>').format(
        left_out_words(count), items, rest
    )


def marks_html(items: Sequence[HiddenText]) -> Html:
    """Return the marks of hidden texts that stand at one place of a text."""
    return joined(_mark_html(item) for item in items)


def _mark_html(item: HiddenText) -> Html:
    words, why = _short(item.text), reason_words(item.reason)
    if item.reason == "struck":
        return Html('<del class="lc-struck" data-words="{}"></del>').format(words)
    told = tr("Hidden words: {words} ({reason})", words=words, reason=why)
    return Html(
        '<button type="button" class="lc-hidden" aria-label="{0}" title="{0}" data-words="{0}">'
        "</button>"
    ).format(told)


def _place(document: Document, item: HiddenText) -> str:
    page = document.page_of(item.at)
    if page is not None:
        return tr("page {number}", number=page)
    return tr("at character {number}", number=number(item.at))


def _short(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS].rstrip()}…"
