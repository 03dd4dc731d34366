"""Spans that may answer, each in the sentence it stands in, and what tells how likely they do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Block, Hit, Span
from loccit.index.ingestion.block_layout import own_blocks
from loccit.index.ingestion.splitting import part_spans, sentence_spans
from loccit.index.models.embedder import Embedder
from loccit.qa.reading.cross_encoder import Reading
from loccit.qa.reading.sentences import FEATURES as SENTENCE_FEATURES
from loccit.qa.reading.sentences import Candidate, sentence_features
from loccit.qa.reading.words import normalize_answer

FEATURES = (
    "margin",  # logits of the span above "no answer here"
    "agreement",  # how sure other passages are of the same words: a sum of chances
    "relative_score",  # of the hit against the best hit, in [0, 1]
    "passage_similarity",  # cosine of question and passage
    "similarity",  # cosine of question and sentence
    "passage_coverage",  # share of the question's content words that the passage has, by rarity
)
MAX_SPANS = 16  # compared further, of a question: those with the highest margins
MAX_GAP = 10.0

_FROM_SENTENCES = [SENTENCE_FEATURES.index(name) for name in ("similarity", "passage_coverage")]


@dataclass(frozen=True, slots=True)
class SpanCandidate:
    """A span of a hit that may answer; ``span`` and ``sentence`` are in the passage's offsets."""

    hit: Hit
    span: Span
    sentence: Span
    logits: float
    null: float

    @property
    def text(self) -> str:
        """The words of the span."""
        return self.hit.passage.text[self.span.start : self.span.end]

    @property
    def margin(self) -> float:
        """How much more the span scores than "no answer here", in logits."""
        return self.logits - self.null

    def overlaps(self, other: SpanCandidate) -> bool:
        """Tell whether the two share characters of one document."""
        mine, its = self.hit.passage, other.hit.passage
        return (
            mine.doc_id == its.doc_id
            and mine.span.start + self.span.start < its.span.start + other.span.end
            and its.span.start + other.span.start < mine.span.start + self.span.end
        )


def candidates_of(hits: Sequence[Hit], readings: Sequence[Reading]) -> list[SpanCandidate]:
    """Return the likeliest spans, the highest margin first.

    Passages overlap: a span that stands in two of them comes once.
    """
    found = []
    for hit, reading in zip(hits, readings, strict=True):
        text, blocks = hit.passage.text, own_blocks(hit.passage)
        parts = _parts(text, blocks)
        sentences = sentence_spans(text, Span(0, len(text)), blocks)
        scores: dict[Span, float] = {}
        for scored in reading.spans:  # the best first
            span = _within_part(text, parts, Span(scored.start, scored.end))
            scores.setdefault(span, scored.score)
        found += [
            SpanCandidate(hit, span, _sentence_around(sentences, span), score, reading.null)
            for span, score in scores.items()
        ]
    kept: list[SpanCandidate] = []
    for candidate in sorted(found, key=lambda c: (-c.margin, c.hit.rank, c.span)):
        if len(kept) == MAX_SPANS:
            break
        if not any(candidate.hit is not k.hit and candidate.overlaps(k) for k in kept):
            kept.append(candidate)
    return kept


def span_features(
    question: str, candidates: Sequence[SpanCandidate], embedder: Embedder
) -> NDArray[np.float64]:
    """Return ``(len(candidates), len(FEATURES)) float64``."""
    sentences = [
        Candidate(c.hit, c.sentence, c.hit.passage.text[c.sentence.start : c.sentence.end])
        for c in candidates
    ]
    top = max(c.hit.score for c in candidates)
    own = [
        (
            c.margin,
            _agreement(c, candidates),
            c.hit.score / top if top > 0 else 0.0,
            c.hit.similarity,
        )
        for c in candidates
    ]
    shared = sentence_features(question, sentences, embedder)[:, _FROM_SENTENCES]
    return np.hstack([np.array(own, dtype=np.float64), shared])


def rivals_of(candidates: Sequence[SpanCandidate]) -> NDArray[np.bool_]:
    """Return ``(n, n) bool``: whether two candidates say different things in different places."""
    words = [normalize_answer(candidate.text) for candidate in candidates]
    return np.array(
        [
            [
                words[one] != words[other] and not candidates[one].overlaps(candidates[other])
                for other in range(len(candidates))
            ]
            for one in range(len(candidates))
        ],
        dtype=bool,
    )


def gaps(sums: NDArray[np.float64], rivals: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how far each candidate's sum is above its best rival's.

    At most ``MAX_GAP``, which also stands where there is no rival.
    """
    best = np.where(rivals, sums[None, :], -np.inf).max(axis=1, initial=-np.inf)
    above: NDArray[np.float64] = np.minimum(sums - best, MAX_GAP)
    return above


def _agreement(candidate: SpanCandidate, candidates: Sequence[SpanCandidate]) -> float:
    words = normalize_answer(candidate.text)
    chances: dict[str, float] = {}
    for other in candidates:
        if other.hit is not candidate.hit and normalize_answer(other.text) == words:
            key = other.hit.passage.passage_id
            chance = 1 / (1 + math.exp(-other.margin))
            chances[key] = max(chance, chances.get(key, 0.0))
    return sum(chances.values())


@dataclass(frozen=True, slots=True)
class _Part:
    """What a span of words ends with: a paragraph, an item, a row of a table.

    ``begins`` are the places at which it may be said to begin, before its sign and behind it;
    ``group_end`` is where the last item of its list ends, or the last row of its table.
    """

    span: Span
    begins: tuple[int, ...]
    group_end: int


def _parts(text: str, blocks: Sequence[Block]) -> list[_Part]:
    """Return the parts of a passage."""
    parts: list[_Part] = []
    group_end = 0
    following = None
    for block in reversed(blocks):
        if block.kind != "item" or following != "item":
            group_end = block.span.end
        following = block.kind
        for span in reversed(part_spans(text, block)):
            begins = [span.start]
            if block.mark and block.mark.start == span.start:
                words = text[block.mark.end : span.end]
                begins.append(span.end - len(words.lstrip()))
            end = group_end if block.kind in ("item", "table") else span.end
            parts.append(_Part(span, tuple(begins), end))
    return parts[::-1]


def _within_part(text: str, parts: Sequence[_Part], span: Span) -> Span:
    """Cut a span where its paragraph ends, or its item or row does if it began inside of that.

    One that begins with an item may go on with the next: together they answer "what are ...?".
    """
    part = next((part for part in parts if part.span.end > span.start), None)
    if part is None or part.span.start >= span.end:
        return span
    end = min(span.end, part.group_end if span.start in part.begins else part.span.end)
    return Span(span.start, span.start + max(1, len(text[span.start : end].rstrip())))


def _sentence_around(sentences: Sequence[Span], span: Span) -> Span:
    """Return the sentence, or the sentences, that a span stands in."""
    inside = [sentence for sentence in sentences if sentence.overlaps(span)]
    if not inside:
        return span
    return Span(min(inside[0].start, span.start), max(inside[-1].end, span.end))
