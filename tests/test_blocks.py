"""The blocks of a document: in order, apart, over all that is written, right to the character."""

from __future__ import annotations

import re

from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from hypothesis import given, settings
from hypothesis import strategies as st
from parsing_fixtures import check_blocks, docx_bytes, parse

from loccit.index.datatypes import Block, Document, Span
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.plain_text import blocks_of_text

Shown = tuple[str, str] | tuple[str, str, int, str]


def shown(text: str, *headings: Block) -> list[Shown]:
    """Return the kind and words of each block, and the level and sign of an item."""
    found: list[Shown] = []
    for block in blocks_of_text(text, headings):
        words = text[block.span.start : block.span.end]
        if block.mark is None:
            found.append((block.kind, words))
        else:
            sign = text[block.mark.start : block.mark.end]
            assert block.ordinal in ("", sign)
            found.append((block.kind, words, block.level, sign))
    return found


def test_lines_without_signs_go_on_with_the_item_above() -> None:
    text = "Take:\n- a pot\n  of clay\n    - glazed\n- soil\n\nThen 2. is no item."
    assert shown(text) == [
        ("paragraph", "Take:"),
        ("item", "- a pot\n  of clay", 0, "-"),
        ("item", "- glazed", 1, "-"),
        ("item", "- soil", 0, "-"),
        ("paragraph", "Then 2. is no item."),
    ]


def test_numbers_and_letters_count_and_initials_do_not() -> None:
    text = "1. open\n2.1. press\n(iv) wait\n\na. oak\nb. elm\n\nJ. Miller wrote it.\n\nb) last"
    assert shown(text) == [
        ("item", "1. open", 0, "1."),
        ("item", "2.1. press", 0, "2.1."),
        ("item", "(iv) wait", 0, "(iv)"),
        ("item", "a. oak", 0, "a."),
        ("item", "b. elm", 0, "b."),
        ("paragraph", "J. Miller wrote it."),
        ("item", "b) last", 0, "b)"),
    ]


def test_rows_with_bars_are_a_table_and_one_alone_is_not() -> None:
    text = "Fees\nage | day | week\n---|---|---\nadult |  | 40\n\n| a | b |\n| c | d |\n\nx | y"
    blocks = blocks_of_text(text, (Block(Span(0, 4), "heading", 1),))
    assert [(block.kind, text[block.span.start : block.span.end]) for block in blocks] == [
        ("heading", "Fees"),
        ("table", "age | day | week\n---|---|---\nadult |  | 40"),
        ("table", "| a | b |\n| c | d |"),
        ("paragraph", "x | y"),
    ]
    cells = [
        (c.row, c.column, c.span and text[c.span.start : c.span.end], c.is_header)
        for block in blocks
        for c in block.cells
    ]
    assert cells == [
        (0, 0, "age", True),
        (0, 1, "day", True),
        (0, 2, "week", True),
        (2, 0, "adult", False),
        (2, 1, None, False),
        (2, 2, "40", False),
        (0, 0, "a", False),
        (0, 1, "b", False),
        (1, 0, "c", False),
        (1, 1, "d", False),
    ]


PIECES = st.lists(
    st.sampled_from(
        ["a", "B", "\n", "\n\n", " | ", "|", "- ", "    ", "\t", "1. ", "a. ", "b. ", "(c) ", "-"]
    )
    | st.text(max_size=3),
    max_size=40,
).map("".join)


@settings(max_examples=400)
@given(PIECES, st.integers(0, 4))
def test_any_text_is_covered_by_its_blocks(text: str, num_headings: int) -> None:
    lines = list(re.finditer(r"\S(?:.*\S)?", text))[:num_headings]
    headings = tuple(Block(Span(m.start(), m.end()), "heading", 1) for m in lines)
    document = Document("d", text, "t", "s.txt", blocks=blocks_of_text(text, headings))
    check_blocks(document)
    assert document.headings == headings


def blocks_in(document: Document) -> list[tuple[str, int, str, str]]:
    """Return the kind, level and sign of each block, and its words without the sign."""
    text = document.text
    return [
        (
            block.kind,
            block.level,
            text[block.mark.start : block.mark.end] if block.mark else "",
            text[block.mark.end if block.mark else block.span.start : block.span.end].strip(),
        )
        for block in document.blocks
    ]


def cells_in(document: Document) -> list[tuple[int, int, str, bool, int, int]]:
    """Return the row, column, words, whether it is a header, rows and columns of each cell."""
    return [
        (
            cell.row,
            cell.column,
            document.text[cell.span.start : cell.span.end] if cell.span else "",
            cell.is_header,
            cell.rows,
            cell.columns,
        )
        for block in document.blocks
        for cell in block.cells
    ]


