"""Verification: the text at each citation's place is read again from the source, and compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from loccit.index.datatypes import Document, DocumentInfo, Span
from loccit.qa.datatypes import Answer, Citation, Support


class Sources(Protocol):
    """What citing needs of documents, none of which is read as a whole; `PassageIndex` is one."""

    def infos(self, doc_ids: Collection[str]) -> Mapping[str, DocumentInfo]:
        """Return title, source and pages by id; an unknown id is left out."""
        ...

    def slices(self, places: Sequence[tuple[str, Span]]) -> list[str | None]:
        """Return the text at each place, in the order of the places; None for an unknown id."""
        ...


def verify(answer: Answer, documents: Sources | Mapping[str, Document]) -> Answer:
    """Return the answer with each citation's ``support`` set by what the sources hold.

    A citation is EXACT if its quote equals the text at its place. It is MISSING if the quote does
    not, or if the document was removed meanwhile. A sentence is withheld if its first citation is
    MISSING; the other sentences keep the citations that are EXACT. An answer that keeps no
    sentence is not answered, with a confidence of 0.

    Args:
        answer: what is to be verified.
        documents: the index, or the documents by id.
    """
    places = [(citation.doc_id, citation.span) for citation in answer.citations]
    texts = texts_at(places, documents)
    citations = tuple(
        _checked(citation, text) for citation, text in zip(answer.citations, texts, strict=True)
    )
    found = {c.marker for c in citations if c.support is Support.EXACT}
    sentences = tuple(
        replace(sentence, markers=tuple(m for m in sentence.markers if m in found))
        for sentence in answer.sentences
        if sentence.markers[0] in found
    )
    answered = answer.answered and bool(sentences)
    return replace(
        answer,
        citations=citations,
        sentences=sentences,
        answered=answered,
        confidence=answer.confidence if answered else 0.0,
    )


def texts_at(
    places: Sequence[tuple[str, Span]], documents: Sources | Mapping[str, Document]
) -> list[str | None]:
    """Return the text at each place of a document; None where there is no such document."""
    if not isinstance(documents, Mapping):
        return documents.slices(places)
    sources = ((documents.get(doc_id), span) for doc_id, span in places)
    return [
        None if source is None else source.text[span.start : span.end] for source, span in sources
    ]


def _checked(citation: Citation, text: str | None) -> Citation:
    """Return the citation with its support; ``text`` is what stands at its place."""
    span, answer = citation.span, citation.answer
    is_inside = answer is None or span.start <= answer.start < answer.end <= span.end
    is_exact = is_inside and text == citation.quote
    return replace(citation, support=Support.EXACT if is_exact else Support.MISSING)
