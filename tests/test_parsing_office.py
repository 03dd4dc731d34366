"""Word documents: order, lists, tables, tracked changes, notes, and hostile packages."""

import io
import zipfile
import zlib

import pytest
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from parsing_fixtures import docx_bytes, headings, parse, with_member, zip_bytes

from loccit.index.errors import UnreadableDocument
from loccit.index.parsing import parse_bytes
from loccit.index.parsing.word import package as office_package


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        parse_bytes(data, "a.docx")
    return caught.value.reason


def with_body(xml: str) -> bytes:
    """Return a document whose body holds just this XML, in the w: and m: namespaces."""

    def fill(document: WordDocument) -> None:
        wrapped = parse_xml(f"<w:body {nsdecls('w', 'm')}>{xml}</w:body>")
        for place, element in enumerate(list(wrapped)):
            document.element.body.insert(place, element)

    return docx_bytes(fill)


def paragraph(inner: str) -> str:
    return f"<w:p>{inner}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_order_headings_lists_and_tables() -> None:
    def fill(document: WordDocument) -> None:
        document.core_properties.title = ""
        document.add_heading("The Lease", 0)
        document.add_heading("Rent", 1)
        document.add_paragraph("Rent is due monthly.")
        document.add_paragraph("cash", style="List Bullet")
        document.add_paragraph("transfer", style="List Bullet")
        document.add_paragraph("first", style="List Number")
        document.add_paragraph("second", style="List Number")
        table = document.add_table(2, 2)
        for cell, text in zip(table._cells, ("Month", "Rent", "May", "900"), strict=True):
            cell.text = text
        document.add_heading("Detail", 3)
        document.add_paragraph("Line one\nline two\tafter a tab")

    document = parse(docx_bytes(fill), "a.docx")
    assert document.text == (
        "The Lease\n\nRent\n\nRent is due monthly.\n\n- cash\n- transfer\n1. first\n2. second\n\n"
        "Month | Rent\nMay | 900\n\nDetail\n\nLine one\nline two\tafter a tab"
    )
    assert headings(document) == [(1, "The Lease"), (1, "Rent"), (3, "Detail")]
    assert document.title == "The Lease"


def test_title_of_the_properties() -> None:
    def fill(document: WordDocument) -> None:
        document.core_properties.title = "Annual Report"
        document.add_paragraph("Words.")

    assert parse(docx_bytes(fill), "a.docx").title == "Annual Report"
    assert parse(docx_bytes(lambda d: d.add_paragraph("Words.")), "b.docx").title == "b"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (
            paragraph(
                run("kept ")
                + '<w:del w:id="1" w:author="x"><w:r><w:delText>gone</w:delText></w:r></w:del>'
                + f'<w:ins w:id="2" w:author="x">{run("added")}</w:ins>'
            ),
            "kept added",
        ),
        (paragraph(f"{run('see ')}<w:hyperlink>{run('the link')}</w:hyperlink>."), "see the link"),
        (
            f"<w:sdt><w:sdtContent>{paragraph(run('in a control'))}</w:sdtContent></w:sdt>",
            "in a control",
        ),
        (paragraph(f"<w:sdt><w:sdtContent>{run('inline')}</w:sdtContent></w:sdt>"), "inline"),
        (paragraph(run("seen") + run("hidden", "<w:vanish/>")), "seen"),
        (paragraph(run("10") + run("6", '<w:vertAlign w:val="superscript"/>')), "10⁶"),
        (
            paragraph(
                "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num>"
                "<m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath>"
            ),
            "a/b",
        ),
        (
            "<w:tbl><w:tr><w:tc>"
            + paragraph(run("outer"))
            + f"<w:tbl><w:tr><w:tc>{paragraph(run('in'))}</w:tc>"
            + f"<w:tc>{paragraph(run('ner'))}</w:tc></w:tr></w:tbl>"
            + f"</w:tc><w:tc>{paragraph(run('two'))}{paragraph(run('lines'))}</w:tc>"
            + "</w:tr></w:tbl>",
            "outer in | ner | two lines",
        ),
    ],
)
def test_what_a_reader_sees(xml: str, expected: str) -> None:
    assert parse(with_body(xml), "a.docx").text == expected


