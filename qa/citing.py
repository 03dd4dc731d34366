"""Verification: every citation is sliced from the stored text again and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from index.datatypes import Document
from qa.datatypes import Answer, Citation, Support


def verify(answer: Answer, documents: Mapping[str, Document]) -> Answer:
    """Return the answer with each citation's ``support`` set by what the sources hold.

    A quote that equals its slice is EXACT; one whose document was removed meanwhile, or that
    does not stand at its place, is MISSING and its sentence is withheld. An answer that keeps
    no sentence is not answered.
    """
    citations = tuple(_check(citation, documents) for citation in answer.citations)
    found = {c.marker for c in citations if c.support is Support.EXACT}
    sentences = tuple(s for s in answer.sentences if set(s.markers) <= found)
    return replace(
        answer,
        citations=citations,
        sentences=sentences,
        answered=answer.answered and bool(sentences),
    )


def _check(citation: Citation, documents: Mapping[str, Document]) -> Citation:
    document = documents.get(citation.doc_id)
    if document is None:
        return replace(citation, support=Support.MISSING)
    stands = document.text[citation.span.start : citation.span.end] == citation.quote
    return replace(citation, support=Support.EXACT if stands else Support.MISSING)
