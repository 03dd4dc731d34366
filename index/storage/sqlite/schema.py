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

SCHEMA_VERSION = 4  # of the tables below, which older files get when they are opened
TOKENIZER = "porter unicode61 remove_diacritics 2"  # of full text
FULL_TEXT = f"""CREATE VIRTUAL TABLE IF NOT EXISTS fulltext USING fts5 (
    text, context, tokenize = '{TOKENIZER}')"""

_OLDER_DOCUMENTS = """
-- What an older loccit stored and nothing has read anew since: it has no digests. Of those with
-- headings alone ``documents.blocks`` holds no more, as [start, end, level], and
-- ``passages.blocks`` is NULL.
CREATE TABLE IF NOT EXISTS older_documents (
    doc_id TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    has_headings_alone INTEGER NOT NULL) WITHOUT ROWID"""

_FROM_HEADINGS = (  # before schema 3
    "ALTER TABLE documents RENAME COLUMN headings TO blocks",
    "ALTER TABLE passages ADD COLUMN blocks TEXT",
    _OLDER_DOCUMENTS,
    "INSERT INTO older_documents SELECT doc_id, 1 FROM documents",
)
_FROM_BLOCKS = (  # of schema 3
    "ALTER TABLE older_documents ADD COLUMN has_headings_alone INTEGER NOT NULL DEFAULT 1",
    "INSERT OR IGNORE INTO older_documents SELECT doc_id, 0 FROM documents",
    "ALTER TABLE page_lines ADD COLUMN digest BLOB",
)
_TO_DIGESTS = (
    "ALTER TABLE documents ADD COLUMN hidden TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE documents ADD COLUMN recognised_pages TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE documents ADD COLUMN digests BLOB",
    "ALTER TABLE passages ADD COLUMN digest BLOB",
    "ALTER TABLE sources ADD COLUMN digest BLOB",
    "UPDATE sources SET digest = source_digest(source, doc_id)",
    f"""UPDATE meta SET value = json_set(value, '$.format_version', {FORMAT_VERSION})
        WHERE name = 'settings'""",
)

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS documents (
    doc_id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL,
    page_starts TEXT NOT NULL, blocks TEXT NOT NULL, emphasis TEXT NOT NULL DEFAULT '[]',
    hidden TEXT NOT NULL DEFAULT '[]', recognised_pages TEXT NOT NULL DEFAULT '[]',
    digests BLOB)""",
    _OLDER_DOCUMENTS,
    """-- What is damaged and could not be repaired: kept, but never found or cited.
CREATE TABLE IF NOT EXISTS damaged_documents (
    doc_id TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS sources (
    source TEXT PRIMARY KEY,
    doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    digest BLOB) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS sources_by_document ON sources (doc_id)",
    """CREATE TABLE IF NOT EXISTS page_lines (
    doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    page INTEGER NOT NULL, width REAL NOT NULL, height REAL NOT NULL, lines BLOB NOT NULL,
    digest BLOB,
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
    blocks TEXT,
    digest BLOB)""",
    "CREATE INDEX IF NOT EXISTS passages_by_document ON passages (doc_id)",
    "CREATE INDEX IF NOT EXISTS passages_by_text ON passages (text_hash)",
    FULL_TEXT,  # holds the passages' text; rowid is passages.key
    """INSERT OR IGNORE INTO meta
    VALUES ('generation', '0'), ('identity', hex(randomblob(16)))""",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
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
    return "title" in document_columns and "digests" not in document_columns


def upgrades(document_columns: Sequence[str]) -> list[str]:
    """Return the statements that bring older tables up to date, for one transaction.

    The documents are listed as older ones, and the settings keep older versions of loccit away.
    ``source_digest`` has to be a function of the connection.
    """
    statements = list(_FROM_BLOCKS if "blocks" in document_columns else _FROM_HEADINGS)
    if "emphasis" not in document_columns:
        statements.append("ALTER TABLE documents ADD COLUMN emphasis TEXT NOT NULL DEFAULT '[]'")
    return [*statements, *_TO_DIGESTS]


def views_of_older(document_columns: Sequence[str]) -> list[str]:
    """Return the statements that let older tables be read as those of now, changing nothing."""
    has_blocks = "blocks" in document_columns
    emphasis = "emphasis" if "emphasis" in document_columns else "'[]' AS emphasis"
    blocks = "blocks" if has_blocks else "headings AS blocks"
    views = [
        f"""CREATE TEMP VIEW documents AS
            SELECT rowid, doc_id, title, text, page_starts, {blocks}, {emphasis},
                   '[]' AS hidden, '[]' AS recognised_pages, NULL AS digests
            FROM main.documents""",
        "CREATE TEMP VIEW sources AS SELECT *, NULL AS digest FROM main.sources",
        "CREATE TEMP VIEW damaged_documents AS SELECT NULL AS doc_id WHERE 0",
    ]
    if has_blocks:
        return [
            *views,
            """CREATE TEMP VIEW older_documents AS SELECT doc_id,
                doc_id IN (SELECT doc_id FROM main.older_documents) AS has_headings_alone
                FROM main.documents""",
            "CREATE TEMP VIEW passages AS SELECT *, NULL AS digest FROM main.passages",
            "CREATE TEMP VIEW page_lines AS SELECT *, NULL AS digest FROM main.page_lines",
        ]
    return [
        *views,
        """CREATE TEMP VIEW older_documents AS
            SELECT doc_id, 1 AS has_headings_alone FROM main.documents""",
        "CREATE TEMP VIEW passages AS SELECT *, NULL AS blocks, NULL AS digest FROM main.passages",
        """CREATE TEMP VIEW page_lines AS SELECT '' AS doc_id, 1 AS page, 0 AS width, 0 AS height,
            x'' AS lines, NULL AS digest WHERE 0""",
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
