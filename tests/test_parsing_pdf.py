"""PDF: paragraphs, columns, hyphens, furniture, headings, pages, and files that can't be read."""

import io
import math
from typing import Any

import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission, EncryptionMethod
from parsing_fixtures import headings, new_pdf, parse, pdf_bytes, pdf_heading, pdf_lines

from loccit.index.datatypes import Block, Cell, Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing import parse_bytes
from loccit.index.parsing.pdf.line_ends import join_divided
from loccit.index.parsing.pdf.rows import by_column, rows_of
from loccit.index.parsing.pdf.segments import Segment

PARAGRAPH = (
    "The tenant pays the rent in advance on the third working day of each",
    "month by transfer to the account of the owner that is named below, and",
    "the owner confirms it.",
)


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        parse_bytes(data, "a.pdf")
    return caught.value.reason


def test_paragraphs_are_unwrapped() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(pdf, *PARAGRAPH)
    pdf.ln(5)
    pdf_lines(pdf, *PARAGRAPH)
    joined = " ".join(PARAGRAPH)
    document = parse(pdf_bytes(pdf), "lease/the lease.pdf")
    assert document.text == f"{joined}\n\n{joined}"
    assert document.title == "the lease"
    assert document.page_starts == (0,)


def test_headings_by_size_and_weight() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf_heading(pdf, "Lease of a House", 20)
    for number, name in ((1, "Rent"), (2, "Repairs")):
        pdf_heading(pdf, f"{number}. {name}", 14)
        pdf_lines(pdf, *PARAGRAPH)
        pdf.ln(4)
    pdf_heading(pdf, "Minor repairs", 11)
    pdf.ln(3)
    pdf_lines(pdf, *PARAGRAPH)
    document = parse(pdf_bytes(pdf), "a.pdf")
    expected = [(1, "Lease of a House"), (2, "1. Rent"), (2, "2. Repairs"), (3, "Minor repairs")]
    assert headings(document) == expected
    assert document.title == "Lease of a House"
    joined = " ".join(PARAGRAPH)
    assert document.text == (
        f"Lease of a House\n\n1. Rent\n\n{joined}\n\n2. Repairs\n\n{joined}\n\n"
        f"Minor repairs\n\n{joined}"
    )


def test_lists_and_tables_keep_their_lines() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(pdf, "- the first thing to do", "- the second thing to do")
    pdf.ln(10)
    for name, price in (("Chair", "12 EUR"), ("Table", "340 EUR")):
        pdf.cell(60, 5, name)
        pdf.cell(60, 5, price, new_x="LMARGIN", new_y="NEXT")
    document = parse(pdf_bytes(pdf), "a.pdf")
    assert document.text == (
        "- the first thing to do\n- the second thing to do\n\nChair | 12 EUR\nTable | 340 EUR"
    )
    assert [(block.kind, block.level, said(document, block)) for block in document.blocks] == [
        ("item", 0, "- the first thing to do"),
        ("item", 0, "- the second thing to do"),
        ("table", 0, "Chair | 12 EUR\nTable | 340 EUR"),
    ]
    assert [(cell.row, cell.column, said(document, cell)) for cell in document.blocks[2].cells] == [
        (0, 0, "Chair"),
        (0, 1, "12 EUR"),
        (1, 0, "Table"),
        (1, 1, "340 EUR"),
    ]


def said(document: Document, part: Block | Cell) -> str:
    assert part.span is not None
    return document.text[part.span.start : part.span.end]


def test_lists_in_lists_with_their_ordinals() -> None:
    pdf = new_pdf()
    pdf.add_page()
    lines = (
        (0, "The tenant has these duties:"),
        (0, "1. to pay the rent"),
        (8, "(a) on the first of the month,"),
        (8, "(b) by transfer;"),
        (0, "2. to keep the house clean,"),
        (8, "\u00b7 the stairs"),
        (8, "\u00b7 the cellar,"),
        (0, "3. to tell of damage."),
    )
    for indent, line in lines:
        pdf.set_x(20 + indent)
        pdf.cell(0, 5, line, new_x="LMARGIN", new_y="NEXT")
    document = parse(pdf_bytes(pdf), "a.pdf")
    assert document.text == "\n".join(line for _, line in lines)
    assert [
        (block.kind, block.level, block.ordinal, said(document, block)) for block in document.blocks
    ] == [
        ("paragraph", 0, "", "The tenant has these duties:"),
        ("item", 0, "1.", "1. to pay the rent"),
        ("item", 1, "(a)", "(a) on the first of the month,"),
        ("item", 1, "(b)", "(b) by transfer;"),
        ("item", 0, "2.", "2. to keep the house clean,"),
        ("item", 1, "", "\u00b7 the stairs"),
        ("item", 1, "", "\u00b7 the cellar,"),
        ("item", 0, "3.", "3. to tell of damage."),
    ]
    marks = [block.mark for block in document.blocks if block.mark]
    assert [document.text[mark.start : mark.end] for mark in marks] == [
        "1.",
        "(a)",
        "(b)",
        "2.",
        "\u00b7",
        "\u00b7",
        "3.",
    ]


