"""The truth of an index: one SQLite file with documents, passages, full text and vectors.

Every change is one transaction and raises the generation, by which caches know that they are
stale.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Document, Passage, Span
from loccit.index.errors import IndexMismatch
from loccit.index.ingestion.identity import hash_of_text
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.settings import IndexSettings
from loccit.index.storage.sqlite.connections import Connections
from loccit.index.storage.sqlite.full_text import FullText
from loccit.index.storage.sqlite.schema import (
    FULL_TEXT,
    KEYS_OF,
    PASSAGE_COLUMNS,
    Row,
    document_from_row,
    passage_from_row,
    row_from_document,
    summary_from_row,
)
from loccit.index.storage.sqlite.stored_failures import StoredFailures
from loccit.index.storage.sqlite.stored_vectors import StoredVectors

FILE_NAME = "catalogue.sqlite3"


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to store, its passages in order, their vectors ``(n, dimension) float32``."""

    document: Document
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]


class Catalogue:
    """An open catalogue, as `Connections` opens it; may be shared by threads.

    Raises:
        IndexLocked: another process was writing for too long.
        DamagedIndex: the file is not a readable catalogue.
    """

    def __init__(self, path: Path, patience: float | None = None) -> None:
        self._connections = Connections(path, patience)
        self._all = self._connections.read
        self._write = self._connections.write
        self.warm_up = self._connections.warm_up
        self.full_text = FullText(self._all)
        self.vectors = StoredVectors(self._all)
        self.failures = StoredFailures(self._connections)

    def close(self) -> None:
        """Close the file; twice is once."""
        self._connections.close()
        self.full_text.close()

    @property
    def generation(self) -> int:
        """Rises with every change."""
        return int(self.get_meta("generation") or 0)

    def get_meta(self, name: str) -> str | None:
        """Return a stored setting, or None."""
        row = self._one("SELECT value FROM meta WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        """Store a setting; not counted as a change."""
        self._write("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def has_settings(self, settings: IndexSettings) -> bool:
        """Tell whether what is stored was made with these settings."""
        saved = self.get_meta("settings")
        return saved is not None and IndexSettings.from_json(saved).makes_the_same(settings)

    def put(self, documents: Sequence[NewDocument], settings: IndexSettings | None = None) -> None:
        """Store documents under their sources, in place of what those held before.

        Args:
            documents: with vectors.
            settings: that passages and vectors were made with; None is any.

        Raises:
            IndexMismatch: the index has others by now.
        """
        with self._transaction():
            if settings is not None and not self.has_settings(settings):
                raise IndexMismatch(
                    "the index was embedded with another model meanwhile: open it again"
                )
            for new in documents:
                document = new.document
                self._drop_source(document.source, keep=document.doc_id)
                if not self.has_document(document.doc_id):
                    self._insert_document(document)
                    for passage, vector in zip(new.passages, new.vectors, strict=True):
                        self._insert_passage(passage, vector)
                self._write(
                    "INSERT OR IGNORE INTO sources VALUES (?, ?)",
                    (document.source, document.doc_id),
                )

    def add_source(self, source: str, doc_id: str) -> None:
        """Let a source stand for a stored document, in place of what it stood for before."""
        with self._transaction():
            self._drop_source(source, keep=doc_id)
            self._write("INSERT OR IGNORE INTO sources VALUES (?, ?)", (source, doc_id))

    def remove(self, doc_id: str) -> None:
        """Remove a document under all its sources."""
        with self._transaction():
            self._delete_document(doc_id)

    def drop_sources(self, sources: Collection[str]) -> None:
        """Forget sources; the documents that no other source stands for are removed."""
        if not sources:
            return  # a generation of its own would make every reader look for what has changed
        with self._transaction():
            for source in sources:
                self._drop_source(source, keep="")

    def sources_in(self, folder: Path) -> dict[str, str]:
        """Return the documents' ids by source, of the sources that lie in a folder."""
        inside = f"{folder}{os.sep}"
        rows = self._all(
            "SELECT source, doc_id FROM sources WHERE substr(source, 1, ?) = ?",
            (len(inside), inside),
        )
        return dict(rows)

    def has_document(self, doc_id: str) -> bool:
        """Tell whether a document is stored."""
        return self._one("SELECT 1 FROM documents WHERE doc_id = ?", (doc_id,)) is not None

    def document_of(self, source: str) -> str | None:
        """Return the id of the document that a source stands for, or None."""
        row = self._one("SELECT doc_id FROM sources WHERE source = ?", (source,))
        return None if row is None else str(row[0])

    def document_ids(self) -> list[str]:
        """Return the ids of all documents, oldest first."""
        return [row[0] for row in self._all("SELECT doc_id FROM documents ORDER BY rowid")]

    def count_documents(self) -> int:
        """Return the number of documents."""
        return int(self._all("SELECT count(*) FROM documents")[0][0])

    def has_passages(self) -> bool:
        """Tell whether there is anything to search."""
        return self._one("SELECT 1 FROM passages LIMIT 1") is not None

    def load_document(self, doc_id: str) -> Document | None:
        """Return a document with its text, or None."""
        row = self._one(
            """SELECT text, title, page_starts, headings, emphasis,
                      (SELECT min(source) FROM sources WHERE sources.doc_id = documents.doc_id)
               FROM documents WHERE doc_id = ?""",
            (doc_id,),
        )
        if row is None:
            return None
        return document_from_row(doc_id, row)

    def summaries(self) -> list[DocumentSummary]:
        """Return what a list shows of each document, oldest first."""
        rows = self._all(
            """SELECT doc_id, title, json_array_length(page_starts), length(text),
                      (SELECT json_group_array(source) FROM
                         (SELECT source FROM sources s WHERE s.doc_id = d.doc_id ORDER BY source)),
                      (SELECT count(*) FROM passages p WHERE p.doc_id = d.doc_id)
               FROM documents d ORDER BY rowid"""
        )
        return [summary_from_row(row) for row in rows]

    def load_passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Return the passages of these keys; keys that are gone are left out."""
        rows = self._all(
            f"{PASSAGE_COLUMNS} WHERE p.key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {row[0]: passage_from_row(row) for row in rows}

    def passages_of(self, doc_id: str) -> list[Passage]:
        """Return the passages of a document, in order."""
        rows = self._all(f"{PASSAGE_COLUMNS} WHERE p.doc_id = ? ORDER BY p.key", (doc_id,))
        return [passage_from_row(row) for row in rows]

    def rebuild_full_text(self) -> None:
        """Make the full text again, from the documents and the passages' places in them."""
        with self._transaction():
            self._write("DROP TABLE fulltext")
            self._write(FULL_TEXT)
            for doc_id in self.document_ids():
                document = self.load_document(doc_id)
                assert document is not None  # it is listed in this transaction
                rows = self._all(
                    'SELECT key, passage_id, start, "end", heading FROM passages WHERE doc_id = ?',
                    (doc_id,),
                )
                for key, passage_id, start, end, heading in rows:
                    text = document.text[start:end]
                    passage = Passage(
                        passage_id, doc_id, Span(start, end), text, heading, document.title
                    )
                    self._insert_text(key, passage)

    def replace_vectors(self, keys: Sequence[int], rows: NDArray[np.float32]) -> None:
        """Store other vectors ``(n, dimension)`` for passages that are there."""
        with self._transaction():
            for key, row in zip(keys, rows, strict=True):
                self._write(
                    "UPDATE passages SET vector = ? WHERE key = ?",
                    (row.astype("<f4").tobytes(), key),
                )

    def take_passages(self, file: Path, settings: IndexSettings) -> bool:
        """Put another catalogue's passages of the same documents in place of all that there are.

        Their keys are new, so that whatever is derived from the old ones is known to be stale.

        Args:
            file: of the other catalogue.
            settings: what its passages and vectors were made with.

        Returns:
            False, and nothing is changed, where it lacks one of the documents.
        """
        with self._connections.attached(file, "other"), self._transaction():
            if self._one("SELECT doc_id FROM documents EXCEPT SELECT doc_id FROM other.documents"):
                return False
            self._write("DELETE FROM passages")
            self._write("DROP TABLE fulltext")
            self._write(FULL_TEXT)
            columns = 'passage_id, doc_id, start, "end", heading, text_hash, vector'
            self._write(
                f"""INSERT INTO passages ({columns}) SELECT {columns} FROM other.passages
                    WHERE doc_id IN (SELECT doc_id FROM main.documents) ORDER BY key"""
            )
            self._write(
                """INSERT INTO fulltext (rowid, text, context) SELECT p.key, f.text, f.context
                   FROM main.passages p JOIN other.passages o ON o.passage_id = p.passage_id
                   JOIN other.fulltext f ON f.rowid = o.key ORDER BY p.key"""
            )
            self.set_meta("settings", settings.to_json())
            self.set_meta("identity", secrets.token_hex(16))
        return True

    def keys_of(self, documents: Collection[str]) -> list[int]:
        """Return the keys of the passages of these documents."""
        return [key for (key,) in self._all(KEYS_OF, (json.dumps(sorted(documents)),))]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run the body as one change, wholly or not at all."""
        with self._connections.transaction():
            yield
            self._write("UPDATE meta SET value = value + 1 WHERE name = 'generation'")

    def _drop_source(self, source: str, *, keep: str) -> None:
        """Free a source; delete its document when no other source stands for it."""
        doc_id = self.document_of(source)
        if doc_id is None or doc_id == keep:
            return
        self._write("DELETE FROM sources WHERE source = ?", (source,))
        if self._one("SELECT 1 FROM sources WHERE doc_id = ?", (doc_id,)) is None:
            self._delete_document(doc_id)

    def _delete_document(self, doc_id: str) -> None:
        self._write(
            "DELETE FROM fulltext WHERE rowid IN (SELECT key FROM passages WHERE doc_id = ?)",
            (doc_id,),
        )
        self._write("DELETE FROM passages WHERE doc_id = ?", (doc_id,))
        self._write("DELETE FROM documents WHERE doc_id = ?", (doc_id,))

    def _insert_document(self, document: Document) -> None:
        self._write("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)", row_from_document(document))

    def _insert_passage(self, passage: Passage, vector: NDArray[np.float32]) -> None:
        key = self._write(
            "INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            (
                passage.passage_id,
                passage.doc_id,
                passage.span.start,
                passage.span.end,
                passage.heading,
                hash_of_text(passage.text_in_context),
                vector.astype("<f4").tobytes(),
            ),
        )
        self._insert_text(key, passage)

    def _insert_text(self, key: int, passage: Passage) -> None:
        self._write(
            "INSERT INTO fulltext (rowid, text, context) VALUES (?, ?, ?)",
            (key, passage.text, passage.context),
        )

    def _one(self, statement: str, parameters: Sequence[object] = ()) -> Row | None:
        return next(iter(self._all(statement, parameters)), None)
