"""HTML of answers, sources and lists: exact strings, and properties over any text."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loccit.index.datatypes import Block, BlockKind, Document, Hit, Passage, Span
from loccit.index.ingestion.reporting import AddResult, DocumentSummary, FileOutcome, Pace, Progress
from loccit.index.parsing import SUPPORTED_SUFFIXES
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.ui.chat.indexing import CANCELLED, State
from loccit.ui.chat.turns import Talk, Turn
from loccit.ui.chat.views.adding import indexing_html, report_html, retry_html
from loccit.ui.chat.views.answers import answer_html
from loccit.ui.chat.views.documents import documents_html
from loccit.ui.chat.views.source import MARGIN_CHARS, SLACK_CHARS, source_html, widen, window_around
from loccit.ui.chat.views.talk import conversation_html, empty_html
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import counted
from loccit.ui.text.wording import SUPPORT_WORDS, SUPPORTED, duration, one_line, place, printable

HOSTILE = "<img src=x onerror=alert(1)>"
DOCUMENT = Document("d1", "One.\nThe fee is 40.\nEnd.", "Terms & fees", "/f/terms.pdf", (0, 5))
TAG = re.compile(r"<[^>]*>")
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)))


def citation(support: Support = Support.EXACT, title: str = "Terms & fees") -> Citation:
    return Citation(1, "d1", Span(5, 19), "The fee is 40.", title, "/f/terms.pdf", 2, support)


def answer(cited: Citation, text: str = "The fee is 40.") -> Answer:
    return Answer("What?", (Sentence(text, (1,)),), (cited,), (), True, 0.9)


def visible(markup: str) -> str:
    """Return the text that a browser shows of balanced markup."""
    return html.unescape(TAG.sub("", markup))


def test_answer_golden() -> None:
    assert answer_html(answer(citation()), {}) == (
        '<div class="lc-answer"><p class="lc-sentences" dir="auto" lang="">The fee is '
        '<span class="lc-last">40.'
        '<button type="button" class="lc-mark lc-exact" data-marker="1" data-doc="d1" '
        'data-start="5" data-end="19" aria-label="Citation 1, Terms &amp; fees, page 2">1</button>'
        '</span></p><ol class="lc-quotes" aria-label="Where it is written">'
        '<li class="lc-quote" value="1" data-before="" data-after="">'
        '<blockquote dir="auto" lang="">The fee is 40.</blockquote>'
        '<p class="lc-where"><button type="button" class="lc-open" data-doc="d1" data-start="5" '
        'data-end="19"><bdi>Terms &amp; fees, page 2</bdi></button>'
        '<span class="lc-file"><bdi>terms.pdf</bdi></span><span class="lc-support lc-exact">'
        '<span aria-hidden="true">✓</span> exact quote</span><button type="button" class="lc-copy" '
        'data-copy="quote" aria-label="Copy quote 1 with its place">Copy</button></p>'
        '<details class="lc-why"><summary>'
        "Why this passage?</summary><p>Estimated chance that this answer is right: 0%.</p>"
        "</details></li></ol></div>"
    )


@pytest.mark.parametrize(
    ("kinds", "is_list"),
    [(("item", "item"), True), (("item", "paragraph"), False), (("paragraph", "item"), False)],
)
def test_steps_of_one_list_stand_below_each_other(
    kinds: Sequence[BlockKind], is_list: bool
) -> None:
    steps = ("1. Empty it.", "2. Fill <it>.")
    document = replace(
        DOCUMENT,
        text="\n".join(steps),
        blocks=(Block(Span(0, 12), kinds[0]), Block(Span(13, 26), kinds[1])),
    )
    cited = [
        replace(citation(), marker=1, span=Span(0, 12), quote=steps[0]),
        replace(citation(), marker=2, span=Span(13, 26), quote=steps[1]),
    ]
    said = [Sentence(step, (number,)) for number, step in enumerate(steps, 1)]
    both = Answer("How?", tuple(said), tuple(cited), (), True, 0.9)
    markup = answer_html(both, {"d1": document})
    assert ("<li>1. Empty <span" in markup) is is_list
    assert ("</li>\n<li>2. Fill <span" in markup) is is_list
    assert ('<p class="lc-sentences"' in markup) is not is_list
    for other in ({}, {"d1": replace(document, text="0" * 26)}):  # removed, changed since
        assert '<p class="lc-sentences"' in answer_html(both, other)
    twice = replace(both, citations=(cited[0], replace(cited[0], marker=2)))
    assert '<p class="lc-sentences"' in answer_html(twice, {"d1": document})  # of one item


def test_short_answers_stand_first_and_in_bold() -> None:
    cited = replace(citation(), answer=Span(16, 18))
    one = Answer("What?", (Sentence("The fee is 40.", (1,), "40"),), (cited,), (), True, 0.9)
    markup = answer_html(one, {})
    assert markup.startswith('<div class="lc-answer"><p class="lc-short" dir="auto" lang="">40</p>')
    assert (
        '<blockquote dir="auto" lang="">The fee is <b class="lc-words">40</b>.</blockquote>'
        in markup
    )
    other = Sentence("It is 50.", (2,), "50")
    several = replace(
        one, sentences=(*one.sentences, other), citations=(cited, replace(cited, marker=2))
    )
    shorts = re.findall(
        r'<p class="lc-short" dir="auto" lang="">(.*?)</p>', answer_html(several, {})
    )
    assert [visible(short) for short in shorts] == ["401", "502"]  # each with its mark
    assert "This document gives different answers:" in answer_html(several, {})
    one, other = several.citations
    elsewhere = replace(several, citations=(one, replace(other, doc_id="another")))
    assert "Your documents give different answers:" in answer_html(elsewhere, {})


def test_a_quote_knows_what_its_passage_says_around_it() -> None:
    text = f"{'Before that. ' * 30}The fee is 40. {'After <that>. ' * 30}"
    start = text.index("The fee")
    cited = replace(citation(), doc_id="d1", span=Span(100 + start, 114 + start))
    hit = Hit(Passage("p", "d1", Span(100, 100 + len(text)), text), 0.1, 1)
    said = Answer("What?", (Sentence("The fee is 40.", (1,)),), (cited,), (hit,), True, 0.9)
    (around,) = re.findall(r'data-before="([^"]*)" data-after="([^"]*)"', answer_html(said, {}))
    before, after = (html.unescape(part) for part in around)
    assert before.startswith("… ")
    assert after.endswith(" …")
    inside = f"{before[2:]}The fee is 40.{after[:-2]}"
    assert inside in text
    assert 300 < len(inside) < 340
    moved = replace(said, hits=(replace(hit, passage=replace(hit.passage, text="x" * 900)),))
    assert 'data-before="" data-after=""' in answer_html(moved, {})


def test_why_a_passage_was_found_is_told() -> None:
    passage = Passage("p", "d1", Span(5, 19), "The fee is 40.")
    hit = Hit(passage, 0.1, 2, 0.714, dense_rank=3, lexical_rank=None)
    cited = replace(citation(), score=0.834)
    found = Answer("What?", (Sentence("The fee is 40.", (1,)),), (cited,), (hit,), True, 0.9)
    assert (
        "<p>Passage 2 of 1: not found by keywords, number 3 by meaning (similarity 0.71). "
        "Estimated chance that this answer is right: 83%.</p>"
    ) in answer_html(found, {})


@pytest.mark.parametrize(
    ("text", "last"),
    [("The fee is 40.", "40."), ("", ""), ("ends blank ", ""), ("x" * 25, ""), ("字。", "字。")],
)
def test_the_mark_keeps_to_its_last_word(text: str, last: str) -> None:
    head = Html.escape(text[: len(text) - len(last)])
    markup = answer_html(answer(citation(), text), {})
    assert f'dir="auto" lang="">{head}<span class="lc-last">{last}<button' in markup


def test_not_answered_golden() -> None:
    hit = Hit(Passage("p", "d1", Span(5, 19), "The fee is 40."), 0.1, 1)
    unanswered = Answer("What?", (), (), (hit,), False, 0.0)
    assert answer_html(unanswered, {"d1": DOCUMENT}, scope="Searched 1 < 2.") == (
        '<div class="lc-answer lc-unanswered"><p class="lc-short">I found no answer in your '
        "documents.</p>"
        '<p class="lc-scope">Searched 1 &lt; 2.</p><p class="lc-nearest">The nearest passages:</p>'
        '<ul class="lc-quotes"><li class="lc-quote">'
        '<blockquote dir="auto" lang="">The fee is 40.</blockquote><p class="lc-where">'
        '<button type="button" class="lc-open" data-doc="d1" data-start="5" data-end="19">'
        '<bdi>Terms &amp; fees, page 2</bdi></button></p><details class="lc-why"><summary>Why this '
        "passage?</summary><p>Passage 1 of 1: not found by keywords, not found by meaning.</p>"
        "</details></li></ul></div>"
    )


def test_source_golden() -> None:
    assert source_html(DOCUMENT, Span(5, 19)) == (
        '<article class="lc-source" data-doc="d1" data-start="5" data-end="19" data-from="0" '
        'data-to="24"><header class="lc-source-head"><div><h2><bdi>Terms &amp; fees</bdi></h2>'
        '<button type="button" class="lc-close" aria-label="Close the source">×</button></div><div>'
        '<p><strong class="lc-page">page 2</strong> · <bdi>terms.pdf</bdi> · characters 5–19</p>'
        '<nav class="lc-walk" aria-label="Citations of this answer" hidden>'
        '<button type="button" data-step="-1" aria-label="Previous citation">‹</button>'
        '<span class="lc-walk-at" data-words="{number} of {count}"></span>'
        '<button type="button" data-step="1" aria-label="Next citation">›</button></nav>'
        '</div></header><div class="lc-source-body" role="region" tabindex="0" '
        'aria-label="Text of Terms &amp; fees"><div class="lc-source-text" dir="auto" lang="">'
        "One.\n"
        '<mark id="lc-cited" tabindex="-1"><span class="lc-page-start" data-page="page 2"></span>'
        "The fee is 40.</mark>\nEnd.</div></div></article>"
    )


def test_a_page_that_could_not_be_drawn_is_told_above_its_text() -> None:
    markup = source_html(DOCUMENT, Span(5, 19), is_undrawn=True)
    assert markup.index("takes too long to draw") < markup.index("lc-source-body")


def test_headings_are_bold_also_where_the_mark_cuts_them() -> None:
    document = Document(
        "d", "My title\nbody", "t", "s.md", blocks=(Block(Span(0, 8), "heading", 1),)
    )
    assert (
        '<strong class="lc-h1">My </strong><mark id="lc-cited" tabindex="-1">'
        '<strong class="lc-h1">title</strong>\nbo'
    ) in source_html(document, Span(3, 11))


def test_what_else_is_cited_is_marked_faintly() -> None:
    markup = source_html(DOCUMENT, Span(5, 19), also=[Span(0, 3), Span(10, 22)])
    assert 'dir="auto" lang=""><mark class="lc-also">One</mark>.' in markup
    assert '</mark><mark class="lc-also">\nEn</mark>d.</div>' in markup


@pytest.mark.parametrize("support", Support)
def test_support_is_told_in_words(support: Support) -> None:
    icon, words = SUPPORT_WORDS[support]
    markup = answer_html(answer(citation(support)), {})
    assert f'<span aria-hidden="true">{icon}</span> {words}' in markup
    doubtful = support not in (Support.EXACT, Support.NORMALIZED)
    assert (f"page 2, {words}" in markup) == doubtful  # the mark's name warns as well


@given(ANY_TEXT)
def test_any_text_is_escaped_and_comes_back(text: str) -> None:
    escaped = Html.escape(text)
    assert not set(escaped) & set("<>\"'\r")
    assert html.unescape(escaped) == text


@given(ANY_TEXT.filter(bool), st.data())
def test_the_mark_shows_the_quote(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    cut = data.draw(st.integers(0, len(text) - 1))
    document = Document(
        "d", text, text, text, (0, cut) if cut else (), (Block(Span(0, cut + 1), "heading", 1),)
    )
    markup = source_html(document, Span(start, end))
    inside = re.search(r'<mark id="lc-cited" tabindex="-1">(.*?)</mark>', markup, re.DOTALL)
    assert inside is not None
    # TAG also removes nothing of the text: escaping left no "<" in it.
    assert TAG.sub("", inside[1]) == Html.escape(text[start:end])
    body = re.search(
        r'lc-source-text" dir="auto" lang="">(.*)</div></div></article>', markup, re.DOTALL
    )
    assert body is not None
    assert TAG.sub("", body[1]) == Html.escape(text)


@given(ANY_TEXT)
def test_no_text_adds_an_element(text: str) -> None:
    def tags(filler: str) -> list[str]:
        # A source that never has the title's name: it is shown beside another name only.
        cited = Citation(1, filler, Span(5, 19), filler, filler, f"{filler}s", 2, Support.EXACT)
        summary = DocumentSummary(filler, filler, (filler,), 1, None, 1)
        outcome = AddResult((FileOutcome(f"{filler}x.pdf", "failed", reason=filler),))
        markup = (
            answer_html(answer(cited, filler), {})
            + conversation_html(Talk(filler, (Turn(filler, message=filler),)), {}, empty="")
            + conversation_html(Talk("", (Turn(filler, waiting=filler),)), {}, empty="")
            + empty_html(1, [filler])
            + documents_html([summary], ())
            + report_html(outcome)
            + indexing_html(State(True, Progress("reading", filler, 0, 1)), None)
            + documents_html([], (), {f"{filler}x.pdf": filler})
            + source_html(Document(filler, "text", filler, filler), Span(0, 1))
        )
        return re.findall(r"<(/?\w+)", markup)

    assert [tag for tag in tags(text) if tag != "span"] == [
        tag for tag in tags("x") if tag != "span"
    ]


def test_emoji_do_not_shift_the_mark() -> None:
    document = Document("d", "🦓🦓 e\u0301 zebra 👩‍👩‍👧 end", "t", "s")
    start = document.text.index("zebra")
    assert 'tabindex="-1">zebra</mark>' in source_html(document, Span(start, start + 5))


def test_a_span_beyond_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond 24 characters"):
        source_html(DOCUMENT, Span(20, 25))


def test_a_long_document_is_shown_in_part_and_widens_to_the_whole() -> None:
    text = "".join(f"Paragraph {i}. " + "word " * 30 + "\n" for i in range(4000))
    start = text.index("Paragraph 2000")
    document = Document("d", text, "t", "s")
    markup = source_html(document, Span(start, start + 9))
    assert len(markup) < 4 * (MARGIN_CHARS + SLACK_CHARS)
    assert 'data-side="earlier"' in markup
    assert 'data-side="later"' in markup
    window = window_around(text, Span(start, start + 9))
    assert text[window.start - 1] == text[window.end - 1] == "\n"
    for _ in range(100):
        window = widen(text, widen(text, window, "earlier"), "later")
    assert window == Span(0, len(text))
    assert "lc-more" not in source_html(document, Span(start, start + 9), window)


def test_list_golden() -> None:
    summary = DocumentSummary("d1", "Terms", ("/f/terms.pdf",), 3, 2, 24)
    assert documents_html([summary], {"d1"}) == (
        '<div class="lc-docs"><div class="lc-docs-head">'
        '<span class="lc-docs-asked" role="status"></span>'
        '<span class="lc-docs-pick"><button type="button" data-all="all" '
        'aria-label="Select all documents">All</button><button type="button" data-all="none" '
        'aria-label="Select no document">None</button></span></div><ul aria-label="Documents">'
        '<li class="lc-doc"><label class="lc-doc-tick"><input type="checkbox" data-doc="d1" '
        'aria-label="Select Terms"></label>'
        '<button type="button" class="lc-doc-open" data-open="d1">'
        '<bdi class="lc-doc-title">Terms</bdi><span class="lc-doc-detail"><bdi>terms.pdf</bdi> · '
        '2 pages</span></button><button type="button" class="lc-remove" aria-label="Remove '
        'Terms" title="Remove">×</button></li></ul></div>'
    )


def test_documents_stand_under_their_folders() -> None:
    sources = ["/f/a.txt", "/f/law/b.txt", "/f/law/c.txt", "/f/index/uploads/d.txt", "made"]
    summaries = [DocumentSummary(s, s[-5:], (s,), 1, None, 9) for s in sources]
    markup = documents_html(summaries[:3], ())
    lists = re.findall(r'<ul aria-label="(.*?)">(.*?)</ul>', markup)
    assert [(name, rows.count("<li")) for name, rows in lists] == [
        ("Documents", 1),
        ("Documents in law", 2),
    ]
    assert markup.count("data-folder") == 2
    assert "data-folder" not in documents_html(summaries[1:3], ())
    names = re.findall(r'<ul aria-label="(.*?)">', documents_html(summaries, ()))
    assert names == [
        "Documents in .",
        "Documents in /f",
        "Documents in /f/law",
        "Documents in Uploads",
    ]
    assert "lc-find" not in markup
    assert "lc-find" in documents_html(summaries * 2, ())


def test_progress_and_report() -> None:
    step = Progress("embedding", f"/f/{HOSTILE}.txt", 1, 4, 5, 10)
    times = iter([0.0, 2.0, 2.0])
    pace = Pace(lambda: next(times))
    pace.note(step)
    markup = indexing_html(State(True, step, pace), None)
    assert 'max="4" value="1.500"' in markup
    # Five passages in two seconds; one and a half files in two, and two and a half to go.
    assert "file 2 of 4 · 2 passages per second · 3 s left" in visible(markup)
    outcomes = (
        FileOutcome("/f/a.txt", "added", "d"),
        FileOutcome("/f/b.pdf", "failed", reason="no"),
    )
    assert visible(report_html(AddResult(outcomes))) == (
        "1 added, 1 failed✗ b.pdf failed: no✓ a.txt addedRetry failed files"
    )
    assert visible(indexing_html(State(is_running=True, is_stopping=True, step=step), None)) == (
        "Stopping …"
    )
    stopped = State(step=step, message=CANCELLED, left=("/f/b.pdf", "/f/<c>.txt"))
    markup = indexing_html(stopped, None)
    words = "×Stopped after 1 of 4 files. What was added so far is kept."
    assert visible(markup) == f"{words}Not added: 2 filesb.pdf<c>.txt"
    assert visible(indexing_html(replace(stopped, left=()), None)) == words
    assert 'data-job="close"' in markup
    assert [duration(0.2), duration(90)] == ["1 s", "2 min"]
    assert duration(7_800) == "2 h 10 min"


def test_a_report_reaches_every_file_and_shows_the_failed_ones_first() -> None:
    added = [FileOutcome(f"/f/{n}.txt", "added", "d") for n in range(5)]
    failed = [FileOutcome(f"/f/{n}.pdf", "failed", reason=f"why {n}") for n in range(10)]
    markup = report_html(AddResult((*added, *failed)))
    at_once, _, folded = markup.partition('<details class="lc-outcomes"><summary>and 12 more')
    assert re.findall(r"<bdi>(.*?)</bdi>", at_once) == ["0.pdf", "1.pdf", "2.pdf"]
    names = [*(f"{n}.pdf" for n in range(3, 10)), *(f"{n}.txt" for n in range(5))]
    assert re.findall(r"<bdi>(.*?)</bdi>", folded) == names
    assert SUPPORTED not in visible(markup)


def test_another_try_is_offered_where_it_may_help(tmp_path: Path) -> None:
    (tmp_path / "full.txt").write_text("Words.", encoding="utf-8")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    hopeless = [str(tmp_path / name) for name in ("empty.txt", "picture.png")]
    assert retry_html(hopeless) == ""
    for name in ("full.txt", "unplugged.txt", "\0.txt"):
        assert "Retry failed files" in retry_html([*hopeless, str(tmp_path / name)])
    assert "Retry" not in documents_html((), (), dict.fromkeys(hopeless, "no"))


def test_what_is_supported_is_said_once() -> None:
    failed = [FileOutcome(f"/f/{n}.xyz", "failed", reason="no") for n in range(3)]
    assert visible(report_html(AddResult(tuple(failed)))).count(SUPPORTED) == 1
    named = set(re.findall(r"\.\w+", SUPPORTED)) | {".pdf"}
    assert named <= set(SUPPORTED_SUFFIXES)


def test_files_that_could_not_be_read_are_told_where_an_answer_is_missing() -> None:
    unanswered = Answer("What?", (), (), (), False, 0.0)
    markup = answer_html(unanswered, {}, num_unread=2)
    assert "2 files could not be read. The answer may be there." in visible(markup)
    assert "data-unread" in markup
    assert "data-unread" not in answer_html(unanswered, {})
    assert "data-unread" not in answer_html(answer(citation()), {}, num_unread=2)
    listed = documents_html([], (), {"/f/<a>.pdf": "it has a password"})
    assert "<li><bdi>&lt;a&gt;.pdf</bdi> <span>it has a password</span></li>" in listed
    assert 'data-job="retry"' in listed


def test_html_escapes_whatever_is_put_into_it() -> None:
    hostile = '<b a="\'">&\r'
    escaped = "&lt;b a=&#34;&#39;&#34;&gt;&amp;&#13;"
    assert Html('<p title="{0}">{0}</p>').format(hostile) == (f'<p title="{escaped}">{escaped}</p>')
    assert joined([hostile, Html("<i>")]) == f"{escaped}<i>"
    assert Html("<i>") + hostile == f"<i>{escaped}"


def test_words() -> None:
    assert place("Annual report", 14) == "Annual report, page 14"
    assert place("Annual report", None) == "Annual report"
    assert [counted(n, "passage") for n in (0, 1, 1234)] == [
        "0 passages",
        "1 passage",
        "1,234 passages",
    ]
    assert printable("a\x1b[31mb\tc\n") == "a\ufffd[31mb\tc\n"
    assert one_line(" a\n\n b\t") == "a b"
