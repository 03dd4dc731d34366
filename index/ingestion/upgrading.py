"""Upgrading: what an older loccit stored is read anew, document by document.

A document is read from its file where that is as it was, and else its blocks are found in the
stored text. Passages whose text stays keep their vectors. What was upgraded stays upgraded when
this is interrupted, and the rest answers as it is until the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from loccit.index.datatypes import Document
from loccit.index.errors import DamagedIndex
from loccit.index.ingestion.adding import (
    POOLED_FILES,
    POOLED_PASSAGES,
    Target,
    embedded,
    splitter,
)
from loccit.index.ingestion.identity import has_bytes_of
from loccit.index.ingestion.reading_ahead import Split, read_ahead
from loccit.index.ingestion.reporting import Progress, ProgressCallback
from loccit.index.storage.packing import damage_in

logger = logging.getLogger(__name__)


def upgrade(target: Target, report: ProgressCallback) -> None:
    """Read anew what an older loccit stored.

    Raises:
        IndexLocked: another process was writing for too long.
        NotWritten: the disk is full.
    """
    older = target.store.older_documents()
    for done, pool in _pools(target, older, report):
        progress = Progress("embedding", pool[0].source, done, len(older), files_at_hand=len(pool))
        target.store.upgrade(embedded(target, pool, progress, report), target.settings)


def _pools(
    target: Target, older: Sequence[str], report: ProgressCallback
) -> Iterator[tuple[int, list[Split]]]:
    """Yield as many documents as are worth embedding at once, after the number of those before."""
    pool: list[Split] = []
    begun = 0
    for number, item in enumerate(_read_anew(target, older)):
        if item is not None:
            report(Progress("reading", item.source, begun, len(older)))
            pool.append(item)
        if pool and (
            len(pool) >= POOLED_FILES
            or sum(len(item.passages) for item in pool) >= POOLED_PASSAGES
            or number + 1 == len(older)
        ):
            yield begun, pool
            pool, begun = [], number + 1


def _read_anew(target: Target, older: Sequence[str]) -> Iterator[Split | None]:
    """Yield each document with its passages; None for one that is gone or can't be read."""
    files = {doc_id: _file_of(target, doc_id) for doc_id in older}
    there = [file for file in files.values() if file is not None]
    wanted = set(older)
    split = splitter(target)
    # A file is parsed only where its bytes are those of an older document.
    with read_ahead(there, lambda doc_id: doc_id not in wanted, split) as ahead:
        for doc_id, file in files.items():
            item = None if file is None else next(ahead)
            if isinstance(item, Split) and item.doc_id == doc_id:
                yield item
                continue
            document = _kept(target, doc_id)
            yield None if document is None else Split(document, split(document))


def _file_of(target: Target, doc_id: str) -> Path | None:
    """Return a file that the document was added from, one as it was before others."""
    sources = target.store.sources_of(doc_id)
    files = [file for file in map(Path, sources) if file.is_absolute() and file.is_file()]
    same = (file for file in files[1:] and files if has_bytes_of(doc_id, str(file)))
    return next(same, files[0] if files else None)


def _kept(target: Target, doc_id: str) -> Document | None:
    """Return a document as it is stored, with the lines of its pages.

    None where it is gone or damaged: it stays as it is, and the others go on.
    """
    try:
        document = target.store.documents.get(doc_id)
        if document is None:
            return None
        if not target.store.agrees_with_passages(document):
            raise damage_in(doc_id)
    except DamagedIndex as error:
        logger.warning("not upgraded: %s", error)
        return None
    pages = range(1, len(document.page_starts) + 1)
    lines = target.store.page_lines(doc_id, pages)
    return replace(document, page_lines=tuple(lines.values()))
