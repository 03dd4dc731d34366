"""What tells whether a catalogue is sound, and what of it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress

from loccit.index.datatypes import Document, Passage, Span
from loccit.index.errors import DamagedIndex
from loccit.index.ingestion.identity import hash_of_text
from loccit.index.storage.packing import naming_document, source_digest
from loccit.index.storage.sqlite.connections import lenient_text, telling_damage
from loccit.index.storage.sqlite.documents import (
    COLUMNS,
    OLDER,
    SOURCE,
    older_text,
    with_text_alone,
)
from loccit.index.storage.sqlite.queries import Queries, passage_from_row
from loccit.index.storage.sqlite.schema import Row


class Checks(Queries):
    """Reads a catalogue and compares what is stored with its digests."""

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Checks:
        """Return what reads a catalogue's file on a connection that others do not use."""
        connection.text_factory = lenient_text

        def run(statement: str, parameters: Sequence[object]) -> list[Row]:
            with telling_damage():
                return connection.execute(statement, parameters).fetchall()

        return cls(run)

    def has_page_lines(self, doc_id: str) -> bool:
        """Tell whether all lines that are stored of a document's pages are sound."""
        return None not in self._page_lines(doc_id, None)

    def unsound_sources_of(self, doc_id: str) -> list[str]:
        """Return those names of a document that are not what was stored."""
        rows = self._all("SELECT source, digest FROM sources WHERE doc_id = ?", doc_id)
        return [source for source, digest in rows if digest != source_digest(str(source), doc_id)]

    def passages_in(self, document: Document) -> dict[int, Passage]:
        """Return the passages of a document by key, as slices of its text.

        Raises:
            DamagedIndex: one of them is not what was stored.
        """
        rows = self._all(
            f"""SELECT key, passage_id, start, "end", heading, blocks, digest, {OLDER}
                FROM passages d WHERE doc_id = ? ORDER BY key""",
            document.doc_id,
        )
        headings = {document.doc_id: document.headings}
        passages = {}
        for key, passage_id, start, end, heading, blocks, digest, older in rows:
            with naming_document(document.doc_id):
                text = document.text[start:end]
            place = (passage_id, document.doc_id, start, end, text, heading, document.title)
            row = (*place, blocks, digest, older is not None)
            passages[key] = passage_from_row(row, headings)
        return passages

    def has_full_text_of(self, doc_id: str, passages: Mapping[int, Passage]) -> bool:
        """Tell whether full text holds the passages of a document, by key, and no others."""
        try:
            rows = self._all(
                """SELECT rowid, text, context FROM fulltext
                   WHERE rowid IN (SELECT key FROM passages WHERE doc_id = ?)""",
                doc_id,
            )
        except DamagedIndex:
            return False
        expected = {key: (passage.text, passage.context) for key, passage in passages.items()}
        return {key: (text, context) for key, text, context in rows} == expected

    def sound_part_of(self, doc_id: str) -> Document | None:
        """Return a document as far as it is sound; None where what is cited is not.

        Of an older document, which has no digests, the text is sound where all its passages were
        made of it.
        """
        row = self._one(
            f"SELECT {COLUMNS}, {SOURCE}, {OLDER} FROM documents d WHERE doc_id = ?", doc_id
        )
        if row is None:
            return None
        *columns, source, older = row
        with suppress(DamagedIndex):
            if older is None:
                return with_text_alone(doc_id, (*columns, source))
            document = older_text(doc_id, (*columns, source))
            return document if self.agrees_with_passages(document) else None
        return None

    def agrees_with_passages(self, document: Document) -> bool:
        """Tell whether the passages of a document without digests were made of its text.

        Each has the hash of what was embedded, and full text has its words: one of them suffices,
        since a loccit long ago may have embedded with other words above.
        """
        texts: dict[int, object] = {}
        with suppress(DamagedIndex):
            texts = dict(
                self._all(
                    """SELECT rowid, text FROM fulltext
                       WHERE rowid IN (SELECT key FROM passages WHERE doc_id = ?)""",
                    document.doc_id,
                )
            )
        rows = self._all(
            """SELECT key, passage_id, start, "end", heading, text_hash FROM passages
               WHERE doc_id = ?""",
            document.doc_id,
        )
        for key, passage_id, start, end, heading, text_hash in rows:
            with naming_document(document.doc_id):
                span, text = Span(start, end), document.text[start:end]
                passage = Passage(passage_id, document.doc_id, span, text, heading, document.title)
                if texts.get(key) != text and hash_of_text(passage.text_in_context) != text_hash:
                    return False
        return True
