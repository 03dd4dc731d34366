"""Store: what search and ingestion need of the place where an index is kept.

SQLite with FAISS is the one implementation (`loccit.index.storage.sqlite`). Another one passes
tests/test_store_contract.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Document, DocumentInfo, PageLines, Passage, Span
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.settings import IndexSettings


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to store, its passages in order, their vectors ``(n, dimension) float32``."""

    document: Document
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]


class Store(Protocol):
    """An open store; may be shared by threads.

    Every change is made wholly or not at all, is seen by others at once, and raises the
    generation. Reading never waits for a change. A passage has a key, which is never used twice.
    """

    # Documents and their sources.

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by id, oldest first, without the lines of their pages.

        What is stored is compared with its digests when it is read, and raises DamagedIndex where
        it is not what was stored; so does all else that is cited.
        """
        ...

    def damaged_documents(self) -> list[str]:
        """Return the ids of those that could not be repaired, and are kept but never found."""
        ...

    def infos(self, doc_ids: Collection[str]) -> dict[str, DocumentInfo]:
        """Return what citing needs of these documents; those that are gone are left out."""
        ...

    def slices(self, places: Sequence[tuple[str, Span]]) -> list[str | None]:
        """Return the text at each place of a document, None where the document is gone."""
        ...

    def page_lines(self, doc_id: str, pages: Collection[int]) -> dict[int, PageLines]:
        """Return the lines of these pages, counted from 1; pages without any are left out."""
        ...

    def summaries(self) -> list[DocumentSummary]:
        """Return what a list shows of each document, oldest first."""
        ...

    def older_documents(self) -> list[str]:
        """Return the ids of those that an older loccit stored, oldest first."""
        ...

    def agrees_with_passages(self, document: Document) -> bool:
        """Tell whether the passages of a document without digests were made of its text."""
        ...

    def document_of(self, source: str) -> str | None:
        """Return the id of the document that a source stands for, or None."""
        ...

    def sources_of(self, doc_id: str) -> list[str]:
        """Return the names of a document, in order."""
        ...

    def sources_in(self, folder: Path) -> dict[str, str]:
        """Return the documents' ids by source, of the sources that lie in a folder."""
        ...

    def put(self, documents: Sequence[NewDocument], settings: IndexSettings | None = None) -> None:
        """Store documents under their sources, in place of what those held before.

        Args:
            documents: one whose id is stored gets its source as a further name.
            settings: that passages and vectors were made with; None is any.

        Raises:
            IndexMismatch: the index has others by now.
        """
        ...

    def upgrade(self, documents: Sequence[NewDocument], settings: IndexSettings) -> None:
        """Put what was read anew in place of what an older loccit stored of these documents.

        A document that is gone, or that was upgraded meanwhile, is passed over.

        Raises:
            IndexMismatch: passages and vectors are made with other settings by now.
        """
        ...

    def add_source(self, source: str, doc_id: str) -> None:
        """Let a source stand for a stored document, in place of what it stood for before."""
        ...

    def drop_sources(self, sources: Collection[str]) -> None:
        """Forget sources; the documents that no other source stands for are removed."""
        ...

    def remove(self, doc_id: str) -> None:
        """Remove a document under all its sources."""
        ...

    # Passages, and the two ways to find them.

    def has_passages(self) -> bool:
        """Tell whether there is anything to search."""
        ...

    def passages_of(self, doc_id: str) -> list[Passage]:
        """Return the passages of a document, in order."""
        ...

    def keys_of(self, documents: Collection[str]) -> list[int]:
        """Return the keys of the passages of these documents."""
        ...

    def load_passages(self, keys: Sequence[int]) -> dict[int, tuple[Passage, NDArray[np.float32]]]:
        """Return passages with their vectors ``(dimension,)``; keys that are gone are left out."""
        ...

    def search_words(
        self, question: str, depth: int, only: Sequence[int] | None = None
    ) -> list[int]:
        """Return the keys of at most ``depth`` passages with words of the question, best first.

        ``only`` are the keys that may be returned; None is all.
        """
        ...

    def search_vectors(
        self, rows: NDArray[np.float32], depth: int, only: Sequence[int] | None = None
    ) -> list[list[int]]:
        """Return for each of the unit rows ``(n, dimension)`` the keys nearest to it, best first.

        At most ``depth`` each; ``only`` are the keys that may be returned; None is all.
        """
        ...

    def vectors_of_texts(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the stored vectors of what was embedded before, by text."""
        ...

    # Files that could not be read.

    def failures(self) -> dict[str, str]:
        """Return why files could not be read when they were last tried, by source."""
        ...

    def note_failures(self, failed: Mapping[str, str], read: Collection[str]) -> None:
        """Remember why sources could not be read, and forget those that were read since."""
        ...

    def forget_failures(self, sources: Iterable[str]) -> None:
        """Forget files that are gone."""
        ...

    # Settings.

    @property
    def generation(self) -> int:
        """Rises with every change."""
        ...

    def get_meta(self, name: str) -> str | None:
        """Return a stored setting, or None."""
        ...

    def set_meta(self, name: str, value: str) -> None:
        """Store a setting; not counted as a change."""
        ...

    def has_settings(self, settings: IndexSettings) -> bool:
        """Tell whether what is stored was made with these settings."""
        ...

    # Another model: passages are made beside those that answer, and take their place at once.

    def draft(self, settings: IndexSettings) -> AbstractContextManager[Self]:
        """Open a store beside this one for passages made with other settings.

        It is the one that an earlier attempt with the same settings has begun, or a new one.
        """
        ...

    def adopt(self, settings: IndexSettings) -> bool:
        """Put the draft's passages of the same documents in place of all that there are.

        Returns:
            False, and nothing is changed, where the draft lacks one of the documents.
        """
        ...

    def drop_draft(self) -> None:
        """Remove the draft, which is closed."""
        ...

    # The store itself.

    def is_read_only(self) -> bool:
        """Tell whether nothing can be changed."""
        ...

    def warm_up(self) -> None:
        """Let the first search not wait for the disk."""
        ...

    def keep_vectors(self, dimension: int) -> None:
        """Keep what is derived of the vectors for the next start, where enough has changed."""
        ...

    def close(self) -> None:
        """Keep what was derived and close the store; twice is once."""
        ...
