"""Files made to hang, to fill the memory or to mislead: each costs itself alone, and soon."""

from __future__ import annotations

import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hostile_fixtures import (
    deflated,
    docx_that_claims,
    docx_that_inflates,
    docx_with_body,
    docx_with_text_part,
    pdf_of,
)
from hypothesis import given
from hypothesis import strategies as st
from parsing_fixtures import check_document, parse, with_member
from patience import PATIENCE_SECONDS, cpu_seconds

from loccit.index.datatypes import Block, Document, Span
from loccit.index.errors import UnreadableDocument
from loccit.index.ingestion.splitting import sentence_spans, split
from loccit.index.models.embedder import Embedder
from loccit.index.parsing import assembling, parse_bytes
from loccit.index.parsing.normalizing import MAX_MARKS, normalise
from loccit.index.parsing.worker import ParserProcess
from loccit.index.passage_index import PassageIndex

SECONDS = 30.0  # of the processor that any of these files may take; most take less than one
DEEP = 100_000
GOOD = "Good words."


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    with ParserProcess() as process:
        yield process


def outcome(parser: ParserProcess, path: Path, data: bytes) -> str:
    """Return the text of the file, or why there is none, got with little work."""
    path.write_bytes(data)
    process = parser._process
    before = 0.0 if process is None else cpu_seconds(process.pid)
    began = time.process_time()
    try:
        result = check_document(parser.parse(path, timeout=PATIENCE_SECONDS)).text
    except UnreadableDocument as error:
        result = error.reason
    assert time.process_time() - began < SECONDS
    if parser._process is process is not None:
        assert cpu_seconds(process.pid) - before < SECONDS
    return result


def reason(data: bytes, name: str) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        parse_bytes(data, name)
    return caught.value.reason


NESTED = {
    "divs.html": b"<div>" * DEEP + b"deep",
    "lists.html": b"<ul><li>" * DEEP + b"deep",
    "tables.html": b"<table><tr><td>" * DEEP + b"deep",
    "menus.html": b"<nav>" * DEEP + b"deep",
    "tricked.html": b"<div></section>" * DEEP + b"deep",
    "quotes.md": b"> " * DEEP + b"deep",
    "lists.md": b"- " * DEEP + b"deep",
    "steps.md": b"\n".join(b"  " * depth + b"- x" for depth in range(1_000)),
}
LONG_RUNS = {
    "stars.md": b"*" * 1_000_000,
    "emphasis.md": b"*a **b_ ~~c" * 30_000,
    "brackets.md": b"[" * 50_000,
    "links.md": b"[" * 20_000 + b"x" + b"](u)" * 20_000,
    "angles.md": b"<" * 500_000,
    "ticks.md": b" ".join(b"`" * count for count in range(1, 1_000)),
    "comments.md": b"<div>\nwords " + b"<!--" * DEEP,
    "table.md": b"|" * 10_000 + b"\n" + b"|-" * 10_000 + b"|\n" + b"|\n" * 10_000,
    "angles.html": b"<" * 1_000_000,
    "comments.html": b"words " + b"<!--" * 500_000,
    "scripts.html": b"words " + b"<script>" * DEEP,
    "charset.html": b"<meta " + b"charset" * 500 + b"<p>words",
    "superscripts.html": b"<sup>" * DEEP + b"words",
    "blanks.txt": b"a" + b" " * 15_000_000 + b"b",
    "tabs.txt": (b"\t" * 1_000 + b"x\n") * 15_000,
    "marks.txt": b"a" + "\u0301\u0327".encode() * 1_000_000,
    "comments.docx": b"<!-- -->" * 500 + b"<p>",
    "comments.pdf": b"<!-- -->" * 500 + b"<p>",
}


@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting(parser: ParserProcess, tmp_path: Path, name: str) -> None:
    said = outcome(parser, tmp_path / name, NESTED[name])
    assert "nested" in said
    assert "the limit is" in said


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG_RUNS)
def test_long_runs(parser: ParserProcess, tmp_path: Path, name: str) -> None:
    said = outcome(parser, tmp_path / name, LONG_RUNS[name])
    assert not said.startswith(("the parser crashed", "took longer"))


