"""Answers as HTML: pure functions, and the only place where an answer becomes markup.

Every text that comes from a document or a person goes through ``escape``. Citation marks are real
buttons: a keyboard reaches them and a screen reader names them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loccit.index.datatypes import Document, Hit, Span
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.ui.chat.turns import Talk, Turn
from loccit.ui.chat.views.turn_tools import tools_html
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import tr
from loccit.ui.text.wording import (
    NEAREST,
    NOT_ANSWERED,
    NUM_NEAREST,
    RIVALS,
    RIVALS_IN_ONE,
    SUPPORT_WORDS,
    WHY,
    asked_words,
    file_name,
    leads,
    place,
    rank_words,
    titles_asked,
    why_words,
)

MAX_LAST_CHARS = 24  # of a last word that is kept on one line with its marks
AROUND_CHARS = 160  # of the passage on each side of a quote, in the preview of its mark
PASSAGE_CHARS = 360  # of a nearest passage; its button opens the whole
PENDING = '<p class="lc-pending" role="status"><span class="lc-spinner"></span>{words}</p>'


def conversation_html(talk: Talk, documents: Mapping[str, Document], *, empty: str) -> str:
    """Return the whole conversation, or ``empty`` (HTML) before the first question."""
    turns = "".join(turn_html(turn, documents) for turn in talk.turns) or empty
    return f'<div class="lc-talk" data-conversation="{escape(talk.conversation_id)}">{turns}</div>'


def turn_html(turn: Turn, documents: Mapping[str, Document]) -> str:
    """Return a question and what was said to it."""
    if turn.answer is not None:
        body = answer_html(turn.answer, documents, scope=turn.scope)
    elif turn.message:
        body = message_html(turn.message) + _again_html(turn)
    else:
        body = pending_html(turn.waiting)
    number = "" if turn.number is None else f' data-turn="{turn.number}"'
    return (
        f'<section class="lc-turn"{number}>'
        f'<h2 class="lc-question" dir="auto" lang="">{escape(turn.question)}</h2>'
        f"{_asked_html(turn)}{body}{tools_html(turn)}</section>"
    )


def _again_html(turn: Turn) -> str:
    """Return the way to ask a question again that is kept without an answer."""
    if turn.number is None:
        return ""
    return (
        f'<p class="lc-completed"><button type="button" data-question="{escape(turn.question)}">'
        f"{tr('Ask again')}</button></p>"
    )


def _asked_html(turn: Turn) -> str:
    """Return what a follow-up was taken for, and the way to ask it as it was typed."""
    titles = titles_asked(turn.documents, turn.answer)
    words = asked_words(turn.question, turn.completed, titles)
    if not words:
        return ""
    other = tr("Ask as typed") if turn.completed else tr("Ask all")
    return (
        f'<p class="lc-completed">{escape(words)} '
        f'<button type="button" data-question="{escape(turn.question)}" data-typed>'
        f"{other}</button></p>"
    )


def empty_html(num_documents: int, examples: Sequence[str]) -> str:
    """Return what a visitor sees before the first question."""
    if num_documents == 0:
        how = tr(
            "Use “Add files”, or drop them on this page. They are read and searched by this "
            "program alone, without any outside service."
        )
        return f'<div class="lc-empty"><h2>{tr("Add your documents first")}</h2><p>{how}</p></div>'
    buttons = "".join(
        f'<button type="button" class="lc-example" data-question="{escape(question)}">'
        f"{escape(question)}</button>"
        for question in examples
    )
    how = tr(
        "Every answer is taken from your documents word for word. Press a number to read it "
        "where it is written."
    )
    return (
        f'<div class="lc-empty"><h2>{tr("What would you like to know?")}</h2>'
        f'<p>{how}</p><div class="lc-examples">{buttons}</div></div>'
    )


def answer_html(answer: Answer, documents: Mapping[str, Document], *, scope: str = "") -> str:
    """Return the answer with its marks and numbered quotes, or "not in your documents".

    ``scope`` says what was searched, where nothing was found.
    """
    if not answer.answered:
        return _not_answered_html(answer, documents, scope)
    by_marker = {citation.marker: citation for citation in answer.citations}
    short = _leads_html(leads(answer), by_marker)
    sentences = " ".join(_sentence_html(sentence, by_marker) for sentence in answer.sentences)
    quotes = "".join(_quote_html(citation, answer) for citation in answer.citations)
    return (
        f'<div class="lc-answer">{short}<p class="lc-sentences" dir="auto" lang="">{sentences}</p>'
        f'<ol class="lc-quotes" aria-label="{tr("Where it is written")}">{quotes}</ol></div>'
    )


def message_html(message: str) -> str:
    """Return a message about something that went wrong, with its next step."""
    return (
        '<p class="lc-message" role="alert"><span aria-hidden="true">⚠</span> '
        f"{escape(message)}</p>"
    )


def pending_html(words: str) -> str:
    """Return the sign that an answer is on its way."""
    return PENDING.format(words=escape(words))


def _leads_html(sentences: Sequence[Sentence], by_marker: Mapping[int, Citation]) -> str:
    """Return the short answer, or those that differ side by side, each with its document."""
    if len(sentences) < 2:
        return "".join(
            f'<p class="lc-short" dir="auto" lang="">{escape(sentence.short or "")}</p>'
            for sentence in sentences
        )
    cards = "".join(
        f'<li><p class="lc-short" dir="auto" lang="">{escape(sentence.short or "")}'
        f"{_marks_html(sentence, by_marker)}</p>"
        f"<p><bdi>{escape(by_marker[sentence.markers[0]].title)}</bdi></p></li>"
        for sentence in sentences
    )
    sources = {by_marker[marker].doc_id for s in sentences for marker in s.markers[:1]}
    rivals = tr(RIVALS if len(sources) > 1 else RIVALS_IN_ONE)
    return f'<div class="lc-rivals"><p>{rivals}</p><ul aria-label="{rivals}">{cards}</ul></div>'


def _sentence_html(sentence: Sentence, by_marker: Mapping[int, Citation]) -> str:
    marks = _marks_html(sentence, by_marker)
    head, last = _before_last_word(sentence.text)
    # No line ends inside: a mark alone on a line would look like the next sentence's.
    return f'{escape(head)}<span class="lc-last">{escape(last)}{marks}</span>'


def _marks_html(sentence: Sentence, by_marker: Mapping[int, Citation]) -> str:
    return "".join(
        _mark_html(by_marker[marker]) for marker in sentence.markers if marker in by_marker
    )


def _before_last_word(text: str) -> tuple[str, str]:
    """Split a text before its last word; a word too long to stay on one line is left out."""
    last = text.rsplit(maxsplit=1)[-1] if text and text == text.rstrip() else ""
    if len(last) > MAX_LAST_CHARS:
        last = ""
    return text[: len(text) - len(last)], last


def _mark_html(citation: Citation) -> str:
    support = tr(SUPPORT_WORDS[citation.support][1])
    doubt = "" if citation.support in (Support.EXACT, Support.NORMALIZED) else f", {support}"
    number = tr("Citation {number}", number=citation.marker)
    name = f"{number}, {place(citation.title, citation.page)}{doubt}"
    return (
        f'<button type="button" class="lc-mark lc-{citation.support.value}" '
        f'data-marker="{citation.marker}" {_address(citation.doc_id, citation.span)} '
        f'aria-label="{escape(name)}">{citation.marker}</button>'
    )


def _quote_html(citation: Citation, answer: Answer) -> str:
    before, after = _around(citation, answer.hit_of(citation))
    return (
        f'<li class="lc-quote" value="{citation.marker}" '
        f'data-before="{escape(before)}" data-after="{escape(after)}">'
        f'<blockquote dir="auto" lang="">{_quote_text_html(citation)}</blockquote>'
        '<p class="lc-where">'
        f"{_open_html(citation.doc_id, citation.span, citation.title, citation.page)}"
        f"{_file_html(citation.title, citation.source)}"
        f"{_support_html(citation.support)}</p>{_why_html(why_words(answer, citation))}</li>"
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


def _support_html(support: Support) -> str:
    icon, words = SUPPORT_WORDS[support]
    return (
        f'<span class="lc-support lc-{support.value}">'
        f'<span aria-hidden="true">{icon}</span> {tr(words)}</span>'
    )


def _why_html(words: str) -> str:
    return (
        f'<details class="lc-why"><summary>{tr(WHY)}</summary><p>{escape(words)}</p></details>'
        if words
        else ""
    )


def _quote_text_html(citation: Citation) -> str:
    if citation.answer is None:
        return escape(citation.quote)
    start = citation.answer.start - citation.span.start
    end = citation.answer.end - citation.span.start
    before, words, after = citation.quote[:start], citation.quote[start:end], citation.quote[end:]
    return f'{escape(before)}<b class="lc-words">{escape(words)}</b>{escape(after)}'


def _not_answered_html(answer: Answer, documents: Mapping[str, Document], scope: str) -> str:
    lead = f'<p class="lc-short">{tr(NOT_ANSWERED)}</p>'
    if scope:
        lead += f'<p class="lc-scope">{escape(scope)}</p>'
    if not answer.hits:
        return f'<div class="lc-answer lc-unanswered">{lead}</div>'
    nearest = "".join(
        _passage_html(hit, documents.get(hit.passage.doc_id), len(answer.hits))
        for hit in answer.hits[:NUM_NEAREST]
    )
    return (
        f'<div class="lc-answer lc-unanswered">{lead}<p class="lc-nearest">{tr(NEAREST)}</p>'
        f'<ul class="lc-quotes">{nearest}</ul></div>'
    )


def _passage_html(hit: Hit, document: Document | None, num_hits: int) -> str:
    passage = hit.passage
    title = document.title if document else passage.title
    page = document.page_of(passage.span.start) if document else None
    text = passage.text
    if len(text) > PASSAGE_CHARS:
        text = text[:PASSAGE_CHARS].rsplit(maxsplit=1)[0] + " …"
    if document is None or document.text[passage.span.start : passage.span.end] != passage.text:
        # A kept answer, and the document went or was changed since.
        where = f"<bdi>{escape(title)}</bdi> {_support_html(Support.STALE)}"
    else:
        where = _open_html(passage.doc_id, passage.span, title, page)
    return (
        f'<li class="lc-quote"><blockquote dir="auto" lang="">{escape(text)}</blockquote>'
        f'<p class="lc-where">{where}</p>'
        f"{_why_html(rank_words(hit, num_hits))}</li>"
    )


def _open_html(doc_id: str, span: Span, title: str, page: int | None) -> str:
    return (
        f'<button type="button" class="lc-open" {_address(doc_id, span)}>'
        f"<bdi>{escape(place(title, page))}</bdi></button>"
    )


def _file_html(title: str, source: str) -> str:
    name = file_name(source)
    return "" if name == title else f'<span class="lc-file"><bdi>{escape(name)}</bdi></span>'


def _address(doc_id: str, span: Span) -> str:
    return f'data-doc="{escape(doc_id)}" data-start="{span.start}" data-end="{span.end}"'
