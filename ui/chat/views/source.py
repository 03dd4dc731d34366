"""A source as HTML: its text with the cited span marked.

The text is sliced here, by code points; a browser counts UTF-16 units and would shift a mark after
every emoji. Of a long document only the text around the span is sent, so that it stays quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loccit.index.datatypes import Document, Span
from loccit.ui.chat.views.messages import note_html
from loccit.ui.chat.views.source_text import text_html
from loccit.ui.chat.views.unseen import notes_html
from loccit.ui.text.escaping import Html
from loccit.ui.text.language import number, tr
from loccit.ui.text.wording import file_name

MARGIN_CHARS = 8_000  # shown on each side of the span: about three printed pages
UNDRAWN = "A page of this document takes too long to draw, or is damaged. Here is its text."
SLACK_CHARS = 2_000  # beyond the margin, within which the end of a paragraph is looked for


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """What a visitor wants to see of a document.

    ``span`` is what is cited, None to look at the document from its beginning. ``window`` is the
    part of the text that is shown, None for the first view; ``side``, "earlier" or "later", is
    where it is to grow. ``also`` are the answer's other citations of the document. ``view`` is
    "page" or "text", "" for the page where there is one; ``page`` is another page than the span's.
    """

    doc_id: str
    span: Span | None
    window: Span | None = None
    side: str = ""
    also: tuple[Span, ...] = ()
    view: str = ""
    page: int | None = None


def source_html(
    document: Document,
    span: Span | None,
    window: Span | None = None,
    *,
    also: Sequence[Span] = (),
    has_pages: bool = False,
    is_undrawn: bool = False,
) -> Html:
    """Return the source pane with the document's text.

    Args:
        document: the source.
        span: what is cited of it and marked; None where the document is only looked at.
        window: the part of the text that is shown; None is the part around the span.
        also: the answer's other citations of the document, which are marked faintly.
        has_pages: whether the document can be shown as pages as well.
        is_undrawn: whether a page of it could not be drawn, which is told.

    Raises:
        ValueError: the span is not in the document.
    """
    if span is not None and span.end > len(document.text):
        raise ValueError(f"span {span.start}-{span.end} is beyond {len(document.text)} characters")
    window = window or window_around(document.text, span or Span(0, 1))
    return Html(
        '<article class="lc-source" data-doc="{doc}"{place} data-from="{start}" data-to="{end}">'
        '{head}{note}<div class="lc-source-body" role="region" tabindex="0" aria-label="{name}">'
        '{notes}{before}<div class="lc-source-text" dir="auto" lang="">{text}</div>{after}'
        "</div></article>"
    ).format(
        doc=document.doc_id,
        place=place_html(span),
        start=window.start,
        end=window.end,
        head=head_html(document, span, view="text" if has_pages else None),
        note=note_html(tr(UNDRAWN)) if is_undrawn else "",
        name=tr("Text of {title}", title=document.title),
        notes=notes_html(document),
        before=_more_html("earlier") if window.start > 0 else "",
        text=text_html(document, window, span, also),
        after=_more_html("later") if window.end < len(document.text) else "",
    )


def place_html(span: Span | None) -> Html:
    """Return the attributes that name the cited span; none without one."""
    if span is None:
        return Html("")
    return Html(' data-start="{}" data-end="{}"').format(span.start, span.end)


def gone_html(why: str = "") -> Html:
    """Return the pane for a source that is no longer in the index, or can't be shown otherwise."""
    return Html('<div class="lc-source-gone" role="status"><p>{}</p>{}</div>').format(
        why or tr("This document is no longer in the index, so its text can’t be shown."),
        _close_html(),
    )


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


def head_html(document: Document, span: Span | None, *, view: str | None = None) -> Html:
    """Return what names the document and the cited place, above its text or page.

    ``view`` is "text" or "page" where the reader may choose between the two.
    """
    details = [Html("<bdi>{}</bdi>").format(file_name(document.source))]
    page = document.page_of(span.start) if span else None
    if page is not None:
        details.insert(
            0, Html('<strong class="lc-page">{}</strong>').format(tr("page {number}", number=page))
        )
    if span is not None:
        start, end = number(span.start), number(span.end)
        details.append(Html.escape(tr("characters {start}–{end}", start=start, end=end)))
    return Html(
        '<header class="lc-source-head"><div><h2><bdi>{}</bdi></h2>{}</div>'
        "<div><p>{}</p>{}{}</div></header>"
    ).format(
        document.title, _close_html(), Html(" · ").join(details), _walk_html(), _views_html(view)
    )


def _close_html() -> Html:
    return Html('<button type="button" class="lc-close" aria-label="{}">×</button>').format(
        tr("Close the source")
    )


def _walk_html() -> Html:
    """Return the buttons that go from citation to citation; a script shows them where needed."""
    return Html(
        '<nav class="lc-walk" aria-label="{}" hidden>'
        '<button type="button" data-step="-1" aria-label="{}">‹</button>'
        '<span class="lc-walk-at" data-words="{}"></span>'
        '<button type="button" data-step="1" aria-label="{}">›</button></nav>'
    ).format(
        tr("Citations of this answer"),
        tr("Previous citation"),
        tr("{number} of {count}"),
        tr("Next citation"),
    )


def _views_html(view: str | None) -> Html:
    if view is None:
        return Html("")
    is_text = view == "text"
    other, words = ("page", tr("Show the page")) if is_text else ("text", tr("Show the text"))
    return Html('<button type="button" class="lc-view" data-view="{}">{}</button>').format(
        other, words
    )


def _more_html(side: str) -> Html:
    words = tr("Show earlier text") if side == "earlier" else tr("Show later text")
    return Html('<button type="button" class="lc-more" data-side="{}">{}</button>').format(
        side, words
    )
