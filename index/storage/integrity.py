"""Whether an index is sound: the file, the full text, the vectors, and what is derived from them.

The documents are the truth, and every passage must be a slice of one. Full text, vectors and the
FAISS file follow from them, so they can be made again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from loccit.index.errors import DamagedIndex, IndexNotFound, LoccitError
from loccit.index.models.embedder import Embedder, open_embedder
from loccit.index.parsing.pdf.lines import unpack
from loccit.index.settings import IndexSettings
from loccit.index.storage import vector_index as vectors
from loccit.index.storage.sqlite import catalogue
from loccit.index.storage.sqlite.catalogue import Catalogue
from loccit.index.storage.vector_index import VectorIndex

SHOWN = 3  # of the things that are wrong

_AT_ONCE = 1_000  # passages embedded together


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; ``can_mend``: it is derived data, which repair rebuilds."""

    name: str
    is_sound: bool
    detail: str
    can_mend: bool = False


def check_index(folder: Path) -> list[Finding]:
    """Look at an index without changing it.

    Raises:
        IndexNotFound: there is none.
    """
    file = folder / catalogue.FILE_NAME
    if not file.is_file():
        raise IndexNotFound(f"{folder} holds no index")
    try:
        whole = _integrity(file)
        if not whole.is_sound:
            return [whole]
        stored = Catalogue(file)
    except (sqlite3.DatabaseError, DamagedIndex) as error:
        return [Finding("catalogue", False, str(error))]
    try:
        settings = IndexSettings.from_json(stored.get_meta("settings") or "{}")
        return [
            whole,
            _full_text(stored),
            blocks := _blocks(stored),
            *([_passages(stored)] if blocks.is_sound else []),  # which reads the blocks as well
            _vectors(stored, settings.dimension),
            _derived(stored, folder, settings.dimension),
        ]
    except (LoccitError, TypeError) as error:
        return [whole, Finding("settings", False, str(error))]
    finally:
        stored.close()


def repair_index(folder: Path, findings: Sequence[Finding]) -> None:
    """Rebuild the derived data that `check_index` found wrong.

    Raises:
        LoccitError: the model that the index was made with is not there.
    """
    wrong = {finding.name for finding in findings if finding.can_mend and not finding.is_sound}
    stored = Catalogue(folder / catalogue.FILE_NAME)
    try:
        if "blocks" in wrong:
            stored.read_anew(_with_wrong_blocks(stored))
        if wrong & {"full text", "passages"}:
            stored.rebuild_full_text()
        if "vectors" in wrong:
            settings = IndexSettings.from_json(stored.get_meta("settings") or "{}")
            _embed_again(stored, open_embedder(settings.model_name), settings.dimension)
        if wrong & {"vectors", "vector index"}:
            (folder / vectors.FILE_NAME).unlink(missing_ok=True)
    finally:
        stored.close()


def _integrity(file: Path) -> Finding:
    with closing(sqlite3.connect(file)) as connection:
        rows = [row[0] for row in connection.execute("PRAGMA integrity_check(10)")]
        rows += [
            f"a row of {row[0]} has no parent"
            for row in connection.execute("PRAGMA foreign_key_check")
        ]
    sound = rows == ["ok"]
    return Finding("catalogue", sound, "sound" if sound else "; ".join(rows[:SHOWN]))


def _full_text(stored: Catalogue) -> Finding:
    problem = stored.full_text.problem()
    return Finding("full text", problem is None, problem or "sound", can_mend=True)


def _blocks(stored: Catalogue) -> Finding:
    wrong = _with_wrong_blocks(stored)
    detail = f"those or the lines of {len(wrong)} documents are damaged: {', '.join(wrong[:SHOWN])}"
    return Finding("blocks", not wrong, detail if wrong else "sound", can_mend=True)


def _with_wrong_blocks(stored: Catalogue) -> list[str]:
    """Return the ids of documents whose blocks or lines can't be read, or are no part of them."""
    wrong = []
    for doc_id in stored.documents:
        try:
            document = stored.documents[doc_id]
            passages = stored.passages_of(doc_id)
            pages = range(1, len(document.page_starts) + 1)
            for lines in stored.page_lines(doc_id, pages).values():
                unpack(lines.packed)
        except (DamagedIndex, ValueError):
            wrong.append(doc_id)
            continue
        spans = [block.span for block in document.blocks]
        rising = all(before.end <= after.start for before, after in pairwise(spans))
        if (
            not rising
            or (spans and spans[-1].end > len(document.text))
            or any(not b.span.overlaps(p.span) for p in passages for b in p.blocks)
        ):
            wrong.append(doc_id)
    return wrong


def _passages(stored: Catalogue) -> Finding:
    """Compare each passage with the slice of its document that it must be."""
    wrong: list[str] = []
    count = 0
    for doc_id, document in stored.documents.items():
        for passage in stored.passages_of(doc_id):
            count += 1
            span = passage.span
            if document.text[span.start : span.end] != passage.text:
                wrong.append(passage.passage_id)
    detail = f"{len(wrong)} do not match their document: {', '.join(wrong[:SHOWN])}"
    return Finding(
        "passages",
        not wrong,
        detail if wrong else f"{count:,}, all match their documents",
        can_mend=True,
    )


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
    if loaded is None:
        return Finding(name, False, "damaged, or of another index", can_mend=True)
    index, generation = loaded
    if generation > stored.generation:
        return Finding(name, False, "newer than the catalogue", can_mend=True)
    return Finding(name, True, f"{len(index):,} vectors")


def _embed_again(stored: Catalogue, embedder: Embedder, dimension: int) -> None:
    wrong = stored.vectors.unsound(dimension)
    for start in range(0, len(wrong), _AT_ONCE):
        passages = stored.passages_by_key(wrong[start : start + _AT_ONCE])
        texts = [passage.text_in_context for passage in passages.values()]
        stored.replace_vectors(list(passages), embedder.embed(texts, "passage"))
