"""Exported conversations: the shapes value by value, and hostile text that stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from loccit.index.datatypes import Document, Hit, Passage, Span
from loccit.qa.answering.anchoring import Surroundings, surroundings
from loccit.qa.conversation.records import KeptConversation, KeptTurn
from loccit.qa.conversation.store import UnknownConversation
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.qa.evaluation.feedback import Feedback, Rating
from loccit.ui.exports.answer_json import answer_json
from loccit.ui.exports.conversation import (
    EXCERPT_CHARS,
    Excerpt,
    conversation_json,
    conversation_markdown,
    excerpt,
    markdown,
    only_turn,
)
from loccit.ui.exports.page import POLICY, conversation_page
from loccit.ui.text.wording import printable

if TYPE_CHECKING:
    from playwright.sync_api import Browser


NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUOTE = "The fee is 40 euros 🦓."
TEXT = f"The terms.\n\nIt is so agreed. {QUOTE} It is due in May.\n\nThe end."
START = TEXT.index(QUOTE)
SPAN = Span(START, START + len(QUOTE))
SHORT = Span(START + 11, START + 19)
DOCUMENT = Document("d1", TEXT, "Terms_2026", "/files/the terms.pdf", page_starts=(0, 12))
CITATION = Citation(1, "d1", SPAN, QUOTE, "Terms_2026", DOCUMENT.source, 2, Support.EXACT, SHORT)
HIT = Hit(Passage("p", "d1", SPAN, QUOTE, "", "Terms_2026"), 0.5, 1, 0.25)
ANSWER = Answer(
    "What is the fee?", (Sentence(QUOTE, (1,), "40 euros"),), (CITATION,), (HIT,), True, 0.75
)
HOSTILE = (
    "</title></style><script>window.ran=1</script><img src=x onerror='window.ran=2'>\" "
    "![x](http://evil.example/x.png) [y](javascript:1) \x1b]0;owned\x07 \u202e\n# h\n- i\n"
)
ALLOWED = (
    "html head meta title style body header h1 p main section h2 ol ul li span figure blockquote "
    "mark b bdi figcaption a footer"
)


def turn(answer: Answer = ANSWER, feedback: Feedback | None = None) -> KeptTurn:
    around = tuple(surroundings(TEXT, citation.span) for citation in answer.citations)
    return KeptTurn(1, NOON, "And the fee?", "What is the fee?", answer, around, feedback)


def conversation(*turns: KeptTurn) -> KeptConversation:
    numbered = (replace(one, number=number) for number, one in enumerate(turns, start=1))
    return KeptConversation("c0ffee", "The fee", NOON, NOON, tuple(numbered))


def unanswered(text: str = QUOTE) -> Answer:
    hit = replace(HIT, passage=replace(HIT.passage, text=text))
    return Answer("Who?", (), (), (hit,), answered=False, confidence=0.0)


def hostile() -> KeptConversation:
    """A conversation in which everything that can be text is hostile."""
    quote = f"{HOSTILE}q"
    cited = replace(
        CITATION,
        span=Span(0, len(quote)),
        answer=Span(0, 9),
        quote=quote,
        title=HOSTILE,
        source=f"/f/{HOSTILE}",
        support=Support.STALE,
    )
    answer = replace(
        ANSWER, sentences=(Sentence(HOSTILE, (1,), HOSTILE),), citations=(cited,), hits=()
    )
    hits = replace(HIT, passage=replace(HIT.passage, text=HOSTILE, title=HOSTILE))
    turns = [
        replace(
            turn(said, Feedback(Rating.WRONG_ANSWER, HOSTILE)),
            question=HOSTILE,
            completed=HOSTILE,
            surroundings=tuple(Surroundings(HOSTILE, HOSTILE) for _ in said.citations),
        )
        for said in (answer, replace(unanswered(), hits=(hits,)))
    ]
    return replace(conversation(*turns), title=HOSTILE)


def test_json() -> None:
    rated = turn(feedback=Feedback(Rating.WRONG_EVIDENCE, "see page 3"))
    assert conversation_json(conversation(rated), {"d1": DOCUMENT}) == {
        "conversation_id": "c0ffee",
        "title": "The fee",
        "created": "2026-03-01T12:00:00+00:00",
        "changed": "2026-03-01T12:00:00+00:00",
        "turns": [
            {
                "number": 1,
                "asked": "2026-03-01T12:00:00+00:00",
                "question": "And the fee?",
                "completed": "What is the fee?",
                "documents": None,
                "answer": answer_json(ANSWER, {"d1": DOCUMENT}),
                "targets": [
                    {
                        "type": "SpecificResource",
                        "source": "file:///files/the%20terms.pdf",
                        "selector": [
                            {
                                "type": "TextPositionSelector",
                                "start": SPAN.start,
                                "end": SPAN.end,
                            },
                            {
                                "type": "TextQuoteSelector",
                                "exact": QUOTE,
                                "prefix": TEXT[: SPAN.start],
                                "suffix": TEXT[SPAN.end :],
                            },
                        ],
                    }
                ],
                "feedback": {"rating": "wrong evidence", "note": "see page 3"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("documents", "support"),
    [({}, Support.STALE), ({"d1": DOCUMENT}, Support.STALE), ({}, Support.GONE)],
)
def test_what_is_lost_has_no_position(documents: Mapping[str, Document], support: Support) -> None:
    stale = replace(CITATION, support=support, source="no path: é")
    values = conversation_json(conversation(turn(replace(ANSWER, citations=(stale,)))), documents)
    (target,) = json.loads(json.dumps(values))["turns"][0]["targets"]
    assert target["source"] == "no%20path%3A%20%C3%A9"
    (selector,) = target["selector"]
    assert (selector["type"], selector["exact"]) == ("TextQuoteSelector", QUOTE)
    assert selector["prefix"] == TEXT[: SPAN.start]


def test_markdown() -> None:
    rated = turn(feedback=Feedback(Rating.RIGHT, "all of it"))
    nothing = replace(turn(unanswered("- 1. x")), completed=None)
    assert conversation_markdown(conversation(rated, nothing), {}) == (
        "# The fee\n\n"
        "## 1. And the fee?\n\n"
        "Asked 2026-03-01 12:00 UTC\n\n"
        "Asked as “What is the fee?”\n\n"
        "**40 euros**\n\n"
        f"{QUOTE} \\[1\\]\n\n"
        f"\\[1\\] Terms\\_2026, page 2 · the terms.pdf, characters {SPAN.start}–{SPAN.end} · "
        "✓ exact quote\n\n"
        f"> {QUOTE}\n\n"
        "Rated right: all of it\n\n"
        "## 2. And the fee?\n\n"
        "Asked 2026-03-01 12:00 UTC\n\n"
        "I found no answer in your documents.\n\n"
        "The nearest passages:\n\n"
        "1\\. Terms\\_2026\n\n"
        "> \\- 1. x\n"
    )


def parsed(text: str) -> list[str]:
    """Return the lines that CommonMark shows; fail where it would show anything but text."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    lines: list[str] = []
    for token in reader.parse(text):
        assert token.type in ("paragraph_open", "paragraph_close", "inline"), token
        for part in token.children or ():
            assert part.type in ("text", "softbreak"), part
        shown = "".join(part.content or "\n" for part in token.children or ())
        lines += shown.split("\n")
    return [line for line in lines if line]


