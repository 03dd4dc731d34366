"""A source as HTML: its text with the cited span marked, pure and escaped.

Slicing happens here, by code points; a browser counts UTF-16 units and would shift a mark after
every emoji. A long document is shown as a window around the span, so that it stays quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loccit.index.datatypes import Document, Span
from loccit.ui.chat.views.source_text import text_html
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import number, tr
from loccit.ui.text.wording import file_name

MARGIN_CHARS = 8_000  # shown on each side of the span, about three printed pages
SLACK_CHARS = 2_000  # how far beyond the margin a paragraph's end is looked for


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """What to show: a span of a document, and the window of text around it.

    ``window`` is None for the first view; ``side`` is where more text is wanted, "earlier" or
    "later". ``also`` is what else the answer cites of the document. ``view`` is "page" or "text",
    "" for whichever there is; ``page`` another page than the span's.
    """

    doc_id: str
    span: Span
    window: Span | None = None
    side: str = ""
    also: tuple[Span, ...] = ()
    view: str = ""
    page: int | None = None


def source_html(
    document: Document,
    span: Span,
    window: Span | None = None,
    *,
    also: Sequence[Span] = (),
    has_pages: bool = False,
) -> str:
    """Return the source pane; ``ValueError`` if the span is not in the document.

    Other spans that are cited, ``also``, are marked faintly. ``has_pages``: it can be shown as
    pages as well.
    """
    if span.end > len(document.text):
        raise ValueError(f"span {span.start}-{span.end} is beyond {len(document.text)} characters")
    window = window or window_around(document.text, span)
    head = head_html(document, span, view="text" if has_pages else None)
    more_before = _more_html("earlier") if window.start > 0 else ""
    more_after = _more_html("later") if window.end < len(document.text) else ""
    return (
        f'<article class="lc-source" data-doc="{escape(document.doc_id)}" '
        f'data-start="{span.start}" data-end="{span.end}" '
        f'data-from="{window.start}" data-to="{window.end}">{head}'
        '<div class="lc-source-body" role="region" tabindex="0" '
        f'aria-label="{escape(tr("Text of {title}", title=document.title))}">{more_before}'
        f'<div class="lc-source-text" dir="auto" lang="">{text_html(document, window, span, also)}'
        f"</div>{more_after}</div></article>"
    )


def nothing_open_html() -> str:
    """Return the pane before anything is opened."""
    words = tr("Press a citation to read it where it is written.")
    return f'<div class="lc-source-none"><p>{words}</p></div>'


def gone_html() -> str:
    """Return the pane for a source that is no longer in the index."""
    words = tr("This document is no longer in the index, so its text can’t be shown.")
    return f'<div class="lc-source-none" role="status"><p>{words}</p></div>'


def window_around(text: str, span: Span, margin: int = MARGIN_CHARS) -> Span:
    """Return the part of the text to show around a span, cut between paragraphs."""
    return Span(_cut_before(text, span.start - margin), _cut_after(text, span.end + margin))


def widen(text: str, window: Span, side: str) -> Span:
    """Return the window with one more margin of text, "earlier" or "later"."""
    if side == "earlier":
        return Span(_cut_before(text, window.start - MARGIN_CHARS), window.end)
    return Span(window.start, _cut_after(text, window.end + MARGIN_CHARS))


def _cut_before(text: str, offset: int) -> int:
    if offset <= 0:
        return 0
    lowest = max(0, offset - SLACK_CHARS)
    newline = text.rfind("\n", lowest, offset)
    if newline >= 0:
        return newline + 1
    return 0 if lowest == 0 else offset


def _cut_after(text: str, offset: int) -> int:
    if offset >= len(text):
        return len(text)
    newline = text.find("\n", offset, offset + SLACK_CHARS)
    if newline >= 0:
        return newline + 1
    return len(text) if offset + SLACK_CHARS >= len(text) else offset


def head_html(document: Document, span: Span, *, view: str | None = None) -> str:
    """Return what names the document and the place, above its text or page.

    ``view`` is "text" or "page" where the reader may choose.
    """
    page = document.page_of(span.start)
    details = [f"<bdi>{escape(file_name(document.source))}</bdi>"]
    if page is not None:
        details.insert(0, f'<strong class="lc-page">{tr("page {number}", number=page)}</strong>')
    details.append(tr("characters {start}–{end}", start=number(span.start), end=number(span.end)))
    return (
        f'<header class="lc-source-head"><div><h2><bdi>{escape(document.title)}</bdi></h2>'
        '<button type="button" class="lc-close" '
        f'aria-label="{tr("Close the source")}">×</button></div>'
        f"<div><p>{' · '.join(details)}</p>{_walk_html()}{_views_html(view)}</div></header>"
    )


def _walk_html() -> str:
    """Return what steps through an answer's citations; the page's script shows it if several."""
    return (
        f'<nav class="lc-walk" aria-label="{tr("Citations of this answer")}" hidden>'
        f'<button type="button" data-step="-1" aria-label="{tr("Previous citation")}">‹</button>'
        f'<span class="lc-walk-at" data-words="{tr("{number} of {count}")}"></span>'
        f'<button type="button" data-step="1" aria-label="{tr("Next citation")}">›</button></nav>'
    )


def _views_html(view: str | None) -> str:
    if view is None:
        return ""
    is_text = view == "text"
    other, words = ("page", tr("Show the page")) if is_text else ("text", tr("Show the text"))
    return f'<button type="button" class="lc-view" data-view="{other}">{words}</button>'


def _more_html(side: str) -> str:
    words = tr("Show earlier text") if side == "earlier" else tr("Show later text")
    return f'<button type="button" class="lc-more" data-side="{side}">{words}</button>'