def test_outline_level_makes_a_heading() -> None:
    xml = paragraph(f'<w:pPr><w:outlineLvl w:val="1"/></w:pPr>{run("Part")}') + paragraph(
        run("x y")
    )
    assert headings(parse(with_body(xml), "a.docx")) == [(2, "Part")]


def test_footnotes_follow_the_text() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    notes = (
        f'<w:footnotes {space}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
        f'<w:footnote w:id="1">{paragraph(run("As agreed."))}</w:footnote></w:footnotes>'
    )
    body = paragraph(run("Rent") + '<w:r><w:footnoteReference w:id="1"/></w:r>' + run(" is due."))
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="rId99" Type="{base}/footnotes" Target="footnotes.xml"/>'
    data = with_member(with_body(body), "word/footnotes.xml", lambda _: notes.encode())
    data = with_member(
        data,
        "word/_rels/document.xml.rels",
        lambda old: old.replace(b"</Relationships>", relation.encode() + b"</Relationships>"),
    )
    assert parse(data, "a.docx").text == "Rent[1] is due.\n\n[1] As agreed."


GOOD = docx_bytes(lambda document: document.add_paragraph("Good words."))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_document(share: float) -> None:
    assert "damaged or cut short" in reason(GOOD[: int(share * len(GOOD))])


def test_a_flipped_byte() -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        info = archive.getinfo("word/document.xml")
    place = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    damaged = GOOD[:place] + bytes([GOOD[place] ^ 0xFF]) + GOOD[place + 1 :]
    assert "damaged" in reason(damaged)


def test_a_damaged_picture() -> None:
    packed = zlib.compress(bytes(range(256)) * 20)
    data = with_member(GOOD, "docProps/thumbnail.jpeg", lambda _: packed)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("docProps/thumbnail.jpeg")
    place = info.header_offset + 30 + len(info.filename)
    damaged = (
        data[:place] + bytes(byte ^ 0xFF for byte in data[place : place + 40]) + data[place + 40 :]
    )
    assert "damaged inside" in reason(damaged)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_are_refused(doctype: str) -> None:
    def poison(xml: bytes) -> bytes:
        return xml.replace(b"?>", b"?>" + doctype.encode(), 1)

    assert "XML entities" in reason(with_member(GOOD, "word/document.xml", poison))


def test_a_zip_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_package, "MAX_UNPACKED_BYTES", 1_000_000)
    bomb = with_member(GOOD, "word/media/image1.bin", lambda _: bytes(2_000_000))
    assert len(bomb) < 100_000
    assert "ZIP bomb" in reason(bomb)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted and needs a password"),
        (OLE + "WordDocument".encode("utf-16-le"), "(.doc)"),
        (b"%PDF-1.7\n", "looks like a PDF"),
        (b"<!DOCTYPE html><html>", "looks like an HTML page"),
        (
            b"plain words",
            "this does not begin like a Word document; rename it with its real suffix or save it "
            "again",
        ),
        (zip_bytes({"a.txt": b"x"}), "ZIP archive, not a Word document"),
        (
            zip_bytes({"[Content_Types].xml": b"<T/>", "xl/workbook.xml": b"<x/>"}),
            "an Excel workbook",
        ),
        (zip_bytes({"[Content_Types].xml": b"<T/>"}), "damaged inside"),
        (docx_bytes(lambda document: None), "holds no text"),
    ],
)
def test_reasons(data: bytes, words: str) -> None:
    assert words in reason(data)


def test_broken_xml() -> None:
    assert "damaged inside" in reason(
        with_member(GOOD, "word/document.xml", lambda _: b"<w:document")
    )


def test_struck_out_runs_are_left_out() -> None:
    def fill(document: WordDocument) -> None:
        paragraph = document.add_paragraph("The fee is ")
        paragraph.add_run("40 ").font.strike = True
        paragraph.add_run("45 ").font.double_strike = True
        paragraph.add_run("50 euros.").font.strike = False

    assert parse(docx_bytes(fill), "a.docx").text == "The fee is 50 euros."


def test_a_numbered_section_is_no_title() -> None:
    def fill(document: WordDocument) -> None:
        document.add_paragraph("Service Agreement")
        document.add_heading("1. Services", level=1)
        document.add_paragraph("The supplier cleans the windows.")

    assert parse(docx_bytes(fill), "windows.docx").title == "windows"
