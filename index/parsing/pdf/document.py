"""PDF: opens the file with pdfium, reads its pages, and says clearly why when it can't."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import closing
from typing import Any

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.assembling import assemble, check_length
from loccit.index.parsing.normalizing import one_line
from loccit.index.parsing.pdf.columns import by_column, top_first
from loccit.index.parsing.pdf.furniture import without_furniture
from loccit.index.parsing.pdf.headings import heading_title
from loccit.index.parsing.pdf.layout import layout_blocks
from loccit.index.parsing.pdf.rows import Row, rows_of
from loccit.index.parsing.pdf.segments import read_segments
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


def parse_pdf(data: bytes, source: str) -> Document:
    """Read a PDF with a text layer: paragraphs unwrapped, running headers and footers dropped."""
    if not is_pdf(data):
        raise UnreadableDocument(source, _why_not_pdf(data))
    with _LOCK:
        pages, title = _read(data, source)
    blocks = layout_blocks(without_furniture(pages)) or layout_blocks(pages)
    return assemble(
        blocks,
        data=data,
        source=source,
        title=title or heading_title(blocks),
        page_count=len(pages),
    )


def _read(data: bytes, source: str) -> tuple[list[list[Row]], str]:
    """Return the rows of every page, and the title that the metadata give or ""."""
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
        pages, broken, pictures = _read_pages(document, source)
        if not any(pages):
            raise UnreadableDocument(source, _why_no_text(count, broken, pictures))
        if broken:
            logger.warning("%s: %d of %d pages are damaged and left out", source, broken, count)
        return pages, _title(document)


def _read_pages(document: Any, source: str) -> tuple[list[list[Row]], int, bool]:
    """Return the rows of every page, how many pages can't be read, and whether any has a picture.

    A picture is only looked for while no text has been found.
    """
    import pypdfium2

    pages: list[list[Row]] = []
    broken = characters = 0
    pictures = False
    for index in range(len(document)):
        rows: list[Row] = []
        try:
            with closing(document[index]) as page, closing(page.get_textpage()) as textpage:
                rows = read_rows(textpage, index)
                pictures = pictures or (characters == 0 and not rows and _has_picture(page))
        except pypdfium2.PdfiumError:
            broken += 1
        pages.append(rows)
        characters += sum(len(row.text) for row in rows)
        check_length(characters, source)
    return pages, broken, pictures


def read_rows(textpage: Any, page: int) -> list[Row]:
    """Return the rows of the page with index ``page``, in reading order."""
    return by_column(top_first(rows_of(read_segments(textpage), page)))


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
        return f"this looks like {kind}, not like a PDF; give it its real suffix"
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