def test_blocks_of_a_page() -> None:
    page = (
        "<h2>Hut</h2><p>Bring:<ol><li>rope<p>of hemp</p><ul><li>and <b>knots</b></ul>always"
        "<li><pre>x = 1</pre></ol><figure><figcaption>Fig. 1</figcaption></figure>"
        "<pre>a\n\nb</pre><dl><dt>Fee<dd>9<dt>Key<dd>none</dl>"
    )
    document = parse(page.encode(), "a.html")
    assert document.text == (
        "Hut\n\nBring:\n\n1. rope\nof hemp\n  - and knots\nalways\n2. x = 1\n\nFig. 1\n\na\n\nb\n\n"
        "Fee\n9\nKey\nnone"
    )
    assert blocks_in(document) == [
        ("heading", 2, "", "Hut"),
        ("paragraph", 0, "", "Bring:"),
        ("item", 0, "1.", "rope\nof hemp"),
        ("item", 1, "-", "and knots"),
        ("paragraph", 0, "", "always"),
        ("item", 0, "2.", "x = 1"),
        ("caption", 0, "", "Fig. 1"),
        ("code", 0, "", "a\n\nb"),
        ("paragraph", 0, "", "Fee\n9"),
        ("paragraph", 0, "", "Key\nnone"),
    ]


def test_blocks_of_markdown() -> None:
    text = (
        "# Hut\n\n- rope\n\n  of hemp\n\n  3. knots\n- key\n\n```\nx\n```\n\n"
        "> said\n\n|a|b|\n|-|-|\n||2|"
    )
    document = parse(text.encode(), "a.md")
    assert blocks_in(document) == [
        ("heading", 1, "", "Hut"),
        ("item", 0, "-", "rope\nof hemp"),
        ("item", 1, "3.", "knots"),
        ("item", 0, "-", "key"),
        ("code", 0, "", "x"),
        ("paragraph", 0, "", "said"),
        ("table", 0, "", "a | b\n| 2"),
    ]
    assert cells_in(document) == [
        (0, 0, "a", True, 1, 1),
        (0, 1, "b", True, 1, 1),
        (1, 0, "", False, 1, 1),
        (1, 1, "2", False, 1, 1),
    ]


def test_cells_of_a_page_that_are_merged() -> None:
    long = "Only by a certified fitter. " * 8
    page = (
        "<table><caption>Crews</caption><thead><tr><td>Area<td colspan=2>Crew<td>Note</thead>"
        f"<tr><th rowspan=2>North<td>Ann<td>Bo<td rowspan=3>{long}<tr><td>Cy<td>"
        "<tr><th scope=row>South<td colspan=2>Di</table>"
    )
    document = parse(page.encode(), "a.html")
    assert document.text == (
        "Crews\nArea | Crew |  | Note\n"
        f"North | Ann | Bo | {long.strip()}\nNorth | Cy |  |\nSouth | Di |  |"
    )
    assert cells_in(document) == [
        (0, 0, "Area", True, 1, 1),
        (0, 1, "Crew", True, 1, 2),
        (0, 3, "Note", True, 1, 1),
        (1, 0, "North", True, 1, 1),
        (1, 1, "Ann", False, 1, 1),
        (1, 2, "Bo", False, 1, 1),
        (1, 3, long.strip(), False, 3, 1),
        (2, 0, "North", True, 1, 1),
        (2, 1, "Cy", False, 1, 1),
        (2, 2, "", False, 1, 1),
        (3, 0, "South", True, 1, 1),
        (3, 1, "Di", False, 1, 2),
    ]


def test_blocks_of_a_word_document() -> None:
    def fill(document: WordDocument) -> None:
        document.add_heading("Hut", 1)
        document.add_paragraph("rope", "List Bullet")
        document.add_paragraph("knots", "List Number 2")
        document.add_paragraph("Table 1: Fees", "Caption")
        table = document.add_table(3, 3)
        for cell, words in zip(table._cells, "abcdefghi", strict=True):
            cell.text = words
        repeated = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(repeated)
        table.cell(1, 0).merge(table.cell(2, 0)).text = "both"
        table.cell(0, 1).merge(table.cell(0, 2)).text = "wide"

    document = parse(docx_bytes(fill), "a.docx")
    assert blocks_in(document) == [
        ("heading", 1, "", "Hut"),
        ("item", 0, "-", "rope"),
        ("item", 0, "1.", "knots"),
        ("caption", 0, "", "Table 1: Fees"),
        ("table", 0, "", "a | wide\nboth | e | f\nboth | h | i"),
    ]
    assert cells_in(document) == [
        (0, 0, "a", True, 1, 1),
        (0, 1, "wide", True, 1, 2),
        (1, 0, "both", False, 1, 1),
        (1, 1, "e", False, 1, 1),
        (1, 2, "f", False, 1, 1),
        (2, 0, "both", False, 1, 1),
        (2, 1, "h", False, 1, 1),
        (2, 2, "i", False, 1, 1),
    ]


MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                "word ",
                "two\n",
                "\n\n",
                "- ",
                "  - ",
                "3. ",
                "|a|b|\n|-|-|\n|c|",
                "# ",
                "> ",
                "```",
            ),
            *("<ul>", "<ol>", "<li>", "</li>", "</ul>", "</ol>", "<p>", "<pre>", "</pre>", "<br>"),
            *("<table>", "<tr>", "<td rowspan=2>", "<th colspan=3>", "<caption>", "</table>"),
            *("<dl>", "<dt>", "<dd>", "</dl>", "<h2>", "</h2>", "<div>", "</div>", "<del>", "**"),
        ]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=300)
@given(MARKUP, st.sampled_from(["a.md", "a.html"]))
def test_any_markup_is_covered_by_its_blocks(markup: str, source: str) -> None:
    try:
        parse(f"x {markup}".encode(), source)
    except UnreadableDocument as error:
        assert "holds no text" in error.reason
