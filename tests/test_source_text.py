"""The text of a source as HTML: formatted again, and every character of it still there."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from loccit.index.datatypes import Block, Document, Emphasis, HiddenReason, HiddenText, Span
from loccit.index.parsing import parse_bytes
from loccit.index.parsing.plain_text import blocks_of_text
from loccit.ui.chat.views.source_text import text_html

TABLE = "Who pays?\nparty | period\ntenant | 3 <months>\nlandlord | 6\n\na | lone line\nEnd."
GAP = '<span class="lc-gap"> | </span></td><td>'
LIST = "Duties:\n\n- pay the rent\n  - on time\n- sweep\n1. first\n\nEnd."
BULLET = '<span class="lc-bullet">- </span>'


def shown(text: str, cited: str, source: str = "s.md", **more: object) -> str:
    start = text.index(cited)
    more = {"blocks": blocks_of_text(text, ()), **more}
    document = Document("d", text, "t", source, **more)  # type: ignore[arg-type]
    return text_html(document, Span(0, len(text)), Span(start, start + len(cited)))


def read(markup: str) -> tuple[str, str]:
    """Return all of the text and the cited words, as a browser has them."""
    page = LexborHTMLParser(f"<div>{markup}</div>")
    everything, cited = page.css_first("div"), page.css_first("#lc-cited")
    assert everything is not None
    assert cited is not None
    return everything.text(), cited.text()


def test_rows_of_cells_are_a_table_again() -> None:
    markup = shown(TABLE, "Who")
    assert (
        f'pays?\n<table class="lc-table"><tr><td>party{GAP}period</td></tr>\n'
        f"<tr><td>tenant{GAP}3 &lt;months&gt;</td></tr>\n"
        f"<tr><td>landlord{GAP}6</td></tr></table>\n\na | lone line\nEnd."
    ) in markup


def test_a_cited_cell_stands_in_its_table() -> None:
    markup = shown(TABLE, "tenant")
    assert markup.count("<tr>") == 3
    assert f'<tr><td><mark id="lc-cited" tabindex="-1">tenant</mark>{GAP}3' in markup


@pytest.mark.parametrize("cited", ["tenant | 3 <months>", "tenant | 3 <months>\nlandlord | 6"])
def test_cited_rows_are_marked_as_rows(cited: str) -> None:
    markup = shown(TABLE, cited)
    assert markup.count("<tr>") == 3
    assert f'</tr>\n<tbody id="lc-cited" tabindex="-1"><tr><td>tenant{GAP}3' in markup
    assert read(markup) == (TABLE, cited)


def test_a_row_that_the_mark_cuts_is_left_as_it_is() -> None:
    markup = shown(TABLE, "period\ntenant")
    assert "<table" not in markup
    assert read(markup) == (TABLE, "period\ntenant")


def test_items_are_set_as_items_again() -> None:
    assert shown(LIST, "Duties") == (
        '<mark id="lc-cited" tabindex="-1">Duties</mark>:\n\n'
        f'<span class="lc-item lc-depth-0">{BULLET}pay the rent\n</span>'
        '<span class="lc-item lc-depth-1"><span class="lc-gap">  </span>'
        f"{BULLET}on time\n</span>"
        f'<span class="lc-item lc-depth-0">{BULLET}sweep\n</span>'
        '<span class="lc-item lc-depth-0">1. first\n</span>\nEnd.'
    )


def test_a_text_without_blocks_is_shown_as_it_is() -> None:
    assert shown(LIST, "Duties", blocks=()) == (
        f'<mark id="lc-cited" tabindex="-1">Duties</mark>{LIST[6:]}'
    )


@pytest.mark.parametrize(
    ("cited", "markup"),
    [
        ("sweep", f'<span class="lc-item lc-depth-0">{BULLET}<mark id="lc-cited"'),
        ("- sweep", f'lc-depth-0"><mark id="lc-cited" tabindex="-1">{BULLET}sweep</m'),
        (
            "- on time",
            f'<span class="lc-gap">  </span><mark id="lc-cited" tabindex="-1">{BULLET}on',
        ),
        ("on time\n- sweep", '-1">on time\n<span class="lc-item lc-depth-0">'),
        (
            "the rent\n  - on",
            '- pay <mark id="lc-cited" tabindex="-1">the rent\n  - on',
        ),
    ],
)
def test_a_cited_item(cited: str, markup: str) -> None:
    assert markup in shown(LIST, cited)
    assert read(shown(LIST, cited)) == (LIST, cited)


def test_emphasis_is_cut_where_the_mark_is() -> None:
    emphasis = (Emphasis(Span(4, 11), "strong"), Emphasis(Span(8, 11), "em"))
    code = Emphasis(Span(15, 17), "code")
    markup = shown("The big fee is <40>.", "fee is", emphasis=(*emphasis, code))
    assert markup == (
        'The <strong>big </strong><mark id="lc-cited" tabindex="-1"><em><strong>fee</strong></em>'
        " is</mark> <code>&lt;4</code>0&gt;."
    )


PIECES = st.lists(
    st.sampled_from(["a", "\n", "\n\n", " | ", "- ", "  - ", "1. ", "<b>", " ", "😀", "word "]),
    max_size=30,
)


@settings(max_examples=400)
@given(PIECES, st.sampled_from(["a.md", "a.txt"]), st.data())
def test_no_character_is_lost_or_moved(pieces: list[str], source: str, data: st.DataObject) -> None:
    text = f"x{''.join(pieces)}x"
    size = len(text)
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    window = Span(data.draw(st.integers(0, start)), data.draw(st.integers(end, size)))
    spans = data.draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(1, 9)), max_size=4))
    emphasis = tuple(Emphasis(Span(at, min(size, at + n)), "em") for at, n in sorted(spans))
    heading = Block(Span(0, 1), "heading", 1)
    blocks = blocks_of_text(text, (heading,))
    places = data.draw(st.lists(st.integers(0, size), max_size=4))
    reasons = st.sampled_from(get_args(HiddenReason))
    hidden = tuple(HiddenText(at, "<gone>", data.draw(reasons)) for at in sorted(places))
    document = Document("d", text, "t", source, blocks=blocks, emphasis=emphasis, hidden=hidden)
    markup = text_html(document, window, Span(start, end), also=[e.span for e in emphasis[:2]])
    assert read(markup) == (text[window.start : window.end], text[start:end])
    shown = [at for at in places if window.start <= at < window.end or at == window.end == size]
    assert markup.count('data-words="') == len(shown)


def test_cells_of_a_page_stand_where_they_stood() -> None:
    long = "by a fitter " * 9
    page = (
        "<table><tr><th><th colspan=2>Crew<th>Note<tr><th scope=row>North<td>Ann<td>"
        f"<td rowspan=2>{long}<tr><td><td><b>Bo</b><td>Cy</table>"
    )
    document = parse_bytes(page.encode(), "a.html")
    start = document.text.index("Bo")
    markup = text_html(document, Span(0, len(document.text)), Span(start, start + 2))
    gap = '<span class="lc-gap">'
    assert markup == (
        f'<table class="lc-table"><tr><th></th><th colspan="2">{gap}| </span>Crew'
        f"{gap} |  | </span></th><th>Note</th></tr>\n"
        f"<tr><th>North{gap} | </span></th><td>Ann{gap} |  | </span></td><td></td>"
        f'<td rowspan="2">{long.strip()}</td></tr>\n'
        f'<tr><td></td><td>{gap}| </span><mark id="lc-cited" tabindex="-1"><strong>Bo</strong>'
        f"</mark>{gap} | </span></td><td>Cy{gap} |</span></td></tr></table>"
    )


def test_hidden_words_are_marked_in_place() -> None:
    page = (
        "<p>Rent: <s>900</s> 950.</p><ul><li>pay <b hidden>x</b><li>sweep</ul>"
        "<table><tr><th>a<th>b<tr><td>1 <s>2</s><td><s>3</s> 4</table><p hidden>end</p>"
    )
    document = parse_bytes(page.encode(), "a.html")
    struck = '<del class="lc-struck" data-words="{}"></del>'.format
    told = "Hidden words: {} (not shown)".format
    button = (
        '<button type="button" class="lc-hidden" aria-label="{0}" title="{0}" data-words="{0}">'
        "</button>"
    ).format
    markup = text_html(document, Span(0, len(document.text)), Span(6, 9))
    assert f'Rent: {struck(900)}<mark id="lc-cited" tabindex="-1">950</mark>.' in markup
    assert f"pay{button(told('x'))}\n</span>" in markup
    assert f"<td>1{struck(2)}{GAP}{struck(3)}4{button(told('end'))}</td></tr></table>" in markup
    assert read(markup)[0] == document.text


def test_code_and_captions_are_set_apart() -> None:
    page = "<p>Run:<pre>make\nall</pre><figcaption>Fig. 1</figcaption>"
    document = parse_bytes(page.encode(), "a.html")
    assert text_html(document, Span(0, len(document.text)), Span(0, 3)) == (
        '<mark id="lc-cited" tabindex="-1">Run</mark>:\n\n'
        '<span class="lc-code"><code>make\nall</code></span>\n\n'
        '<span class="lc-caption">Fig. 1</span>'
    )


def test_a_page_is_shown_as_it_was_written() -> None:
    page = (
        b"<h1>Lease</h1><p>The <b>rent</b> is <i>900</i>.<ul><li>pay<li>sweep <code>x</code></ul>"
    )
    document = parse_bytes(page, "a.html")
    start = document.text.index("rent")
    markup = text_html(document, Span(0, len(document.text)), Span(start, start + 4))
    assert markup == (
        '<strong class="lc-h1">Lease</strong>\n\nThe <mark id="lc-cited" tabindex="-1">'
        "<strong>rent</strong></mark> is <em>900</em>.\n\n"
        f'<span class="lc-item lc-depth-0">{BULLET}pay\n</span>'
        f'<span class="lc-item lc-depth-0">{BULLET}sweep <code>x</code></span>'
    )


MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                "word ",
                "<p>",
                "<ul><li>",
                "<li>",
                "<ol>",
                "</ul>",
                "<pre>a\n\nb</pre>",
                "<h2>x</h2>",
            ),
            *("<table>", "<tr>", "<td>", "<th rowspan=2>c", "<td colspan=2>d", "</table>", "<dt>"),
            *("<caption>e</caption>", f"<td rowspan=3>{'long ' * 30}", "&lt;b&gt;"),
        ]
    ),
    min_size=1,
    max_size=30,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(MARKUP, st.data())
def test_no_character_of_a_page_is_lost_or_moved(markup: str, data: st.DataObject) -> None:
    document = parse_bytes(f"x{markup}".encode(), "a.html")
    size = len(document.text)
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    window = Span(data.draw(st.integers(0, start)), data.draw(st.integers(end, size)))
    found = read(text_html(document, window, Span(start, end)))
    assert found == (document.text[window.start : window.end], document.text[start:end])
