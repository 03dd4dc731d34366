"""What is read of a catalogue: documents, passages and settings, and their rows as values."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Block, Document, DocumentInfo, PageLines, Passage, Span
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.parsing.plain_text import blocks_of_text
from loccit.index.settings import IndexSettings
from loccit.index.storage.packing import (
    blocks_as_json,
    blocks_from_json,
    naming_document,
    pack_emphasis,
    unpack_emphasis,
)
from loccit.index.storage.sqlite.schema import Row, Run, blocks_within, older_headings

_SOURCE = "(SELECT min(source) FROM sources WHERE sources.doc_id = d.doc_id)"
_PASSAGES = """
    SELECT p.key, p.passage_id, p.doc_id, p.start, p."end", f.text, p.heading, d.title, p.blocks,
           p.vector
    FROM passages p
    JOIN fulltext f ON f.rowid = p.key
    JOIN documents d ON d.doc_id = p.doc_id
"""


class Queries:
    """Reads a catalogue; may be shared by threads."""

    def __init__(self, run: Run) -> None:
        """Store ``run``, which executes a statement on the catalogue and returns all rows."""
        self._run = run
        self.documents: Mapping[str, Document] = _Documents(run)
        self._same: dict[IndexSettings, str] = {}  # settings as they were last found stored

    def infos(self, doc_ids: Collection[str]) -> dict[str, DocumentInfo]:
        """Return what citing needs of these documents; those that are gone are left out."""
        rows = self._all(
            f"""SELECT doc_id, title, {_SOURCE}, page_starts FROM documents d
                WHERE doc_id IN (SELECT value FROM json_each(?))""",
            json.dumps(list(doc_ids)),
        )
        infos = {}
        for doc_id, title, source, page_starts in rows:
            with naming_document(doc_id):
                starts = tuple(json.loads(page_starts))
            infos[doc_id] = DocumentInfo(doc_id, title, source, starts)
        return infos

    def slices(self, places: Sequence[tuple[str, Span]]) -> list[str | None]:
        """Return the text at each place of a document, None where the document is gone.

        Of each document what lies between the places is read at once: finding the first takes
        longest, 30 ms in the midst of 20 million characters.
        """
        starts: dict[str, int] = {}
        ends: dict[str, int] = {}
        for doc_id, span in places:
            starts[doc_id] = min(span.start, starts.get(doc_id, span.start))
            ends[doc_id] = max(span.end, ends.get(doc_id, span.end))
        rows = self._all(
            """SELECT d.doc_id, substr(d.text, 1 + json_extract(part.value, '$[1]'),
                                       json_extract(part.value, '$[2]'))
               FROM json_each(?) part
               JOIN documents d ON d.doc_id = json_extract(part.value, '$[0]')""",
            json.dumps([(doc_id, start, ends[doc_id] - start) for doc_id, start in starts.items()]),
        )
        parts = dict(rows)
        for doc_id, part in rows:
            # SQLite's substr ends a text at its first NUL.
            if len(part) < ends[doc_id] - starts[doc_id] and (whole := self.documents.get(doc_id)):
                parts[doc_id] = whole.text[starts[doc_id] : ends[doc_id]]
        return [
            None
            if doc_id not in parts
            else parts[doc_id][span.start - starts[doc_id] : span.end - starts[doc_id]]
            for doc_id, span in places
        ]

    def page_lines(self, doc_id: str, pages: Collection[int]) -> dict[int, PageLines]:
        """Return the lines of these pages, counted from 1; pages without any are left out."""
        rows = self._all(
            """SELECT page, CAST(width AS REAL), CAST(height AS REAL), lines FROM page_lines
               WHERE doc_id = ? AND page IN (SELECT value FROM json_each(?))""",
            doc_id,
            json.dumps(list(pages)),
        )
        # What is no blob is damaged: nobody can read it, and `loccit doctor` finds it.
        return {
            page: PageLines(page, width, height, lines if isinstance(lines, bytes) else b"")
            for page, width, height, lines in rows
        }

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
                      (SELECT count(*) FROM passages p WHERE p.doc_id = d.doc_id)
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
        vectors = (np.frombuffer(row[-1], dtype="<f4") for row in rows)
        found = zip(self._passages(rows), vectors, strict=True)
        return {row[0]: passage for row, passage in zip(rows, found, strict=True)}

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
        return int(self.get_meta("generation") or 0)

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
        lacking = {doc_id for _, _, doc_id, *_, blocks, _ in rows if blocks is None}
        headings = self._headings_of(lacking) if lacking else {}
        return [
            Passage(
                passage_id,
                doc_id,
                Span(start, end),
                text,
                heading,
                title,
                blocks_within(text, start, headings.get(doc_id, ()))
                if blocks is None
                else blocks_from_json(blocks, doc_id),
            )
            for _, passage_id, doc_id, start, end, text, heading, title, blocks, _ in rows
        ]

    def _headings_of(self, doc_ids: Collection[str]) -> dict[str, tuple[Block, ...]]:
        """Return the headings of documents that an older loccit stored."""
        rows = self._all(
            """SELECT doc_id, blocks FROM documents
               WHERE doc_id IN (SELECT value FROM json_each(?))
               AND doc_id IN (SELECT doc_id FROM older_documents)""",
            json.dumps(list(doc_ids)),
        )
        headings = {}
        for doc_id, blocks in rows:
            with suppress(ValueError, TypeError):  # damaged: its passages are read for signs alone
                headings[doc_id] = older_headings(blocks)
        return headings

    def _all(self, statement: str, *parameters: object) -> list[Row]:
        return self._run(statement, parameters)

    def _one(self, statement: str, *parameters: object) -> Row | None:
        return next(iter(self._run(statement, parameters)), None)


class _Documents(Mapping[str, Document]):
    """The documents by id, oldest first; each look-up reads the text from the disk."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getitem__(self, doc_id: str) -> Document:
        rows = self._run(
            f"""SELECT text, title, page_starts, blocks, emphasis, {_SOURCE},
                       doc_id IN (SELECT doc_id FROM older_documents)
                FROM documents d WHERE doc_id = ?""",
            (doc_id,),
        )
        if not rows:
            raise KeyError(doc_id)
        return _document_from_row(doc_id, rows[0])

    def __contains__(self, doc_id: object) -> bool:
        return bool(self._run("SELECT 1 FROM documents WHERE doc_id = ?", (doc_id,)))

    def __iter__(self) -> Iterator[str]:
        rows = self._run("SELECT doc_id FROM documents ORDER BY rowid", ())
        return iter([doc_id for (doc_id,) in rows])

    def __len__(self) -> int:
        return int(self._run("SELECT count(*) FROM documents", ())[0][0])


def row_from_document(document: Document) -> Row:
    """Return the title, text, page_starts, blocks and emphasis of a document as they are stored."""
    return (
        document.title,
        document.text,
        json.dumps(document.page_starts),
        blocks_as_json(document.blocks),
        json.dumps(pack_emphasis(document.emphasis)),
    )


def _document_from_row(doc_id: str, row: Row) -> Document:
    """Read a row of text, title, page_starts, blocks, emphasis, source and whether it is older."""
    text, title, page_starts, blocks, emphasis, source, is_older = row
    with naming_document(doc_id):
        return Document(
            doc_id=doc_id,
            text=text,
            title=title,
            source=source,
            page_starts=tuple(json.loads(page_starts)),
            blocks=blocks_of_text(text, older_headings(blocks, len(text)))
            if is_older
            else blocks_from_json(blocks, doc_id),
            emphasis=unpack_emphasis(json.loads(emphasis)),
        )


def _summary_from_row(row: Row) -> DocumentSummary:
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