def test_initials_and_lone_dashes_are_no_lists() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(pdf, "J. Smith keeps the books of the society and is paid for it by the year.")
    pdf.ln(6)
    pdf_lines(pdf, "- so it was agreed at the meeting of the members in the month of May.")
    document = parse(pdf_bytes(pdf), "a.pdf")
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph"]


def test_an_item_goes_on_over_the_page() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(
        pdf, "1. The tenant pays the rent in advance.", "2. The owner confirms it on the day of"
    )
    pdf.add_page()
    pdf_lines(pdf, "payment and not later.")
    document = parse(pdf_bytes(pdf), "a.pdf")
    assert [(block.kind, said(document, block)) for block in document.blocks] == [
        ("item", "1. The tenant pays the rent in advance."),
        ("item", "2. The owner confirms it on the day of payment and not later."),
    ]
    assert document.page_starts == (0, document.text.index("payment"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Figure 3: The boiler and its valves", "caption"),
        ("Table 2. Losses by year", "caption"),
        ("Abb. 4: Der Kessel", "caption"),
        ("Figure 3 shows the boiler and its valves.", "paragraph"),
        ("The table 2: it is broken", "paragraph"),
    ],
)
def test_captions(text: str, kind: str) -> None:
    (block,) = parse(pdf_bytes(one_line_pdf(text)), "a.pdf").blocks
    assert block.kind == kind


def one_line_pdf(text: str) -> FPDF:
    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(pdf, text)
    return pdf


def pdf_rows(*rows: tuple[str, ...]) -> Document:
    """Return a document of rows whose cells begin 45 mm apart; "" leaves a cell out."""
    pdf = new_pdf()
    pdf.add_page()
    for cells in rows:
        for number, cell in enumerate(cells):
            pdf.set_x(20 + 45 * number)
            pdf.cell(40, 5, cell)
        pdf.ln(5)
    return parse(pdf_bytes(pdf), "a.pdf")


def test_a_cell_that_goes_on_below_stays_in_its_table() -> None:
    document = pdf_rows(
        ("Part", "Cover", "Months"),
        ("Boiler", "All but the pump", "36"),
        ("", "and its seals"),
        ("Cooker", "Glass and burners", "12"),
        ("with timer", "", ""),
        ("Fridge", "Only the motor", "48"),
        ("", "of the fan"),
    )
    (table,) = document.blocks
    assert table.kind == "table"
    assert said(document, table).splitlines() == [
        "Part | Cover | Months",
        "Boiler | All but the pump and its seals | 36",
        "Cooker with timer | Glass and burners | 12",
        "Fridge | Only the motor of the fan | 48",
    ]


def test_what_follows_the_first_column_is_no_part_of_a_table() -> None:
    document = pdf_rows(("Boiler", "36"), ("Cooker", "12"), ("All months are full.",))
    assert [(block.kind, said(document, block)) for block in document.blocks] == [
        ("table", "Boiler | 36\nCooker | 12"),
        ("paragraph", "All months are full."),
    ]


def test_a_row_between_lines_is_a_block_of_its_own() -> None:
    document = pdf_rows(("The sums are these.",), ("Rent", "900 EUR"), ("They are due in May.",))
    assert [said(document, block) for block in document.blocks] == [
        "The sums are these.",
        "Rent | 900 EUR",
        "They are due in May.",
    ]


def test_cells_below_two_others_make_no_table() -> None:
    pdf = new_pdf()
    pdf.add_page()
    for cells in ((60, "Chair", 60, "12 EUR"), (20, "of", 60, "a wide one over both")):
        pdf.cell(cells[0], 5, cells[1])
        pdf.cell(cells[2], 5, cells[3], new_x="LMARGIN", new_y="NEXT")
    pdf.cell(40, 5, "Tables and chairs and stools")
    pdf.set_x(95)
    pdf.cell(60, 5, "more", new_x="LMARGIN", new_y="NEXT")
    document = parse(pdf_bytes(pdf), "a.pdf")
    assert {block.kind for block in document.blocks} == {"paragraph"}


