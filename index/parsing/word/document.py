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
from loccit.index.parsing.rich_text import RichText, carried, from_runs, joined, joined_words
from loccit.index.parsing.word.looks import Looks, read_looks
from loccit.index.parsing.word.names import MC, W, is_on
from loccit.index.parsing.word.package import check_package
from loccit.index.parsing.word.paragraphs import is_shown, paragraph_text
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
    styles, looks = read_styles(document), read_looks(document)
    body = document.element.body
    blocks = list(_blocks(body, styles, looks)) if body is not None else []
    seen = "\n".join(block.text for block in blocks)
    notes = list(_notes(document, looks, seen))
    title = document.core_properties.title or ""
    if title.strip().casefold() in ("word document", "untitled", "title"):
        title = ""
    return [*blocks, *notes], title


def _blocks(body: Any, styles: Styles, looks: Looks) -> Iterator[TextBlock]:
    """Yield every block in the order of the document; neighbouring items stand close together."""
    counters: dict[tuple[str, int], int] = {}
    after_item = False
    for element in _block_elements(body):
        block = (
            table_block(_table_rows(element, looks))
            if element.tag == W + "tbl"
            else _paragraph(element, styles, looks, counters, tight=after_item)
        )
        if block.text or block.hidden:
            yield block
        if block.text:
            after_item = block.kind == "item"


def _paragraph(
    element: Any,
    styles: Styles,
    looks: Looks,
    counters: dict[tuple[str, int], int],
    *,
    tight: bool,
) -> TextBlock:
    """Return a heading, an item or another paragraph; one without text has no number either."""
    rich = paragraph_text(element, looks)
    text = normalise(rich.text)
    level = styles.heading_level(element)
    if level is not None and 0 < len(one_line(text)) <= HEADING_CHARACTERS:
        number = styles.number_of(element, counters)
        label = f"{number} " if number and number != BULLET else ""
        heading = one_line(label + text)
        hidden = carried(joined([RichText(label), rich], ""), heading).hidden
        return TextBlock(heading, level=level, hidden=hidden)
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
                if _is_read(box) and next(box.iterancestors(W + "p")) is element  # not in a box
            ]
            stack.extend(iter(box) for box in reversed(boxes))


def _is_read(box: Any) -> bool:
    """Tell whether a text box is shown: not the copy kept for old programs."""
    branches = (e for e in box.iterancestors() if e.tag in (MC + "Choice", MC + "Fallback"))
    return all(map(is_shown, branches))


def _table_rows(table: Any, looks: Looks, depth: int = 0) -> list[list[RichCell]]:
    """Return the rows of a table; the rows of a table inside a cell follow in that cell."""
    rows: list[list[RichCell]] = []
    merged: dict[int, tuple[int, int]] = {}  # by column: the row and place of what goes on below
    for row in table.iter(W + "tr"):
        if next(row.iterancestors(W + "tbl")) is not table:
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
                text = RichText("") if goes_on else _cell_text(cell, looks, depth)
                cells.append(RichCell(text, is_header, columns=columns))
            column += columns
        rows.append(cells)
    return rows


def _cell_text(cell: Any, looks: Looks, depth: int) -> RichText:
    """Return the text of a cell on one line."""
    parts: list[RichText] = []
    for element in _block_elements(cell):
        if element.tag == W + "tbl" and depth < MAX_TABLE_DEPTH:
            rows = _table_rows(element, looks, depth + 1)
            texts = [joined_words((cell.rich for cell in row), CELL_GAP) for row in rows]
            parts.append(joined_words(texts, "; "))
        elif element.tag == W + "p":
            parts.append(paragraph_text(element, looks))
    rich = joined(parts, " ")
    return carried(rich, one_line(rich.text))


def _count(element: Any, default: int) -> int:
    """Return a number of columns."""
    value = element.get(W + "val", "") if element is not None else ""
    return min(int(value), MAX_COLUMNS) if re.fullmatch(r"\d{1,9}", value) else default


def _notes(document: Any, looks: Looks, seen: str) -> Iterator[TextBlock]:
    """Yield the footnotes and endnotes, "[1] ..." as they are marked in the text.

    Those whose mark is not in the text that is ``seen`` are not either.
    """
    from lxml import etree

    for kind, prefix in (("footnotes", ""), ("endnotes", "e")):
        for relation in document.part.rels.values():
            if relation.is_external or not relation.reltype.endswith("/" + kind):
                continue
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            root = etree.fromstring(relation.target_part.blob, parser)
            for note in root.iter(W + kind[:-1]):
                if note.get(W + "type") is not None:
                    continue
                rich = joined([paragraph_text(part, looks) for part in note.iter(W + "p")], " ")
                words = carried(rich, one_line(rich.text))
                mark = f"[{prefix}{note.get(W + 'id')}]"
                if words.text and mark not in seen:
                    words = from_runs([(words.text, "invisible")])
                label = RichText(f"{mark} " if words.text else "")
                note_text = joined([label, words], "")
                yield TextBlock(note_text.text, hidden=note_text.hidden)
