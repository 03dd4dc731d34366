"""The truth of an index: one SQLite file with documents, passages, full text and vectors.

Every change is one transaction and raises the generation, by which caches know that they are
stale. Write-ahead logging: one writer, many readers.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.datatypes import Document, Passage
from index.errors import DamagedIndex, IndexLocked
from index.fulltext import FullText
from index.identity import hash_of_text
from index.reporting import DocumentSummary
from index.schema import (
    PASSAGE_COLUMNS,
    SCHEMA,
    Row,
    document_from_row,
    passage_from_row,
    row_from_document,
    scope_condition,
    summary_from_row,
)
from index.stored_vectors import StoredVectors

FILE_NAME = "catalogue.sqlite3"

_LOCK_SECONDS = 10.0  # how long a writer waits for another one


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to store, its passages in order, their vectors ``(n, dimension) float32``."""

    document: Document
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]


class Catalogue:
    """An open catalogue; may be shared by threads.

    Raises:
        IndexLocked: another process was writing for too long.
        DamagedIndex: the file is not a readable catalogue.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=_LOCK_SECONDS, check_same_thread=False, isolation_level=None
        )
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
            self._connection.execute("PRAGMA foreign_keys = ON")
            if self._one("SELECT 1 FROM sqlite_master WHERE name = 'meta'") is None:
                self._connection.executescript(SCHEMA)
            self._full_text = FullText(self._all)
            self.vectors = StoredVectors(self._all)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise _open_error(path, error) from error

    def close(self) -> None:
        """Close the file; twice is once."""
        with self._lock:
            self._connection.close()
            self._full_text.close()

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
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def put(self, documents: Sequence[NewDocument]) -> tuple[list[int], list[int]]:
        """Store documents under their sources, in place of what those held before.

        Returns:
            The keys of the passages added and of those removed.
        """
        added: list[int] = []
        removed: list[int] = []
        with self._transaction():
            for new in documents:
                document = new.document
                removed += self._drop_source(document.source, keep=document.doc_id)
                if not self.has_document(document.doc_id):
                    self._insert_document(document)
                    added += [
                        self._insert_passage(passage, vector)
                        for passage, vector in zip(new.passages, new.vectors, strict=True)
                    ]
                self._connection.execute(
                    "INSERT OR IGNORE INTO sources VALUES (?, ?)",
                    (document.source, document.doc_id),
                )
        return added, removed

    def add_source(self, source: str, doc_id: str) -> list[int]:
        """Let a source stand for a stored document; return the keys of passages removed."""
        with self._transaction():
            removed = self._drop_source(source, keep=doc_id)
            self._connection.execute(
                "INSERT OR IGNORE INTO sources VALUES (?, ?)", (source, doc_id)
            )
        return removed

    def remove(self, doc_id: str) -> list[int]:
        """Remove a document under all its sources; return the keys of its passages."""
        with self._transaction():
            return self._delete_document(doc_id)

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
            """SELECT text, title, page_starts, headings,
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

    def search_text(
        self, question: str, depth: int, documents: Collection[str] | None = None
    ) -> list[int]:
        """Return the keys of passages with words of the question, best BM25 first."""
        return self._full_text.search(question, depth, documents)

    def keys_of(self, documents: Collection[str]) -> list[int]:
        """Return the keys of the passages of these documents."""
        scope, parameters = scope_condition("key", documents)
        return [
            row[0] for row in self._all(f"SELECT key FROM passages WHERE 1 {scope}", parameters)
        ]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run the body as one change, wholly or not at all."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise (_locked() if "locked" in str(error) else error) from error
            try:
                yield
                self._connection.execute(
                    "UPDATE meta SET value = value + 1 WHERE name = 'generation'"
                )
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _drop_source(self, source: str, *, keep: str) -> list[int]:
        """Free a source; delete its document when no other source stands for it."""
        doc_id = self.document_of(source)
        if doc_id is None or doc_id == keep:
            return []
        self._connection.execute("DELETE FROM sources WHERE source = ?", (source,))
        if self._one("SELECT 1 FROM sources WHERE doc_id = ?", (doc_id,)) is not None:
            return []
        return self._delete_document(doc_id)

    def _delete_document(self, doc_id: str) -> list[int]:
        keys = [row[0] for row in self._all("SELECT key FROM passages WHERE doc_id = ?", (doc_id,))]
        self._connection.executemany("DELETE FROM fulltext WHERE rowid = ?", [(k,) for k in keys])
        self._connection.execute("DELETE FROM passages WHERE doc_id = ?", (doc_id,))
        self._connection.execute("DELETE FROM documents WHERE doc_id = ?", (doc_id,))
        return keys

    def _insert_document(self, document: Document) -> None:
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?)", row_from_document(document)
        )

    def _insert_passage(self, passage: Passage, vector: NDArray[np.float32]) -> int:
        cursor = self._connection.execute(
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
        key = int(cursor.lastrowid or 0)
        self._connection.execute(
            "INSERT INTO fulltext (rowid, text, context) VALUES (?, ?, ?)",
            (key, passage.text, passage.context),
        )
        return key

    def _all(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self._lock:
            return self._connection.execute(statement, parameters).fetchall()

    def _one(self, statement: str, parameters: Sequence[object] = ()) -> Row | None:
        with self._lock:
            row: Row | None = self._connection.execute(statement, parameters).fetchone()
            return row


def _open_error(path: Path, error: sqlite3.DatabaseError) -> DamagedIndex | IndexLocked:
    if "locked" in str(error):
        return _locked()
    return DamagedIndex(
        f"{path} can't be read as an index ({error}): delete its folder and add the files again, "
        "or name another folder"
    )


def _locked() -> IndexLocked:
    return IndexLocked(
        f"another process was writing to the index for {_LOCK_SECONDS:.0f} seconds: wait for it "
        "to end and try again"
    )
