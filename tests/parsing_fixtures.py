"""What every parsing test shares: the invariant of a document, and makers of files."""

import io
import zipfile
from collections.abc import Callable

import docx
from docx.document import Document as WordDocument
from fpdf import FPDF

from loccit.index.datatypes import Block, Document, Span
from loccit.index.parsing import parse_bytes

BODY_SIZE, PAGE_WIDTH = 11, 170


def check_document(document: Document) -> Document:
    """Assert what holds for every document, and return it."""
    text = document.text
    assert text
    assert text.strip() == text
    assert "\n\n\n" not in text
    assert document.title.strip()
    assert len(document.doc_id) == 32
    end = 0
    for heading in document.headings:
        start, stop = heading.span.start, heading.span.end
        assert end <= start < stop <= len(text)
        inside = text[start:stop]
        assert inside.strip() == inside
        assert "\n" not in inside
        assert start == 0 or text[start - 1] == "\n"
        assert stop == len(text) or text[stop] == "\n"
        assert heading.level >= 1
        end = stop
    check_blocks(document)
    starts = document.page_starts
    assert list(starts) == sorted(starts)
    if starts:
        assert starts[0] == 0
        assert starts[-1] <= len(text)
    return document


def check_blocks(document: Document) -> None:
    """Assert what holds for the blocks of every document."""
    text = document.text
    end = 0
    for block in document.blocks:
        start, stop = block.span.start, block.span.end
        assert not text[end:start].strip(), "a block is missing"
        assert end <= start < stop <= len(text)
        assert text[start:stop].strip() == text[start:stop]
        assert (block.mark is not None) == (block.kind == "item")
        if block.mark is not None:
            sign = text[block.mark.start : block.mark.end]
            assert sign.strip() == sign
            assert block.mark.start == start
            assert block.mark.end < stop
            assert block.ordinal in ("", sign)
        if block.kind == "table":
            _check_table(text, block)
        else:
            assert block.cells == ()
        end = stop
    assert not text[end:].strip(), "a block is missing"


def _check_table(text: str, table: Block) -> None:
    """Assert that the cells of a table stand in its lines, in order."""
    lines = []
    start = table.span.start
    for line in text[start : table.span.end].split("\n"):
        lines.append(Span(start, start + len(line)))
        start += len(line) + 1
    assert any(cell.span for cell in table.cells)
    places = [(cell.row, cell.column) for cell in table.cells]
    assert places == sorted(set(places))
    end = table.span.start
    for cell in table.cells:
        assert cell.rows >= 1
        assert cell.columns >= 1
        assert cell.row < len(lines)
        if cell.span is not None:
            assert end <= cell.span.start
            assert lines[cell.row].contains(cell.span)
            words = text[cell.span.start : cell.span.end]
            assert words.strip() == words
            end = cell.span.end


def headings(document: Document) -> list[tuple[int, str]]:
    """Return (level, text) of every heading."""
    return [(one.level, document.text[one.span.start : one.span.end]) for one in document.headings]


def parse(data: bytes, source: str) -> Document:
    """Parse and check the invariant."""
    return check_document(parse_bytes(data, source))


def new_pdf() -> FPDF:
    """Return an empty PDF with margins of 20 mm and no automatic page breaks."""
    pdf = FPDF(format="A4")
    pdf.set_margin(20)
    pdf.set_auto_page_break(False)
    pdf.set_font("Helvetica", size=BODY_SIZE)
    return pdf


def pdf_heading(pdf: FPDF, text: str, size: int) -> None:
    """Write a bold line in larger type."""
    pdf.set_font("Helvetica", style="B", size=size)
    pdf.cell(0, 10, text, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", size=BODY_SIZE)


def pdf_lines(pdf: FPDF, *lines: str, x: float = 20, height: float = 5) -> None:
    """Write lines one below the other, exactly as given."""
    for line in lines:
        pdf.set_x(x)
        pdf.cell(0, height, line, new_x="LMARGIN", new_y="NEXT")


def pdf_bytes(pdf: FPDF) -> bytes:
    return bytes(pdf.output())


def docx_bytes(fill: Callable[[WordDocument], object]) -> bytes:
    """Return the bytes of a Word document that ``fill`` has written."""
    document = docx.Document()
    fill(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def zip_bytes(members: dict[str, bytes]) -> bytes:
    """Return a deflated ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_member(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a ZIP archive with one member changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    members[name] = change(members.get(name, b""))
    return zip_bytes(members)