SIGNS = st.text("\\`*_[]<>&~|$#+-=.)!:1a \t\n\x1b\"'", max_size=40)


@given(st.text(st.characters(exclude_categories=("Cs",))) | SIGNS)
def test_any_text_is_shown_by_markdown_as_it_is(text: str) -> None:
    lines = [line.strip() for line in printable(text).split("\n")]
    assert parsed(markdown(text)) == [line for line in lines if line]


def test_hostile_markdown_is_text() -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).parse(conversation_markdown(hostile(), {}))
    kinds = {token.type for token in tokens}
    parts = {part.type for token in tokens for part in token.children or ()}
    assert kinds == {
        f"{block}_{side}"
        for block in ("heading", "paragraph", "blockquote")
        for side in ("open", "close")
    } | {"inline"}
    assert parts == {"text", "softbreak", "strong_open", "strong_close"}
    assert sum(token.type == "heading_open" for token in tokens) == 3


def test_an_excerpt_is_the_paragraph() -> None:
    around = surroundings(TEXT, SPAN)
    whole = Excerpt("It is so agreed. ", QUOTE, " It is due in May.", False, False)
    assert excerpt(CITATION, around, {"d1": DOCUMENT}) == whole
    assert excerpt(replace(CITATION, support=Support.STALE), around, {"d1": DOCUMENT}) == whole
    assert excerpt(CITATION, around, {}) == whole
    assert excerpt(CITATION, Surroundings(), {}) == Excerpt("", QUOTE, "", False, False)
    long = "word " * 400 + QUOTE + " word" * 400
    span = Span(2000, 2000 + len(QUOTE))
    cut = excerpt(replace(CITATION, span=span), around, {"d1": replace(DOCUMENT, text=long)})
    assert (cut.is_cut_before, cut.is_cut_after) == (True, True)
    assert re.fullmatch(r"(word )+", cut.before)
    assert re.fullmatch(r"( word)+", cut.after)
    assert EXCERPT_CHARS - 10 < len(cut.before) <= EXCERPT_CHARS


