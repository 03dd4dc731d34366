"""Indexing: parse -> split -> embed -> one transaction, file by file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.catalogue import Catalogue
from index.datatypes import Document
from index.embedding import Embedder
from index.errors import UnreadableDocument
from index.files import find_files
from index.identity import doc_id_of_file
from index.parsing.worker import ParserProcess
from index.reporting import AddResult, FileOutcome, Progress, ProgressCallback
from index.splitting import split
from index.vector_cache import VectorCache

_EMBED_BATCH = 64  # passages between two reports of progress


@dataclass(frozen=True, slots=True)
class Stores:
    """What indexing writes to and with."""

    catalogue: Catalogue
    vectors: VectorCache
    embedder: Embedder
    passage_tokens: int


def add_files(stores: Stores, paths: Iterable[Path], report: ProgressCallback) -> AddResult:
    """Add every file of these paths; one that can't be read is reported and the rest go on."""
    files = list(find_files(paths))
    outcomes = []
    with ParserProcess() as parser:
        for number, file in enumerate(files):
            progress = Progress("reading", str(file), number, len(files))
            report(progress)
            outcomes.append(_add_file(stores, file, parser, progress, report))
    return AddResult(tuple(outcomes))


def add_document(
    stores: Stores, document: Document, progress: Progress, report: ProgressCallback
) -> FileOutcome:
    """Add a document under its source, in place of what the source stood for before."""
    if stores.catalogue.has_document(document.doc_id):
        return _add_name(stores, document.source, document.doc_id)
    previous = stores.catalogue.document_of(document.source)
    passages = split(document, stores.embedder.count_tokens, max_tokens=stores.passage_tokens)
    texts = [passage.text_in_context for passage in passages]
    rows = _embed(stores.embedder, texts, progress, report)
    contexts = [passage.context for passage in passages]
    stores.vectors.follow(lambda: stores.catalogue.put(document, passages, contexts, rows))
    return FileOutcome(
        document.source,
        "added" if previous is None else "updated",
        document.doc_id,
        num_passages=len(passages),
    )


def _add_file(
    stores: Stores,
    file: Path,
    parser: ParserProcess,
    progress: Progress,
    report: ProgressCallback,
) -> FileOutcome:
    source = str(file)
    try:
        if file.is_file():  # anything else is the parser's to refuse
            doc_id = doc_id_of_file(file)
            if stores.catalogue.has_document(doc_id):
                return _add_name(stores, source, doc_id)
        document = parser.parse(file)
    except UnreadableDocument as error:
        return FileOutcome(source, "failed", reason=error.reason)
    except OSError as error:
        return FileOutcome(source, "failed", reason=f"the file can't be read: {error.strerror}")
    return add_document(stores, document, progress, report)


def _add_name(stores: Stores, source: str, doc_id: str) -> FileOutcome:
    """Let a source stand for content that is already stored."""
    previous = stores.catalogue.document_of(source)
    if previous == doc_id:
        return FileOutcome(source, "skipped", doc_id, reason="already in the index")
    stores.vectors.follow(lambda: ([], stores.catalogue.add_source(source, doc_id)))
    return FileOutcome(
        source,
        "skipped" if previous is None else "updated",
        doc_id,
        reason="the same content is in the index under another name",
    )


def _embed(
    embedder: Embedder, texts: list[str], progress: Progress, report: ProgressCallback
) -> NDArray[np.float32]:
    """Return ``(len(texts), dimension) float32``, reporting batch by batch."""
    batches = []
    for start in range(0, len(texts), _EMBED_BATCH):
        report(replace(progress, stage="embedding", passages_done=start, passages_total=len(texts)))
        batches.append(embedder.embed(texts[start : start + _EMBED_BATCH], "passage"))
    return np.concatenate(batches)
