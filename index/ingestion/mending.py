"""Repair of damaged documents: from their files, or from what is sound of them.

Nothing is made of what failed its digest. What has neither a file as it was nor a sound text is
marked as damaged: it is kept and told, and never found or cited.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from loccit.index.datatypes import Document
from loccit.index.errors import DamagedIndex, UnreadableDocument
from loccit.index.ingestion.adding import Target, embedded, splitter
from loccit.index.ingestion.identity import has_bytes_of
from loccit.index.ingestion.reading_ahead import Split
from loccit.index.ingestion.reporting import Progress
from loccit.index.parsing.worker import ParserProcess
from loccit.index.storage.sqlite.catalogue import Catalogue
from loccit.index.storage.sqlite.queries import Queries

logger = logging.getLogger(__name__)


def mend(stored: Catalogue, target: Target, doc_ids: Sequence[str]) -> None:
    """Repair documents, or mark them as damaged.

    Args:
        stored: the catalogue that they are in.
        target: the same, with the model that the passages are embedded with.
        doc_ids: of the documents.
    """
    split = splitter(target)
    with ParserProcess() as parser:
        for doc_id in doc_ids:
            sources = _sound_sources(stored, doc_id)
            document = read_again(parser, doc_id, sources) or _kept(stored, doc_id)
            if document is None or not sources:
                stored.mark_damaged(doc_id, sources)
                continue
            item = Split(document, split(document))
            progress = Progress("embedding", document.source, 0, 1)
            (new,) = embedded(target, [item], progress, lambda _progress: None)
            stored.mend(new, sources)


def read_again(parser: ParserProcess, doc_id: str, sources: Sequence[str]) -> Document | None:
    """Return a document from the first of its files that is unchanged; None without one."""
    for source in sources:
        if not has_bytes_of(doc_id, source):
            continue
        try:
            document = parser.parse(Path(source))
        except (UnreadableDocument, OSError) as error:
            logger.warning("%s can't be read again: %s", source, error)
            continue
        if document.doc_id == doc_id:
            return document
    return None


def with_lines(stored: Queries, document: Document) -> Document:
    """Return a stored document with those lines of its pages that are sound."""
    pages = range(1, len(document.page_starts) + 1)
    lines = stored.page_lines(document.doc_id, pages)
    return replace(document, page_lines=tuple(lines.values()))


def _sound_sources(stored: Catalogue, doc_id: str) -> list[str]:
    """Return the names of a document that are as they were stored, or where its file is."""
    unsound = stored.unsound_sources_of(doc_id)
    return [
        source
        for source in stored.sources_of(doc_id)
        if source not in unsound or has_bytes_of(doc_id, source)
    ]


def _kept(stored: Catalogue, doc_id: str) -> Document | None:
    """Return a document as it is stored, as far as it is sound; None where nothing is."""
    document = None
    if doc_id not in stored.older_documents():  # which have no digests
        with suppress(DamagedIndex):
            document = stored.documents.get(doc_id)
    document = document or stored.sound_part_of(doc_id)
    return None if document is None else with_lines(stored, document)
