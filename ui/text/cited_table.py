"""A quote from a table as a table: the cited rows below the headers of their columns."""

from __future__ import annotations

from loccit.index.datatypes import Cell, Document, Span
from loccit.index.table_rows import ShownRow
from loccit.qa.datatypes import Citation
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.table_words import cited_rows
from loccit.ui.text.wording import printable

BRIEF = 20  # characters of a cell that stays on one line


def cited_table_html(citation: Citation, document: Document | None) -> Html | None:
    """Return the rows that a citation quotes; None where it quotes no table, or it has changed."""
    rows = cited_rows(citation, document)
    if document is None or not rows:
        return None
    drawn = joined(_row_html(document.text, row, citation.answer) for row in rows)
    return Html('<table class="lc-table lc-cited-table">{}</table>').format(drawn)


def _row_html(text: str, row: ShownRow, answer: Span | None) -> Html:
    cells: list[Html] = []
    column = 0
    for cell in row.cells:
        cells += [Html("<td></td>")] * (cell.column - column)
        cells.append(_cell_html(text, cell, answer))
        column = max(column, cell.column + cell.columns)
    return Html("<tr{}>{}</tr>").format(
        Html(' class="lc-cited-row"') if row.is_cited else "", joined(cells)
    )


def _cell_html(text: str, cell: Cell, answer: Span | None) -> Html:
    """Return a cell with the words of the answer in bold."""
    tag = "th" if cell.is_header else "td"
    columns = Html(' colspan="{}"').format(cell.columns) if cell.columns > 1 else ""
    length = 0 if cell.span is None else cell.span.end - cell.span.start
    name = f"lc-depth-{min(cell.depth, 4)}" if cell.depth else "lc-brief" if length < BRIEF else ""
    depth = Html(' class="{}"').format(name) if name and length else ""
    return Html('<{0}{1}{2} dir="auto">{3}</{0}>').format(
        tag, columns, depth, _words_html(text, cell.span, answer)
    )


def _words_html(text: str, span: Span | None, answer: Span | None) -> Html:
    if span is None:
        return Html("")
    words = text[span.start : span.end]
    if answer is None or not span.contains(answer):
        return Html.escape(printable(words))
    start, end = answer.start - span.start, answer.end - span.start
    parts = (words[:start], words[start:end], words[end:])
    return Html('{}<b class="lc-words">{}</b>{}').format(*map(printable, parts))