def test_nesting_within_the_limit_is_read() -> None:
    assert parse(b"- " * 49 + b"deep", "a.md").text == "- deep"
    assert parse(b"> " * 99 + b"deep", "a.md").text == "deep"
    assert parse(b"<div>" * 10_000 + b"deep", "a.html").text == "deep"
    assert "nested 10,001 deep and the limit is 10,000" in reason(
        b"<div>" * 10_001 + b"deep", "a.html"
    )
    flat = b"<p>one<li>two<div>three</div><!--<div>--><script>'<div>'</script><br/>" * 10_001
    assert parse(flat, "a.html").text.startswith("one")


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".docx", ".pdf"])
def test_one_limit_of_characters(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        ".html": b"<p>words of a page",
        ".docx": docx_with_body(b"<w:p/>"),
        ".pdf": pdf_of(b"/Kids [3 0 R] /Count 1"),
    }
    data = files.get(suffix, b"words of a page")
    parse(data, f"a{suffix}")
    monkeypatch.setattr(assembling, "MAX_CHARACTERS", 10)
    assert "characters and the limit is 10; split" in reason(data, f"a{suffix}")


@pytest.mark.parametrize(("mark", "suffix"), [("# ", ".md"), ("<h1>", ".html"), ("", ".txt")])
def test_a_heading_of_a_megabyte_is_a_paragraph(mark: str, suffix: str) -> None:
    document = parse(f"{mark}{'Long ' * 200_000}\n\nGood words.".encode(), f"a{suffix}")
    assert document.headings == ()
    assert document.title == "a"


@pytest.mark.slow
def test_a_line_of_50_megabytes(parser: ParserProcess, tmp_path: Path) -> None:
    tracemalloc.start()
    said = outcome(parser, tmp_path / "a.txt", b"a" * 50_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said.startswith("the document holds 50,000,000 characters and the limit is 20,000,000")
    assert peak < 60_000_000  # the bytes that were written, and no more


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (docx_that_claims(2**32 - 2, members=3), "the limits are 500 MB"),
        (docx_that_inflates(1_024), "the limits are 500 MB"),
        (docx_that_inflates(400), "400 MB and the limit is 100 MB; split"),
        (docx_that_inflates(1_024, claimed=1_000), "damaged or cut short"),
    ],
    ids=["claims", "inflates", "part", "lies"],
)
def test_zip_bombs(parser: ParserProcess, tmp_path: Path, data: bytes, expected: str) -> None:
    assert expected in outcome(parser, tmp_path / "a.docx", data)


def test_a_bomb_of_10_gigabytes_in_10_kilobytes() -> None:
    data = docx_that_claims(2**32 - 2, members=3)
    assert len(data) < 10_000
    assert "unpacks to 16,383 MB in 4 parts" in reason(data, "a.docx")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPES = {
    "laughs": f'<!DOCTYPE w [<!ENTITY l0 "ha">{LAUGHS}]>',
    "file": '<!DOCTYPE w [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>',
    "web": '<!DOCTYPE w SYSTEM "http://localhost:9/w.dtd" [<!ENTITY l11 "x">]>',
}


@pytest.mark.parametrize("part", ["document.xml", "document.bin"])
@pytest.mark.parametrize("doctype", DOCTYPES)
def test_entities(parser: ParserProcess, tmp_path: Path, part: str, doctype: str) -> None:
    data = docx_with_text_part(part, DOCTYPES[doctype], "Good &l11; words.")
    said = outcome(parser, tmp_path / "a.docx", data)
    assert f"part word/{part} declares XML entities" in said


