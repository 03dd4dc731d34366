"""A conversation as one HTML file that needs nothing else: no script, and no other address.

Each quote is marked within the paragraph of its source. Should markup of a document ever slip into
the page, the page's own policy keeps it from loading or running anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loccit.index.datatypes import Document, Hit
from loccit.qa.answering.anchoring import Surroundings
from loccit.qa.conversation.records import KeptConversation, KeptTurn
from loccit.qa.datatypes import Answer, Citation, Sentence
from loccit.ui.exports.conversation import citation_place, excerpt, rated_words, shown_time
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import counted, current, tr
from loccit.ui.text.wording import (
    NEAREST,
    NO_ANSWER_YET,
    NUM_NEAREST,
    SUPPORT_WORDS,
    asked_words,
    leads,
    place,
    printable,
    titles_asked,
    unanswered_words,
)

STYLE = Path(__file__).with_name("export.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def conversation_page(conversation: KeptConversation, documents: Mapping[str, Document]) -> str:
    """Return the whole page; ``documents`` are those that the index holds now."""
    page = Html(
        '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        "<title>{title}</title><style>{style}</style></head><body>"
        '<header><h1 dir="auto" lang="">{title}</h1><p>{length} · {time}</p></header>'
        "<main>{turns}</main><footer><p>{about}</p></footer></body></html>\n"
    ).format(
        language=current(),
        policy=Html(POLICY),
        title=printable(conversation.title),
        style=Html(STYLE.read_text(encoding="utf-8")),
        length=counted(len(conversation.turns), "question"),
        time=shown_time(conversation.created),
        turns=joined(_turn_html(turn, documents) for turn in conversation.turns),
        about=tr(
            "Answers from documents, by loccit: each quote is written in its source word for word, "
            "unless marked otherwise."
        ),
    )
    return str(page)


def _turn_html(turn: KeptTurn, documents: Mapping[str, Document]) -> Html:
    asked = asked_words(turn.question, turn.completed, titles_asked(turn.documents, turn.answer))
    return Html('<section><h2 dir="auto" lang="">{}</h2>{}{}{}</section>').format(
        printable(turn.question),
        Html('<p class="full" dir="auto">{}</p>').format(printable(asked)) if asked else "",
        _answer_html(turn, documents),
        _feedback_html(turn),
    )


def _answer_html(turn: KeptTurn, documents: Mapping[str, Document]) -> Html:
    answer = turn.answer
    if answer is None:
        return Html('<p class="full">{}</p>').format(tr(NO_ANSWER_YET))
    if not answer.answered:
        return _not_answered_html(answer)
    first = leads(answer)
    shorts = joined(
        Html('<p class="short" dir="auto" lang="">{}{}</p>').format(
            printable(sentence.short or ""),
            _marks_html(turn.number, sentence) if len(first) > 1 else "",
        )
        for sentence in first
    )
    sentences = Html(" ").join(
        Html.escape(printable(sentence.text)) + _marks_html(turn.number, sentence)
        for sentence in answer.sentences
    )
    quotes = joined(
        _citation_html(turn.number, citation, around, documents)
        for citation, around in zip(answer.citations, turn.surroundings, strict=True)
    )
    return Html(
        '{}<p class="sentences" dir="auto" lang="">{}</p><ol aria-label="{}">{}</ol>'
    ).format(shorts, sentences, tr("Where it is written"), quotes)


def _marks_html(number: int, sentence: Sentence) -> Html:
    return joined(
        # A mark alone on a line would look like the next sentence's.
        Html('&NoBreak;<a class="mark" href="#{}" aria-label="{}">{}</a>').format(
            _anchor(number, marker), tr("Citation {number}", number=marker), marker
        )
        for marker in sentence.markers
    )


def _citation_html(
    number: int, citation: Citation, around: Surroundings, documents: Mapping[str, Document]
) -> Html:
    icon, words = SUPPORT_WORDS[citation.support]
    part = excerpt(citation, around, documents)
    return Html(
        '<li id="{anchor}"><span class="number">{marker}</span>'
        '<figure><blockquote dir="auto" lang="">{before}<mark>{quote}</mark>{after}</blockquote>'
        "<figcaption><b><bdi>{title}</bdi></b><span><bdi>{place}</bdi></span>"
        '<span class="{support}"><span aria-hidden="true">{icon}</span> {words}</span>'
        "</figcaption></figure></li>"
    ).format(
        anchor=_anchor(number, citation.marker),
        marker=citation.marker,
        before=("… " if part.is_cut_before else "") + printable(part.before),
        quote=_quote_html(citation),
        after=printable(part.after) + (" …" if part.is_cut_after else ""),
        title=printable(place(citation.title, citation.page)),
        place=printable(citation_place(citation)),
        support=citation.support.value,
        icon=icon,
        words=tr(words),
    )


def _quote_html(citation: Citation) -> Html:
    """Return the quote with its short answer in bold."""
    if citation.answer is None:
        return Html.escape(printable(citation.quote))
    start = citation.answer.start - citation.span.start
    end = citation.answer.end - citation.span.start
    parts = (citation.quote[:start], citation.quote[start:end], citation.quote[end:])
    return Html("{}<b>{}</b>{}").format(*map(printable, parts))


def _not_answered_html(answer: Answer) -> Html:
    lead = Html('<p class="short">{}</p>').format(tr(unanswered_words(answer)))
    if not answer.hits:
        return lead
    nearest = joined(_nearest_html(hit) for hit in answer.hits[:NUM_NEAREST])
    return lead + Html('<p class="full">{}</p><ul>{}</ul>').format(tr(NEAREST), nearest)


def _nearest_html(hit: Hit) -> Html:
    return Html(
        '<li><figure><blockquote dir="auto" lang="">{}</blockquote>'
        "<figcaption><b><bdi>{}</bdi></b></figcaption></figure></li>"
    ).format(printable(hit.passage.text), printable(hit.passage.title or hit.passage.doc_id))


def _feedback_html(turn: KeptTurn) -> Html:
    if turn.feedback is None:
        return Html("")
    return Html('<p class="rated"><bdi>{}</bdi></p>').format(printable(rated_words(turn.feedback)))


def _anchor(number: int, marker: int) -> str:
    return f"turn-{number}-citation-{marker}"
