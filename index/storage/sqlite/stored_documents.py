"""The documents of a catalogue as a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loccit.index.datatypes import Document
from loccit.index.storage.sqlite.catalogue import Catalogue


class StoredDocuments(Mapping[str, Document]):
    """The documents of a catalogue by id; each look-up reads the text from the disk."""

    def __init__(self, stored: Catalogue) -> None:
        self._catalogue = stored

    def __getitem__(self, doc_id: str) -> Document:
        document = self._catalogue.load_document(doc_id)
        if document is None:
            raise KeyError(doc_id)
        return document

    def __contains__(self, doc_id: object) -> bool:
        return isinstance(doc_id, str) and self._catalogue.has_document(doc_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue.document_ids())

    def __len__(self) -> int:
        return self._catalogue.count_documents()
