"""A citation on the page: the right words in the boxes, the page's picture, and hostile files."""

import os
import re
import signal
import struct
import sys
import unicodedata
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from page_boxes_check import same_words, words_on
from parsing_fixtures import new_pdf, pdf_bytes, pdf_lines
from patience import PATIENCE_SECONDS, cpu_seconds, wait_until

from loccit.index.datatypes import Document, PageBoxes, PageLines, Span
from loccit.index.parsing import parse_bytes, parse_file, worker
from loccit.index.parsing.messages import write_message
from loccit.index.parsing.normalizing import normalise
from loccit.index.parsing.page_images import FAILURES_ALLOWED, PageImages
from loccit.index.parsing.pdf.lines import boxes_of, marked_boxes, pack, unpack
from loccit.index.parsing.pdf.pages import MAX_PIXELS, OpenPdf, png
from loccit.index.parsing.pdf.placed_text import read_text
from loccit.index.parsing.worker import ParserProcess

PARAGRAPH = (
    "The tenant pays the rent in advance on the third working day of each",
    "month by transfer to the account of the owner that is named below, exam-",
    "ple and all, and the owner confirms the rent.",
)


def lines_of(document: Document) -> dict[int, PageLines]:
    return {one.page: one for one in document.page_lines}


def boxes_in(data: bytes, quote: str, *, nth: int = 0) -> tuple[PageBoxes, ...]:
    """Find the boxes of the ``nth`` occurrence and assert that the quote's words are in them."""
    document = parse_bytes(data, "a.pdf")
    found = list(re.finditer(re.escape(quote), document.text))[nth]
    pages = boxes_of(document, Span(found.start(), found.end()), lines_of(document))
    assert pages is not None
    assert same_words(words_on(data, pages), quote)
    for one in pages:
        for box in one.boxes:
            assert 0 <= box.left < box.right <= 1
            assert 0 <= box.top < box.bottom <= 1
    return pages


def one_page(*lines: str) -> FPDF:
    pdf = new_pdf()
    pdf.add_page()
    pdf_lines(pdf, *lines)
    return pdf


def test_a_box_for_each_line() -> None:
    data = pdf_bytes(one_page(*PARAGRAPH))
    (page,) = boxes_in(data, "owner that is named below, example and all")
    assert page.page == 1
    assert (page.width, page.height) == pytest.approx((595.28, 841.89), abs=0.1)
    first, second = page.boxes
    assert first.bottom <= second.top + 0.002
    assert second.left == pytest.approx(21 / 210, abs=0.002)
    assert first.top == pytest.approx(25 / 297, abs=0.005)


def test_repeated_words_have_their_own_boxes() -> None:
    data = pdf_bytes(one_page(*PARAGRAPH))
    tops = [boxes_in(data, "the rent", nth=nth)[0].boxes[0].top for nth in (0, 1)]
    assert tops[1] - tops[0] == pytest.approx(10 / 297, abs=0.002)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_with_a_crop_box(turn: int) -> None:
    pdf = one_page(*PARAGRAPH)
    data = pdf_bytes(pdf)
    extra = b"/Type /Page\n/CropBox [30 400 500 830] /Rotate %d" % turn
    data = data.replace(b"/Type /Page\n", extra + b"\n", 1)
    (page,) = boxes_in(data, "The tenant pays")
    assert (page.width, page.height) == ((430, 470) if turn in (90, 270) else (470, 430))
    (box,) = page.boxes
    middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    upright = {0: middle, 90: (middle[1], 1 - middle[0]), 180: (1 - middle[0], 1 - middle[1])}
    x, y = upright.get(turn, (1 - middle[1], middle[0]))
    assert x < 0.25
    assert y < 0.25
    with OpenPdf(data) as opened:
        picture = opened.image(1, 940)
    pixels = grey_pixels(picture)
    top, bottom = int(box.top * len(pixels)), int(box.bottom * len(pixels))
    left, right = int(box.left * pixels.shape[1]), int(box.right * pixels.shape[1])
    assert (pixels[top:bottom, left:right] < 128).mean() > 0.03


