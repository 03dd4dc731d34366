"""Plain text and Markdown, encodings, normalising, and the door of the package."""

import codecs
import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsing_fixtures import check_document, headings, new_pdf, parse, pdf_bytes, zip_bytes

from loccit.index.errors import UnreadableDocument
from loccit.index.parsing import MAX_FILE_BYTES, SUPPORTED_SUFFIXES, parse_bytes, parse_file
from loccit.index.parsing.normalizing import normalise

SEED = Path(__file__).resolve().parent.parent / "seeds" / "cxmt-ipo.txt"
BEGINNINGS = [b"%PDF-1.7\n", b"PK\x03\x04", b"<html><table><td>", b"# A\n\n- b\n"]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def reason(data: bytes, source: str) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        parse_bytes(data, source)
    assert caught.value.source == source
    return caught.value.reason


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a\r\nb\rc\u2028d\u2029e\x0cf", "a\nb\nc\nd\ne\nf"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("a \t\n \nb  ", "a\n\nb"),
        ("so\u00adft zero\u200bwidth \ufeffmark", "soft zerowidth mark"),
        ("10\u00a0km\u202f!\u3000x", "10 km ! x"),
        ("e\u0301 \u2460 \u00bd \u2163", "é ① ½ Ⅳ"),
        ("\ufb01n o\ufb03ce", "fin office"),
        ("nul\0l \x07bell", "null bell"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("👩\u200d🔬 می\u200cخواهم", "👩\u200d🔬 می\u200cخواهم"),
        ("\tkeep\tinner\ttabs", "keep\tinner\ttabs"),
        ("set \u2067apart\u2069", "set apart"),
        ("turned \u202eround\u202c", "turned"),  # a reader sees "dnuor"
    ],
)
def test_normalise(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


@given(st.text(st.characters() | st.sampled_from("\r\n\t \x00\u0301\u00ad\ud800\ufb01\u200b")))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once.strip() == once
    assert "\n\n\n" not in once
    once.encode("utf-8")


@settings(max_examples=150)
@given(
    st.binary(max_size=400)
    | st.text(max_size=200).map(str.encode)
    | st.sampled_from(BEGINNINGS).flatmap(lambda head: st.binary(max_size=100).map(head.__add__)),
    st.sampled_from(SUPPORTED_SUFFIXES),
)
def test_any_bytes_give_a_document_or_a_reason(data: bytes, suffix: str) -> None:
    try:
        document = parse_bytes(data, "some" + suffix)
    except UnreadableDocument as error:
        assert len(error.reason) > 20
    else:
        check_document(document)


def test_seed_document() -> None:
    lines = [line for line in SEED.read_text(encoding="utf-8").splitlines() if line.strip()]
    document = check_document(parse_file(SEED))
    assert document.text == "\n\n".join(lines)
    assert document.title == lines[0]
    assert headings(document) == [(1, lines[0])]
    assert document.source == str(SEED)
    assert document.doc_id == hashlib.sha256(SEED.read_bytes()).hexdigest()[:32]
    assert document.page_starts == ()


def test_hard_wrapped_text_keeps_its_lines() -> None:
    text = (
        "THE LEASE\n\n"
        "This agreement is made on the first day of May between the owner\n"
        "of the house and the tenant, who will pay rent every month.\n\n"
        "2.1 Payment\n\n"
        "Rent is due on the third day of the month, in advance, by transfer\n"
        "to the account named below.\n"
    )
    document = parse(text.encode(), "lease.txt")
    assert document.text == text.strip()
    assert headings(document) == [(1, "THE LEASE"), (3, "2.1 Payment")]
    assert document.title == "THE LEASE"


@pytest.mark.parametrize(
    "line",
    [
        "It rained all day.",
        "- item",
        "see below",
        "Dear Anna,",
        "12",
        "Name:    Value",
        "What?",
    ],
)
def test_a_line_that_is_no_heading(line: str) -> None:
    document = parse(f"A First Line\n\n{line}\n\nThe end of it all is here.".encode(), "a.txt")
    assert headings(document) == [(1, "A First Line")]


def test_a_text_of_one_line_has_no_heading() -> None:
    document = parse(b"Only A Title", "notes/only.txt")
    assert (document.text, document.title, headings(document)) == ("Only A Title", "only", [])


FRENCH = "Où est le garçon ? Le café coûte déjà très cher à l'hôtel."
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "latin-1"),
        (FRENCH, "utf-8"),
        ("„Größe“ – schöne Übung", "cp1252"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        ("Договор аренды жилого помещения заключён в Москве.", "cp1251"),
        ("人工智能是计算机科学的一个分支，研究智能。", "gb18030"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
    ],
)
def test_encodings(text: str, encoding: str) -> None:
    assert parse(text.encode(encoding), "a.txt").text == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_byte_order_marks(mark: bytes, encoding: str) -> None:
    assert parse(mark + JAPANESE.encode(encoding), "a.txt").text == JAPANESE