def test_running_headers_and_page_numbers_are_dropped() -> None:
    pdf = new_pdf()
    sentence = "On this page the report is about {} and closes with a full stop."
    bodies = ("alpha", "bravo", "charlie", "delta")
    for number, word in enumerate(bodies, start=1):
        pdf.add_page()
        pdf_lines(pdf, "ACME Corporation - Annual Report 2023")
        pdf.ln(10)
        pdf_lines(pdf, sentence.format(word))
        pdf.set_y(275)
        pdf_lines(pdf, f"Page {number} of {len(bodies)}")
    document = parse(pdf_bytes(pdf), "a.pdf")
    sentences = [
        f"On this page the report is about {w} and closes with a full stop." for w in bodies
    ]
    assert document.text == "\n\n".join(sentences)
    assert document.page_starts == tuple(document.text.index(one) for one in sentences)


def test_the_footer_of_a_short_last_page_is_dropped_too() -> None:
    pdf = new_pdf()
    pages = (
        ("Wages rose in spring.", "Rents fell in May.", "Prices stood still."),
        ("Ships came late.", "Crews were short.", "Ports were full."),
        ("Rain fell in June.", "Wells were deep.", "Fields were green."),
        ("The year closed well.",),
    )
    for number, lines in enumerate(pages, start=1):
        pdf.add_page()
        for line in lines:
            pdf_lines(pdf, line)
            pdf.ln(6)
        pdf.set_y(275)
        pdf_lines(pdf, f"Draft for members, sheet {number}")
    document = parse(pdf_bytes(pdf), "a.pdf")
    words = " ".join(line for lines in pages for line in lines)
    assert " ".join(document.text.split()) == words


def test_pages_without_text_have_a_start_too() -> None:
    pdf = new_pdf()
    for text in ("", "The words of the second page end here.", "", "And those of the last.", ""):
        pdf.add_page()
        pdf_lines(pdf, text)
    document = parse(pdf_bytes(pdf), "a.pdf")
    second = document.text.index("And")
    assert document.page_starts == (0, 0, second, second, len(document.text))
    assert document.page_of(second) == 4


def test_a_sentence_goes_on_over_the_page() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(pdf, "The tenant pays the rent in advance on the third working day of")
    pdf.add_page()
    pdf_lines(pdf, "each month to the owner.")
    document = parse(pdf_bytes(pdf), "a.pdf")
    start = document.text.index("each")
    assert document.text == (
        "The tenant pays the rent in advance on the third working day of each month to the owner."
    )
    assert document.page_starts == (0, start)
    assert (document.page_of(start - 1), document.page_of(start)) == (1, 2)


def test_words_divided_at_the_end_of_a_line() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(
        pdf,
        "It is a well-known fact that this is nothing but a small and simple exam-",
        "ple of what a compositor does at the end of the line, and it is well-",
        "known to every reader of newspapers and of books from the age of Anglo-",
        "Saxon kings.",
    )
    assert parse(pdf_bytes(pdf), "a.pdf").text == (
        "It is a well-known fact that this is nothing but a small and simple example of what a "
        "compositor does at the end of the line, and it is well-known to every reader of "
        "newspapers and of books from the age of Anglo-Saxon kings."
    )


@pytest.mark.parametrize(
    ("left", "right", "words", "expected"),
    [
        ("an exam", "ple of", set(), "an example of"),
        ("a well", "known man", {"well-known"}, "a well-known man"),
        ("a long", "term plan", {"long", "term"}, "a long-term plan"),
        ("an over", "head wire", {"over", "head", "overhead"}, "an overhead wire"),
        ("the COVID", "19 rules", set(), "the COVID-19 rules"),
        ("in Trace", "Monkey we", {"tracemonkey"}, "in TraceMonkey we"),
        ("pre", "and postwar", set(), "pre- and postwar"),
        ("page 12", "on it", set(), "page 12-on it"),
    ],
)
def test_hyphens(left: str, right: str, words: set[str], expected: str) -> None:
    assert join_divided(left, right, words) == expected


LEFT = [f"left column line {number} holds some words" for number in range(1, 9)]
RIGHT = [f"right column line {number} holds some words" for number in range(1, 9)]


