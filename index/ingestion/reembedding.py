"""Another model for an index: made beside the old one, which answers until they change places.

What is stored is split and embedded anew into a draft beside it, document by document, so
that it goes on where it was stopped. Then its passages take the place of the old ones in one
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from loccit.index.ingestion.adding import POOLED_PASSAGES, Target, splitter, write
from loccit.index.ingestion.reading_ahead import Split
from loccit.index.ingestion.reporting import Progress, ProgressCallback
from loccit.index.models.embedder import open_embedder
from loccit.index.opening import open_store, settings_of
from loccit.index.storage.store import Store


def reembed(folder: Path, model: object, report: ProgressCallback, *, wait: bool = False) -> None:
    """Make all passages and vectors of an index anew, with another model.

    Others may read and write meanwhile. The model that the index has is not needed.

    Args:
        folder: the index's own.
        model: what `open_embedder` takes; None is the default one.
        report: is told how far it has come; an exception of its ends it, and what was done stays
            for the next time.
        wait: let a change wait as long as another process is writing.

    Raises:
        IndexNotFound: there is no index.
    """
    with closing(open_store(folder, wait=wait)) as store:
        embedder = open_embedder(model)
        settings = settings_of(embedder)
        while not store.has_settings(settings):
            with store.draft(settings) as draft:
                _embed_missing(store, Target(draft, embedder, settings), report)
            # A document that has come meanwhile is still missing there: once more.
            store.adopt(settings)
        store.drop_draft()


def _embed_missing(store: Store, draft: Target, report: ProgressCallback) -> None:
    """Split and embed the documents that the draft does not have."""
    ids = list(store.documents)
    missing = [doc_id for doc_id in ids if doc_id not in draft.store.documents]
    done = len(ids) - len(missing)
    for pool in _pools(store, draft, missing):
        progress = Progress("embedding", pool[0].source, done, len(ids), files_at_hand=len(pool))
        write(draft, pool, progress, report)
        done += len(pool)


def _pools(store: Store, draft: Target, ids: Sequence[str]) -> Iterator[list[Split]]:
    """Yield documents with their new passages, as many as are worth embedding at once."""
    split = splitter(draft)
    pool: list[Split] = []
    for doc_id in ids:
        document = store.documents.get(doc_id)
        if document is None:
            continue  # removed meanwhile
        pool.append(Split(document, split(document)))
        if sum(len(item.passages) for item in pool) >= POOLED_PASSAGES:
            yield pool
            pool = []
    if pool:
        yield pool
