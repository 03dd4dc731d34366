"""A page of a PDF as HTML: its picture, with boxes around the cited words. Pure and escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from loccit.index.datatypes import Box, Document, Span
from loccit.ui.chat.views.source import head_html
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import tr

PAGE_PIXELS = 1_240  # width of a page's picture: the pane's, at two pixels for each of its own


def page_html(
    document: Document,
    span: Span,
    page: int,
    picture: bytes,
    *,
    boxes: Sequence[Box],
    faint: Sequence[Box] = (),
    also: Sequence[Span] = (),
) -> str:
    """Return the source pane with a page.

    Args:
        document: the source.
        span: what is cited of it.
        page: the page that is shown, from 1.
        picture: of that page, a PNG.
        boxes: of the cited words on it.
        faint: of what else the answer cites on it.
        also: what else the answer cites of the document, for the next request.
    """
    count = len(document.page_starts)
    quote = document.text[span.start : span.end]
    name = tr("Page {number} of {title}", number=page, title=document.title)
    cited = "".join(
        # A mark may have no name; a note may, and a screen reader then says what is cited.
        _box_html(
            box, "lc-box", f' id="lc-cited" tabindex="-1" role="note" aria-label="{escape(quote)}"'
        )
        if number == 0
        else _box_html(box, "lc-box")
        for number, box in enumerate(boxes)
    )
    others = "".join(_box_html(box, "lc-box lc-also") for box in faint)
    spans = " ".join(f"{other.start}-{other.end}" for other in also)
    data = base64.b64encode(picture).decode("ascii")
    return (
        f'<article class="lc-source" data-doc="{escape(document.doc_id)}" '
        f'data-start="{span.start}" data-end="{span.end}" data-page="{page}" '
        f'data-view="page" data-spans="{spans}">{head_html(document, span, view="page")}'
        f'<div class="lc-source-body" role="region" tabindex="0" aria-label="{escape(name)}">'
        f'{_turning_html(page, count)}<div class="lc-sheet">'
        f'<img src="data:image/png;base64,{data}" alt="{escape(name)}">{others}{cited}</div>'
        "</div></article>"
    )


def _turning_html(page: int, count: int) -> str:
    """Return the buttons that turn to the page before and the page after."""
    at = tr("Page {number} of {count}", number=page, count=count)
    return (
        f'<nav class="lc-turning" aria-label="{tr("Pages")}">'
        f"{_turn_html(page - 1, count, tr('Previous page'), '‹')}"
        f'<span role="status">{at}</span>'
        f"{_turn_html(page + 1, count, tr('Next page'), '›')}"
        f'<button type="button" class="lc-zoom" aria-pressed="false">{tr("Larger")}</button></nav>'
    )


def _turn_html(page: int, count: int, name: str, sign: str) -> str:
    there = "" if 1 <= page <= count else " disabled"
    return f'<button type="button" data-page="{page}" aria-label="{name}"{there}>{sign}</button>'


def _box_html(box: Box, name: str, more: str = "") -> str:
    width, height = box.right - box.left, box.bottom - box.top
    return (
        f'<mark class="{name}"{more} style="left:{box.left:.4%};top:{box.top:.4%};'
        f'width:{width:.4%};height:{height:.4%}"></mark>'
    )