def test_words_outside_of_the_crop_box_have_no_boxes() -> None:
    data = pdf_bytes(one_page(*PARAGRAPH))
    data = data.replace(b"/Type /Page\n", b"/Type /Page\n/CropBox [30 10 500 100]\n", 1)
    document = parse_bytes(data, "a.pdf")
    assert boxes_of(document, Span(0, 20), lines_of(document)) is None


def test_two_columns_read_row_by_row() -> None:
    pdf = new_pdf()
    pdf.add_page()
    for number in range(8):
        for x, side in ((20.0, "left"), (115.0, "right")):
            pdf.text(x, 40 + 5 * number, f"{side} column line {number} holds some words")
    data = pdf_bytes(pdf)
    (page,) = boxes_in(data, "line 2 holds some words left column line 3")
    assert len(page.boxes) == 2
    assert all(box.right < 0.5 for box in page.boxes)
    (page,) = boxes_in(data, "line 7 holds some words right column line 0")
    assert [box.right < 0.5 for box in page.boxes] == [True, False]


def test_over_two_pages_without_their_headers() -> None:
    pdf = new_pdf()
    ends = ("alpha and so", "bravo and so", "charlie and so", "delta and so")
    for number, end in enumerate(ends, start=1):
        pdf.add_page()
        pdf_lines(pdf, "ACME Corporation - Annual Report 2023")
        pdf.ln(10)
        pdf_lines(pdf, f"on it goes with more and more words about the {end}")
        pdf.set_y(275)
        pdf_lines(pdf, f"Page {number} of {len(ends)}")
    data = pdf_bytes(pdf)
    pages = boxes_in(data, "about the bravo and so on it goes")
    assert [(one.page, len(one.boxes)) for one in pages] == [(2, 1), (3, 1)]
    assert all(box.top > 0.1 for one in pages for box in one.boxes)


def test_a_header_like_the_line_below_it() -> None:
    pdf = new_pdf()
    for word in ("alpha", "bravo", "charlie"):
        pdf.add_page()
        pdf_lines(pdf, "Annual Report")
        pdf.ln(20)
        if word == "bravo":
            pdf_lines(pdf, "Annual Report")
        pdf_lines(pdf, f"On this page the report is about {word} and closes here.")
    (page,) = boxes_in(pdf_bytes(pdf), "Annual Report")
    assert page.page == 2
    assert page.boxes[0].top > 0.12


@pytest.mark.parametrize(("letters", "is_lost"), [(3, False), (4, True)])
def test_characters_on_one_another_have_no_places(letters: int, *, is_lost: bool) -> None:
    apart, stacked = (100, 10, 200, 20), (200, 10, 300, 20)
    boxes = np.array([apart, *[stacked] * letters, (300, 10, 400, 20)], dtype=np.uint16)
    marked = marked_boxes("a" + "x" * letters + "b", range(letters + 2), boxes)
    expected = (1, 0, 0, 0) if is_lost else stacked
    assert [tuple(box) for box in marked[1:-1].tolist()] == [expected] * letters
    assert tuple(marked[0].tolist()) == apart


def test_the_letters_of_a_ligature_share_its_place() -> None:
    boxes = np.array([(10, 10, 40, 20)], dtype=np.uint16)
    assert marked_boxes("ffi", [0, 0, 0], boxes).tolist() == [[10, 10, 40, 20]] * 3


