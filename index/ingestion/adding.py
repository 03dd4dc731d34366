"""Indexing: files are parsed and split ahead while the passages of earlier ones are embedded.

What is split is gathered until it is worth a forward pass or many: passages of similar length are
embedded together, whichever files they are of, and all their documents are written in one
transaction. What was gathered and not yet written is all that an interrupted ``add`` loses, and
all that is held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Document, Passage
from loccit.index.ingestion.files import find_files, source_of
from loccit.index.ingestion.reading_ahead import Known, Split, Taken, read_ahead
from loccit.index.ingestion.reporting import AddResult, FileOutcome, Progress, ProgressCallback
from loccit.index.ingestion.splitting import split
from loccit.index.models.embedder import Embedder
from loccit.index.parsing.normalizing import LONE_SURROGATE
from loccit.index.parsing.plain_text import blocks_of_text
from loccit.index.settings import IndexSettings
from loccit.index.storage.store import NewDocument, Store

POOLED_PASSAGES = 1_024  # embedded and written together: a few seconds' work
POOLED_FILES = 256  # of those that hold little or nothing new
_EMBED_BATCH = 256  # passages between two reports of progress


@dataclass(frozen=True, slots=True)
class Target:
    """What indexing writes to and with."""

    store: Store
    embedder: Embedder
    settings: IndexSettings


def add_files(target: Target, paths: Iterable[Path], report: ProgressCallback) -> AddResult:
    """Add every file of these paths; one that can't be read is reported and the rest go on."""
    files = list(find_files(paths))
    outcomes: list[FileOutcome | None] = []
    with read_ahead(files, target.store.documents.__contains__, splitter(target)) as ahead:
        for pool in _pools(ahead, files, report):
            done = len(outcomes)
            progress = Progress("embedding", source_of(files[done]), done, len(files))
            outcomes += _add_pool(target, pool, progress, report)
    known = [outcome for outcome in outcomes if outcome is not None]
    target.store.note_failures(
        {o.source: o.reason or "" for o in known if o.status == "failed"},
        [o.source for o in known if o.status != "failed"],
    )
    again = iter([file for file, outcome in zip(files, outcomes, strict=True) if outcome is None])
    found = iter(add_files(target, again, report).outcomes if None in outcomes else ())
    return AddResult(tuple(outcome or next(found) for outcome in outcomes))


def add_document(target: Target, document: Document, report: ProgressCallback) -> FileOutcome:
    """Add a document under its source, in place of what the source stood for before.

    Raises:
        TypeError, ValueError: the document contradicts itself, or the index has another one with
            its id.
    """
    _check_document(document)
    stored = target.store.documents.get(document.doc_id)
    if stored is not None:
        if (stored.text, stored.title) != (document.text, document.title):
            raise ValueError(
                f"the index has another document with the id “{document.doc_id}”: give this one "
                "another id, or remove that one first"
            )
        return _add_name(target, Known(document.source, document.doc_id))
    if not document.text.strip():
        return FileOutcome(document.source, "failed", reason="the document holds no text")
    if not document.blocks:
        document = replace(document, blocks=blocks_of_text(document.text, ()))
    split = Split(document, splitter(target)(document))
    (outcome,) = _add_pool(target, [split], Progress("embedding", document.source, 0, 1), report)
    assert outcome is not None  # only a known document can have gone meanwhile
    return outcome


def _check_document(document: Document) -> None:
    """Refuse a document that contradicts itself, as one made by a program may.

    Raises:
        TypeError: id, text, title or source is no text.
        ValueError: one of them can't be stored, the id is empty, or offsets do not lie in order
            within the text.
    """
    for name in ("doc_id", "text", "title", "source"):
        value = getattr(document, name)
        if not isinstance(value, str):
            raise TypeError(f"the {name} of a document is text, not {value!r}")
        if lone := LONE_SURROGATE.search(value):
            raise ValueError(
                f"the {name} of the document has half of a character at {lone.start()}: "
                f"{lone.group()!r} is no text by itself"
            )
    if not document.doc_id:
        raise ValueError("the doc_id of the document is empty")
    length = len(document.text)
    starts = document.page_starts
    if starts and starts[0] != 0:
        raise ValueError(f"the first page begins at 0, not at {starts[0]}")
    edges = [edge for block in document.blocks for edge in (block.span.start, block.span.end)]
    for name, offsets in {"page_starts": [*starts], "blocks": edges}.items():
        if offsets != sorted(offsets) or (offsets and offsets[-1] > length):
            raise ValueError(f"the {name} do not lie in order within the text of {length}")
    for name, ends in {
        "emphasis": [item.span.end for item in document.emphasis],
        "hidden": [item.at for item in document.hidden],
    }.items():
        if ends and max(ends) > length:
            raise ValueError(f"the {name} ends at {max(ends)}, after the text of {length}")


