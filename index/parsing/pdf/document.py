"""PDF: opens the file with pdfium, reads its pages, and says clearly why when it can't."""

from __future__ import annotations

import logging
import re
import threading
from array import array
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from loccit.index.datatypes import Document, PageLines
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.assembling import assemble, block_offsets, check_length
from loccit.index.parsing.normalizing import one_line
from loccit.index.parsing.pdf.characters import Sheet, read_characters, sheet_of
from loccit.index.parsing.pdf.furniture import without_furniture
from loccit.index.parsing.pdf.headings import heading_title
from loccit.index.parsing.pdf.layout import LaidBlock, layout_blocks
from loccit.index.parsing.pdf.lines import marked_boxes, pack
from loccit.index.parsing.pdf.placed_text import NOWHERE
from loccit.index.parsing.pdf.rows import Row, by_column, rows_of, top_first
from loccit.index.parsing.pdf.segments import segments_of
from loccit.index.parsing.sniffing import is_html, is_pdf, real_kind

logger = logging.getLogger(__name__)

MAX_PAGES = 10_000  # the longest books and laws stay below; a page tree of a million is an attack

_LOCK = threading.Lock()  # pdfium is not thread-safe, not even for different documents
_PROGRAM_TITLE = re.compile(r"^(?:microsoft (?:word|powerpoint|excel) ?[-–] ?)+", re.I)
_FILE_NAME = re.compile(
    r"[\\/]|\.(?:docx?|pdf|tex|dvi|indd|qxd|pptx?|xlsx?|odt|rtf|fm|p65|pmd)$", re.I
)
_NO_TITLE = re.compile(
    r"(?:untitled|anonymous|title|document|unknown|none|null|slides?|page|print|\W)*\d*", re.I
)

_PlacedLine: TypeAlias = "tuple[int, array[int]]"  # its start in the text, and its places
_NO_SHEET = Sheet(0.0, 0.0, np.zeros((0, 4), dtype=np.uint16), np.zeros((0, 2), dtype=np.float32))


def parse_pdf(data: bytes, source: str) -> Document:
    """Read a PDF with a text layer: paragraphs unwrapped, running headers and footers dropped."""
    if not is_pdf(data):
        raise UnreadableDocument(source, _why_not_pdf(data))
    with _LOCK:
        pages, sheets, title = _read(data, source)
    sides = [sheet.sides for sheet in sheets]
    laid = layout_blocks(without_furniture(pages), sides) or layout_blocks(pages, sides)
    blocks = [one.block for one in laid]
    document = assemble(
        blocks,
        data=data,
        source=source,
        title=title or heading_title(blocks),
        page_count=len(pages),
    )
    return replace(document, page_lines=_page_lines(document, laid, sheets))


def _read(data: bytes, source: str) -> tuple[list[list[Row]], list[Sheet], str]:
    """Return the rows and the sheet of every page, and the title that the metadata give or ""."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(source, _why_not_opened(str(error))) from error
    with closing(document):
        count = len(document)
        if count > MAX_PAGES:
            raise UnreadableDocument(
                source, f"the PDF has {count:,} pages and the limit is {MAX_PAGES:,}; split it"
            )
        pages, sheets, broken, pictures = _read_pages(document, source)
        if not any(pages):
            raise UnreadableDocument(source, _why_no_text(count, broken, pictures))
        if broken:
            logger.warning("%s: %d of %d pages are damaged and left out", source, broken, count)
        return pages, sheets, _title(document)


def _read_pages(document: Any, source: str) -> tuple[list[list[Row]], list[Sheet], int, bool]:
    """Return the rows and the sheet of every page, how many are damaged, and if any has a picture.

    A picture is only looked for while no text has been found.
    """
    import pypdfium2

    pages: list[list[Row]] = []
    sheets: list[Sheet] = []
    broken = characters = 0
    pictures = False
    for index in range(len(document)):
        rows: list[Row] = []
        sheet = _NO_SHEET
        try:
            with closing(document[index]) as page, closing(page.get_textpage()) as textpage:
                chars, boxes = read_characters(textpage)
                rows = by_column(top_first(rows_of(segments_of(chars), index)))
                sheet = sheet_of(page, chars, boxes)
                pictures = pictures or (characters == 0 and not rows and _has_picture(page))
        except pypdfium2.PdfiumError:
            broken += 1
        pages.append(rows)
        sheets.append(sheet)
        characters += sum(len(row.text) for row in rows)
        check_length(characters, source)
    return pages, sheets, broken, pictures


def _page_lines(
    document: Document, blocks: Sequence[LaidBlock], sheets: Sequence[Sheet]
) -> tuple[PageLines, ...]:
    """Return where the lines stand of every page that holds some of the document's text."""
    pages: defaultdict[int, list[_PlacedLine]] = defaultdict(list)
    for laid, offset in zip(blocks, block_offsets(one.block for one in blocks), strict=True):
        for line in laid.lines:
            start, places = offset + line.start, line.places
            if not document.text.startswith(line.text, start):
                logger.error("a line's letters are not those at %d; it has no boxes", start)
                places = array("i", [NOWHERE] * len(places))
            pages[line.page].append((start, places))
    return tuple(
        _packed_page(document, page + 1, pages[page], sheets[page]) for page in sorted(pages)
    )


def _packed_page(
    document: Document, number: int, lines: Sequence[_PlacedLine], sheet: Sheet
) -> PageLines:
    """Pack the lines of the page ``number``, from 1."""
    letters = "".join(document.text[start : start + len(places)] for start, places in lines)
    places = [place for _, places in lines for place in places]
    packed = pack(
        [start for start, _ in lines],
        [len(places) for _, places in lines],
        marked_boxes(letters, places, sheet.boxes),
    )
    return PageLines(number, sheet.width, sheet.height, packed)


def _has_picture(page: Any) -> bool:
    """Tell whether an image stands on the page."""
    import pypdfium2.raw as pdfium

    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _title(document: Any) -> str:
    """Return the title of the metadata when a person seems to have written it, else ""."""
    title = _PROGRAM_TITLE.sub("", one_line(document.get_metadata_value("Title") or ""))
    letters = sum(char.isalpha() for char in title)
    if letters < 3 or "\ufffd" in title or _FILE_NAME.search(title) or _NO_TITLE.fullmatch(title):
        return ""
    return title


def _why_not_pdf(data: bytes) -> str:
    """Say what a file named .pdf is instead."""
    kind = real_kind(data) or ("an HTML page" if is_html(data) else "")
    if kind:
        return f"this looks like {kind}, not like a PDF; rename it with its real suffix"
    return "this is not a PDF, or its beginning is lost; download or export it again"


def _why_not_opened(message: str) -> str:
    """Turn pdfium's reason into a sentence with a next step."""
    if "password" in message.lower():
        return "the PDF is encrypted and needs a password; save a copy without one"
    if "security" in message.lower():
        return (
            "the PDF is encrypted in a way that can't be read here; save a copy without encryption"
        )
    return "the PDF is damaged, or of a kind too new to open; download or export it again"


def _why_no_text(count: int, broken: int, pictures: bool) -> str:
    """Say why no page holds text."""
    if count == 0:
        return "the PDF has no pages; download or export it again"
    if broken == count:
        return "the PDF is damaged: none of its pages can be read; download or export it again"
    if pictures:
        return "the PDF has no text layer, only pictures: it is scanned; run OCR first"
    return (
        "the PDF holds no text: its pages are empty or hold only drawings or form fields; "
        "if you can read words on them, run OCR first"
    )