def test_a_part_of_any_name_is_read() -> None:
    assert parse(docx_with_text_part("document.bin", "", GOOD), "a.docx").text == GOOD


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("word/document.xml", lambda old: old[:-30]),
        ("word/document.xml", lambda old: old.replace(b"<w:body>", b"<w:body></w:p>")),
        ("word/document.xml", lambda _: b"\0" * 1_000),
        ("word/document.xml", lambda old: old.replace(b"<w:body>", b"<w:body>" + b"<w:p>" * DEEP)),
        (
            "word/_rels/document.xml.rels",
            lambda old: old.replace(b'"styles.xml"', b'"../../../../etc/passwd"'),
        ),
        (
            "word/_rels/document.xml.rels",
            lambda old: old.replace(b'"styles.xml"', b'"file:///etc/passwd" TargetMode="External"'),
        ),
    ],
    ids=["cut", "crossed", "zeros", "deep", "outside", "external"],
)
def test_malformed_parts(
    parser: ParserProcess, tmp_path: Path, member: str, change: Callable[[bytes], bytes]
) -> None:
    said = outcome(parser, tmp_path / "a.docx", with_member(docx_with_body(b""), member, change))
    assert "damaged" in said
    assert "root:" not in said


def test_text_boxes_in_text_boxes_are_read_once(parser: ParserProcess, tmp_path: Path) -> None:
    box = b"<w:txbxContent><w:p>" * 60, b"</w:p></w:txbxContent>" * 60
    deep = b"<w:p>" + box[0] + b"<w:r><w:t>deep</w:t></w:r>" + box[1] + b"</w:p>"
    assert outcome(parser, tmp_path / "a.docx", docx_with_body(deep)) == f"deep\n\n{GOOD}"


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (b"/Kids [3 0 R 2 0 R] /Count 2", "Good words of a page"),
        (b"/Kids [2 0 R] /Count 5", "none of its pages can be read"),
        (b"/Kids [3 0 R] /Count 9999999", "Good words of a page"),
        (b"/Kids [3 0 R] /Count -5", "Good words of a page"),
        (b"/Kids [%s] /Count 50000" % (b"3 0 R " * 50_000), "50,000 pages and the limit is 10,000"),
        (b"/Kids %s%s /Count 1" % (b"[" * DEEP, b"]" * DEEP), "damaged"),
    ],
    ids=["loop", "only itself", "count", "negative", "pages", "arrays"],
)
def test_page_trees(parser: ParserProcess, tmp_path: Path, pages: bytes, expected: str) -> None:
    assert expected in outcome(parser, tmp_path / "a.pdf", pdf_of(pages))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs the limit on memory")
def test_a_pdf_of_10_gigabytes(tmp_path: Path) -> None:
    packed = zlib.compress(deflated(10_240), 9)
    assert len(packed) < 30_000
    data = pdf_of(b"/Kids [3 0 R] /Count 1", packed, b"/FlateDecode /FlateDecode")
    with ParserProcess() as parser:
        said = outcome(parser, tmp_path / "a.pdf", data)
        assert said.startswith(("the parser crashed", "the PDF"))
        assert outcome(parser, tmp_path / "b.txt", GOOD.encode()) == GOOD


WORDS = "naïve – Straße 東京, the rent is 900."


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (WORDS.encode("utf-16"), WORDS),
        (WORDS.encode("utf-16-le"), WORDS),
        (WORDS.encode("utf-16-be"), WORDS),
        ("家賃は月に九百ユーロです。".encode("shift_jis"), "家賃は月に九百ユーロです。"),
        (b"The re\0nt is nine hundred euros a month, and due on the first.", None),
        (b"rent\0\0\0\0" * 50, "binary data"),
        # A damaged byte costs its own character, not the encoding of all the others.
        (WORDS.encode() + b"\xff.", WORDS + "\ufffd."),
        (WORDS.encode() + b"\xed\xa0\x80.", WORDS + "\ufffd."),
        (
            b"rent \xed\xa0\xbd\xed\xb0\xa6.",
            "rent \N{BIRD}.",
        ),
        (b"\xff\xfe" + "a\ud800b".encode("utf-16-le", "surrogatepass"), "a\ufffdb"),
        ("caf\xe9 na\xefve".encode("cp1252"), "caf\xe9 na\xefve"),
        ("the \u202drent\u202c is \u2066900\u2069 \u200f.".encode(), "the rent is 900 \u200f."),
        ("the \u202erent\u202c is 900.".encode(), "the is 900."),  # a reader sees "tner"
        (b"\\ud800 &#xD800;", "\\ud800 &#xD800;"),
    ],
)
def test_what_bytes_mean(
    parser: ParserProcess, tmp_path: Path, data: bytes, text: str | None
) -> None:
    said = outcome(parser, tmp_path / "a.txt", data)
    expected = text or "The rent is nine hundred euros a month, and due on the first."
    assert said == expected or (text == "binary data" and text in said)


