"""Verification: every citation is sliced from the stored text again and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from loccit.index.datatypes import Document
from loccit.qa.datatypes import Answer, Citation, Support


def verify(answer: Answer, documents: Mapping[str, Document]) -> Answer:
    """Return the answer with each citation's ``support`` set by what the sources hold.

    A quote that equals its slice is EXACT; one whose document was removed meanwhile, or that
    does not stand at its place, is MISSING. A sentence is withheld with the citation that it is
    taken from; of the others it keeps those that stand. An answer that keeps no sentence is not
    answered.
    """
    citations = tuple(_check(citation, documents) for citation in answer.citations)
    found = {c.marker for c in citations if c.support is Support.EXACT}
    sentences = tuple(
        replace(sentence, markers=tuple(m for m in sentence.markers if m in found))
        for sentence in answer.sentences
        if sentence.markers[0] in found
    )
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
    span, answer = citation.span, citation.answer
    stands = document.text[span.start : span.end] == citation.quote and (
        answer is None or span.start <= answer.start < answer.end <= span.end
    )
    return replace(citation, support=Support.EXACT if stands else Support.MISSING)
