"""The tables of the catalogue, and what brings those of an older loccit up to date."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from loccit.index.datatypes import Block, Span
from loccit.index.parsing.plain_text import blocks_of_text
from loccit.index.settings import FORMAT_VERSION

Row = tuple[Any, ...]
Run = Callable[[str, Sequence[object]], list[Row]]  # executes a statement with its parameters

SCHEMA_VERSION = 3  # of the tables below, which older files get when they are opened
TOKENIZER = "porter unicode61 remove_diacritics 2"  # of full text
FULL_TEXT = f"""CREATE VIRTUAL TABLE IF NOT EXISTS fulltext USING fts5 (
    text, context, tokenize = '{TOKENIZER}')"""

_OLDER_DOCUMENTS = """
-- What an older loccit stored and nothing has read anew since: ``documents.blocks`` holds no more
-- than the headings of these, as [start, end, level], and ``passages.blocks`` is NULL.
CREATE TABLE IF NOT EXISTS older_documents (
    doc_id TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE) WITHOUT ROWID"""

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS documents (
    doc_id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL,
    page_starts TEXT NOT NULL, blocks TEXT NOT NULL, emphasis TEXT NOT NULL DEFAULT '[]')""",
    _OLDER_DOCUMENTS,
    """CREATE TABLE IF NOT EXISTS sources (
    source TEXT PRIMARY KEY,
    doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS sources_by_document ON sources (doc_id)",
    """CREATE TABLE IF NOT EXISTS page_lines (
    doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    page INTEGER NOT NULL, width REAL NOT NULL, height REAL NOT NULL, lines BLOB NOT NULL,
    PRIMARY KEY (doc_id, page))""",
    """CREATE TABLE IF NOT EXISTS failures (
    source TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: FAISS knows vectors by it
    passage_id TEXT NOT NULL UNIQUE,
    doc_id TEXT NOT NULL REFERENCES documents,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT NOT NULL,
    text_hash TEXT NOT NULL,  -- of what was embedded
    -- float32, little-endian:
    vector BLOB NOT NULL,
    blocks TEXT)""",
    "CREATE INDEX IF NOT EXISTS passages_by_document ON passages (doc_id)",
    "CREATE INDEX IF NOT EXISTS passages_by_text ON passages (text_hash)",
    FULL_TEXT,  # holds the passages' text; rowid is passages.key
    """INSERT OR IGNORE INTO meta
    VALUES ('generation', '0'), ('identity', hex(randomblob(16)))""",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

# Make of a document one that an older loccit stored, and forget what may be damaged of it.
AS_OLDER = (
    """UPDATE documents SET blocks = '[]', emphasis = '[]',
       page_starts = iif(json_valid(page_starts), page_starts, '[]') WHERE doc_id = ?""",
    "UPDATE passages SET blocks = NULL WHERE doc_id = ?",
    "DELETE FROM page_lines WHERE doc_id = ?",
    "INSERT OR IGNORE INTO older_documents VALUES (?)",
)
# The columns of ``documents``; none where the file is new.
DOCUMENT_COLUMNS = "SELECT name FROM pragma_table_info('documents', 'main')"
# How many passages have a word, and where it stands: of each connection, as they are views.
VOCABULARY = """
CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, fulltext, row);
CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, fulltext, instance);
"""


def is_older(document_columns: Sequence[str]) -> bool:
    """Tell whether a file has tables, and those of an older loccit."""
    return "headings" in document_columns


def upgrades(document_columns: Sequence[str]) -> list[str]:
    """Return the statements that bring older tables up to date, for one transaction.

    The documents are listed as older ones, and the settings keep older versions of loccit away.
    """
    statements = [
        "ALTER TABLE documents RENAME COLUMN headings TO blocks",
        "ALTER TABLE passages ADD COLUMN blocks TEXT",
        _OLDER_DOCUMENTS,
        "INSERT INTO older_documents SELECT doc_id FROM documents",
        f"""UPDATE meta SET value = json_set(value, '$.format_version', {FORMAT_VERSION})
            WHERE name = 'settings'""",
    ]
    if "emphasis" not in document_columns:
        statements.append("ALTER TABLE documents ADD COLUMN emphasis TEXT NOT NULL DEFAULT '[]'")
    return statements


def views_of_older(document_columns: Sequence[str]) -> list[str]:
    """Return the statements that let older tables be read as those of now, changing nothing."""
    emphasis = "emphasis" if "emphasis" in document_columns else "'[]' AS emphasis"
    return [
        f"""CREATE TEMP VIEW documents AS
            SELECT rowid, doc_id, title, text, page_starts, headings AS blocks, {emphasis}
            FROM main.documents""",
        "CREATE TEMP VIEW older_documents AS SELECT doc_id FROM main.documents",
        "CREATE TEMP VIEW passages AS SELECT *, NULL AS blocks FROM main.passages",
        """CREATE TEMP VIEW page_lines AS
            SELECT '' AS doc_id, 1 AS page, 0 AS width, 0 AS height, x'' AS lines WHERE 0""",
    ]


def older_headings(stored: str, length: int | None = None) -> tuple[Block, ...]:
    """Read the headings that an older loccit stored, of a text of this length if that is known.

    Raises:
        ValueError, TypeError: they are damaged, or not in order within the text.
    """
    headings = tuple(
        Block(Span(start, end), "heading", level) for start, end, level in json.loads(stored)
    )
    edges = [edge for heading in headings for edge in (heading.span.start, heading.span.end)]
    if edges != sorted(edges) or (edges and length is not None and edges[-1] > length):
        raise ValueError("the headings are not in order within the text")
    return headings


def blocks_within(text: str, start: int, headings: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks of a passage's text, which begins at ``start`` of its document."""
    end = start + len(text)
    within = [
        _moved(block, -start)
        for block in headings
        if start <= block.span.start and block.span.end <= end
    ]
    return tuple(_moved(block, start) for block in blocks_of_text(text, within))


def _moved(block: Block, by: int) -> Block:
    def move(span: Span | None) -> Span | None:
        return None if span is None else Span(span.start + by, span.end + by)

    cells = tuple(replace(cell, span=move(cell.span)) for cell in block.cells)
    return replace(
        block,
        span=Span(block.span.start + by, block.span.end + by),
        mark=move(block.mark),
        cells=cells,
    )
