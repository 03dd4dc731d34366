"""Salvage: a new catalogue of what is sound in one that SQLite can't read any more as a whole.

What passes its digest is taken over. The other documents are read again from their files where
these are unchanged, and the rest is marked as damaged. The old file is kept beside the new one.
"""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Document
from loccit.index.errors import DamagedIndex, IndexMismatch, LoccitError
from loccit.index.ingestion.adding import Target, splitter
from loccit.index.ingestion.identity import HASH_DIGITS, has_bytes_of
from loccit.index.ingestion.mending import read_again, with_lines
from loccit.index.models.embedder import Embedder, open_embedder
from loccit.index.opening import settings_of
from loccit.index.parsing.worker import ParserProcess
from loccit.index.settings import IndexSettings
from loccit.index.storage import vector_index
from loccit.index.storage.packing import source_digest
from loccit.index.storage.sqlite.catalogue import FILE_NAME, Catalogue
from loccit.index.storage.sqlite.checks import Checks
from loccit.index.storage.sqlite.connections import DAMAGE
from loccit.index.storage.sqlite.schema import Row
from loccit.index.storage.sqlite.vectors import StoredVectors
from loccit.index.storage.store import NewDocument

SALVAGE_FOLDER = "salvaging"  # beside the catalogue: of the new one until it is whole
MAX_GROWTH = 1_000  # times the length of a file that was cut off; more is a damaged header
KEPT_NAME = "catalogue.damaged.sqlite3"
NEXT_STEP = "restore a backup, or delete the folder and add the files again"

_ID = re.compile(f"[0-9a-f]{{{HASH_DIGITS}}}")

# Where the ids of documents stand. Reading ends at the first damaged page, so from both sides.
_IDS = (
    "SELECT doc_id FROM documents NOT INDEXED ORDER BY rowid",
    "SELECT doc_id FROM documents NOT INDEXED ORDER BY rowid DESC",
    "SELECT doc_id FROM documents ORDER BY doc_id",
    "SELECT doc_id FROM documents ORDER BY doc_id DESC",
    "SELECT DISTINCT doc_id FROM sources",
    "SELECT DISTINCT doc_id FROM passages NOT INDEXED",
)
_SOURCES = (
    "SELECT source, doc_id, digest FROM sources ORDER BY source",
    "SELECT source, doc_id, digest FROM sources ORDER BY source DESC",
    # Without the digests, where these can't be read, or an older loccit made none.
    "SELECT source, doc_id, NULL FROM sources INDEXED BY sources_by_document ORDER BY doc_id",
    "SELECT source, doc_id, NULL FROM sources ORDER BY source",
)

logger = logging.getLogger(__name__)


def salvage(folder: Path, embedder: object = None) -> None:
    """Put a new catalogue in place of a damaged one.

    Args:
        folder: the index's.
        embedder: what `open_embedder` takes; None is the index's own model, or the default one
            where its name is damaged.

    Raises:
        DamagedIndex: nothing of the file can be read.
        LoccitError: the model is not there, or another process has the index open.
    """
    place = folder / SALVAGE_FOLDER
    shutil.rmtree(place, ignore_errors=True)  # of an attempt that was killed
    with _opened(folder / FILE_NAME) as connection, ParserProcess() as parser:
        old = Checks.of(connection)
        model, settings, is_same = _model(old, embedder)
        sources = _sources(connection)
        ids = _ids(connection, sources)
        if not ids:
            raise DamagedIndex(f"nothing of {folder / FILE_NAME} can be read: {NEXT_STEP}")
        lost = 0
        place.mkdir()
        with closing(Catalogue(place / FILE_NAME)) as new:
            new.set_meta("settings", settings.to_json())
            for doc_id in ids:
                names = sources.get(doc_id, [])
                document = _document(old, parser, doc_id, names)
                if document is None or not names:
                    lost += 1
                    _put_mark(new, doc_id, names)
                else:
                    _put(Target(new, model, settings), old if is_same else None, document)
                    for name in names:
                        new.add_source(name, doc_id)
    _take_the_place(folder, place)
    logger.warning(
        "%s was made anew: %d documents were saved, %d could not be; the damaged file is kept as "
        "%s",
        folder / FILE_NAME,
        len(ids) - lost,
        lost,
        KEPT_NAME,
    )


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of the damaged file, to be read as far as it can be."""
    with closing(sqlite3.connect(file)) as connection, suppress(*DAMAGE):
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()  # takes in a log that is left
    with TemporaryDirectory(dir=file.parent, prefix=f"{SALVAGE_FOLDER}-") as place:
        copy = Path(place) / file.name
        shutil.copyfile(file, copy)
        _lengthen(copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            except DAMAGE as error:
                raise DamagedIndex(f"{file} can't be read at all ({error}): {NEXT_STEP}") from error
            yield connection


def _lengthen(file: Path) -> None:
    """Give a file that was cut off the length that its header tells: SQLite reads no shorter one.

    See https://sqlite.org/fileformat.html, 1.3.
    """
    with file.open("r+b") as opened:
        header = opened.read(32)
        page = int.from_bytes(header[16:18], "big")
        length = (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
        if file.stat().st_size < length <= MAX_GROWTH * file.stat().st_size:
            opened.truncate(length)


def _model(old: Checks, embedder: object) -> tuple[Embedder, IndexSettings, bool]:
    """Return the index's model and settings, or another model's; whether they are the index's."""
    saved = None
    with suppress(DamagedIndex, IndexMismatch):
        saved = IndexSettings.from_json(old.get_meta("settings") or "")
    model = open_embedder(saved.model_name if saved and embedder is None else embedder)
    settings = settings_of(model)
    return model, settings, saved is not None and saved.makes_the_same(settings)


