"""PassageIndex: files in, ranked passages out. The one door to this folder."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Self

from loccit.index.datatypes import Document, DocumentInfo, Hit, PageLines, Passage, Scope, Span
from loccit.index.errors import IndexLocked, NotWritten, UnknownDocument
from loccit.index.ingestion.adding import Target, add_document, add_files
from loccit.index.ingestion.files import paths_of
from loccit.index.ingestion.identity import FileIds
from loccit.index.ingestion.reembedding import reembed
from loccit.index.ingestion.reporting import (
    AddResult,
    DocumentSummary,
    Progress,
    ProgressCallback,
    SyncResult,
)
from loccit.index.ingestion.syncing import sync_folder
from loccit.index.ingestion.upgrading import upgrade
from loccit.index.models.embedder import Embedder
from loccit.index.opening import open_store, settings_and_model
from loccit.index.retrieval.questions import checked_questions
from loccit.index.retrieval.scope import Names, document_named, scope_named
from loccit.index.retrieval.searching import Mode, RememberingEmbedder, Searcher
from loccit.index.settings import IndexSettings
from loccit.index.storage.store import Store

logger = logging.getLogger(__name__)


class PassageIndex:
    """An open index in a folder of its own; a context manager, safe to share by threads."""

    def __init__(
        self, folder: Path, store: Store, embedder: Embedder, settings: IndexSettings
    ) -> None:
        self.folder = folder
        self.documents: Mapping[str, Document] = store.documents
        self._store = store
        self._searcher = Searcher(store, settings, embedder)
        self._file_ids = FileIds()

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: bool = False,
        embedder: object = None,
        wait: bool = False,
        upgrade: bool = True,
    ) -> PassageIndex:
        """Open the index in a folder; with ``create``, make it where there is none.

        Args:
            path: the index's own folder, not the folder of the documents.
            create: make an empty index when the folder holds none.
            embedder: what `open_embedder` takes; None is the index's model, or the default one.
            wait: let a change wait as long as another process is writing, not some seconds.
            upgrade: first read anew what an older loccit stored, which may take minutes; without
                it the index answers from what it has, and ``upgrade`` does it later.

        Raises:
            IndexNotFound: there is no index and ``create`` is False.
            IndexMismatch: the index was made with another model or by a later loccit.
        """
        (folder,) = paths_of(path)
        store = open_store(folder, create=create, wait=wait)
        try:
            settings, model = settings_and_model(store, embedder)
        except BaseException:
            store.close()
            raise
        index = cls(folder, store, model, settings)
        if upgrade and index.needs_upgrade():
            try:
                index.upgrade()
            except (IndexLocked, NotWritten) as error:
                logger.warning("%s is not upgraded yet: %s", folder, error)
            except BaseException:
                index.close()
                raise
        return index

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Keep the derived vectors for the next start and close the files."""
        self._searcher.close()
        self._store.close()

    @property
    def settings(self) -> IndexSettings:
        """What passages and vectors are made with."""
        return self._searcher.current().settings

    @property
    def embedder(self) -> RememberingEmbedder:
        """The model, which remembers the vectors asked for last."""
        return self._searcher.current().embedder

    def warm_up(self) -> None:
        """Load the model and the vectors now, so that the first question does not wait."""
        parts = self._searcher.current()
        parts.store.warm_up()
        parts.store.search_vectors(parts.embedder.embed(["ready"], "question"), 1)

    def add(
        self,
        item: Path | str | Document | Iterable[Path | str],
        *,
        on_progress: ProgressCallback | None = None,
    ) -> AddResult:
        """Add a file, a folder, several of them, or a document made elsewhere.

        Content that is already stored is not read again; a file that has changed takes the
        place of what it held before. A file that can't be read is reported as failed and the
        rest go on.

        Raises:
            TypeError, ValueError: the item is none of these, or a document contradicts itself.
        """
        report = on_progress or _ignore
        if isinstance(item, Document):
            return AddResult((add_document(self._target(), item, report),))
        result = add_files(self._target(), paths_of(item), report)
        self._keep_vectors()
        return result

    def sync(
        self,
        folder: Path | str,
        *,
        on_progress: ProgressCallback | None = None,
        dry_run: bool = False,
        allow_empty: bool = False,
    ) -> SyncResult:
        """Make the index equal to a folder: what is new, changed, renamed, moved or deleted.

        Documents from elsewhere stay. Nothing that is stored is embedded again. An exception
        from ``on_progress`` ends it between two batches; what was done stays done.

        Args:
            folder: the folder to mirror.
            on_progress: is told how far it has come.
            dry_run: change nothing, and return what would be done.
            allow_empty: remove everything where the folder is empty.

        Raises:
            FolderMissing: there is no such folder, or it is empty and was not.
        """
        report = on_progress or _ignore
        result = sync_folder(
            self._target(),
            Path(folder),
            report,
            self._file_ids,
            dry_run=dry_run,
            allow_empty=allow_empty,
        )
        if not dry_run:
            self._keep_vectors()
        return result

    def reembed(self, model: object, *, on_progress: ProgressCallback | None = None) -> None:
        """Change the model: split and embed anew what is stored, without its files.

        The old passages answer until the new ones take their place, all at once, also in other
        processes that have the index open. An exception from ``on_progress`` ends it; the next
        time it goes on from there.

        Args:
            model: what `open_embedder` takes; None is the default one.
            on_progress: is told how far it has come.
        """
        reembed(self.folder, model, on_progress or _ignore)
        self._keep_vectors()

    def needs_upgrade(self) -> bool:
        """Tell whether an older loccit stored documents here, and they can be upgraded."""
        return not self._store.is_read_only() and bool(self._store.older_documents())

    def upgrade(self, *, on_progress: ProgressCallback | None = None) -> None:
        """Read anew what an older loccit stored, from the files where these are unchanged.

        Questions are answered meanwhile. An exception from ``on_progress`` ends it; the next time
        it goes on from there.

        Args:
            on_progress: is told how far it has come.

        Raises:
            IndexLocked, NotWritten: nothing can be changed now.
        """
        upgrade(self._target(), on_progress or _ignore)
        self._keep_vectors()

    def failures(self) -> dict[str, str]:
        """Return why files could not be read when they were last tried, by source."""
        return self._store.failures()

    def remove(self, doc_id: str) -> None:
        """Remove a document under all its names.

        Raises:
            UnknownDocument: the index holds no such document.
        """
        if doc_id not in self._store.documents:
            raise UnknownDocument(f"no document has the id “{doc_id}”: see `loccit list`")
        self._store.remove(doc_id)

    def resolve(self, name: str) -> str:
        """Return the id of the one document that a name means; see `loccit.index.retrieval.scope`.

        Raises:
            UnknownDocument: none or several have it; the message tells which, or the nearest.
        """
        return document_named(name, self.summaries(), self.failures())

    def scope(self, documents: Scope | Names | None) -> Scope:
        """Return the documents that names mean: ids, paths, file names, titles, folders.

        A scope is returned as it is; None is all documents; one name may be given alone.

        Raises:
            UnknownDocument: a name means no document, or several without being a folder's.
        """
        if documents is None or isinstance(documents, Scope):
            return documents or Scope()
        given = [documents] if isinstance(documents, str | PathLike) else documents
        names = [fspath(name) for name in given]
        if set(self.documents).issuperset(names):
            return Scope(tuple(dict.fromkeys(names)))
        return scope_named(names, self.summaries(), self.failures())

    def document_at(self, source: str) -> str | None:
        """Return the id of the document that stands under a source now, or None."""
        return self._store.document_of(source)

    def summaries(self) -> list[DocumentSummary]:
        """Return what a list shows of each document, oldest first."""
        return self._store.summaries()

    def passages(self, doc_id: str) -> list[Passage]:
        """Return the passages of a document, in order."""
        return self._store.passages_of(doc_id)

    def infos(self, doc_ids: Collection[str]) -> Mapping[str, DocumentInfo]:
        """Return title, source and pages of those of these documents that are in the index."""
        return self._store.infos(doc_ids)

    def slices(self, places: Sequence[tuple[str, Span]]) -> list[str | None]:
        """Return the stored text at each place of a document, in the order of the places.

        None where the index holds no such document; shorter than the span where its text ends.
        """
        return self._store.slices(places)

    def page_lines(self, doc_id: str, pages: Collection[int]) -> Mapping[int, PageLines]:
        """Return the lines of a document's pages, counted from 1; some pages have none."""
        return self._store.page_lines(doc_id, pages)

    def search(
        self,
        question: str,
        k: int = 10,
        *,
        mode: Mode = "hybrid",
        documents: Scope | Names | None = None,
    ) -> list[Hit]:
        """Return the ``k`` passages nearest to a question, best first.

        Args:
            question: words and nothing else: no character of it has a meaning as syntax.
            k: the most hits to return; at least 1.
            mode: by meaning ("dense"), by words ("lexical"), or both fused by reciprocal rank.
            documents: the only documents to search, by id or name; see `scope`. None searches all.

        Raises:
            ValueError: the question is blank or too long, or ``k`` is less than 1.
            EmptyIndex: the index holds no passage.
            UnknownDocument: a name means no document, or several without being a folder's.
        """
        (hits,) = self.search_many([question], k, mode=mode, documents=documents)
        return hits

    def search_many(
        self,
        questions: Iterable[str],
        k: int = 10,
        *,
        mode: Mode = "hybrid",
        documents: Scope | Names | None = None,
    ) -> list[list[Hit]]:
        """Return the hits of each question, as ``search`` does, with its errors, in less time."""
        asked = checked_questions(questions, k, mode)
        only = self.scope(documents).documents
        return self._searcher.search(asked, k, mode=mode, documents=only)

    def _target(self) -> Target:
        parts = self._searcher.current()
        return Target(self._store, parts.embedder.within, parts.settings)

    def _keep_vectors(self) -> None:
        self._store.keep_vectors(self._searcher.current().settings.dimension)


def _ignore(progress: Progress) -> None:
    """Report to nobody."""
