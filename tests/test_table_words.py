"""A cited cell is told with its row and its columns, in words, on the page, and in exports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loccit.index.datatypes import Document, Span
from loccit.index.parsing import parse_bytes
from loccit.index.table_rows import rows_around
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.ui.chat.views.answers import answer_html
from loccit.ui.text.cited_table import cited_table_html
from loccit.ui.text.table_words import answer_words, cited_grid, table_words

PAGE = """<h1>Rents</h1><p>All rents are paid in advance.</p>
<table>
<tr><th></th><th colspan="2">First half</th><th>Year</th></tr>
<tr><th>Flat</th><th>2023</th><th>2024</th><th>2024</th></tr>
<tr><th>Upper floor</th></tr>
<tr><th>A</th><td>900</td><td>950</td><td>1,900</td></tr>
<tr><th>Lower <floor></th></tr>
<tr><th>B</th><td>700</td><td></td><td>1,450</td></tr>
</table>
<table><tr><th>Name</th><td>Ada</td></tr></table>"""


@pytest.fixture(scope="module")
def document() -> Document:
    return parse_bytes(PAGE.encode(), "rents.html")


def cited(document: Document, row: str, answer: str | None) -> Citation:
    start = document.text.index(row)
    span = Span(start, start + len(row))
    inside = None
    if answer is not None:
        at = document.text.index(answer, start)
        inside = Span(at, at + len(answer))
    return Citation(
        1, document.doc_id, span, row, "Rents", "rents.html", None, Support.EXACT, answer=inside
    )


def test_rows_come_with_headers_and_the_label_of_their_group(document: Document) -> None:
    rows = rows_around(document, cited(document, "B | 700 |  | 1,450", None).span)
    texts = [
        [document.text[c.span.start : c.span.end] for c in row.cells if c.span] for row in rows
    ]
    assert texts == [
        ["First half", "Year"],
        ["Flat", "2023", "2024", "2024"],
        ["Lower"],
        ["B", "700", "1,450"],
    ]
    assert [row.is_cited for row in rows] == [False, False, False, True]


@pytest.mark.parametrize(
    ("row", "answer", "words"),
    [
        ("A | 900 | 950 | 1,900", "900", "Upper floor – A (First half, 2023): 900"),
        ("A | 900 | 950 | 1,900", "950", "Upper floor – A (First half, 2024): 950"),
        ("B | 700 |  | 1,450", "1,450", "Lower – B (Year, 2024): 1,450"),
        ("B | 700 |  | 1,450", None, "B · 700 · 1,450"),
        ("B | 700 |  | 1,450", "B", "B · 700 · 1,450"),
        ("Name | Ada", "Ada", "Name: Ada"),
        ("All rents are paid in advance.", "advance", None),
    ],
)
def test_words(document: Document, row: str, answer: str | None, words: str | None) -> None:
    assert table_words(cited(document, row, answer), document) == words


def test_what_has_changed_or_gone_is_told_as_it_was_written(document: Document) -> None:
    citation = cited(document, "A | 900 | 950 | 1,900", "900")
    assert table_words(citation, None) is None
    assert table_words(replace(citation, quote="A | 900 | 950 | 2,000"), document) is None


def test_a_quote_over_two_blocks_is_no_table(document: Document) -> None:
    end = document.text.index("Flat")
    assert rows_around(document, Span(0, end + 4)) == ()


def test_grid(document: Document) -> None:
    assert cited_grid(cited(document, "A | 900 | 950 | 1,900", "900"), document) == [
        ["Flat", "First half 2023", "First half 2024", "Year 2024"],
        ["Upper floor", "", "", ""],
        ["A", "900", "950", "1,900"],
    ]


def test_an_answer_in_words(document: Document) -> None:
    citation = cited(document, "A | 900 | 950 | 1,900", "900")
    answer = Answer("Rent?", (Sentence(citation.quote, (1,), "900"),), (citation,), (), True, 0.9)
    assert answer_words(answer, {document.doc_id: document}) == (
        "Upper floor – A (First half, 2023): 900 [1]"
    )
    assert answer_words(answer, {}) == "A | 900 | 950 | 1,900 [1]"


def test_the_page_shows_the_cell_and_keeps_the_quote_to_be_copied(document: Document) -> None:
    citation = cited(document, "A | 900 | 950 | 1,900", "900")
    assert cited_table_html(citation, document) == (
        '<table class="lc-table lc-cited-table">'
        '<tr><th dir="auto"></th><th colspan="2" class="lc-brief" dir="auto">First half</th>'
        '<th class="lc-brief" dir="auto">Year</th></tr>'
        '<tr><th class="lc-brief" dir="auto">Flat</th><th class="lc-brief" dir="auto">2023</th>'
        '<th class="lc-brief" dir="auto">2024</th><th class="lc-brief" dir="auto">2024</th></tr>'
        '<tr><th class="lc-brief" dir="auto">Upper floor</th></tr>'
        '<tr class="lc-cited-row"><th class="lc-brief" dir="auto">A</th>'
        '<td class="lc-brief" dir="auto"><b class="lc-words">900</b></td>'
        '<td class="lc-brief" dir="auto">950</td>'
        '<td class="lc-brief" dir="auto">1,900</td></tr></table>'
    )
    answer = Answer("Rent?", (Sentence(citation.quote, (1,), "900"),), (citation,), (), True, 0.9)
    markup = answer_html(answer, {document.doc_id: document})
    assert '<blockquote hidden dir="auto" lang="">A | <b class="lc-words">900</b> | 950' in markup
    assert "<blockquote hidden" not in answer_html(answer, {})