def test_packed_lines_are_read_back() -> None:
    random = np.random.default_rng(5)
    starts, lengths = [0, 30, 31, 500], [20, 1, 7, 300]
    corners = np.sort(random.integers(0, 65_536, (328, 2, 2)), axis=2)
    boxes = np.concatenate((corners[:, :, 0], corners[:, :, 1]), axis=1).astype(np.uint16)
    boxes[::9] = 0
    boxes[::11] = (1, 0, 0, 0)
    lines = unpack(pack(starts, lengths, boxes))
    assert [(line.start, len(line.boxes)) for line in lines] == list(
        zip(starts, lengths, strict=True)
    )
    unpacked = np.concatenate([line.boxes for line in lines])
    has_place, is_lost = boxes[:, 0] < boxes[:, 2], boxes[:, 0] > boxes[:, 2]
    assert (unpacked[has_place] == boxes[has_place]).all()
    assert (unpacked[is_lost, 0] > unpacked[is_lost, 2]).all()
    blank = unpacked[~has_place & ~is_lost]
    assert (blank[:, 0] == blank[:, 2]).all()


def test_a_table_has_a_box_for_each_cell() -> None:
    pdf = new_pdf()
    pdf.add_page()
    for name, price in (("Chair", "12 EUR"), ("Table", "340 EUR")):
        pdf.cell(60, 5, name)
        pdf.cell(60, 5, price, new_x="LMARGIN", new_y="NEXT")
    (page,) = boxes_in(pdf_bytes(pdf), "Table | 340 EUR")
    assert len(page.boxes) == 2


@pytest.mark.parametrize(
    ("chars", "text", "places"),
    [
        ("ﬁnd it", "find it", [0, 0, 1, 2, -1, 4, 5]),
        ("  two   words ", "two words", [2, 3, 4, -1, 8, 9, 10, 11, 12]),
        ("caf´e au", "café au", [0, 1, 2, 4, -1, 6, 7]),
        ("cafe\u0301 au", "café au", [0, 1, 2, 3, -1, 6, 7]),
        ("One ........ 12", "One … 12", [0, 1, 2, -1, 4, -1, 13, 14]),
        ("\uf0b7 item", "• item", [0, -1, 2, 3, 4, 5]),
        ("of \u1112\u1161\u11ab", "of 한", [0, 1, -1, 3]),
        ("a\ud83d\ude00b", "a😀b", [0, 1, 3]),
        ("a\u00adb\ue000c", "abc", [0, 2, 4]),
        ("日 本 語", "日本語", [0, 2, 4]),
    ],
)
def test_every_letter_remembers_its_character(chars: str, text: str, places: list[int]) -> None:
    read = read_text([ord(char) for char in chars], range(len(chars)), [False] * len(chars))
    assert read.text == text
    assert [
        place if letter != " " else -1 for letter, place in zip(text, read.places, strict=True)
    ] == places


def test_raised_figures_stand_where_they_are_raised() -> None:
    read = read_text(
        [ord(char) for char in "10-6 m"], range(6), [False] * 2 + [True] * 2 + [False] * 2
    )
    assert (read.text, list(read.places)) == ("10⁻⁶ m", [0, 1, 2, 3, 4, 5])


@given(
    st.text(
        st.sampled_from("aé ´e\u0301\u0316ﬁ·.\u00a0\n日\u1112\u1161\U0001f600\ue000"), max_size=40
    )
)
def test_read_text_is_normalised(chars: str) -> None:
    read = read_text([ord(char) for char in chars], range(len(chars)), [False] * len(chars))
    assert len(read.places) == len(read.text)
    assert normalise(read.text) == read.text


def test_a_page_that_is_not_there() -> None:
    data = pdf_bytes(one_page(*PARAGRAPH))
    document = parse_bytes(data, "a.pdf")
    assert boxes_of(document, Span(0, 20), {}) is None
    with OpenPdf(data) as pdf:
        assert pdf.image(2, 100) is None


