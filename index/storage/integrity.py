"""Whether an index is sound: the file, its documents, and what is derived from them.

The documents are the truth, and the digests that were made with them tell whether they are as they
were stored. Every passage must be a slice of one. Full text, vectors and the FAISS file follow from
them, so they can be made again; of what fails its digest nothing is made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePath

from loccit.index.errors import DamagedIndex, IndexLocked, IndexMismatch, IndexNotFound, LoccitError
from loccit.index.ingestion.adding import Target
from loccit.index.ingestion.mending import mend
from loccit.index.models.embedder import Embedder, open_embedder
from loccit.index.opening import is_cut_off, open_store
from loccit.index.settings import IndexSettings
from loccit.index.storage import vector_index as vectors
from loccit.index.storage.packing import damage_in
from loccit.index.storage.salvage import salvage
from loccit.index.storage.sqlite import catalogue
from loccit.index.storage.sqlite.catalogue import Catalogue
from loccit.index.storage.sqlite.checks import Checks
from loccit.index.storage.sqlite.connections import DAMAGE, lenient_text
from loccit.index.storage.vector_index import VectorIndex

SHOWN = 3  # of the things that are wrong
READ_AGAIN = "put its file back and add it again, or remove it with `loccit remove`"

_AT_ONCE = 1_000  # passages embedded together
_FULL_TEXT = "FTS5 table"  # in what SQLite says of it, which is derived


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; ``can_mend``: repair makes it sound, or tells what it can't."""

    name: str
    is_sound: bool
    detail: str
    can_mend: bool = False


@dataclass(frozen=True, slots=True)
class Damage:
    """The ids of what is not as it was stored: documents, and those with passages of such text."""

    documents: tuple[str, ...]
    full_text: tuple[str, ...]
    num_passages: int  # of all that are sound


def check_index(folder: Path) -> list[Finding]:
    """Look at an index without changing it.

    Raises:
        IndexNotFound: there is none.
    """
    file = folder / catalogue.FILE_NAME
    if not file.is_file():
        raise IndexNotFound(f"{folder} holds no index")
    try:
        open_store(folder).close()  # tells what is no index at all
        whole = check_file(file)
        if not whole.is_sound:
            return [whole]
        stored = Catalogue(file)
    except (*DAMAGE, LoccitError) as error:
        can_mend = not is_cut_off(file) and not isinstance(error, IndexMismatch | IndexLocked)
        return [Finding("catalogue", False, str(error), can_mend=can_mend)]
    try:
        return [whole, *_contents(stored, folder)]
    except DamagedIndex as error:
        return [Finding("catalogue", False, str(error), can_mend=True)]
    finally:
        stored.close()


def repair_index(folder: Path, findings: Sequence[Finding], embedder: object = None) -> None:
    """Make sound what `check_index` found wrong, as far as that is possible.

    Args:
        folder: the index's.
        findings: what was found.
        embedder: what `open_embedder` takes; None is the index's own model.

    Raises:
        LoccitError: the model that the index was made with is not there.
    """
    wrong = {finding.name for finding in findings if not finding.is_sound}
    if wrong & {"catalogue", "settings"}:
        salvage(folder, embedder)
        return
    with closing(Catalogue(folder / catalogue.FILE_NAME)) as stored:
        settings = IndexSettings.from_json(stored.get_meta("settings") or "{}")
        if wrong & {"documents", "passages", "full text"}:
            damage = find_damage(stored)
            damaged = [*damage.documents, *stored.damaged_documents()]
            if damage.full_text or stored.full_text.problem() is not None:
                stored.rebuild_full_text(d for d in stored.documents if d not in damaged)
            if damaged:
                model = open_embedder(settings.model_name if embedder is None else embedder)
                mend(stored, Target(stored, model, settings), damaged)
        if "vectors" in wrong:
            model = open_embedder(settings.model_name if embedder is None else embedder)
            _embed_again(stored, model, settings.dimension)
        if wrong & {"vectors", "vector index"}:
            (folder / vectors.FILE_NAME).unlink(missing_ok=True)


def check_file(file: Path) -> Finding:
    """Ask SQLite whether a file is sound, whatever it holds."""
    with closing(sqlite3.connect(file)) as connection:
        connection.text_factory = lenient_text
        rows = [row[0] for row in connection.execute("PRAGMA integrity_check(10)")]
        rows += [
            f"a row of {row[0]} has no parent"
            for row in connection.execute("PRAGMA foreign_key_check")
        ]
    wrong = [row for row in rows if row != "ok" and _FULL_TEXT not in row]
    detail = " ".join("; ".join(wrong[:SHOWN]).split()) or "sound"
    return Finding("catalogue", not wrong, detail, can_mend=bool(wrong))


