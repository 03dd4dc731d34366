"""The seam for writers, and the one that quotes: evidence becomes an answer, or "not answered"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from loccit.index.datatypes import Document, DocumentInfo, Hit, Span
from loccit.index.ingestion.block_layout import own_blocks
from loccit.qa.datatypes import Answer, Citation, Evidence, Sentence, Support
from loccit.qa.reading.reader import wants_sentences
from loccit.qa.reading.words import normalize_answer

# Above this chance it is likelier that nothing answers. The fits of the reader were made with as
# many questions that nothing answers as others (`python -m loccit.qa.training.fitting`).
MAX_NO_ANSWER = 0.5
MAX_SENTENCES = 3
MAX_PLACES = 3  # cited for one answer
# A different answer is given as well if its chance is at least this share of the best one's. This
# happens for a sixth of the search questions in QED's tuned tenth. For these, the best answer is
# right in 41% and another one in 20%.
FURTHER_SHARE = 0.4
# A different answer in another document is a contradiction, so it is told even if it is far less
# likely. This happens for 3% of the answers to those questions.
ELSEWHERE_SHARE = 0.05
# An explanation goes on with the next sentence if its chance is at least this share of the best
# one's. Chosen on the questions of training/explanations.jsonl, where 0.5 and 0.7 do as well.
BESIDE_SHARE = 0.6


class Writer(Protocol):
    """Makes a draft of an answer from evidence; `verify` has the last word on it.

    A writer keeps these promises (tests/test_writer_contract.py):

    - without evidence that answers, the draft is not answered and has no sentence;
    - every sentence has at least one marker, and every marker is that of a citation;
    - markers count from 1, in the order in which the sentences use them first;
    - every quote is the text at its span, and lies in the span of its evidence;
    - the hits are those that were given, in their order.
    """

    def __call__(
        self,
        question: str,
        hits: Sequence[Hit],
        evidence: Sequence[Evidence],
        documents: Mapping[str, Document | DocumentInfo],
    ) -> Answer:
        """Return a draft.

        Args:
            question: as it was asked.
            hits: the passages that were read, best first.
            evidence: what the reader has picked from them, best first.
            documents: what is known of each document, by id.
        """
        ...


def compose(
    question: str,
    hits: Sequence[Hit],
    evidence: Sequence[Evidence],
    documents: Mapping[str, Document | DocumentInfo],
) -> Answer:
    """Return the answer that the best evidence gives, each sentence with its citations.

    Where several places give the same short answer, one sentence cites them all. Different short
    answers of similar score stand side by side. Where a few words would not answer, the best
    sentence comes with the likely sentences next to it, in the order of their document.

    Args:
        question: as it was asked.
        hits: the passages that were read, best first.
        evidence: what the reader has picked from them, best first.
        documents: what is known of each document, by id. Evidence from any other document is left
            out, since that document is gone.
    """
    standing = [item for item in evidence if item.doc_id in documents]
    groups = _explanation(standing) if wants_sentences(question) else _choose(standing)
    citations: list[Citation] = []
    sentences = []
    for chosen in groups:
        group = [_without_bullet(item) for item in chosen]
        first = len(citations) + 1
        citations += [
            _citation(marker, item, documents[item.doc_id])
            for marker, item in enumerate(group, start=first)
        ]
        short = group[0].short
        sentences.append(
            Sentence(
                _one_line(group[0].text),
                tuple(range(first, len(citations) + 1)),
                None if short is None else _one_line(short),
            )
        )
    return Answer(
        question=question,
        sentences=tuple(sentences),
        citations=tuple(citations),
        hits=tuple(hits),
        answered=bool(citations),
        confidence=standing[0].score if citations else 0.0,
    )


def _choose(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """Return groups of evidence that say the same, the likeliest answer first."""
    groups: list[list[Evidence]] = []
    for item in evidence:
        if item.no_answer >= MAX_NO_ANSWER:
            if not groups:
                break  # the best evidence decides whether there is an answer
            continue
        if any(_repeats(item, other) for group in groups for other in group):
            continue
        same = next((group for group in groups if _says_the_same(item, group[0])), None)
        if same is not None:
            if len(same) < MAX_PLACES:
                same.append(item)
        elif not groups or (
            len(groups) < MAX_SENTENCES
            and _is_near(item, groups[0][0])
            and not any(_is_part(item, group[0]) for group in groups)
        ):
            groups.append([item])
    return groups


def _without_bullet(item: Evidence) -> Evidence:
    """Return the evidence without the sign of a list's item before its words; numbers stay."""
    passage = item.hit.passage
    begin = item.span.start - passage.span.start
    for block in own_blocks(passage):
        if block.mark is None or block.mark.start != begin or block.ordinal:
            continue
        sign = block.mark.end - begin
        sign += len(item.text[sign:]) - len(item.text[sign:].lstrip())
        start = item.span.start + sign
        if start < item.span.end and (item.answer is None or item.answer.start >= start):
            return replace(item, span=Span(start, item.span.end), text=item.text[sign:])
    return item


def _is_near(item: Evidence, best: Evidence) -> bool:
    """Tell whether a different answer is likely enough to be given beside the best one."""
    share = FURTHER_SHARE if item.doc_id == best.doc_id else ELSEWHERE_SHARE
    return item.score >= best.score * share


def _explanation(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """Return the best sentence and likely ones next to it, in the order of the document.

    Only the best one keeps its short answer.
    """
    if not evidence or evidence[0].no_answer >= MAX_NO_ANSWER:
        return []
    best = evidence[0]
    chosen = [best]
    least = best.score * BESIDE_SHARE
    likely = [e for e in evidence if e.score >= least and not _repeats(e, best)]
    while len(chosen) < MAX_SENTENCES:
        beside = next((e for e in likely if any(_adjoins(e, other) for other in chosen)), None)
        if beside is None:
            break
        chosen.append(replace(beside, answer=None))
        likely = [item for item in likely if not _repeats(item, beside)]
    return [[item] for item in sorted(chosen, key=lambda item: item.span.start)]


def _adjoins(one: Evidence, other: Evidence) -> bool:
    """Tell whether one sentence follows the other in the same paragraph."""
    gap = max(one.span.start - other.span.end, other.span.start - one.span.end)
    return one.doc_id == other.doc_id and 0 <= gap <= 1  # a space; paragraphs are two lines apart


def _repeats(one: Evidence, other: Evidence) -> bool:
    return one.text == other.text or (one.doc_id == other.doc_id and one.span.overlaps(other.span))


def _says_the_same(one: Evidence, other: Evidence) -> bool:
    return (
        one.short is not None
        and other.short is not None
        and normalize_answer(one.short) == normalize_answer(other.short)
    )


def _is_part(one: Evidence, other: Evidence) -> bool:
    """Tell whether one short answer has all words of the other, as "May 1995" has of "1995"."""
    if one.short is None or other.short is None:
        return False
    few, many = sorted(
        (set(normalize_answer(one.short).split()), set(normalize_answer(other.short).split())),
        key=len,
    )
    return few <= many


def _citation(marker: int, item: Evidence, document: Document | DocumentInfo) -> Citation:
    return Citation(
        marker=marker,
        doc_id=item.doc_id,
        span=item.span,
        quote=item.text,
        title=document.title,
        source=document.source,
        page=document.page_of((item.answer or item.span).start),
        support=Support.MISSING,  # until `verify` has found it
        answer=item.answer,
        score=item.score,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
