"""An answer as HTML: its sentences with their citation marks, and the numbered quotes below.

A citation mark is a button, so that a keyboard reaches it and a screen reader names it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from loccit.index.datatypes import Document, Hit, Span
from loccit.index.errors import DamagedIndex
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import counted, tr
from loccit.ui.text.wording import (
    NEAREST,
    NUM_NEAREST,
    RIVALS,
    RIVALS_IN_ONE,
    SUPPORT_WORDS,
    WHY,
    file_name,
    leads,
    place,
    rank_words,
    sound_document,
    unanswered_words,
    why_words,
)

MAX_LAST_CHARS = 24  # a longer last word is not kept on one line with its marks
AROUND_CHARS = 160  # of the passage on each side of a quote, for the preview of its mark
PASSAGE_CHARS = 360  # shown of a nearest passage; its button opens the whole


def answer_html(
    answer: Answer, documents: Mapping[str, Document], *, scope: str = "", num_unread: int = 0
) -> Html:
    """Return the answer with its marks and quotes, or that there is none.

    Args:
        answer: what was said.
        documents: those of the index, to name the nearest passages where there is no answer, and to
            see which sentences are items of a list.
        scope: says what was searched; shown where there is no answer.
        num_unread: how many files could not be read; told where there is no answer, because it
            may be in one of them.
    """
    if not answer.answered:
        return _not_answered_html(answer, documents, scope, num_unread)
    by_marker = {citation.marker: citation for citation in answer.citations}
    return Html(
        '<div class="lc-answer">{}{}<ol class="lc-quotes" aria-label="{}">{}</ol></div>'
    ).format(
        _leads_html(leads(answer), by_marker),
        _sentences_html(answer, by_marker, documents),
        tr("Where it is written"),
        joined(_quote_html(citation, answer) for citation in answer.citations),
    )


def _leads_html(sentences: Sequence[Sentence], by_marker: Mapping[int, Citation]) -> Html:
    """Return the short answer, or those that differ side by side, each with its document."""
    if len(sentences) < 2:
        return joined(_short_html(sentence) for sentence in sentences)
    cards = joined(_card_html(sentence, by_marker) for sentence in sentences)
    sources = {by_marker[marker].doc_id for s in sentences for marker in s.markers[:1]}
    rivals = tr(RIVALS if len(sources) > 1 else RIVALS_IN_ONE)
    return Html('<div class="lc-rivals"><p>{0}</p><ul aria-label="{0}">{1}</ul></div>').format(
        rivals, cards
    )


def _short_html(sentence: Sentence, marks: str = "") -> Html:
    return Html('<p class="lc-short" dir="auto" lang="">{}{}</p>').format(
        sentence.short or "", marks
    )


def _card_html(sentence: Sentence, by_marker: Mapping[int, Citation]) -> Html:
    """Return one of several answers that differ, with the title and the file it comes from."""
    citation = by_marker[sentence.markers[0]]
    return Html("<li>{}<p><bdi>{}</bdi>{}</p></li>").format(
        _short_html(sentence, _marks_html(sentence, by_marker)),
        citation.title,
        _file_html(citation.title, citation.source),
    )


def _sentences_html(
    answer: Answer, by_marker: Mapping[int, Citation], documents: Mapping[str, Document]
) -> Html:
    """Return the sentences: below each other where they are items of one list."""
    said = [_sentence_html(sentence, by_marker) for sentence in answer.sentences]
    cited = [by_marker[marker] for s in answer.sentences for marker in s.markers[:1]]
    if len(said) < 2 or len(cited) < len(said) or not _are_of_one_list(cited, documents):
        return Html('<p class="lc-sentences" dir="auto" lang="">{}</p>').format(
            Html(" ").join(said)
        )
    # The line breaks are for what is copied.
    items = Html("\n").join(Html("<li>{}</li>").format(sentence) for sentence in said)
    return Html('<ul class="lc-sentences lc-steps" dir="auto" lang="">{}</ul>').format(items)


def _are_of_one_list(cited: Sequence[Citation], documents: Mapping[str, Document]) -> bool:
    """Tell whether each quote stands in an item of its own, and all of them in one list."""
    document = sound_document(documents, cited[0].doc_id)
    if document is None or any(citation.doc_id != document.doc_id for citation in cited):
        return False
    blocks, places = document.blocks, []
    for citation in cited:
        place = bisect_right(blocks, citation.span.start, key=lambda block: block.span.start) - 1
        is_there = document.text[citation.span.start : citation.span.end] == citation.quote
        if place < 0 or not is_there or not blocks[place].span.contains(citation.span):
            return False
        places.append(place)
    between = blocks[min(places) : max(places) + 1]
    return len(set(places)) == len(places) and all(block.kind == "item" for block in between)


def _sentence_html(sentence: Sentence, by_marker: Mapping[int, Citation]) -> Html:
    head, last = _before_last_word(sentence.text)
    # No line ends inside: a mark alone on a line would look like the next sentence's.
    return Html('{}<span class="lc-last">{}{}</span>').format(
        head, last, _marks_html(sentence, by_marker)
    )


def _marks_html(sentence: Sentence, by_marker: Mapping[int, Citation]) -> Html:
    return joined(
        _mark_html(by_marker[marker]) for marker in sentence.markers if marker in by_marker
    )


def _before_last_word(text: str) -> tuple[str, str]:
    """Split a text before its last word, or at its end where that word is too long for a line."""
    last = text.rsplit(maxsplit=1)[-1] if text and text == text.rstrip() else ""
    if len(last) > MAX_LAST_CHARS:
        last = ""
    return text[: len(text) - len(last)], last


def _mark_html(citation: Citation) -> Html:
    support = tr(SUPPORT_WORDS[citation.support][1])
    doubt = "" if citation.support in (Support.EXACT, Support.NORMALIZED) else f", {support}"
    number = tr("Citation {number}", number=citation.marker)
    return Html(
        '<button type="button" class="lc-mark lc-{support}" data-marker="{marker}" {address} '
        'aria-label="{name}">{marker}</button>'
    ).format(
        support=citation.support.value,
        marker=citation.marker,
        address=_address(citation.doc_id, citation.span),
        name=f"{number}, {place(citation.title, citation.page)}{doubt}",
    )


def _quote_html(citation: Citation, answer: Answer) -> Html:
    before, after = _around(citation, answer.hit_of(citation))
    return Html(
        '<li class="lc-quote" value="{marker}" data-before="{before}" data-after="{after}">'
        '<blockquote dir="auto" lang="">{quote}</blockquote>'
        '<p class="lc-where">{open}{file}{support}{copy}</p>{why}</li>'
    ).format(
        marker=citation.marker,
        before=before,
        after=after,
        quote=_quote_text_html(citation),
        open=_open_html(citation.doc_id, citation.span, citation.title, citation.page),
        file=_file_html(citation.title, citation.source),
        support=_support_html(citation.support),
        copy=_copy_html(citation.marker),
        why=_why_html(why_words(answer, citation)),
    )


def _around(citation: Citation, hit: Hit | None) -> tuple[str, str]:
    """Return what its passage says before and after a quote, for the preview of its mark."""
    if hit is None:
        return "", ""
    text, start = hit.passage.text, citation.span.start - hit.passage.span.start
    end = start + len(citation.quote)
    if text[start:end] != citation.quote:  # it has moved since
        return "", ""
    before, after = text[:start], text[end:]
    if len(before) > AROUND_CHARS:
        before = "… " + before[-AROUND_CHARS:].split(maxsplit=1)[-1]
    if len(after) > AROUND_CHARS:
        after = after[:AROUND_CHARS].rsplit(maxsplit=1)[0] + " …"
    return before, after


def _quote_text_html(citation: Citation) -> Html:
    """Return the quote with its short answer in bold."""
    if citation.answer is None:
        return Html.escape(citation.quote)
    start = citation.answer.start - citation.span.start
    end = citation.answer.end - citation.span.start
    return Html('{}<b class="lc-words">{}</b>{}').format(
        citation.quote[:start], citation.quote[start:end], citation.quote[end:]
    )


def _support_html(support: Support) -> Html:
    icon, words = SUPPORT_WORDS[support]
    return Html(
        '<span class="lc-support lc-{}"><span aria-hidden="true">{}</span> {}</span>'
    ).format(support.value, icon, tr(words))


def _copy_html(marker: int) -> Html:
    name = tr("Copy quote {number} with its place", number=marker)
    return Html(
        '<button type="button" class="lc-copy" data-copy="quote" aria-label="{}">{}</button>'
    ).format(name, tr("Copy"))


def _why_html(words: str) -> Html:
    if not words:
        return Html("")
    return Html('<details class="lc-why"><summary>{}</summary><p>{}</p></details>').format(
        tr(WHY), words
    )


def _not_answered_html(
    answer: Answer, documents: Mapping[str, Document], scope: str, num_unread: int
) -> Html:
    shown = answer.hits[:NUM_NEAREST]
    nearest = [_passage_html(hit, documents, len(answer.hits)) for hit in shown]
    passages = Html('<p class="lc-nearest">{}</p><ul class="lc-quotes">{}</ul>').format(
        tr(NEAREST), joined(nearest)
    )
    return Html(
        '<div class="lc-answer lc-unanswered"><p class="lc-short">{}</p>{}{}{}</div>'
    ).format(
        tr(unanswered_words(answer)),
        Html('<p class="lc-scope">{}</p>').format(scope) if scope else "",
        _unread_html(num_unread) if num_unread else "",
        passages if nearest else "",
    )


def _unread_html(count: int) -> Html:
    words = tr("{files} could not be read. The answer may be there.", files=counted(count, "file"))
    return Html('<p class="lc-scope">{} <button type="button" data-unread>{}</button></p>').format(
        words, tr("Show which")
    )


def _passage_html(hit: Hit, documents: Mapping[str, Document], num_hits: int) -> Html:
    passage, lost = hit.passage, Support.STALE
    try:
        document = documents.get(passage.doc_id)
    except DamagedIndex:
        document, lost = None, Support.DAMAGED
    title = document.title if document else passage.title
    page = document.page_of(passage.span.start) if document else None
    text = passage.text
    if len(text) > PASSAGE_CHARS:
        text = text[:PASSAGE_CHARS].rsplit(maxsplit=1)[0] + " …"
    if document is None or document.text[passage.span.start : passage.span.end] != passage.text:
        # The answer was kept, and the document has gone, or changed, or was damaged since.
        where = Html("<bdi>{}</bdi> {}").format(title, _support_html(lost))
    else:
        where = _open_html(passage.doc_id, passage.span, title, page)
    return Html(
        '<li class="lc-quote"><blockquote dir="auto" lang="">{}</blockquote>'
        '<p class="lc-where">{}</p>{}</li>'
    ).format(text, where, _why_html(rank_words(hit, num_hits)))


def _open_html(doc_id: str, span: Span, title: str, page: int | None) -> Html:
    return Html('<button type="button" class="lc-open" {}><bdi>{}</bdi></button>').format(
        _address(doc_id, span), place(title, page)
    )


def _file_html(title: str, source: str) -> Html:
    """Return the name of the file, unless the title says it already."""
    name = file_name(source)
    if name == title:
        return Html("")
    return Html('<span class="lc-file"><bdi>{}</bdi></span>').format(name)


def _address(doc_id: str, span: Span) -> Html:
    return Html('data-doc="{}" data-start="{}" data-end="{}"').format(doc_id, span.start, span.end)
