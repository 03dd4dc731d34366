"""Evidence to answer: numbered citations, or an explicit "not answered"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.datatypes import Document, Hit
from qa.datatypes import Answer, Citation, Evidence, Sentence, Support

# Below this the best sentence is not taken for an answer: the least hundredth at which 97.5% of
# the validation questions about absent documents are refused (`python -m qa.fitting`).
ANSWER_THRESHOLD = 0.14
MAX_SENTENCES = 3
# A further sentence is given when it is nearly as likely to answer as the best one.
FURTHER_SHARE = 0.85


def compose(
    question: str,
    hits: Sequence[Hit],
    evidence: Sequence[Evidence],
    documents: Mapping[str, Document],
) -> Answer:
    """Make the answer of the best evidence, each sentence with its citation.

    Args:
        question: as it was asked.
        hits: what was read, best first.
        evidence: best first.
        documents: the sources by id; evidence of a document that is gone is passed over.
    """
    chosen = _choose(evidence, documents)
    confidence = evidence[0].score if evidence else 0.0
    citations = tuple(
        _citation(marker, item, documents[item.doc_id])
        for marker, item in enumerate(chosen, start=1)
    )
    return Answer(
        question=question,
        short=None,
        sentences=tuple(Sentence(_one_line(c.quote), (c.marker,)) for c in citations),
        citations=citations,
        hits=tuple(hits),
        answered=bool(citations),
        confidence=confidence,
    )


def _choose(evidence: Sequence[Evidence], documents: Mapping[str, Document]) -> list[Evidence]:
    """Return the evidence to cite, best first: none twice, none inside another."""
    chosen: list[Evidence] = []
    for item in evidence:
        floor = max(ANSWER_THRESHOLD, chosen[0].score * FURTHER_SHARE if chosen else 0.0)
        if item.score < floor or len(chosen) == MAX_SENTENCES:
            break
        repeats = any(
            item.text == other.text
            or (item.doc_id == other.doc_id and item.span.overlaps(other.span))
            for other in chosen
        )
        if not repeats and item.doc_id in documents:
            chosen.append(item)
    return chosen


def _citation(marker: int, item: Evidence, document: Document) -> Citation:
    return Citation(
        marker=marker,
        doc_id=item.doc_id,
        span=item.span,
        quote=item.text,
        title=document.title,
        source=document.source,
        page=document.page_of(item.span.start),
        support=Support.MISSING,  # until `verify` has found it
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
