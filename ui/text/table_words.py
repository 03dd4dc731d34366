"""A cited cell in words: which row and which columns it stands in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loccit.index.datatypes import Cell, Document, Span
from loccit.index.table_rows import ShownRow, rows_around
from loccit.qa.datatypes import Answer, Citation, Sentence
from loccit.ui.text.wording import printable

BETWEEN_CELLS = " · "


def cited_rows(citation: Citation, document: Document | None) -> tuple[ShownRow, ...]:
    """Return the rows of a table that a citation quotes, below the headers of their columns.

    Empty where it quotes no table, or the document has changed or gone.
    """
    span = citation.span
    if document is None or document.text[span.start : span.end] != citation.quote:
        return ()
    return rows_around(document, span)


def table_words(citation: Citation, document: Document | None) -> str | None:
    """Return "Cost of sales – Products (Nine Months Ended, 2022): 155,084" of a cited cell.

    Where the citation has no short answer, or it is no cell's words, its rows are returned with
    dots between their cells; None where it quotes no table.
    """
    rows = cited_rows(citation, document)
    if document is None or not rows:
        return None
    text = document.text
    cited = [row for row in rows if row.is_cited]
    cell = next((c for row in cited for c in row.cells if _holds(c, citation.answer)), None)
    if cell is None or (cell.is_header and cell.column == 0):
        return " / ".join(BETWEEN_CELLS.join(_words(text, row.cells)) for row in cited)
    own = next(row for row in cited if cell in row.cells)
    labels = [
        word.rstrip(":")
        for row in rows
        if row is own or (not row.is_cited and not _is_header(row))
        for word in _words(text, row.cells[:1] if row.cells[0].column == 0 else ())
        if row.cells[0] is not cell
    ]
    heads = [
        word
        for row in rows
        if not row.is_cited and _is_header(row)
        for word in _words(text, [c for c in row.cells if _is_above(c, cell)])
    ]
    label = " – ".join(dict.fromkeys(labels))
    named = ", ".join(head.rstrip(",") for head in heads)
    named = f"{label} ({named})" if label and named else label or named
    (value,) = _words(text, [cell])
    return f"{named}: {value}" if named else value


def sentence_words(
    sentence: Sentence, citations: Sequence[Citation], documents: Mapping[str, Document]
) -> str:
    """Return a sentence of an answer, or the words of the cell that it quotes."""
    marker = sentence.markers[0] if sentence.markers else None
    citation = next((one for one in citations if one.marker == marker), None)
    if citation is None or sentence.text != " ".join(citation.quote.split()):
        return sentence.text
    return table_words(citation, documents.get(citation.doc_id)) or sentence.text


def answer_words(answer: Answer, documents: Mapping[str, Document]) -> str:
    """Return the sentences of an answer with their markers, as `Answer.text` does."""
    return " ".join(
        sentence_words(sentence, answer.citations, documents)
        + "".join(f" [{marker}]" for marker in sentence.markers)
        for sentence in answer.sentences
    )


def cited_grid(citation: Citation, document: Document | None) -> list[list[str]]:
    """Return the rows that a citation quotes as texts, column by column, the header first.

    What stands above a column in several rows is one text, and so is above each column what stands
    above several. Empty where the citation quotes no table.
    """
    rows = cited_rows(citation, document)
    if document is None or not rows:
        return []
    width = max(cell.column + cell.columns for row in rows for cell in row.cells)
    heads = [row for row in rows if not row.is_cited and _is_header(row)]
    header: list[list[str]] = [[] for _ in range(width)]
    for row in heads:
        for cell in row.cells:
            for column in range(cell.column, cell.column + cell.columns):
                header[column] += _words(document.text, [cell])
    grid = [[" ".join(words) for words in header]]
    for row in rows:
        if row not in heads:
            texts = [""] * width
            for cell in row.cells:
                texts[cell.column] = "".join(_words(document.text, [cell]))
            grid.append(texts)
    return grid


def aligned(grid: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows of a table with their columns below one another, the numbers to the right."""
    texts = [[printable(cell) for cell in row] for row in grid]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in texts
        if any(row)
    ]


def _words(text: str, cells: tuple[Cell, ...] | list[Cell]) -> list[str]:
    return [text[cell.span.start : cell.span.end] for cell in cells if cell.span is not None]


def _holds(cell: Cell, answer: Span | None) -> bool:
    return answer is not None and cell.span is not None and cell.span.contains(answer)


def _is_header(row: ShownRow) -> bool:
    """Tell whether a row names columns, and is no label of a group."""
    cells = [cell for cell in row.cells if cell.span is not None]
    return all(cell.is_header for cell in cells) and any(cell.column > 0 for cell in cells)


def _is_above(header: Cell, cell: Cell) -> bool:
    return (
        header.column < cell.column + cell.columns and cell.column < header.column + header.columns
    )
