"""The documents of a catalogue: their rows as values, each compared with its digests when read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from loccit.index.datatypes import Block, Document, PageLines
from loccit.index.parsing.plain_text import blocks_of_text
from loccit.index.storage.packing import (
    PARTS,
    StoredDocument,
    blocks_as_json,
    blocks_from_json,
    damage_in,
    digest_of,
    digests_of_document,
    has_part,
    has_text,
    naming_document,
    pack_emphasis,
    pack_hidden,
    source_from,
    unpack_emphasis,
    unpack_hidden,
)
from loccit.index.storage.sqlite.schema import Row, Run, older_headings

# The first of a document's sources, with its digest.
SOURCE = """(SELECT json_array(source, hex(digest)) FROM sources s WHERE s.doc_id = d.doc_id
             ORDER BY source LIMIT 1)"""
# NULL for a document with digests; of an older one, whether its blocks are headings alone.
OLDER = "(SELECT has_headings_alone FROM older_documents o WHERE o.doc_id = d.doc_id)"
COLUMNS = "text, title, page_starts, blocks, emphasis, hidden, recognised_pages, digests"


class Documents(Mapping[str, Document]):
    """The documents by id, oldest first; each look-up reads the text from the disk.

    One that is damaged raises DamagedIndex when it is looked up. One that is marked as damaged
    does so too, and is not counted as being there.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getitem__(self, doc_id: str) -> Document:
        rows = self._run(
            f"""SELECT {COLUMNS}, {SOURCE}, {OLDER},
                       doc_id IN (SELECT doc_id FROM damaged_documents)
                FROM documents d WHERE doc_id = ?""",
            (doc_id,),
        )
        if not rows:
            raise KeyError(doc_id)
        (row,) = rows
        if row[-1]:
            raise damage_in(doc_id)
        return _document_from_row(doc_id, row[:-1])

    def __contains__(self, doc_id: object) -> bool:
        return bool(
            self._run(
                """SELECT 1 FROM documents WHERE doc_id = ?
                   AND doc_id NOT IN (SELECT doc_id FROM damaged_documents)""",
                (doc_id,),
            )
        )

    def __iter__(self) -> Iterator[str]:
        rows = self._run(
            """SELECT doc_id FROM documents
               WHERE doc_id NOT IN (SELECT doc_id FROM damaged_documents) ORDER BY rowid""",
            (),
        )
        return iter([doc_id for (doc_id,) in rows])

    def __len__(self) -> int:
        rows = self._run(
            """SELECT count(*) FROM documents
               WHERE doc_id NOT IN (SELECT doc_id FROM damaged_documents)""",
            (),
        )
        return int(rows[0][0])


def row_from_document(document: Document) -> Row:
    """Return a document as it is stored: its id, `COLUMNS` and digests."""
    stored = StoredDocument(
        title=document.title,
        text=document.text,
        page_starts=json.dumps(document.page_starts),
        blocks=blocks_as_json(document.blocks),
        emphasis=json.dumps(pack_emphasis(document.emphasis)),
        hidden=json.dumps(pack_hidden(document.hidden)),
        recognised_pages=json.dumps(document.recognised_pages),
    )
    return (
        document.doc_id,
        stored.text,
        stored.title,
        stored.page_starts,
        stored.blocks,
        stored.emphasis,
        stored.hidden,
        stored.recognised_pages,
        digests_of_document(document.doc_id, stored),
    )


def with_text_alone(doc_id: str, row: Row) -> Document | None:
    """Read a document whose structure alone is damaged, as text in which it is found again.

    ``row`` is of `COLUMNS` and `SOURCE`. None where what is cited is damaged as well.
    """
    *columns, digests, source = row
    stored = _stored(columns)
    is_sound = has_text(doc_id, stored.text, digests) and all(
        has_part(doc_id, name, stored.part(name), digests) for name in PARTS if name != "structure"
    )
    if not is_sound:
        return None
    text = stored.text
    return Document(
        doc_id=doc_id,
        text=text,
        title=stored.title,
        source=source_from(source, doc_id),
        page_starts=tuple(json.loads(stored.page_starts)),
        blocks=blocks_of_text(text, ()),
        hidden=unpack_hidden(json.loads(stored.hidden)),
        recognised_pages=tuple(json.loads(stored.recognised_pages)),
    )


def older_text(doc_id: str, row: Row) -> Document:
    """Read the text of a document that an older loccit stored, whatever its structure is.

    ``row`` is of `COLUMNS` and `SOURCE`.

    Raises:
        DamagedIndex: its title or its text is no text.
    """
    *columns, _, source = row
    stored = _stored(columns)
    if not isinstance(stored.text, str) or not isinstance(stored.title, str):
        raise damage_in(doc_id)
    return Document(
        doc_id=doc_id,
        text=stored.text,
        title=stored.title,
        source=source_from(source, doc_id),
        blocks=blocks_of_text(stored.text, ()),
    )


def headings_of(run: Run, doc_ids: Collection[str]) -> dict[str, tuple[Block, ...]]:
    """Return the headings of those documents of which an older loccit stored no other blocks."""
    rows = run(
        """SELECT doc_id, blocks FROM documents
           WHERE doc_id IN (SELECT value FROM json_each(?))
           AND doc_id IN (SELECT doc_id FROM older_documents WHERE has_headings_alone)""",
        (json.dumps(list(doc_ids)),),
    )
    headings = {}
    for doc_id, blocks in rows:
        with suppress(ValueError, TypeError):  # damaged: its passages are read for signs alone
            headings[doc_id] = older_headings(blocks)
    return headings


def lines_digest(doc_id: str, lines: PageLines) -> bytes:
    """Return the digest of the lines of a page."""
    size = (float(lines.width), float(lines.height))
    return digest_of("lines", doc_id, lines.page, *size, lines.packed)


def lines_from_row(doc_id: str, row: Row) -> PageLines | None:
    """Read a row of page, width, height, lines, digest and whether it is older.

    None where it is not what was stored.
    """
    page, width, height, packed, digest, is_older = row
    try:
        lines = PageLines(page, float(width), float(height), packed)
    except (ValueError, TypeError):
        return None
    is_sound = isinstance(packed, bytes) and (is_older or digest == lines_digest(doc_id, lines))
    return lines if is_sound else None


def _document_from_row(doc_id: str, row: Row) -> Document:
    """Read a row of `COLUMNS`, `SOURCE` and `OLDER`."""
    *columns, digests, source, older = row
    stored = _stored(columns)
    if older is None and not (
        has_text(doc_id, stored.text, digests)
        and all(has_part(doc_id, name, stored.part(name), digests) for name in PARTS)
    ):
        raise damage_in(doc_id)
    text = stored.text
    with naming_document(doc_id):
        return Document(
            doc_id=doc_id,
            text=text,
            title=stored.title,
            source=source_from(source, doc_id, older),
            page_starts=tuple(json.loads(stored.page_starts)),
            blocks=blocks_of_text(text, older_headings(stored.blocks, len(text)))
            if older
            else blocks_from_json(stored.blocks, doc_id),
            emphasis=unpack_emphasis(json.loads(stored.emphasis)),
            hidden=unpack_hidden(json.loads(stored.hidden)),
            recognised_pages=tuple(json.loads(stored.recognised_pages)),
        )


def _stored(columns: list[object]) -> StoredDocument:
    """Return the columns of `COLUMNS` but the digests."""
    text, title, page_starts, blocks, emphasis, hidden, recognised_pages = columns
    return StoredDocument(title, text, page_starts, blocks, emphasis, hidden, recognised_pages)