def splitter(target: Target) -> Callable[[Document], list[Passage]]:
    """Return what splits a document into the passages of an index."""
    count_tokens = target.embedder.count_tokens
    return lambda document: split(document, count_tokens, max_tokens=target.settings.passage_tokens)


def _pools(
    ahead: Iterator[Taken], files: Sequence[Path], report: ProgressCallback
) -> Iterator[list[Taken]]:
    """Yield what was read ahead, in order, as much as is worth embedding and writing at once."""
    pool: list[Taken] = []
    num_passages = 0
    for number, file in enumerate(files):
        report(Progress("reading", source_of(file), number - len(pool), len(files)))
        taken = next(ahead)
        pool.append(taken)
        num_passages += len(taken.passages) if isinstance(taken, Split) else 0
        if num_passages >= POOLED_PASSAGES or len(pool) == POOLED_FILES:
            yield pool
            pool, num_passages = [], 0
    if pool:
        yield pool


def _add_pool(
    target: Target, pool: Sequence[Taken], progress: Progress, report: ProgressCallback
) -> list[FileOutcome | None]:
    """Embed and write what is new in a pool; return the outcomes in its order.

    None stands for a file whose content was stored as it was read and is gone now: a file before
    it held the same, and has changed.
    """
    outcomes: dict[int, FileOutcome] = {}
    new: dict[str, int] = {}
    for number, item in enumerate(pool):
        if isinstance(item, FileOutcome):
            outcomes[number] = item
        elif item.doc_id in target.store.documents:  # named before the change that could free it
            outcomes[number] = _add_name(target, item)
        elif isinstance(item, Split):
            new.setdefault(item.doc_id, number)
    splits = [(number, item) for number in new.values() if isinstance(item := pool[number], Split)]
    progress = replace(progress, files_at_hand=len(pool))
    written = write(target, [item for _, item in splits], progress, report)
    outcomes |= {number: outcome for (number, _), outcome in zip(splits, written, strict=True)}
    for number, item in enumerate(pool):
        if (
            number not in outcomes
            and not isinstance(item, FileOutcome)
            and item.doc_id in target.store.documents
        ):
            outcomes[number] = _add_name(target, item)
    return [outcomes.get(number) for number in range(len(pool))]


def write(
    target: Target, splits: Sequence[Split], progress: Progress, report: ProgressCallback
) -> list[FileOutcome]:
    """Embed and write new documents, in one transaction."""
    if not splits:
        return []
    documents = embedded(target, splits, progress, report)
    previous = [target.store.document_of(item.source) for item in splits]
    target.store.put(documents, target.settings)
    return [
        FileOutcome(
            item.source,
            "added" if doc_id is None else "updated",
            item.doc_id,
            num_passages=len(item.passages),
        )
        for item, doc_id in zip(splits, previous, strict=True)
    ]


def embedded(
    target: Target, splits: Sequence[Split], progress: Progress, report: ProgressCallback
) -> list[NewDocument]:
    """Return documents with the vectors of their passages, ready to be stored."""
    passages = [passage for item in splits for passage in item.passages]
    vectors = _embed(target, [passage.text_in_context for passage in passages], progress, report)
    ends = np.cumsum([len(item.passages) for item in splits])
    return [
        NewDocument(item.document, item.passages, rows)
        for item, rows in zip(splits, np.split(vectors, ends[:-1]), strict=True)
    ]


def _add_name(target: Target, item: Known | Split) -> FileOutcome:
    """Let a source stand for content that is already stored."""
    previous = target.store.document_of(item.source)
    if previous == item.doc_id:
        return FileOutcome(item.source, "skipped", item.doc_id, reason="already in the index")
    target.store.add_source(item.source, item.doc_id)
    return FileOutcome(
        item.source,
        "skipped" if previous is None else "updated",
        item.doc_id,
        reason="the same content is in the index under another name",
    )


def _embed(
    target: Target, texts: Sequence[str], progress: Progress, report: ProgressCallback
) -> NDArray[np.float32]:
    """Return ``(len(texts), dimension) float32``, reporting batch by batch.

    A text that the index holds already, in whichever document, has its vector there.
    """
    known = target.store.vectors_of_texts(texts)
    missing = sorted(set(texts) - known.keys(), key=lambda text: (len(text), text))
    for start in range(0, len(missing), _EMBED_BATCH):
        done = len(texts) - len(missing) + start
        report(replace(progress, passages_done=done, passages_total=len(texts)))
        batch = missing[start : start + _EMBED_BATCH]
        known |= zip(batch, target.embedder.embed(batch, "passage"), strict=True)
    return np.array([known[text] for text in texts], dtype=np.float32)
