"""The text of a source as HTML: formatted as its author had it, with the cited words marked.

Not one character is added or left out: what formatting shows in another way is hidden by tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from loccit.index.datatypes import Document, EmphasisKind, Span
from loccit.ui.chat.views.source_blocks import block_tags
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import tr

DEEPEST = 4  # level of a heading that looks different from the next

_ELEMENTS: dict[EmphasisKind, str] = {"code": "code", "em": "em", "strong": "strong"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the text: before, in or after the mark; ``tags`` go into it and at its ends."""

    start: int
    end: int
    tags: Mapping[int, str]
    also: Sequence[Span] = ()


def text_html(
    document: Document, window: Span, cited: Span | None, also: Sequence[Span] = ()
) -> str:
    """Return a window of the text with the cited words in it marked; none where it is None.

    Other spans that are cited, ``also``, are marked faintly.
    """
    if cited is None:
        tags = block_tags(document, window, Span(window.end, window.end + 1))
        return _part_html(document, _Part(window.start, window.end, tags.outer, also))
    tags = block_tags(document, window, cited)
    before = _part_html(document, _Part(window.start, cited.start, tags.outer, also))
    inside = _part_html(document, _Part(cited.start, cited.end, tags.inner))
    after = _part_html(document, _Part(cited.end, window.end, tags.outer, also))
    return f'{before}<{tags.mark} id="lc-cited" tabindex="-1">{inside}</{tags.mark}>{after}'


def _part_html(document: Document, part: _Part) -> str:
    if part.start == part.end:
        return part.tags.get(part.start, "")
    span = Span(part.start, part.end)
    headings = [heading for heading in document.headings if heading.span.overlaps(span)]
    emphasis = [item for item in document.emphasis if item.span.overlaps(span)]
    also = [other for other in part.also if other.overlaps(span)]
    pages = {
        start: number
        for number, start in enumerate(document.page_starts, 1)
        if part.start <= start < part.end and number > 1
    }
    cut = (*(heading.span for heading in headings), *(item.span for item in emphasis), *also)
    edges = {part.start, part.end, *pages, *part.tags, *(e for s in cut for e in (s.start, s.end))}
    inside = sorted(edge for edge in edges if part.start <= edge <= part.end)
    pieces = []
    for start, end in pairwise(inside):
        if start in pages:
            name = tr("page {number}", number=pages[start])
            # The name is drawn by the style sheet, so that it is not part of the text.
            pieces.append(f'<span class="lc-page-start" data-page="{name}"></span>')
        pieces.append(part.tags.get(start, ""))
        piece = escape(document.text[start:end])
        for item in emphasis:
            if item.span.start <= start < item.span.end:
                piece = f"<{_ELEMENTS[item.kind]}>{piece}</{_ELEMENTS[item.kind]}>"
        level = next((h.level for h in headings if h.span.start <= start < h.span.end), None)
        if level is not None:
            piece = f'<strong class="lc-h{min(level, DEEPEST)}">{piece}</strong>'
        if any(other.start <= start < other.end for other in also):
            piece = f'<mark class="lc-also">{piece}</mark>'
        pieces.append(piece)
    return "".join([*pieces, part.tags.get(part.end, "")])