@given(st.text("ab \n", max_size=80), st.text("ab \n", max_size=80))
def test_an_excerpt_stands_in_the_document(before: str, after: str) -> None:
    text = before + QUOTE + after
    cited = replace(CITATION, span=Span(len(before), len(before) + len(QUOTE)))
    part = excerpt(cited, Surroundings(), {"d1": replace(DOCUMENT, text=text)})
    assert before.endswith(part.before)
    assert after.startswith(part.after)
    assert "\n\n" not in part.before + "|" + part.after
    assert part.before == before or before[: -len(part.before) or None].endswith("\n\n")


def test_one_turn_alone() -> None:
    both = conversation(turn(), turn(unanswered()))
    assert only_turn(both, 2).turns == both.turns[1:]
    with pytest.raises(UnknownConversation, match="there is no turn 3: the conversation has 2"):
        only_turn(both, 3)


class Tags(HTMLParser):
    """Collects the tags, the attributes and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page_golden() -> None:
    markup = conversation_page(conversation(turn()), {"d1": DOCUMENT})
    assert (
        '<section><h2 dir="auto" lang="">And the fee?</h2>'
        '<p class="full" dir="auto">Asked as “What is the fee?”</p>'
        '<p class="short" dir="auto" lang="">40 euros</p>'
        f'<p class="sentences" dir="auto" lang="">{QUOTE}&NoBreak;<a class="mark" '
        'href="#turn-1-citation-1" aria-label="Citation 1">1</a></p>'
        '<ol aria-label="Where it is written"><li id="turn-1-citation-1">'
        '<span class="number">1</span><figure><blockquote dir="auto" lang="">It is so agreed. '
        "<mark>The fee is <b>40 euros</b> 🦓.</mark> It is due in May.</blockquote><figcaption>"
        "<b><bdi>Terms_2026, page 2</bdi></b>"
        f"<span><bdi>the terms.pdf, characters {SPAN.start}–{SPAN.end}</bdi></span>"
        '<span class="exact"><span aria-hidden="true">✓</span> exact quote</span>'
        "</figcaption></figure></li></ol></section>"
    ) in markup


def test_a_page_refers_to_nothing_outside_and_runs_nothing() -> None:
    page = conversation_page(hostile(), {})
    seen = Tags(page)
    assert seen.tags <= set(ALLOWED.split())
    names = {name for name, _ in seen.attributes}
    assert not {name for name in names if name.startswith("on")} | ({"src", "style"} & names)
    links = {value for name, value in seen.attributes if name == "href"}
    assert links == {"#turn-1-citation-1"}
    assert ("content", POLICY) in seen.attributes
    assert "url(" not in page
    assert "@import" not in page
    assert "\x1b" not in page
    assert printable(HOSTILE) in seen.text


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_in_a_browser(chromium: Browser, tmp_path: Path, scheme: str) -> None:
    file = tmp_path / "page.html"
    rated = turn(feedback=Feedback(Rating.RIGHT))
    both = replace(hostile(), turns=(*hostile().turns, replace(rated, number=3)))
    file.write_text(conversation_page(both, {"d1": DOCUMENT}), encoding="utf-8")
    context = chromium.new_context(
        viewport={"width": 390, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("mark").last.inner_text() == QUOTE
    assert page.locator("script, img").count() == 0
    page.locator(".mark").last.click()
    assert page.url.endswith("#turn-3-citation-1")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (scheme == "dark") == (paper == "rgb(25, 24, 22)")
    assert {url.split("#")[0] for url in asked} == {file.as_uri()}
    assert said == []
    context.close()
