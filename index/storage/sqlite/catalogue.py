"""The truth of an index: one SQLite file with documents, passages, full text and vectors.

Every change is one transaction and raises the generation, by which caches know that they are
stale.
"""

from __future__ import annotations

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
from loccit.index.settings import IndexSettings
from loccit.index.storage.sqlite.connections import Connections
from loccit.index.storage.sqlite.full_text import FullText
from loccit.index.storage.sqlite.queries import Queries, packed_blocks, row_from_document
from loccit.index.storage.sqlite.schema import FULL_TEXT
from loccit.index.storage.sqlite.stored_failures import StoredFailures
from loccit.index.storage.sqlite.stored_vectors import StoredVectors

FILE_NAME = "catalogue.sqlite3"


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to store, its passages in order, their vectors ``(n, dimension) float32``."""

    document: Document
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]


class Catalogue(Queries):
    """An open catalogue, as `Connections` opens it; may be shared by threads.

    Raises:
        IndexLocked: another process was writing for too long.
        DamagedIndex: the file is not a readable catalogue.
    """

    def __init__(self, path: Path, patience: float | None = None) -> None:
        self._connections = Connections(path, patience)
        super().__init__(self._connections.read)
        self._write = self._connections.write
        self.warm_up = self._connections.warm_up
        self.is_read_only = self._connections.is_read_only
        self.full_text = FullText(self._run)
        self.vectors = StoredVectors(self._run)
        self.failures = StoredFailures(self._connections)

    def close(self) -> None:
        """Close the file; twice is once."""
        self._connections.close()
        self.full_text.close()

    def set_meta(self, name: str, value: str) -> None:
        """Store a setting; not counted as a change."""
        self._write("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def put(self, documents: Sequence[NewDocument], settings: IndexSettings | None = None) -> None:
        """Store documents under their sources, in place of what those held before.

        Args:
            documents: with vectors.
            settings: that passages and vectors were made with; None is any.

        Raises:
            IndexMismatch: the index has others by now.
        """
        with self._transaction():
            if settings is not None:
                self._check(settings)
            for new in documents:
                document = new.document
                self._drop_source(document.source, keep=document.doc_id)
                if document.doc_id not in self.documents:
                    self._write(
                        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)",
                        (document.doc_id, *row_from_document(document)),
                    )
                    self._insert_parts(new)
                self._write(
                    "INSERT OR IGNORE INTO sources VALUES (?, ?)",
                    (document.source, document.doc_id),
                )

    def upgrade(self, documents: Sequence[NewDocument], settings: IndexSettings) -> None:
        """Put what was read anew in place of what an older loccit stored of these documents.

        A document that is gone, or that was upgraded meanwhile, is passed over.

        Raises:
            IndexMismatch: passages and vectors are made with other settings by now.
        """
        with self._transaction():
            self._check(settings)
            older = set(self.older_documents())
            for new in documents:
                doc_id = new.document.doc_id
                if doc_id in older:
                    older.remove(doc_id)
                    self._delete_passages(doc_id)
                    self._write("DELETE FROM page_lines WHERE doc_id = ?", (doc_id,))
                    self._write(
                        """UPDATE documents SET (title, text, page_starts, blocks, emphasis)
                           = (?, ?, ?, ?, ?) WHERE doc_id = ?""",
                        (*row_from_document(new.document), doc_id),
                    )
                    self._insert_parts(new)
                    self._write("DELETE FROM older_documents WHERE doc_id = ?", (doc_id,))

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

    def rebuild_full_text(self) -> None:
        """Make the full text again, from the documents and the passages' places in them."""
        with self._transaction():
            self._write("DROP TABLE fulltext")
            self._write(FULL_TEXT)
            for doc_id, document in self.documents.items():
                rows = self._all(
                    'SELECT key, passage_id, start, "end", heading FROM passages WHERE doc_id = ?',
                    doc_id,
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
            columns = 'passage_id, doc_id, start, "end", heading, text_hash, vector, blocks'
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

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run the body as one change, wholly or not at all."""
        with self._connections.transaction():
            yield
            self._write("UPDATE meta SET value = value + 1 WHERE name = 'generation'")

    def _check(self, settings: IndexSettings) -> None:
        if not self.has_settings(settings):
            raise IndexMismatch(
                "the index was embedded with another model meanwhile: open it again"
            )

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

    def _delete_passages(self, doc_id: str) -> None:
        self._write(
            "DELETE FROM fulltext WHERE rowid IN (SELECT key FROM passages WHERE doc_id = ?)",
            (doc_id,),
        )
        self._write("DELETE FROM passages WHERE doc_id = ?", (doc_id,))

    def _insert_parts(self, new: NewDocument) -> None:
        """Insert the passages and the lines of a document that is there."""
        for passage, vector in zip(new.passages, new.vectors, strict=True):
            self._insert_passage(passage, vector)
        for page in new.document.page_lines:
            self._write(
                "INSERT INTO page_lines VALUES (?, ?, ?, ?, ?)",
                (new.document.doc_id, page.page, page.width, page.height, page.packed),
            )

    def _insert_passage(self, passage: Passage, vector: NDArray[np.float32]) -> None:
        key = self._write(
            "INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                passage.passage_id,
                passage.doc_id,
                passage.span.start,
                passage.span.end,
                passage.heading,
                hash_of_text(passage.text_in_context),
                vector.astype("<f4").tobytes(),
                packed_blocks(passage.blocks),
            ),
        )
        self._insert_text(key, passage)

    def _insert_text(self, key: int, passage: Passage) -> None:
        self._write(
            "INSERT INTO fulltext (rowid, text, context) VALUES (?, ?, ?)",
            (key, passage.text, passage.context),
        )
