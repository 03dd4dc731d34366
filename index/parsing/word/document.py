"""Word documents (.docx): paragraphs, lists, tables and footnotes as the reader sees them."""

from __future__ import annotations

import io
import logging
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.assembling import TextBlock, assemble, rich_block
from loccit.index.parsing.normalizing import normalise, one_line
from loccit.index.parsing.notation import CELL_GAP
from loccit.index.parsing.rich_text import RichText, carried, joined, prefixed
from loccit.index.parsing.word.package import check_package
from loccit.index.parsing.word.paragraphs import W, is_text, paragraph_text
from loccit.index.parsing.word.styles import Styles, read_styles

logger = logging.getLogger(__name__)

HEADING_CHARACTERS = 300  # a longer paragraph in a heading style is no heading
MAX_TABLE_DEPTH = 20  # tables in tables; deeper nesting has no reader
_TRANSPARENT = frozenset(
    W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
)
"""Wrappers around blocks whose content is shown: content controls, tracked insertions."""


Piece = tuple[RichText, int | None, bool]
"""The text of a block, the level of a heading, and whether it is a list item."""


def parse_docx(data: bytes, source: str) -> Document:
    """Read a Word document as if all tracked changes were accepted."""
    check_package(data, source)
    try:
        blocks, title = _read(data)
    except (
        KeyError,
        ValueError,
        AttributeError,
        OSError,
        EOFError,
        IndexError,
        TypeError,
        zipfile.BadZipFile,
        zlib.error,
        SyntaxError,
    ) as error:
        # python-docx lets these through when parts or relations are missing or a picture is
        # damaged; lxml's XMLSyntaxError is a SyntaxError.
        raise UnreadableDocument(
            source, "the Word document is damaged inside; open it in Word and save it again"
        ) from error
    return assemble(blocks, data=data, source=source, title=title)


def _read(data: bytes) -> tuple[list[TextBlock], str]:
    """Return the blocks of the document and its title ("" when it has none)."""
    import docx

    document = docx.Document(io.BytesIO(data))
    styles = read_styles(document)
    body = document.element.body
    blocks = list(_grouped(_pieces(body, styles))) if body is not None else []
    notes = [TextBlock(normalise(note)) for note in _notes(document)]
    title = document.core_properties.title or ""
    titled = [block.text for block in blocks if block.level is not None and block.text]
    if title.strip().casefold() in ("", "word document", "untitled", "title"):
        title = next(iter(titled), "")
    return [*blocks, *notes], title


def _pieces(body: Any, styles: Styles) -> Iterator[Piece]:
    """Yield every piece in the order of the document."""
    counters: dict[tuple[str, int], int] = {}
    for element in _block_elements(body):
        if element.tag == W + "tbl":
            yield joined(list(_table_rows(element)), "\n"), None, False
            continue
        rich = paragraph_text(element)
        text = rich.text
        level = styles.heading_level(element)
        if level is not None and 0 < len(one_line(text)) <= HEADING_CHARACTERS:
            number = styles.number_of(element, counters)
            label = f"{number} " if number and number != "-" else ""
            yield RichText(one_line(label + text)), level, False
            continue
        if not text.strip():
            continue
        number = styles.number_of(element, counters)
        mark = f"{number} " if number else ""
        indent = "  " * styles.list_depth(element) if number else ""
        yield prefixed(indent + mark, carried(rich, normalise(text))), None, bool(number)


def _grouped(pieces: Iterator[Piece]) -> Iterator[TextBlock]:
    """Make blocks of the pieces, one of neighbouring list items."""
    items: list[RichText] = []
    for rich, level, is_item in pieces:
        if is_item:
            items.append(rich)
            continue
        if items:
            yield _block(joined(items, "\n"))
            items = []
        yield _block(rich) if level is None else TextBlock(rich.text, level=level)
    if items:
        yield _block(joined(items, "\n"))


def _block(rich: RichText) -> TextBlock:
    return rich_block(rich, normalise(rich.text))


def _block_elements(parent: Any) -> Iterator[Any]:
    """Yield the paragraphs and tables under ``parent``, through wrappers and text boxes."""
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in _TRANSPARENT:
            stack.append(iter(element))
        elif element.tag == W + "tbl":
            yield element
        elif element.tag == W + "p":
            yield element
            boxes = [
                box
                for box in element.iter(W + "txbxContent")
                if is_text(box) and next(box.iterancestors(W + "p")) is element  # not in a box
            ]
            stack.extend(iter(box) for box in reversed(boxes))


def _table_rows(table: Any, depth: int = 0) -> Iterator[RichText]:
    """Yield the rows of a table; the rows of a table inside a cell follow in that cell."""
    for row in table.iter(W + "tr"):
        if next(row.iterancestors(W + "tbl")) is not table or _is_deleted(row):
            continue
        cells: list[RichText] = []
        for cell in row.iter(W + "tc"):
            if next(cell.iterancestors(W + "tr")) is row and not _continues_above(cell):
                cells.append(_cell_text(cell, depth))
        if any(cell.text for cell in cells):
            yield joined(cells, CELL_GAP)


def _cell_text(cell: Any, depth: int) -> RichText:
    """Return the text of a cell on one line."""
    parts: list[RichText] = []
    for element in _block_elements(cell):
        if element.tag == W + "tbl" and depth < MAX_TABLE_DEPTH:
            parts.append(joined(list(_table_rows(element, depth + 1)), "; "))
        elif element.tag == W + "p":
            parts.append(paragraph_text(element))
    rich = joined(parts, " ")
    return carried(rich, one_line(rich.text))


def _continues_above(cell: Any) -> bool:
    """Tell whether a cell is the lower part of one that is merged over several rows."""
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(W + "val", "continue") == "continue"


def _is_deleted(row: Any) -> bool:
    """Tell whether a tracked change deletes the row."""
    return row.find(f"{W}trPr/{W}del") is not None


def _notes(document: Any) -> Iterator[str]:
    """Yield the texts of the footnotes and endnotes, "[1] ..." as they are marked in the text."""
    from lxml import etree

    for kind, prefix in (("footnotes", ""), ("endnotes", "e")):
        for relation in document.part.rels.values():
            if relation.is_external or not relation.reltype.endswith("/" + kind):
                continue
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            root = etree.fromstring(relation.target_part.blob, parser)
            for note in root.iter(W + kind[:-1]):
                text = " ".join(paragraph_text(part).text for part in note.iter(W + "p"))
                if note.get(W + "type") is None and text.strip():
                    yield f"[{prefix}{note.get(W + 'id')}] {one_line(text)}"
