"""Delimited text, cell by cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsing_fixtures import check_document

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing import parse_bytes

PRICES = "Part;Price;Weight\nBoiler;1.200,50;12 kg\nPump;80,00;\n"


def parse(text: str, name: str = "prices.csv", encoding: str = "utf-8") -> Document:
    return check_document(parse_bytes(text.encode(encoding), name))


def cells_of(document: Document) -> list[list[tuple[int, int, str, bool]]]:
    return [
        [
            (c.row, c.column, document.text[c.span.start : c.span.end], c.is_header)
            for c in block.cells
            if c.span is not None
        ]
        for block in document.blocks
        if block.kind == "table"
    ]


def test_a_table_has_headers_and_names_of_rows() -> None:
    document = parse(PRICES)
    assert document.text == "Part | Price | Weight\nBoiler | 1.200,50 | 12 kg\nPump | 80,00 |"
    assert cells_of(document) == [
        [
            (0, 0, "Part", True),
            (0, 1, "Price", True),
            (0, 2, "Weight", True),
            (1, 0, "Boiler", True),
            (1, 1, "1.200,50", False),
            (1, 2, "12 kg", False),
            (2, 0, "Pump", True),
            (2, 1, "80,00", False),
        ]
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_encodings_and_line_ends(delimiter: str, encoding: str, line_end: str) -> None:
    rows = [["Größe", "Fläche", "Höhe"], ["Küche", "12", "3"], ["Flur", "4", "3"]]
    text = line_end.join(delimiter.join(row) for row in rows)
    assert parse(text, encoding=encoding).text == "\n".join(" | ".join(row) for row in rows)


def test_quoted_cells_hold_delimiters_quotes_and_line_ends() -> None:
    document = parse('name,note\n"Smith, J.","said ""no""\nand left"\nDoe,none\n')
    assert document.text == 'name | note\nSmith, J. | said "no" and left\nDoe | none'


def test_titles_stand_above_a_table_and_empty_rows_divide_two() -> None:
    document = parse("Rents of 2024,,\n,,\nFlat,Rent,\nA,900,\n,,\nFlat,Deposit,\nA,1800,\n")
    assert [block.kind for block in document.blocks] == ["paragraph", "table", "table"]
    assert [cells[0] for cells in cells_of(document)] == [(0, 0, "Flat", True)] * 2


def test_a_first_row_of_numbers_is_no_header() -> None:
    (cells,) = cells_of(parse("1,2,3\n4,5,6\n"))
    assert not any(is_header for *_, is_header in cells)


def test_years_name_columns() -> None:
    (cells,) = cells_of(parse("Region,2022,2023\nNorth,5,6\n"))
    assert [text for row, _, text, is_header in cells if row == 0 and is_header] == [
        "Region",
        "2022",
        "2023",
    ]


@pytest.mark.parametrize("text", ["", "\n\n", ",,,\n,,,\n", "\0\0"])
def test_files_without_words_are_refused(text: str) -> None:
    with pytest.raises(UnreadableDocument):
        parse(text)


def test_a_quote_that_is_never_closed_is_told() -> None:
    with pytest.raises(UnreadableDocument, match="its cells can't be told apart"):
        parse('a,b\n"' + "x" * 1_100_000)


@given(st.lists(st.lists(st.text("ab1 é", max_size=5), min_size=2, max_size=4), min_size=1))
def test_every_cell_is_a_slice(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in rows)
    if not text.replace(",", "").strip():
        return
    document = parse(text)
    words = [" ".join(cell.split()) for row in rows for cell in row]
    found = [text for table in cells_of(document) for *_, text, _ in table]
    assert set(found) <= set(words)
