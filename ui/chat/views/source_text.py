"""The text of a source as HTML: formatted as its author had it, with the cited words marked.

Not one character is added or left out: what formatting shows in another way is hidden by tags, and
hidden words are marked by elements without text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, pairwise

from loccit.index.datatypes import Document, EmphasisKind, HiddenText, Span
from loccit.ui.chat.views.source_blocks import block_tags
from loccit.ui.chat.views.unseen import MAX_MARKED, marks_html
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import tr

DEEPEST = 4  # level of a heading that looks different from the next

_ELEMENTS: dict[EmphasisKind, str] = {"code": "code", "em": "em", "strong": "strong"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the text: before, in or after the mark; ``tags`` go into it and at its ends.

    ``hidden`` are the hidden words that are marked in it, by their places.
    """

    start: int
    end: int
    tags: Mapping[int, Html]
    hidden: Mapping[int, Sequence[HiddenText]]
    also: Sequence[Span] = ()


def text_html(
    document: Document, window: Span, cited: Span | None, also: Sequence[Span] = ()
) -> Html:
    """Return a window of the text with the cited words in it marked; none where it is None.

    Other spans that are cited, ``also``, are marked faintly.
    """
    hidden = _hidden(document, window)
    if cited is None:
        tags = block_tags(document, window, Span(window.end, window.end + 1))
        return _part_html(document, _Part(window.start, window.end, tags.outer, hidden, also))
    tags = block_tags(document, window, cited)
    around = {at: items for at, items in hidden.items() if at <= cited.start}
    before = _part_html(document, _Part(window.start, cited.start, tags.outer, around, also))
    within = {at: items for at, items in hidden.items() if cited.start < at < cited.end}
    inside = _part_html(document, _Part(cited.start, cited.end, tags.inner, within))
    around = {at: items for at, items in hidden.items() if at >= cited.end}
    after = _part_html(document, _Part(cited.end, window.end, tags.outer, around, also))
    return Html('{before}<{mark} id="lc-cited" tabindex="-1">{inside}</{mark}>{after}').format(
        before=before, mark=tags.mark, inside=inside, after=after
    )


def _hidden(document: Document, window: Span) -> dict[int, list[HiddenText]]:
    """Return the hidden words in a window of the text, by their places; at most ``MAX_MARKED``."""
    is_last = window.end == len(document.text)
    found = (
        item
        for item in document.hidden
        if window.start <= item.at < window.end or (is_last and item.at == window.end)
    )
    return {at: list(group) for at, group in groupby(islice(found, MAX_MARKED), lambda i: i.at)}


def _tags_html(document: Document, part: _Part, at: int) -> Html:
    """Return the tags at a place, and the marks of hidden words: within the block they end."""
    tags, marks = part.tags.get(at, Html("")), marks_html(part.hidden.get(at, ()))
    text = document.text
    ends_block = at > 0 and not text[at - 1].isspace() and not text[at : at + 1].strip()
    return marks + tags if ends_block else tags + marks


def _part_html(document: Document, part: _Part) -> Html:
    if part.start == part.end:
        return _tags_html(document, part, part.start)
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
    ends = (edge for span in cut for edge in (span.start, span.end))
    edges = {part.start, part.end, *pages, *part.tags, *part.hidden, *ends}
    inside = sorted(edge for edge in edges if part.start <= edge <= part.end)
    pieces = []
    for start, end in pairwise(inside):
        if start in pages:
            name = tr("page {number}", number=pages[start])
            # The name is drawn by the style sheet, so that it is not part of the text.
            pieces.append(Html('<span class="lc-page-start" data-page="{}"></span>').format(name))
        pieces.append(_tags_html(document, part, start))
        piece = Html.escape(document.text[start:end])
        for item in emphasis:
            if item.span.start <= start < item.span.end:
                piece = Html("<{0}>{1}</{0}>").format(_ELEMENTS[item.kind], piece)
        level = next((h.level for h in headings if h.span.start <= start < h.span.end), None)
        if level is not None:
            depth = min(level, DEEPEST)
            piece = Html('<strong class="lc-h{}">{}</strong>').format(depth, piece)
        if any(other.start <= start < other.end for other in also):
            piece = Html('<mark class="lc-also">{}</mark>').format(piece)
        pieces.append(piece)
    return joined([*pieces, _tags_html(document, part, part.end)])
