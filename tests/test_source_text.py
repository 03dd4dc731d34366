"""The text of a source as HTML: formatted again, and every character of it still there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from loccit.index.datatypes import Block, Document, Emphasis, Span
from loccit.index.parsing import parse_bytes
from loccit.ui.chat.views.source_text import text_html

TABLE = "Who pays?\nparty | period\ntenant | 3 <months>\nlandlord | 6\n\na | lone line\nEnd."
GAP = '<span class="lc-gap"> | </span></td><td>'
LIST = "Duties:\n\n- pay the rent\n  - on time\n- sweep\n1. first\n\nEnd."
BULLET = '<span class="lc-bullet">- </span>'


def shown(text: str, cited: str, source: str = "s.md", **more: object) -> str:
    start = text.index(cited)
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


@pytest.mark.parametrize("source", ["a.txt", "a.pdf", "no name"])
def test_elsewhere_a_dash_is_the_texts_own(source: str) -> None:
    assert "lc-item" not in shown(LIST, "Duties", source)


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
    document = Document("d", text, "t", source, blocks=(heading,), emphasis=emphasis)
    markup = text_html(document, window, Span(start, end), also=[e.span for e in emphasis[:2]])
    assert read(markup) == (text[window.start : window.end], text[start:end])


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
