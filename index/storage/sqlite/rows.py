"""The rows of a catalogue that a change writes and deletes, each within a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from loccit.index.datatypes import Passage
from loccit.index.ingestion.identity import hash_of_text
from loccit.index.storage.packing import blocks_as_json, passage_digest, source_digest
from loccit.index.storage.sqlite.checks import Checks
from loccit.index.storage.sqlite.documents import COLUMNS, lines_digest, row_from_document
from loccit.index.storage.sqlite.schema import Row, Run
from loccit.index.storage.store import NewDocument

# Those of a passage as it is stored, but for its key, its id and its text.
PASSAGE_COLUMNS = 'doc_id, start, "end", heading, text_hash, vector, blocks, digest'


class Write(Protocol):
    """Executes a statement and returns the last row's id."""

    def __call__(self, statement: str, parameters: Sequence[object] = (), /) -> int:
        """Execute."""
        ...


class Rows(Checks):
    """Writes rows with what ``write`` executes, in the transaction that is open."""

    def __init__(self, run: Run, write: Write) -> None:
        super().__init__(run)
        self._write = write

    def _drop_source(self, source: str, *, keep: str) -> None:
        """Free a source; delete its document when no other source stands for it."""
        doc_id = self.document_of(source)
        if doc_id is None or doc_id == keep:
            return
        self._write("DELETE FROM sources WHERE source = ?", (source,))
        if self._one("SELECT 1 FROM sources WHERE doc_id = ?", doc_id) is None:
            self._delete_document(doc_id)

    def _delete_document(self, doc_id: str) -> None:
        self._delete_passages(doc_id)
        self._write("DELETE FROM documents WHERE doc_id = ?", (doc_id,))

    def _put(self, new: NewDocument) -> None:
        """Store a document with its passages and lines, in place of what is stored of it."""
        doc_id, *columns = row_from_document(new.document)
        if self._one("SELECT 1 FROM documents WHERE doc_id = ?", doc_id):
            self._delete_parts(doc_id)
            self._write(
                f"UPDATE documents SET ({COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?) WHERE doc_id = ?",
                (*columns, doc_id),
            )
        else:
            self._write(
                f"""INSERT INTO documents (doc_id, {COLUMNS})
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (doc_id, *columns),
            )
        for passage, vector in zip(new.passages, new.vectors, strict=True):
            titled = replace(passage, title=new.document.title)  # as it is read
            key = self._write(
                f"""INSERT INTO passages (passage_id, {PASSAGE_COLUMNS})
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                _row_from_passage(titled, vector.astype("<f4").tobytes()),
            )
            self._insert_text(key, titled)
        for page in new.document.page_lines:
            self._write(
                "INSERT INTO page_lines VALUES (?, ?, ?, ?, ?, ?)",
                (
                    doc_id,
                    page.page,
                    page.width,
                    page.height,
                    page.packed,
                    lines_digest(doc_id, page),
                ),
            )

    def _set_sources(self, doc_id: str, sources: Iterable[str]) -> None:
        self._write("DELETE FROM sources WHERE doc_id = ?", (doc_id,))
        for source in sources:
            self._insert_source(source, doc_id)

    def _insert_source(self, source: str, doc_id: str) -> None:
        self._write(
            "INSERT OR IGNORE INTO sources VALUES (?, ?, ?)",
            (source, doc_id, source_digest(source, doc_id)),
        )

    def _delete_parts(self, doc_id: str) -> None:
        """Delete what belongs to a document but itself and its sources."""
        self._delete_passages(doc_id)
        for table in ("page_lines", "older_documents", "damaged_documents"):
            self._write(f"DELETE FROM {table} WHERE doc_id = ?", (doc_id,))

    def _delete_passages(self, doc_id: str) -> None:
        self._write(
            "DELETE FROM fulltext WHERE rowid IN (SELECT key FROM passages WHERE doc_id = ?)",
            (doc_id,),
        )
        self._write("DELETE FROM passages WHERE doc_id = ?", (doc_id,))

    def _insert_text(self, key: int, passage: Passage) -> None:
        self._write(
            "INSERT INTO fulltext (rowid, text, context) VALUES (?, ?, ?)",
            (key, passage.text, passage.context),
        )


def _row_from_passage(passage: Passage, vector: bytes) -> Row:
    """Return a passage as it is stored: its id and `PASSAGE_COLUMNS`."""
    blocks = blocks_as_json(passage.blocks)
    return (
        passage.passage_id,
        passage.doc_id,
        passage.span.start,
        passage.span.end,
        passage.heading,
        hash_of_text(passage.text_in_context),
        vector,
        blocks,
        passage_digest(passage, blocks),
    )