def test_references_to_what_is_no_character() -> None:
    data = b"<p>&#xD800; &#0; &#x110000; a&#x202E;b"
    assert parse(data, "a.html").text == "\ufffd \ufffd \ufffd ab"
    assert parse(b"&#xD800; a&#x202E;b", "a.md").text == "\ufffd ab"


@given(st.text(st.sampled_from("ae\u0301\u0327\u0344\u0958\u093c\u1e69 \n"), max_size=200))
def test_many_marks_are_normalised_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


def test_marks_up_to_the_limit_stay() -> None:
    kept = "x" + "\u0332" * MAX_MARKS
    assert normalise(kept) == kept
    assert normalise(kept + "\u0332" * 5 + "y") == kept + "y"


def passages_of(text: str, headings: tuple[Block, ...] = ()) -> int:
    """Return the number of passages, made with little work and in little memory."""
    document = Document("id", text, "title", "a.txt", (), headings)
    tracemalloc.start()
    began = time.process_time()
    passages = split(document, lambda texts: [len(one) // 4 for one in texts])
    assert time.process_time() - began < SECONDS
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000 + 10 * len(text)
    covered = 0
    for passage in passages:
        assert not text[covered : passage.span.start].strip()
        assert text[passage.span.start : passage.span.end] == passage.text
        covered = passage.span.end
    assert not text[covered:].strip()
    return len(passages)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a" * 3_000_000,
        "a\n" + " " * 300_000 + "b",
        "a" + " " * 3_000_000 + "b",
        "a\n" * 1_000_000 + "b",
        "A b. " * 300_000 + "c",
        "日本語。" * 200_000,
    ],
    ids=["line", "indent", "blanks", "lines", "sentences", "japanese"],
)
def test_splitting_is_quick(text: str) -> None:
    assert passages_of(text) >= 1


@pytest.mark.slow
def test_splitting_many_headings_is_quick() -> None:
    count = 30_000
    alone = tuple(Block(Span(3 * n, 3 * n + 1), "heading", 1 + n % 9) for n in range(count))
    assert passages_of("a\n\n" * count + "b", alone) > 1
    apart = tuple(Block(Span(6 * n, 6 * n + 1), "heading", 1 + n % 9) for n in range(count))
    assert passages_of("a\n\nb\n\n" * count + "c", apart) == count


@pytest.mark.slow
def test_a_hostile_file_costs_itself_alone(tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a-bomb.docx").write_bytes(docx_that_claims(2**32 - 2, members=3))
    (folder / "b-deep.html").write_bytes(NESTED["divs.html"])
    (folder / "c-loop.pdf").write_bytes(pdf_of(b"/Kids [2 0 R] /Count 5"))
    (folder / "d-line.txt").write_bytes(b"a" * 21_000_000)
    (folder / "e-good.txt").write_text("The rent is 900 euros.", encoding="utf-8")
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as index:
        result = index.add(folder)
        assert [one.status for one in result.outcomes] == ["failed"] * 4 + ["added"]
        assert len(index.failures()) == 4
        assert index.search("What is the rent?")[0].passage.text == "The rent is 900 euros."


def test_sentences_of_a_long_row_are_those_of_its_parts() -> None:
    row = "Dr. Ada Byron of No. 9 paid 4.50 euros. She left (at noon)! 彼は来た。それから。 "
    text = (row * 400).strip()
    end = len(row.strip())
    once = [(span.start, span.end) for span in sentence_spans(text, Span(0, end))]
    expected = [
        (n * len(row) + start, n * len(row) + stop) for n in range(400) for start, stop in once
    ]
    found = sentence_spans(text, Span(0, len(text)))
    assert [(span.start, span.end) for span in found] == expected
