"""The truth of an index: one SQLite file with documents, passages, full text and vectors.

Every change is one transaction and raises the generation, by which caches know that they are
stale.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Passage, Span
from loccit.index.errors import IndexMismatch
from loccit.index.ingestion.identity import hash_of_text
from loccit.index.settings import IndexSettings
from loccit.index.storage.packing import blocks_as_json
from loccit.index.storage.sqlite.connections import Connections
from loccit.index.storage.sqlite.full_text import FullText
from loccit.index.storage.sqlite.queries import Queries, row_from_document
from loccit.index.storage.sqlite.schema import AS_OLDER, FULL_TEXT
from loccit.index.storage.sqlite.vectors import StoredVectors, VectorCache
from loccit.index.storage.store import NewDocument

FILE_NAME = "catalogue.sqlite3"
DRAFT_FOLDER = "reembedding"  # beside it: of what is made anew with another model


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
        self.search_words = self.full_text.search
        self.vectors = StoredVectors(self._run)
        self.vectors_of_texts = self.vectors.of_texts
        self._folder = path.parent
        self._draft = self._folder / DRAFT_FOLDER
        self._cache: VectorCache | None = None

    def close(self) -> None:
        """Keep what was derived of the vectors and close the file; twice is once."""
        cache, self._cache = self._cache, None
        if cache is not None and self._connections.is_ours():
            cache.close()
        self._connections.close()
        self.full_text.close()

    def search_vectors(
        self, rows: NDArray[np.float32], depth: int, only: Sequence[int] | None = None
    ) -> list[list[int]]:
        """Return for each of the unit rows ``(n, dimension)`` the keys nearest to it, best first.

        At most ``depth`` each; ``only`` are the keys that may be returned; None is all.
        """
        return self.derived(rows.shape[1]).current().search(rows, depth, only=only)

    def keep_vectors(self, dimension: int) -> None:
        """Keep the derived vectors for the next start, where enough has changed."""
        if self.has_passages():
            self.derived(dimension).keep()

    def derived(self, dimension: int) -> VectorCache:
        """Return what is derived of the vectors of this length."""
        cache = self._cache
        if cache is None or cache.dimension != dimension:
            cache = self._cache = VectorCache(self.vectors, self._folder, dimension)
        return cache

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

    def read_anew(self, doc_ids: Sequence[str]) -> None:
        """Let the next opening read these documents anew, as those of an older loccit."""
        with self._transaction():
            for doc_id in doc_ids:
                for statement in AS_OLDER:
                    self._write(statement, (doc_id,))

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

    @contextmanager
    def draft(self, settings: IndexSettings) -> Iterator[Catalogue]:
        """Open the catalogue beside this one that passages are made in with other settings.

        It is the one that an earlier attempt with the same settings has begun, or a new one.
        """
        file = self._draft / FILE_NAME
        self._draft.mkdir(exist_ok=True)
        draft = Catalogue(file)
        if draft.get_meta("settings") is not None and not draft.has_settings(settings):
            draft.close()
            self.drop_draft()
            self._draft.mkdir()
            draft = Catalogue(file)
        with closing(draft):
            draft.set_meta("settings", settings.to_json())
            yield draft

    def adopt(self, settings: IndexSettings) -> bool:
        """Put the draft's passages of the same documents in place of all that there are.

        Returns:
            False, and nothing is changed, where the draft lacks one of the documents.
        """
        with self._connections.attached(self._draft / FILE_NAME, "other"), self._transaction():
            if self._one("SELECT doc_id FROM documents EXCEPT SELECT doc_id FROM other.documents"):
                return False
            self._write("DELETE FROM passages")  # the keys of the new ones are new, as always
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

    def drop_draft(self) -> None:
        """Remove the draft, which is closed."""
        shutil.rmtree(self._draft, ignore_errors=True)

    def note_failures(self, failed: Mapping[str, str], read: Collection[str]) -> None:
        """Remember why sources could not be read, and forget those that were read since."""
        again = self.failures().keys() & set(read)
        if not failed and not again:
            return
        with self._connections.transaction():
            self.forget_failures(again)
            for row in failed.items():
                self._write("INSERT OR REPLACE INTO failures VALUES (?, ?)", row)

    def forget_failures(self, sources: Iterable[str]) -> None:
        """Forget files that are gone."""
        for source in sources:
            self._write("DELETE FROM failures WHERE source = ?", (source,))

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
                blocks_as_json(passage.blocks),
            ),
        )
        self._insert_text(key, passage)

    def _insert_text(self, key: int, passage: Passage) -> None:
        self._write(
            "INSERT INTO fulltext (rowid, text, context) VALUES (?, ?, ?)",
            (key, passage.text, passage.context),
        )
