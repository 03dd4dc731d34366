"""Word documents (.docx): paragraphs, lists, tables and footnotes as the reader sees them."""

from __future__ import annotations

import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.assembling import TextBlock, assemble, rich_block
from loccit.index.parsing.normalizing import normalise, one_line
from loccit.index.parsing.notation import (
    BULLET,
    CELL_GAP,
    RichCell,
    item_block,
    table_block,
)
from loccit.index.parsing.rich_text import RichText, carried, joined
from loccit.index.parsing.word.package import check_package
from loccit.index.parsing.word.paragraphs import W, is_on, is_text, paragraph_text
from loccit.index.parsing.word.styles import Styles, read_styles

logger = logging.getLogger(__name__)

HEADING_CHARACTERS = 300  # a longer paragraph in a heading style is no heading
MAX_TABLE_DEPTH = 20  # tables in tables; deeper nesting has no reader
MAX_COLUMNS = 63  # of a table of Word's
_TRANSPARENT = frozenset(
    W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
)
"""Wrappers around blocks whose content is shown: content controls, tracked insertions."""


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
    blocks = list(_blocks(body, styles)) if body is not None else []
    notes = [TextBlock(normalise(note)) for note in _notes(document)]
    title = document.core_properties.title or ""
    if title.strip().casefold() in ("word document", "untitled", "title"):
        title = ""
    return [*blocks, *notes], title


def _blocks(body: Any, styles: Styles) -> Iterator[TextBlock]:
    """Yield every block in the order of the document; neighbouring items stand close together."""
    counters: dict[tuple[str, int], int] = {}
    after_item = False
    for element in _block_elements(body):
        block = (
            table_block(_table_rows(element))
            if element.tag == W + "tbl"
            else _paragraph(element, styles, counters, tight=after_item)
        )
        if block.text:
            yield block
            after_item = block.kind == "item"


def _paragraph(
    element: Any, styles: Styles, counters: dict[tuple[str, int], int], *, tight: bool
) -> TextBlock:
    """Return a heading, an item or another paragraph; one without text has no number either."""
    rich = paragraph_text(element)
    text = normalise(rich.text)
    level = styles.heading_level(element)
    if level is not None and 0 < len(one_line(text)) <= HEADING_CHARACTERS:
        number = styles.number_of(element, counters)
        label = f"{number} " if number and number != BULLET else ""
        return TextBlock(one_line(label + text), level=level)
    sign = styles.number_of(element, counters) if text else ""
    if sign:
        return item_block(rich, sign, styles.list_depth(element), tight=tight)
    return rich_block(rich, text, styles.kind_of(element))


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


def _table_rows(table: Any, depth: int = 0) -> list[list[RichCell]]:
    """Return the rows of a table; the rows of a table inside a cell follow in that cell."""
    rows: list[list[RichCell]] = []
    merged: dict[int, tuple[int, int]] = {}  # by column: the row and place of what goes on below
    for row in table.iter(W + "tr"):
        if next(row.iterancestors(W + "tbl")) is not table or _is_deleted(row):
            continue
        column = _count(row.find(f"{W}trPr/{W}gridBefore"), 0)
        cells = [RichCell(RichText(""))] * column
        is_header = is_on(row.find(f"{W}trPr/{W}tblHeader"))
        for cell in row.iter(W + "tc"):
            if next(cell.iterancestors(W + "tr")) is not row:
                continue
            columns = max(1, _count(cell.find(f"{W}tcPr/{W}gridSpan"), 1))
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            goes_on = merge is not None and merge.get(W + "val", "continue") == "continue"
            if goes_on and column in merged:
                begun, place = merged[column]
                rows[begun][place] = replace(rows[begun][place], rows=rows[begun][place].rows + 1)
            else:
                merged.pop(column, None)
                if merge is not None:
                    merged[column] = len(rows), len(cells)
                text = RichText("") if goes_on else _cell_text(cell, depth)
                cells.append(RichCell(text, is_header, columns=columns))
            column += columns
        rows.append(cells)
    return rows


def _cell_text(cell: Any, depth: int) -> RichText:
    """Return the text of a cell on one line."""
    parts: list[RichText] = []
    for element in _block_elements(cell):
        if element.tag == W + "tbl" and depth < MAX_TABLE_DEPTH:
            rows = _table_rows(element, depth + 1)
            texts = [
                joined([cell.rich for cell in row if cell.rich.text], CELL_GAP) for row in rows
            ]
            parts.append(joined([text for text in texts if text.text], "; "))
        elif element.tag == W + "p":
            parts.append(paragraph_text(element))
    rich = joined(parts, " ")
    return carried(rich, one_line(rich.text))


def _count(element: Any, default: int) -> int:
    """Return a number of columns."""
    value = element.get(W + "val", "") if element is not None else ""
    return min(int(value), MAX_COLUMNS) if re.fullmatch(r"\d{1,9}", value) else default


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