def test_markdown() -> None:
    source = """---
title: "The Handbook"
---

# Rules **and** [Rates](http://example.org)

Rates are *fixed*
for `one year`, see ![the chart](chart.png).

Fees
----

- Small fee
- Large fee
  1. first half
  2. second half

| Year | Fee |
|------|----:|
| 2023 | **5** |

```sh
# no heading
run --fast
```

> Quoted words.
"""
    document = parse(source.encode(), "handbook.md")
    assert document.text == (
        "Rules and Rates\n\n"
        "Rates are fixed for one year, see the chart.\n\n"
        "Fees\n\n"
        "- Small fee\n- Large fee\n  1. first half\n  2. second half\n\n"
        "Year | Fee\n2023 | 5\n\n"
        "# no heading\nrun --fast\n\n"
        "Quoted words."
    )
    assert headings(document) == [(1, "Rules and Rates"), (2, "Fees")]
    assert document.title == "The Handbook"


@pytest.mark.parametrize(
    ("data", "source", "words"),
    [
        (b"x", "a.xlsx", [".xlsx files", "not supported"]),
        (b"x", "README", ["without a suffix", "not supported"]),
        (b"", "a.txt", ["empty"]),
        (b" \n\t\n", "a.md", ["empty"]),
        ("\u200b\ufeff".encode(), "a.txt", ["no text"]),
        (b"<html><body><script>x()</script></body></html>", "a.html", ["no text"]),
        (b"\x00\x01\x02\x03" * 50 + b"abc", "a.txt", ["binary"]),
        (PNG, "a.pdf", ["PNG", "not like a PDF"]),
        (PNG, "a.txt", ["PNG", "not like text"]),
        (b"<!DOCTYPE html><p>Please log in", "a.pdf", ["HTML", "not like a PDF"]),
        (b"{\\rtf1 Hello}", "a.txt", ["RTF"]),
        (zip_bytes({"word/document.xml": b"<x/>"}), "a.html", ["Word document", "not like HTML"]),
        (zip_bytes({"a.txt": b"hello"}), "a.md", ["ZIP archive"]),
    ],
)
def test_reasons(data: bytes, source: str, words: list[str]) -> None:
    why = reason(data, source)
    assert [word for word in words if word not in why] == []


def test_pdf_named_txt() -> None:
    pdf = new_pdf()
    pdf.add_page()
    assert "a PDF" in reason(pdf_bytes(pdf), "a.txt")


def test_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(UnreadableDocument, match=r"200 MB and the limit is 100 MB; split"):
        parse_file(path)
    assert "limit is 100 MB" in reason(bytes(MAX_FILE_BYTES + 1), "a.txt")


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="there is no such file or folder"):
        parse_file(tmp_path / "missing.txt")
    folder = tmp_path / "folder.txt"
    folder.mkdir()
    with pytest.raises(UnreadableDocument, match="this is a folder"):
        parse_file(folder)
    with pytest.raises(UnreadableDocument, match="can't be read from disk"):
        parse_file(Path("nul\0.txt"))


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("words", encoding="utf-8")

    def refuse(_: Path) -> bytes:
        raise PermissionError("no")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UnreadableDocument, match="permissions"):
        parse_file(path)


def test_suffixes_in_any_case() -> None:
    assert parse(b"Some words here.", "A.TXT").text == "Some words here."
    assert {".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx"} <= set(SUPPORTED_SUFFIXES)


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("1 Introduction", "agents"),
        ("1.1. Scope", "agents"),
        ("0 Preface", "agents"),
        ("12 rules", "12 rules"),
        ("2024 report", "2024 report"),
        ("1984", "1984"),
    ],
)
def test_a_numbered_section_is_no_title(heading: str, title: str) -> None:
    assert parse(f"# {heading}\n\nText.".encode(), "agents.md").title == title


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Fee ~~40~~ 50 <del>x</del><s>y</s>", "Fee 50"),
        ("10<sup>3</sup> m&sup2; of <b>land</b>", "10³ m² of land"),
        ("<table><tr><th>a</th><td>b</td></tr>\n\n<tr><td>c</td></tr></table>", "a | b\nc"),
        ("<ul><li>one<li>two</ul>\n\ntail", "- one\n- two\n\ntail"),
        ("<script>bad()</script>\n\n<style>p{}</style>\n\nkept", "kept"),
        (
            "The <script> tag, the <h1> tag and <s> too.\n\nKept.",
            "The tag, the tag and too.\n\nKept.",
        ),
        ("<details><summary>Q</summary>\n\nA *b*.\n\n</details>\n\nEnd", "Q\n\nA b.\n\nEnd"),
        ("<aside>Note</aside>\n\n![Map of *it*](x.png)", "Note\n\nMap of it"),
    ],
)
def test_html_in_markdown_is_read_as_html(markdown: str, text: str) -> None:
    assert parse(markdown.encode(), "a.md").text == text


def test_long_lines_that_break_sentences_are_wrapped() -> None:
    """Filings are wrapped at 250 characters: their line breaks divide no paragraphs."""
    wide = (
        "The borrower shall furnish to the lender, as soon as they are available and in any event "
        "within ninety days after the end of each of its fiscal years, a balance sheet and the\n"
        "related statements of income, of changes in equity and of cash flows for that year, which "
        "are audited by accountants of recognised standing and are in a form that the lender\n"
        "finds satisfactory."
    )
    document = parse(f"Section 5 ends here.\n\n{wide}\n\nIt may not assign them.".encode(), "a.txt")
    said = [document.text[block.span.start : block.span.end] for block in document.blocks]
    assert said == ["Section 5 ends here.", wide, "It may not assign them."]
