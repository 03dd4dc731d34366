"""The one JSON shape of answers and hits, shared by every program that reads loccit.

Offsets are half-open and count Unicode code points of the stored text; ranks, markers and pages
count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from loccit.index.datatypes import Document, Hit
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.qa.datatypes import Answer, Citation
from loccit.ui.text.wording import sound_document


class SentenceJson(TypedDict):
    """One sentence of an answer; ``short`` is the few words of it that answer, or None."""

    text: str
    short: str | None
    markers: list[int]


class CitationJson(TypedDict):
    """The place where a sentence is written.

    ``answer_start`` and ``answer_end`` are where the short answer is, or None. ``score`` is the
    estimated chance, from 0 to 1, that this citation answers the question.
    """

    marker: int
    doc_id: str
    title: str
    source: str
    page: int | None
    start: int
    end: int
    quote: str
    answer_start: int | None
    answer_end: int | None
    support: str
    score: float


class HiddenJson(TypedDict):
    """Words that are no part of a document's text; ``at`` is the offset before which they stand."""

    doc_id: str
    source: str
    reason: str
    page: int | None
    at: int
    text: str


class HitJson(TypedDict):
    """A passage that was found.

    Title, source and page are None where the document is unknown or damaged.
    ``score`` is of use only to compare hits of one search; higher is better. ``similarity`` is the
    cosine of question and passage. ``dense_rank`` (by meaning) and ``lexical_rank`` (by keywords)
    are None where the passage is not among the first by that.
    """

    rank: int
    score: float
    similarity: float
    dense_rank: int | None
    lexical_rank: int | None
    passage_id: str
    doc_id: str
    title: str | None
    source: str | None
    page: int | None
    start: int
    end: int
    heading: str
    text: str


class AnswerJson(TypedDict):
    """An answer with its citations and the passages that were read.

    ``confidence`` is the estimated chance, from 0 to 1, that the answer is right; it is 0 where
    ``answered`` is false, since there is no answer that could be right.
    """

    question: str
    answered: bool
    short: str | None
    confidence: float
    text: str
    sentences: list[SentenceJson]
    citations: list[CitationJson]
    hits: list[HitJson]


class DocumentJson(TypedDict):
    """A document of the index, without its text."""

    doc_id: str
    title: str
    sources: list[str]
    passages: int
    pages: int | None
    characters: int
    damaged: bool


def answer_json(answer: Answer, documents: Mapping[str, Document] | None = None) -> AnswerJson:
    """Return the answer as JSON values; ``documents`` name the documents of the hits."""
    return {
        "question": answer.question,
        "answered": answer.answered,
        "short": answer.short,
        "confidence": answer.confidence,
        "text": answer.text,
        "sentences": [
            {"text": sentence.text, "short": sentence.short, "markers": list(sentence.markers)}
            for sentence in answer.sentences
        ],
        "citations": [_citation_json(citation) for citation in answer.citations],
        "hits": hits_json(answer.hits, documents),
    }


def hits_json(
    hits: Sequence[Hit], documents: Mapping[str, Document] | None = None
) -> list[HitJson]:
    """Return the hits as JSON values, in their order."""
    return [_hit_json(hit, sound_document(documents or {}, hit.passage.doc_id)) for hit in hits]


def summaries_json(summaries: Sequence[DocumentSummary]) -> list[DocumentJson]:
    """Return the documents of an index as JSON values, in their order."""
    return [
        {
            "doc_id": summary.doc_id,
            "title": summary.title,
            "sources": list(summary.sources),
            "passages": summary.num_passages,
            "pages": summary.num_pages,
            "characters": summary.num_characters,
            "damaged": summary.is_damaged,
        }
        for summary in summaries
    ]


def hidden_json(document: Document) -> list[HiddenJson]:
    """Return the words of a document that its readers do not see, in order, as JSON values."""
    return [
        {
            "doc_id": document.doc_id,
            "source": document.source,
            "reason": item.reason,
            "page": document.page_of(item.at),
            "at": item.at,
            "text": item.text,
        }
        for item in document.hidden
    ]


def _citation_json(citation: Citation) -> CitationJson:
    return {
        "marker": citation.marker,
        "doc_id": citation.doc_id,
        "title": citation.title,
        "source": citation.source,
        "page": citation.page,
        "start": citation.span.start,
        "end": citation.span.end,
        "quote": citation.quote,
        "answer_start": citation.answer.start if citation.answer else None,
        "answer_end": citation.answer.end if citation.answer else None,
        "support": citation.support.value,
        "score": citation.score,
    }


def _hit_json(hit: Hit, document: Document | None) -> HitJson:
    passage = hit.passage
    return {
        "rank": hit.rank,
        "score": hit.score,
        "similarity": hit.similarity,
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
        "passage_id": passage.passage_id,
        "doc_id": passage.doc_id,
        "title": document.title if document else None,
        "source": document.source if document else None,
        "page": document.page_of(passage.span.start) if document else None,
        "start": passage.span.start,
        "end": passage.span.end,
        "heading": passage.heading,
        "text": passage.text,
    }
