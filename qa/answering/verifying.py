"""Verification: the text at each citation's place is read again from the source, and compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from loccit.index.datatypes import Document, DocumentInfo, Span
from loccit.index.errors import DamagedIndex
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
    not, or if the document was removed meanwhile. It is DAMAGED if the sources are damaged there:
    they do not hold any more what was stored, or what the hit has that was read. A sentence is
    withheld if its first citation is not EXACT; the other sentences keep the citations that are.
    An answer that keeps no sentence is not answered, with a confidence of 0.

    Args:
        answer: what is to be verified.
        documents: the index, or the documents by id.
    """
    places = [(citation.doc_id, citation.span) for citation in answer.citations]
    texts = texts_at(places, documents)
    # What an index holds of an id never changes, as it may in documents that are given.
    is_index = not isinstance(documents, Mapping)
    read = {c.marker: _read_at(c, answer) for c in answer.citations} if is_index else {}
    citations = tuple(
        replace(citation, support=_support(citation, text, read.get(citation.marker)))
        for citation, text in zip(answer.citations, texts, strict=True)
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
) -> list[str | DamagedIndex | None]:
    """Return the text at each place of a document.

    It is None where there is no such document, and the error where what is there is damaged.
    """
    try:
        if not isinstance(documents, Mapping):
            return list(documents.slices(places))
        found = [(documents.get(doc_id), span) for doc_id, span in places]
    except DamagedIndex as error:
        if len(places) == 1:
            return [error]
        return [text for place in places for text in texts_at([place], documents)]
    return [
        None if source is None else source.text[span.start : span.end] for source, span in found
    ]


def _support(
    citation: Citation, text: str | DamagedIndex | None, read: str | None = None
) -> Support:
    """Return a citation's support.

    Args:
        citation: what is cited.
        text: what stands at its place.
        read: what an index gave to be read there, None where that is not known.
    """
    if isinstance(text, DamagedIndex):
        return Support.DAMAGED
    span, short = citation.span, citation.answer
    is_inside = short is None or span.start <= short.start < short.end <= span.end
    if is_inside and text == citation.quote:
        return Support.EXACT
    was_other = text not in (None, citation.quote) and read == citation.quote
    return Support.DAMAGED if was_other else Support.MISSING


def _read_at(citation: Citation, answer: Answer) -> str | None:
    """Return what stood at a citation's place in the passage that was read; None without one."""
    hit = answer.hit_of(citation)
    if hit is None:
        return None
    start = citation.span.start - hit.passage.span.start
    return hit.passage.text[start : start + len(citation.quote)]