def two_columns(*, row_by_row: bool) -> FPDF:
    pdf = new_pdf()
    pdf.add_page()
    places = [(20.0, LEFT), (115.0, RIGHT)]
    if row_by_row:
        for number in range(len(LEFT)):
            for x, lines in places:
                pdf.text(x, 40 + 5 * number, lines[number])
    else:
        for x, lines in places:
            for number, line in enumerate(lines):
                pdf.text(x, 40 + 5 * number, line)
    return pdf


@pytest.mark.parametrize("row_by_row", [False, True])
def test_columns_are_not_interleaved(*, row_by_row: bool) -> None:
    text = parse(pdf_bytes(two_columns(row_by_row=row_by_row)), "a.pdf").text
    places = [text.index(line) for line in (*LEFT, *RIGHT)]
    assert places == sorted(places)


def test_a_table_is_not_taken_for_columns() -> None:
    segments = [
        Segment(f"{word} {row}", x, x + 40, 700 - 12 * row, 10)
        for row in range(8)
        for x, word in ((50, "name"), (300, "price"))
    ]
    rows = by_column(rows_of(segments, 0))
    assert [row.text for row in rows] == [f"name {row} | price {row}" for row in range(8)]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_turned_text(angle: int) -> None:
    pdf = new_pdf()
    pdf.add_page()
    with pdf.rotation(angle, 105, 148):
        for number, line in enumerate(PARAGRAPH):
            pdf.text(40, 120 + 5 * number, line)
    assert parse(pdf_bytes(pdf), "a.pdf").text == " ".join(PARAGRAPH)


def test_title_of_the_metadata() -> None:
    for title, expected in (
        ("Annual Report", "Annual Report"),
        ("Microsoft Word - Annual Report", "Annual Report"),
        ("Microsoft Word - report_final.doc", "a"),
        ("untitled", "a"),
        ("(anonymous)", "a"),
    ):
        pdf = new_pdf()
        pdf.set_title(title)
        pdf.add_page()
        pdf_lines(pdf, "Nothing but a sentence.")
        assert parse(pdf_bytes(pdf), "a.pdf").title == expected


def test_a_scanned_pdf() -> None:
    from PIL import Image

    picture = io.BytesIO()
    Image.new("L", (60, 80), 200).save(picture, "PNG")
    pdf = new_pdf()
    pdf.add_page()
    pdf.image(picture, 0, 0, 210)
    why = reason(pdf_bytes(pdf))
    assert "scanned" in why
    assert "run OCR first" in why


def test_an_empty_page() -> None:
    pdf = new_pdf()
    pdf.add_page()
    assert "holds no text" in reason(pdf_bytes(pdf))


def encrypted(user_password: str | None) -> bytes:
    pdf = new_pdf()
    pdf.set_encryption(
        owner_password="owner",
        user_password=user_password,
        encryption_method=EncryptionMethod.RC4,
        permissions=AccessPermission.all(),
    )
    pdf.add_page()
    pdf_lines(pdf, "A secret sentence.")
    return pdf_bytes(pdf)


def test_an_encrypted_pdf() -> None:
    assert "needs a password" in reason(encrypted("secret"))
    assert parse(encrypted(None), "a.pdf").text == "A secret sentence."


def test_a_damaged_pdf() -> None:
    assert "damaged" in reason(b"%PDF-1.7\nnothing that a PDF needs")
    assert "not a PDF" in reason(b"just words")


def test_a_truncated_pdf_is_read_or_refused() -> None:
    data = pdf_bytes(two_columns(row_by_row=False))
    for share in (0.2, 0.5, 0.9):
        try:
            parse(data[: int(share * len(data))], "a.pdf")
        except UnreadableDocument as error:
            assert "PDF" in error.reason


def test_characters_that_stand_nowhere_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    # As pdfium says of some damaged fonts; found by the fuzzer.
    import pypdfium2.raw as pdfium

    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(pdf, "Words that stand somewhere")
    data = pdf_bytes(pdf)
    true_box = pdfium.FPDFText_GetLooseCharBox

    def loose_box(page: object, index: int, box: Any) -> None:
        true_box(page, index, box)
        if index < 6:
            box.left = math.nan

    monkeypatch.setattr(pdfium, "FPDFText_GetLooseCharBox", loose_box)
    assert parse(data, "a.pdf").text == "that stand somewhere"
