"""What is read of a catalogue: documents, passages and settings, and their rows as values."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Block, Document, DocumentInfo, PageLines, Passage, Span
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.settings import IndexSettings
from loccit.index.storage.packing import (
    CHUNK_CHARS,
    blocks_from_json,
    damage_in,
    generation_from,
    has_chunks,
    has_part,
    naming_document,
    passage_digest,
    source_from,
    unpack_hidden,
    whole_chunks,
)
from loccit.index.storage.sqlite.documents import (
    OLDER,
    SOURCE,
    Documents,
    headings_of,
    lines_from_row,
)
from loccit.index.storage.sqlite.schema import Row, Run, blocks_within
from loccit.index.storage.sqlite.vectors import vector_from

_NONE = "[]"  # hidden texts, as JSON
_PASSAGES = """
    SELECT p.key, p.passage_id, p.doc_id, p.start, p."end", f.text, p.heading, d.title, p.blocks,
           p.digest, p.doc_id IN (SELECT doc_id FROM older_documents), p.vector
    FROM passages p
    LEFT JOIN fulltext f ON f.rowid = p.key
    LEFT JOIN documents d ON d.doc_id = p.doc_id
"""


class Queries:
    """Reads a catalogue; may be shared by threads."""

    def __init__(self, run: Run) -> None:
        """Store ``run``, which executes a statement on the catalogue and returns all rows."""
        self.run = run
        self.documents: Mapping[str, Document] = Documents(run)
        self._same: dict[IndexSettings, str] = {}  # settings as they were last found stored

    def infos(self, doc_ids: Collection[str]) -> dict[str, DocumentInfo]:
        """Return what citing needs of these documents; those that are gone are left out."""
        rows = self._all(
            f"""SELECT doc_id, title, page_starts, digests, {SOURCE}, {OLDER} FROM documents d
                WHERE doc_id IN (SELECT value FROM json_each(?))""",
            json.dumps(list(doc_ids)),
        )
        return {row[0]: _info_from_row(row) for row in rows}

    def slices(self, places: Sequence[tuple[str, Span]]) -> list[str | None]:
        """Return the text at each place of a document, None where the document is gone.

        Of each document what lies between the places is read at once: finding the first takes
        longest, 30 ms in the midst of 20 million characters. It is read by whole chunks, whose
        digests are checked.

        Raises:
            DamagedIndex: it is not what was stored.
        """
        starts: dict[str, int] = {}  # of the first chunk
        ends: dict[str, int] = {}
        for doc_id, span in places:
            start = span.start - span.start % CHUNK_CHARS
            starts[doc_id] = min(start, starts.get(doc_id, start))
            ends[doc_id] = max(span.end, ends.get(doc_id, 0))
        wanted = [
            (doc_id, start, whole_chunks(ends[doc_id] - start)) for doc_id, start in starts.items()
        ]
        rows = self._all(
            f"""SELECT d.doc_id, substr(d.text, 1 + json_extract(part.value, '$[1]'),
                                       json_extract(part.value, '$[2]')), d.digests, {OLDER}
               FROM json_each(?) part
               JOIN documents d ON d.doc_id = json_extract(part.value, '$[0]')""",
            json.dumps(wanted),
        )
        parts: dict[str, str] = {}
        for doc_id, part, digests, older in rows:
            parts[doc_id], start, end = part, starts[doc_id], ends[doc_id]
            is_sound = (
                has_chunks(doc_id, part, start, end, digests)
                if older is None
                else isinstance(part, str) and len(part) >= end - start
            )
            # SQLite's substr ends a text at its first NUL. What is damaged raises here.
            if not is_sound and (document := self.documents.get(doc_id)):
                parts[doc_id] = document.text[start:end]
        return [
            None
            if doc_id not in parts
            else parts[doc_id][span.start - starts[doc_id] : span.end - starts[doc_id]]
            for doc_id, span in places
        ]

    def page_lines(self, doc_id: str, pages: Collection[int]) -> dict[int, PageLines]:
        """Return the lines of these pages, counted from 1; pages without any are left out.

        So are damaged ones, which would box other words; `loccit doctor` finds them.
        """
        rows = self._page_lines(doc_id, json.dumps(list(pages)))
        return {lines.page: lines for lines in rows if lines is not None}

    def _page_lines(self, doc_id: str, pages: str | None) -> list[PageLines | None]:
        """Return the lines of some pages, as JSON, or of all; None for what is damaged."""
        rows = self._all(
            """SELECT page, width, height, lines, digest,
                      doc_id IN (SELECT doc_id FROM older_documents) FROM page_lines
               WHERE doc_id = ?1 AND (?2 IS NULL OR page IN (SELECT value FROM json_each(?2)))""",
            doc_id,
            pages,
        )
        return [lines_from_row(doc_id, row) for row in rows]

    def older_documents(self) -> list[str]:
        """Return the ids of those that an older loccit stored, oldest first."""
        return [
            row[0]
            for row in self._all(
                """SELECT doc_id FROM documents
                   WHERE doc_id IN (SELECT doc_id FROM older_documents) ORDER BY rowid"""
            )
        ]

    def summaries(self) -> list[DocumentSummary]:
        """Return what a list shows of each document, oldest first."""
        rows = self._all(
            """SELECT doc_id, title,
                      iif(json_valid(page_starts), json_array_length(page_starts), 0), length(text),
                      (SELECT json_group_array(source) FROM
                         (SELECT source FROM sources s WHERE s.doc_id = d.doc_id ORDER BY source)),
                      (SELECT count(*) FROM passages p WHERE p.doc_id = d.doc_id),
                      hidden,
                      iif(json_valid(recognised_pages), json_array_length(recognised_pages), 0),
                      doc_id IN (SELECT doc_id FROM damaged_documents)
               FROM documents d ORDER BY rowid"""
        )
        return [_summary_from_row(row) for row in rows]

    def document_of(self, source: str) -> str | None:
        """Return the id of the document that a source stands for, or None."""
        row = self._one("SELECT doc_id FROM sources WHERE source = ?", source)
        return None if row is None else str(row[0])

    def sources_of(self, doc_id: str) -> list[str]:
        """Return the names of a document, in order."""
        rows = self._all("SELECT source FROM sources WHERE doc_id = ? ORDER BY source", doc_id)
        return [source for (source,) in rows]

    def damaged_documents(self) -> list[str]:
        """Return the ids of those that are marked as damaged, oldest first."""
        rows = self._all(
            """SELECT doc_id FROM documents
               WHERE doc_id IN (SELECT doc_id FROM damaged_documents) ORDER BY rowid"""
        )
        return [doc_id for (doc_id,) in rows]

    def sources_in(self, folder: Path) -> dict[str, str]:
        """Return the documents' ids by source, of the sources that lie in a folder."""
        inside = f"{folder}{os.sep}"
        rows = self._all(
            "SELECT source, doc_id FROM sources WHERE substr(source, 1, ?) = ?",
            len(inside),
            inside,
        )
        return dict(rows)

    def has_passages(self) -> bool:
        """Tell whether there is anything to search."""
        return self._one("SELECT 1 FROM passages LIMIT 1") is not None

    def load_passages(self, keys: Sequence[int]) -> dict[int, tuple[Passage, NDArray[np.float32]]]:
        """Return passages with their vectors ``(dimension,)``; keys that are gone are left out."""
        rows = self._passage_rows(keys)
        return {
            row[0]: (passage, vector_from(row[-1], passage.doc_id))
            for row, passage in zip(rows, self._passages(rows), strict=True)
        }

    def passages_by_key(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Return passages, whatever their vectors are; keys that are gone are left out."""
        rows = self._passage_rows(keys)
        return {row[0]: passage for row, passage in zip(rows, self._passages(rows), strict=True)}

    def passages_of(self, doc_id: str) -> list[Passage]:
        """Return the passages of a document, in order."""
        rows = self._all(f"{_PASSAGES} WHERE p.doc_id = ? ORDER BY p.key", doc_id)
        return self._passages(rows)

    def keys_of(self, documents: Collection[str]) -> list[int]:
        """Return the keys of the passages of these documents."""
        rows = self._all(
            "SELECT key FROM passages WHERE doc_id IN (SELECT value FROM json_each(?))",
            json.dumps(sorted(documents)),
        )
        return [key for (key,) in rows]

    def failures(self) -> dict[str, str]:
        """Return why files could not be read when they were last tried, by source."""
        return dict(self._all("SELECT source, reason FROM failures ORDER BY source"))

    @property
    def generation(self) -> int:
        """Rises with every change."""
        return generation_from(self.get_meta("generation"))

    def get_meta(self, name: str) -> str | None:
        """Return a stored setting, or None."""
        row = self._one("SELECT value FROM meta WHERE name = ?", name)
        return None if row is None else str(row[0])

    def has_settings(self, settings: IndexSettings) -> bool:
        """Tell whether what is stored was made with these settings."""
        saved = self.get_meta("settings")
        if saved is None or saved == self._same.get(settings):
            return saved is not None
        if same := IndexSettings.from_json(saved).makes_the_same(settings):
            self._same = {settings: saved}  # asked with every question
        return same

    def _passage_rows(self, keys: Sequence[int]) -> list[Row]:
        return self._all(
            f"{_PASSAGES} WHERE p.key IN (SELECT value FROM json_each(?))", json.dumps(list(keys))
        )

    def _passages(self, rows: Sequence[Row]) -> list[Passage]:
        """Read rows of ``_PASSAGES``; blocks that an older loccit did not store are found now."""
        lacking = {row[2] for row in rows if row[8] is None and row[10]}
        headings = headings_of(self.run, lacking) if lacking else {}
        return [passage_from_row(row[1:-1], headings) for row in rows]

    def _all(self, statement: str, *parameters: object) -> list[Row]:
        return self.run(statement, parameters)

    def _one(self, statement: str, *parameters: object) -> Row | None:
        return next(iter(self.run(statement, parameters)), None)


def _info_from_row(row: Row) -> DocumentInfo:
    """Read a row of id, title, page_starts, digests, `SOURCE` and `OLDER`.

    Raises:
        DamagedIndex: it is not what was stored.
    """
    doc_id, title, page_starts, digests, source, older = row
    if older is None and not has_part(doc_id, "head", (title, page_starts), digests):
        raise damage_in(doc_id)
    with naming_document(doc_id):
        starts = tuple(json.loads(page_starts))
    return DocumentInfo(doc_id, title, source_from(source, doc_id, older), starts)


def passage_from_row(row: Row, headings: Mapping[str, Sequence[Block]]) -> Passage:
    """Read a passage.

    Args:
        row: id, document's id, start, end, text, heading, title, blocks, digest, and whether an
            older loccit stored it, without a digest.
        headings: those of older documents, in whose passages blocks are found now.

    Raises:
        DamagedIndex: it is not what was stored.
    """
    passage_id, doc_id, start, end, text, heading, title, blocks, digest, is_older = row
    with naming_document(doc_id):
        if not all(isinstance(value, str) for value in (text, heading, title)):
            raise damage_in(doc_id)
        passage = Passage(passage_id, doc_id, Span(start, end), text, heading, title)
        if not is_older and digest != passage_digest(passage, blocks):
            raise damage_in(doc_id)
        found = (
            blocks_within(text, start, headings.get(doc_id, ()))
            if blocks is None
            else blocks_from_json(blocks, doc_id)
        )
    return Passage(passage_id, doc_id, passage.span, text, heading, title, found)


def _summary_from_row(row: Row) -> DocumentSummary:
    """Read a row of `Queries.summaries`; what is damaged is shown as it is, and not cited."""
    doc_id, title, num_pages, num_characters, sources, num_passages, hidden, *others = row
    num_recognised, is_damaged = others
    return DocumentSummary(
        doc_id=str(doc_id),
        title=str(title),
        sources=tuple(map(str, json.loads(sources))),
        num_passages=num_passages,
        num_pages=num_pages or None,
        num_characters=num_characters or 0,
        num_hidden_words=0 if hidden == _NONE else _num_words(hidden),
        num_recognised_pages=num_recognised,
        is_damaged=bool(is_damaged),
    )


def _num_words(hidden: str) -> int:
    """Return how many words a document's hidden texts have; none where they are damaged."""
    with suppress(ValueError, TypeError):
        return sum(len(item.text.split()) for item in unpack_hidden(json.loads(hidden)))
    return 0
