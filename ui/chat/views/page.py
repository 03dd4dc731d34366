"""A page of a PDF as HTML: its picture, with boxes around the cited words."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from loccit.index.datatypes import Box, Document, Span
from loccit.ui.chat.views.source import head_html, place_html
from loccit.ui.chat.views.unseen import notes_html
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import tr

PAGE_PIXELS = 1_240  # width of a page's picture, in device pixels: 620 CSS pixels at two each


def page_html(
    document: Document,
    span: Span | None,
    page: int,
    picture: bytes,
    *,
    boxes: Sequence[Box],
    faint: Sequence[Box] = (),
    also: Sequence[Span] = (),
) -> Html:
    """Return the source pane with a page.

    Args:
        document: the source.
        span: what is cited of it; None where the document is only looked at.
        page: the page that is shown, from 1.
        picture: the picture of that page, a PNG.
        boxes: where the cited words are on the page.
        faint: where other citations of the answer are on the page.
        also: the other citations of the document, which the next request names again.
    """
    count = len(document.page_starts)
    name = tr("Page {number} of {title}", number=page, title=document.title)
    return Html(
        '<article class="lc-source" data-doc="{doc}"{place} data-page="{page}" data-view="page" '
        'data-spans="{spans}">{head}'
        '<div class="lc-source-body" role="region" tabindex="0" aria-label="{name}">'
        '{notes}{turning}<div class="lc-sheet">'
        '<img src="data:image/png;base64,{data}" alt="{name}">'
        "{faint}{cited}</div></div></article>"
    ).format(
        doc=document.doc_id,
        place=place_html(span),
        page=page,
        spans=" ".join(f"{other.start}-{other.end}" for other in also),
        head=head_html(document, span, view="page"),
        name=name,
        notes=notes_html(document),
        turning=_turning_html(page, count),
        data=base64.b64encode(picture).decode("ascii"),
        faint=joined(_box_html(box, "lc-box lc-also") for box in faint),
        cited=_cited_html(document, span, boxes) if span else "",
    )


def _cited_html(document: Document, span: Span, boxes: Sequence[Box]) -> Html:
    # A mark may have no name; a note may, and a screen reader then says what is cited.
    named = Html(' id="lc-cited" tabindex="-1" role="note" aria-label="{}"').format(
        document.text[span.start : span.end]
    )
    return joined(
        _box_html(box, "lc-box", named if number == 0 else "") for number, box in enumerate(boxes)
    )


def _turning_html(page: int, count: int) -> Html:
    """Return the buttons that turn to the page before and the page after."""
    return Html(
        '<nav class="lc-turning" aria-label="{}">{}<span role="status">{}</span>{}'
        '<button type="button" class="lc-zoom" aria-pressed="false">{}</button></nav>'
    ).format(
        tr("Pages"),
        _turn_html(page - 1, count, tr("Previous page"), "‹"),
        tr("Page {number} of {count}", number=page, count=count),
        _turn_html(page + 1, count, tr("Next page"), "›"),
        tr("Larger"),
    )


def _turn_html(page: int, count: int, name: str, sign: str) -> Html:
    is_there = 1 <= page <= count
    return Html('<button type="button" data-page="{}" aria-label="{}"{}>{}</button>').format(
        page, name, "" if is_there else Html(" disabled"), sign
    )


def _box_html(box: Box, name: str, more: str = "") -> Html:
    return Html(
        '<mark class="{name}"{more} style="left:{left:.4%};top:{top:.4%};'
        'width:{width:.4%};height:{height:.4%}"></mark>'
    ).format(
        name=name,
        more=more,
        left=box.left,
        top=box.top,
        width=box.right - box.left,
        height=box.bottom - box.top,
    )