def find_damage(stored: Checks) -> Damage:
    """Compare all that can be cited with its digests, and full text with the documents."""
    documents, full_text, count = [], [], 0
    older = set(stored.older_documents())
    for doc_id in stored.documents:
        try:
            document = stored.documents[doc_id]
            passages = stored.passages_in(document)
            if doc_id in older and not stored.agrees_with_passages(document):
                raise damage_in(doc_id)
        except DamagedIndex:
            documents.append(doc_id)
            continue
        if stored.unsound_sources_of(doc_id) or not stored.has_page_lines(doc_id):
            documents.append(doc_id)
        elif not stored.has_full_text_of(doc_id, passages):
            full_text.append(doc_id)
        else:
            count += len(passages)
    return Damage(tuple(documents), tuple(full_text), count)


def named(stored: Checks, doc_ids: Sequence[str]) -> str:
    """Name some documents by the files that they were added from, or else by their ids."""
    names = [next(map(str, stored.sources_of(doc_id)), doc_id) for doc_id in doc_ids[:SHOWN]]
    more = f" and {len(doc_ids) - SHOWN} more" if len(doc_ids) > SHOWN else ""
    return ", ".join(PurePath(name).name for name in names) + more


def _contents(stored: Catalogue, folder: Path) -> list[Finding]:
    try:
        settings = IndexSettings.from_json(stored.get_meta("settings") or "{}")
    except LoccitError as error:
        return [Finding("settings", False, str(error), can_mend=isinstance(error, DamagedIndex))]
    damage = find_damage(stored)
    return [
        _documents(stored, damage),
        _passages(stored, damage),
        _full_text(stored),
        _vectors(stored, settings.dimension),
        _derived(stored, folder, settings.dimension),
    ]


def _documents(stored: Catalogue, damage: Damage) -> Finding:
    name, marked = "documents", stored.damaged_documents()
    if damage.documents:
        detail = f"{len(damage.documents)} damaged: {named(stored, damage.documents)}"
        return Finding(name, False, detail, can_mend=True)
    if marked:
        detail = f"{len(marked)} damaged and left out: {named(stored, marked)}; {READ_AGAIN}"
        return Finding(name, False, detail)
    return Finding(name, True, f"{len(stored.documents):,}, all as they were stored")


def _passages(stored: Catalogue, damage: Damage) -> Finding:
    wrong = damage.full_text
    detail = (
        f"those of {len(wrong)} do not match their document: {named(stored, wrong)}"
        if wrong
        else f"{damage.num_passages:,}, all match their documents"
    )
    return Finding("passages", not wrong, detail, can_mend=True)


def _full_text(stored: Catalogue) -> Finding:
    problem = stored.full_text.problem()
    return Finding("full text", problem is None, problem or "sound", can_mend=True)


def _vectors(stored: Catalogue, dimension: int) -> Finding:
    wrong = stored.vectors.unsound(dimension)
    detail = (
        f"{len(wrong)} have not length 1 in {dimension} dimensions" if wrong else "all of length 1"
    )
    return Finding("vectors", not wrong, detail, can_mend=True)


def _derived(stored: Catalogue, folder: Path, dimension: int) -> Finding:
    name = "vector index"
    path = folder / vectors.FILE_NAME
    if not path.exists():
        return Finding(name, True, "none yet: made when it is needed")
    loaded = VectorIndex.load(path, stored.get_meta("identity") or "", dimension)
    if loaded is None and not vectors.is_whole(path):
        return Finding(name, False, "damaged", can_mend=True)
    if loaded is None or loaded[1] != stored.generation:
        return Finding(name, True, "out of date: brought up to date when it is needed")
    return Finding(name, True, f"{len(loaded[0]):,} vectors")


def _embed_again(stored: Catalogue, embedder: Embedder, dimension: int) -> None:
    wrong = stored.vectors.unsound(dimension)
    for start in range(0, len(wrong), _AT_ONCE):
        passages = stored.passages_by_key(wrong[start : start + _AT_ONCE])
        texts = [passage.text_in_context for passage in passages.values()]
        stored.replace_vectors(list(passages), embedder.embed(texts, "passage"))
