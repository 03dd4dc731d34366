"""The tables of the catalogue, and their rows as values."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from loccit.index.datatypes import Block, Document, Passage, Span
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.storage.packing import (
    pack_emphasis,
    unpack_emphasis,
)

Row = tuple[Any, ...]
Run = Callable[[str, Sequence[object]], list[Row]]  # executes a statement with its parameters

SCHEMA_VERSION = 2  # of the tables below, which older files get when they are opened
TOKENIZER = "porter unicode61 remove_diacritics 2"  # of full text
FULL_TEXT = f"""CREATE VIRTUAL TABLE IF NOT EXISTS fulltext USING fts5 (
    text, context, tokenize = '{TOKENIZER}')"""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    doc_id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL,
    page_starts TEXT NOT NULL, headings TEXT NOT NULL, emphasis TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS sources (
    source TEXT PRIMARY KEY,
    doc_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sources_by_document ON sources (doc_id);
CREATE TABLE IF NOT EXISTS failures (source TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: FAISS knows vectors by it
    passage_id TEXT NOT NULL UNIQUE,
    doc_id TEXT NOT NULL REFERENCES documents,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT NOT NULL,
    text_hash TEXT NOT NULL,  -- of what was embedded
    vector BLOB NOT NULL);  -- float32, little-endian
CREATE INDEX IF NOT EXISTS passages_by_document ON passages (doc_id);
CREATE INDEX IF NOT EXISTS passages_by_text ON passages (text_hash);
-- Holds the passages' text; rowid is passages.key.
{FULL_TEXT};
INSERT OR IGNORE INTO meta VALUES ('generation', '0'), ('identity', hex(randomblob(16)));
PRAGMA user_version = {SCHEMA_VERSION};
"""
# A column that files of version 1 lack, and what those are read through that can't be written.
LACKS_EMPHASIS = """SELECT 1 FROM sqlite_master WHERE name = 'documents'
    AND NOT EXISTS (SELECT 1 FROM pragma_table_info('documents') WHERE name = 'emphasis')"""
ADD_EMPHASIS = "ALTER TABLE documents ADD COLUMN emphasis TEXT NOT NULL DEFAULT '[]'"
AS_IF_EMPHASIS = """CREATE TEMP VIEW documents AS
    SELECT rowid, *, '[]' AS emphasis FROM main.documents"""
# How many passages have a word, and where it stands: of each connection, as they are views.
VOCABULARY = """
CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, fulltext, row);
CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, fulltext, instance);
"""

PASSAGE_COLUMNS = """
    SELECT p.key, p.passage_id, p.doc_id, p.start, p."end", f.text, p.heading, d.title
    FROM passages p
    JOIN fulltext f ON f.rowid = p.key
    JOIN documents d ON d.doc_id = p.doc_id
"""
KEYS_OF = "SELECT key FROM passages WHERE doc_id IN (SELECT value FROM json_each(?))"


def row_from_document(document: Document) -> Row:
    """Return a row of ``documents``."""
    return (
        document.doc_id,
        document.title,
        document.text,
        json.dumps(document.page_starts),
        json.dumps([(h.span.start, h.span.end, h.level) for h in document.headings]),
        json.dumps(pack_emphasis(document.emphasis)),
    )


def document_from_row(doc_id: str, row: Row) -> Document:
    """Read a row of text, title, page_starts, headings, emphasis and source."""
    text, title, page_starts, headings, emphasis, source = row
    return Document(
        doc_id=doc_id,
        text=text,
        title=title,
        source=source,
        page_starts=tuple(json.loads(page_starts)),
        blocks=tuple(
            Block(Span(start, end), "heading", level) for start, end, level in json.loads(headings)
        ),
        emphasis=unpack_emphasis(json.loads(emphasis)),
    )


def summary_from_row(row: Row) -> DocumentSummary:
    """Read a row of id, title, pages, characters, sources and passages."""
    doc_id, title, num_pages, num_characters, sources, num_passages = row
    return DocumentSummary(
        doc_id=doc_id,
        title=title,
        sources=tuple(json.loads(sources)),
        num_passages=num_passages,
        num_pages=num_pages or None,
        num_characters=num_characters,
    )


def passage_from_row(row: Row) -> Passage:
    """Read a row of ``PASSAGE_COLUMNS``."""
    _, passage_id, doc_id, start, end, text, heading, title = row
    return Passage(passage_id, doc_id, Span(start, end), text, heading, title)
