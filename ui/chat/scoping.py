"""Which documents are ticked, and the words that tell how many of them were searched."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from loccit.index.datatypes import Scope
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.ui.text.language import counted, number, tr


def ticked(summaries: Sequence[DocumentSummary], excluded: Collection[str]) -> Scope:
    """Return the documents that are ticked: all but those that a visitor has excluded."""
    ids = tuple(summary.doc_id for summary in summaries if summary.doc_id not in excluded)
    return Scope(None if len(ids) == len(summaries) else ids)


def searched_words(scope: Scope, num_documents: int) -> str:
    """Say how many of all documents were searched, and how."""
    total = counted(num_documents, "document")
    if scope.documents is not None:
        part = number(len(scope.documents))
        total = tr("{part} of {documents}", part=part, documents=total)
    return tr("Searched by words and by meaning: {documents}.", documents=total)