def _rows(connection: sqlite3.Connection, statement: str) -> Iterator[Row]:
    """Yield the rows before the first that can't be read."""
    with suppress(*DAMAGE):
        yield from connection.execute(statement)


def _sources(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the sources of each document that are as they were stored, or where its file is."""
    found: dict[str, dict[str, None]] = {}
    for statement in _SOURCES:
        for source, doc_id, digest in _rows(connection, statement):
            if not isinstance(source, str) or not isinstance(doc_id, str):
                continue
            if source in found.get(doc_id, {}):
                continue
            if digest == source_digest(source, doc_id) or has_bytes_of(doc_id, source):
                found.setdefault(doc_id, {})[source] = None
    return {doc_id: list(names) for doc_id, names in found.items()}


def _ids(connection: sqlite3.Connection, sources: Mapping[str, object]) -> list[str]:
    """Return the ids of all documents that are named anywhere, as they were added if that is known.

    What has neither a source nor the form of an id is a damaged one.
    """
    found: dict[str, int] = {}
    for statement in _IDS:
        for number, (doc_id,) in enumerate(_rows(connection, statement)):
            is_id = isinstance(doc_id, str) and (_ID.fullmatch(doc_id) or doc_id in sources)
            if is_id:
                found.setdefault(doc_id, number)
    return list(found)


def _document(
    old: Checks, parser: ParserProcess, doc_id: str, names: Sequence[str]
) -> Document | None:
    """Return a document as it was stored, or as its file is read again; None where both fail."""
    stored = None
    with suppress(DamagedIndex):
        stored = old.documents.get(doc_id)
        if stored is not None and old.has_page_lines(doc_id):
            return with_lines(old, stored)
    if again := read_again(parser, doc_id, names):
        return again
    with suppress(DamagedIndex, ValueError):
        stored = stored or old.sound_part_of(doc_id)
    return stored


def _put(target: Target, old: Checks | None, document: Document) -> None:
    """Store a document with its passages; their vectors are the old ones, where they are sound."""
    passages = splitter(target)(document)
    texts = [passage.text_in_context for passage in passages]
    known: dict[str, NDArray[np.float32]] = {}
    with suppress(DamagedIndex):
        known = StoredVectors(old.run).of_texts(texts) if old else {}
    known = {t: row for t, row in known.items() if len(row) == target.settings.dimension}
    missing = sorted(set(texts) - known.keys())
    if missing:
        known |= zip(missing, target.embedder.embed(missing, "passage"), strict=True)
    rows = np.array([known[text] for text in texts], dtype=np.float32)
    target.store.put([NewDocument(document, passages, rows)], target.settings)


def _put_mark(new: Catalogue, doc_id: str, names: Sequence[str]) -> None:
    """Store no more of a document than that it was there."""
    name = PurePath(names[0]).name if names else doc_id
    mark = Document(doc_id, "", name, names[0] if names else doc_id)
    new.put([NewDocument(mark, [], np.zeros((0, 0), dtype=np.float32))])
    new.mark_damaged(doc_id, names)


def _take_the_place(folder: Path, place: Path) -> None:
    """Put the new catalogue in place of the old one, which is kept under another name."""
    file, kept = folder / FILE_NAME, folder / KEPT_NAME
    log = file.with_name(f"{FILE_NAME}-wal")
    if log.exists() and log.stat().st_size:  # closing it has written that, unless others read it
        raise LoccitError("another process has the index open: close it, then try again")
    kept.unlink(missing_ok=True)
    shutil.copy2(file, kept)
    for name in (log, file.with_name(f"{FILE_NAME}-shm"), folder / vector_index.FILE_NAME):
        name.unlink(missing_ok=True)  # they are of the old one
    (place / FILE_NAME).replace(file)
    shutil.rmtree(place, ignore_errors=True)
