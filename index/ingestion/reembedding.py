"""Another model for an index: made beside the old one, which answers until they change places.

What is stored is split and embedded anew into a catalogue of its own, document by document, so
that it goes on where it was stopped. Then its passages take the place of the old ones in one
transaction.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from loccit.index.errors import IndexNotFound
from loccit.index.ingestion.adding import POOLED_PASSAGES, Stores, splitter, write
from loccit.index.ingestion.reading_ahead import Split
from loccit.index.ingestion.reporting import Progress, ProgressCallback
from loccit.index.models.embedder import open_embedder
from loccit.index.opening import settings_of
from loccit.index.settings import IndexSettings
from loccit.index.storage.sqlite.catalogue import FILE_NAME, Catalogue

FOLDER = "reembedding"  # within the index's own


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
    if not (folder / FILE_NAME).is_file():
        raise IndexNotFound(f"{folder} holds no index: add a file or a folder first")
    embedder = open_embedder(model)
    settings = settings_of(embedder)
    place = folder / FOLDER
    with closing(Catalogue(folder / FILE_NAME, math.inf if wait else None)) as stored:
        while not stored.has_settings(settings):
            with closing(_open(place, settings)) as other:
                _embed_missing(stored, Stores(other, embedder, settings), report)
            # A document that has come meanwhile is still missing there: once more.
            stored.take_passages(place / FILE_NAME, settings)
    shutil.rmtree(place, ignore_errors=True)


def _open(place: Path, settings: IndexSettings) -> Catalogue:
    """Return the catalogue that an earlier attempt with the same model has begun, or a new one."""
    place.mkdir(exist_ok=True)
    other = Catalogue(place / FILE_NAME)
    if other.get_meta("settings") is not None and not other.has_settings(settings):
        other.close()
        shutil.rmtree(place)
        return _open(place, settings)
    other.set_meta("settings", settings.to_json())
    return other


def _embed_missing(stored: Catalogue, stores: Stores, report: ProgressCallback) -> None:
    """Split and embed the documents that the other catalogue does not have."""
    ids = list(stored.documents)
    missing = [doc_id for doc_id in ids if doc_id not in stores.catalogue.documents]
    done = len(ids) - len(missing)
    for pool in _pools(stored, stores, missing):
        progress = Progress("embedding", pool[0].source, done, len(ids), files_at_hand=len(pool))
        write(stores, pool, progress, report)
        done += len(pool)


def _pools(stored: Catalogue, stores: Stores, ids: Sequence[str]) -> Iterator[list[Split]]:
    """Yield documents with their new passages, as many as are worth embedding at once."""
    split = splitter(stores)
    pool: list[Split] = []
    for doc_id in ids:
        document = stored.documents.get(doc_id)
        if document is None:
            continue  # removed meanwhile
        pool.append(Split(document, split(document)))
        if sum(len(item.passages) for item in pool) >= POOLED_PASSAGES:
            yield pool
            pool = []
    if pool:
        yield pool