def grey_pixels(picture: bytes | None) -> np.ndarray:
    """Read a PNG of greys as the PNG specification says, filter 0 only."""
    assert picture is not None
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", picture[16:26])
    assert (depth, kind) == (8, 0)
    start = picture.index(b"IDAT")
    (length,) = struct.unpack(">I", picture[start - 4 : start])
    raw = zlib.decompress(picture[start + 4 : start + 4 + length])
    lines = np.frombuffer(raw, dtype=np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    return lines[:, 1:]


def test_png_is_read_back_by_another_program() -> None:
    import io

    from PIL import Image

    random = np.random.default_rng(1)
    for pixels in (
        random.integers(0, 255, (7, 5, 3), dtype=np.uint8),
        random.integers(0, 255, (7, 5, 1), dtype=np.uint8).repeat(3, axis=2),
    ):
        with Image.open(io.BytesIO(png(pixels))) as picture:
            assert (np.asarray(picture.convert("RGB")) == pixels).all()


def test_pictures_are_as_wide_as_asked_and_bounded() -> None:
    with OpenPdf(pdf_bytes(one_page(*PARAGRAPH))) as pdf:
        for width in (1, 100, 1600):
            assert grey_pixels(pdf.image(1, width)).shape[1] == width
        assert grey_pixels(pdf.image(1, 100_000)).size <= MAX_PIXELS


def saved(path: Path, data: bytes) -> Document:
    path.write_bytes(data)
    return parse_file(path)


def test_the_process_gives_what_the_library_gives(tmp_path: Path) -> None:
    data = pdf_bytes(one_page(*PARAGRAPH))
    document = saved(tmp_path / "übung.pdf", data)
    with PageImages(timeout=PATIENCE_SECONDS) as pages, OpenPdf(data) as pdf:
        for _ in range(2):  # the second time from memory
            assert pages.image(document, 1, 300) == pdf.image(1, 300)
        assert pages.image(document, 2, 300) is None
        with pytest.raises(ValueError, match="at least 1 pixel"):
            pages.image(document, 1, 0)


def test_a_source_that_is_gone_changed_or_no_pdf(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    document = saved(path, pdf_bytes(one_page(*PARAGRAPH)))
    text = tmp_path / "a.txt"
    text.write_text("Words.", encoding="utf-8")
    with PageImages(timeout=PATIENCE_SECONDS) as pages:
        assert pages.image(parse_file(text), 1, 100) is None
        assert pages.image(document, 1, 100)
        path.write_bytes(pdf_bytes(one_page(*PARAGRAPH, "One more line.")))
        assert pages.image(document, 1, 100) is None
        path.unlink()
        assert pages.image(document, 1, 100) is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_hang_and_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    document = saved(tmp_path / "a.pdf", pdf_bytes(one_page(*PARAGRAPH)))
    with PageImages(timeout=PATIENCE_SECONDS) as pages:
        assert pages.image(document, 1, 100)
        before = pages._drawers[0].parser._process
        assert before is not None
        os.kill(before.pid, signal.SIGSTOP)

        def crash(stream: IO[bytes], question: bytes) -> None:
            write_message(stream, question)
            os.kill(before.pid, signal.SIGSEGV)
            os.kill(before.pid, signal.SIGCONT)

        with monkeypatch.context() as patch:
            patch.setattr(worker, "write_message", crash)
            assert pages.image(document, 1, 101) is None
        assert "the parser crashed (signal 11)" in caplog.text
        assert pages.image(document, 1, 102)
        after = pages._drawers[0].parser._process
        assert after is not None
        pages._timeout = 0.3
        os.kill(after.pid, signal.SIGSTOP)
        assert pages.image(document, 1, 104) is None
        assert "took longer than 0.3 seconds" in caplog.text
        pages._timeout = PATIENCE_SECONDS
        assert pages.image(document, 1, 103)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_slow_page_holds_up_nobody_else(tmp_path: Path) -> None:
    slow = saved(tmp_path / "slow.pdf", pdf_bytes(one_page(*PARAGRAPH)))
    other = saved(tmp_path / "other.pdf", pdf_bytes(one_page("Another page.")))
    with PageImages(timeout=PATIENCE_SECONDS) as pages, ThreadPoolExecutor() as threads:
        assert pages.image(slow, 1, 100)
        first, *others = pages._drawers
        process = first.parser._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)  # a page that never ends
        waiting = [threads.submit(pages.image, slow, 1, width) for width in (101, 101, 102)]
        wait_until(lambda: first.is_busy)
        assert pages.image(other, 1, 100)
        assert not any(future.done() for future in waiting)
        # Who looks at the same file takes no other process.
        assert [drawer.parser._process is None for drawer in others] == [False, True]
        os.kill(process.pid, signal.SIGCONT)
        assert all(future.result() for future in waiting)
        assert not pages.has_failed(slow)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_file_of_slow_pages_is_not_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "slow.pdf"
    document = saved(path, pdf_bytes(one_page(*PARAGRAPH)))
    with PageImages(timeout=PATIENCE_SECONDS) as pages:
        assert pages.image(document, 1, 99)
        for width in range(100, 100 + FAILURES_ALLOWED):
            pages._timeout = PATIENCE_SECONDS
            assert pages.image(document, 1, 99)
            drawer = pages._drawers[0].parser
            process = drawer._running()
            os.kill(process.pid, signal.SIGSTOP)
            pages._timeout = 0.1
            assert pages.image(document, 1, width) is None
            assert pages.image(document, 1, width) is None  # from memory
            assert drawer._process is None
        assert pages.has_failed(document)
        pages._timeout = PATIENCE_SECONDS
        assert pages.image(document, 1, 200) is None
        assert drawer._process is None
        os.utime(path, (1, 1))  # another file now, as far as can be told
        assert pages.image(document, 1, 200)


@pytest.mark.slow
def test_a_page_of_a_thousand(tmp_path: Path) -> None:
    pdf = new_pdf()
    for number in range(1000):
        pdf.add_page()
        pdf_lines(pdf, *(f"Line {line} of page {number} says so." for line in range(30)))
    document = saved(tmp_path / "long.pdf", pdf_bytes(pdf))
    assert len(document.page_lines) == 1000
    assert sum(len(one.packed) for one in document.page_lines) < 3 * len(document.text)
    quote = "Line 7 of page 777 says so."
    start = document.text.index(quote)
    boxes = boxes_of(document, Span(start, start + len(quote)), {778: document.page_lines[777]})
    assert boxes is not None
    assert [(one.page, len(one.boxes)) for one in boxes] == [(778, 1)]
    with PageImages(timeout=PATIENCE_SECONDS) as pages:
        assert pages.image(document, 778, 1600)
        process = pages._drawers[0].parser._process
        assert process is not None
        taken = cpu_seconds(process.pid)
    assert taken < 10  # about half a second of the processor, the start of the process included


def test_the_check_tells_other_words() -> None:
    assert same_words("exam-\nple ﬁ", "example fi")
    assert not same_words("example", unicodedata.normalize("NFD", "exämplé s"))


def test_lines_travel_with_the_document_and_outlive_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    document = saved(path, pdf_bytes(one_page(*PARAGRAPH)))
    with ParserProcess() as parser:
        assert parser.parse(path).page_lines == document.page_lines
    path.unlink()
    with PageImages() as pages:
        assert pages.image(document, 1, 100) is None
    assert boxes_of(document, Span(4, 90), lines_of(document))


@pytest.mark.parametrize("harm", [b"", b"abc", bytes(50), zlib.compress(b"abc"), None])
def test_damaged_lines_give_no_boxes(harm: bytes | None, caplog: pytest.LogCaptureFixture) -> None:
    document = parse_bytes(pdf_bytes(one_page(*PARAGRAPH)), "a.pdf")
    (lines,) = document.page_lines
    packed = zlib.compress(zlib.decompress(lines.packed)[:-7]) if harm is None else harm
    damaged = PageLines(1, lines.width, lines.height, packed)
    assert boxes_of(document, Span(0, 9), {1: damaged}) is None
    assert "without boxes" in caplog.text
