"""Delimited text (.csv, .tsv): one table, whose delimiter and encoding are found."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.assembling import assemble, check_length
from loccit.index.parsing.decoding import decode
from loccit.index.parsing.sheets.grid import sheet_blocks

DELIMITERS = (",", ";", "\t", "|")
SAMPLED_ROWS, SAMPLED_CHARACTERS = 100, 200_000  # that tell the delimiter
MAX_CELL_CHARACTERS = 1_000_000


def parse_delimited(data: bytes, source: str) -> Document:
    """Read delimited text.

    Raises:
        UnreadableDocument: a cell is larger than any table's, as where a quote is never closed.
    """
    text = decode(data, source)
    check_length(len(text), source)
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        delimiter = _delimiter(text, source)
        rows = list(csv.reader(_lines(text), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableDocument(
            source, f"its cells can't be told apart ({error}); save it as .txt or mend its quotes"
        ) from error
    return assemble(sheet_blocks(rows), data=data, source=source)


def _lines(text: str) -> list[str]:
    return text.replace("\0", "").splitlines(keepends=True)


def _delimiter(text: str, source: str) -> str:
    """Return the delimiter by which most rows have the same number of cells, more than one."""
    lines = _lines(text[:SAMPLED_CHARACTERS])
    best, most = "\t" if source.lower().endswith(".tsv") else ",", (0, 0)
    for delimiter in dict.fromkeys((best, *DELIMITERS)):
        rows = islice(csv.reader(lines, delimiter=delimiter), SAMPLED_ROWS)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if widths:
            width, count = widths.most_common(1)[0]
            if (count, width) > most:
                best, most = delimiter, (count, width)
    return best
