"""A conversation as one HTML file that needs nothing else: no script, no address but its own.

Each quote is marked within the paragraph of its source. Every text goes through ``escape``; were
markup to slip through all the same, the page's policy would keep it from loading or running.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loccit.index.datatypes import Document, Hit
from loccit.qa.answering.anchoring import Surroundings
from loccit.qa.conversation.records import KeptConversation, KeptTurn
from loccit.qa.datatypes import Answer, Citation, Sentence
from loccit.ui.exports.conversation import citation_place, excerpt, rated_words, shown_time
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import counted, current, tr
from loccit.ui.text.wording import (
    NEAREST,
    NO_ANSWER_YET,
    NOT_ANSWERED,
    NUM_NEAREST,
    SUPPORT_WORDS,
    asked_words,
    leads,
    place,
    printable,
    titles_asked,
)

STYLE = Path(__file__).with_name("export.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def conversation_page(conversation: KeptConversation, documents: Mapping[str, Document]) -> str:
    """Return the whole page; ``documents`` are those of now."""
    title = _text(conversation.title)
    turns = "".join(_turn_html(turn, documents) for turn in conversation.turns)
    length = counted(len(conversation.turns), "question")
    about = tr(
        "Answers from documents, by loccit: each quote is written in its source word for word, "
        "unless it is said not to be."
    )
    return (
        f'<!doctype html>\n<html lang="{current()}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head><body>"
        f'<header><h1 dir="auto" lang="">{title}</h1>'
        f"<p>{length} · {shown_time(conversation.created)}</p></header><main>{turns}</main>"
        f"<footer><p>{about}</p></footer></body></html>\n"
    )


def _turn_html(turn: KeptTurn, documents: Mapping[str, Document]) -> str:
    asked = asked_words(turn.question, turn.completed, titles_asked(turn.documents, turn.answer))
    full = f'<p class="full" dir="auto">{_text(asked)}</p>' if asked else ""
    return (
        f'<section><h2 dir="auto" lang="">{_text(turn.question)}</h2>{full}'
        f"{_answer_html(turn, documents)}{_feedback_html(turn)}</section>"
    )


def _answer_html(turn: KeptTurn, documents: Mapping[str, Document]) -> str:
    answer = turn.answer
    if answer is None:
        return f'<p class="full">{tr(NO_ANSWER_YET)}</p>'
    if not answer.answered:
        return _not_answered_html(answer)
    shorts = "".join(
        f'<p class="short" dir="auto" lang="">{_text(sentence.short or "")}'
        + (_marks_html(turn.number, sentence) if len(leads(answer)) > 1 else "")
        + "</p>"
        for sentence in leads(answer)
    )
    sentences = " ".join(
        _text(sentence.text) + _marks_html(turn.number, sentence) for sentence in answer.sentences
    )
    quotes = "".join(
        _citation_html(turn.number, citation, around, documents)
        for citation, around in zip(answer.citations, turn.surroundings, strict=True)
    )
    return (
        f'{shorts}<p class="sentences" dir="auto" lang="">{sentences}</p>'
        f'<ol aria-label="{tr("Where it is written")}">{quotes}</ol>'
    )


def _marks_html(number: int, sentence: Sentence) -> str:
    return "".join(
        # A mark alone on a line would look like the next sentence's.
        f'&NoBreak;<a class="mark" href="#{_anchor(number, marker)}" '
        f'aria-label="{tr("Citation {number}", number=marker)}">{marker}</a>'
        for marker in sentence.markers
    )


def _citation_html(
    number: int, citation: Citation, around: Surroundings, documents: Mapping[str, Document]
) -> str:
    icon, words = SUPPORT_WORDS[citation.support]
    part = excerpt(citation, around, documents)
    before = ("… " if part.is_cut_before else "") + _text(part.before)
    after = _text(part.after) + (" …" if part.is_cut_after else "")
    return (
        f'<li id="{_anchor(number, citation.marker)}"><span class="number">{citation.marker}</span>'
        f'<figure><blockquote dir="auto" lang="">{before}<mark>{_quote_html(citation)}</mark>'
        f"{after}</blockquote><figcaption><b><bdi>{_text(place(citation.title, citation.page))}"
        f"</bdi></b><span><bdi>{_text(citation_place(citation))}</bdi></span>"
        f'<span class="{citation.support.value}"><span aria-hidden="true">{icon}</span> {tr(words)}'
        "</span></figcaption></figure></li>"
    )


def _quote_html(citation: Citation) -> str:
    if citation.answer is None:
        return _text(citation.quote)
    start = citation.answer.start - citation.span.start
    end = citation.answer.end - citation.span.start
    before, words, after = citation.quote[:start], citation.quote[start:end], citation.quote[end:]
    return f"{_text(before)}<b>{_text(words)}</b>{_text(after)}"


def _not_answered_html(answer: Answer) -> str:
    nearest = "".join(_nearest_html(hit) for hit in answer.hits[:NUM_NEAREST])
    lead = f'<p class="short">{tr(NOT_ANSWERED)}</p>'
    return f'{lead}<p class="full">{tr(NEAREST)}</p><ul>{nearest}</ul>' if nearest else lead


def _nearest_html(hit: Hit) -> str:
    title = hit.passage.title or hit.passage.doc_id
    return (
        f'<li><figure><blockquote dir="auto" lang="">{_text(hit.passage.text)}</blockquote>'
        f"<figcaption><b><bdi>{_text(title)}</bdi></b></figcaption></figure></li>"
    )


def _feedback_html(turn: KeptTurn) -> str:
    if turn.feedback is None:
        return ""
    return f'<p class="rated"><bdi>{_text(rated_words(turn.feedback))}</bdi></p>'


def _anchor(number: int, marker: int) -> str:
    return f"turn-{number}-citation-{marker}"


def _text(text: str) -> str:
    return escape(printable(text))
