"""Evidence from hits: the reader's protocol, and sentences with what tells that they answer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Hit, Passage, Span
from loccit.index.ingestion.block_layout import own_blocks
from loccit.index.ingestion.splitting import sentence_spans
from loccit.index.models.embedder import Embedder
from loccit.qa.datatypes import Evidence
from loccit.qa.reading.words import content_stems

FEATURES = (
    "similarity",  # cosine of question and sentence
    "coverage",  # share of the question's content words that the sentence has, by rarity
    "window_coverage",  # the same for the sentence with the one before it
    "passage_coverage",  # the same for the whole passage with title and headings
    "reciprocal_rank",  # 1 / rank of the passage
    "fits_type",  # 1 where the question asks for a number, time or name and the sentence has one
    "lacks_type",  # 1 where it asks for one and the sentence has none
    "brevity",  # 1 for sentences of up to 3 words, which are seldom answers
)
_BRIEF_WORDS = 3

# A sentence that begins so leans on the one before it.
_LEANS = re.compile(
    r"(?:It|Its|This|That|These|Those|They|Their|He|His|She|Her|Such|Both|The former|The latter)\b"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|"
    r"thousand|million|billion|half|third|quarter|twice|once)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<!^)(?<![.!?]\s)\b[^\W\d_a-z][\w’'-]*")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|large|big|long|old|tall|high|far|fast|deep|wide|often|heavy)\b|"
    r"\bwhat (?:percent\w*|number|year|date|age|size)\b|\bwhen\b|\bwhat \w+ percent\w*",
    re.IGNORECASE,
)
_ASKS_NAME = re.compile(r"\b(?:who|whom|whose|where)\b", re.IGNORECASE)


class Reader(Protocol):
    """Picks evidence for questions from the passages found."""

    def read(self, questions: Sequence[str], hits: Sequence[Sequence[Hit]]) -> list[list[Evidence]]:
        """Return each question's evidence in document offsets, best first; scores in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, in the offsets of its passage."""

    hit: Hit
    span: Span
    text: str


def sentence_features(
    question: str, candidates: Sequence[Candidate], embedder: Embedder
) -> NDArray[np.float64]:
    """Return ``(len(candidates), len(FEATURES)) float64``; at least one candidate."""
    (asked,) = embedder.embed([question], "question")
    texts = [candidate.text for candidate in candidates]
    similarities = embedder.embed(texts, "passage") @ asked
    stems = [set(content_stems(text)) for text in texts]
    rarity = _rarity(set(content_stems(question)), stems)
    context = cache(lambda passage: set(content_stems(f"{passage.context} {passage.text}")))
    rows = []
    for place, candidate in enumerate(candidates):
        follows = place > 0 and candidates[place - 1].hit is candidate.hit
        before = stems[place - 1] if follows else set()
        rows.append(
            (
                similarities[place],
                _coverage(rarity, stems[place]),
                _coverage(rarity, stems[place] | before),
                _coverage(rarity, context(candidate.hit.passage)),
                1 / candidate.hit.rank,
                *_type_features(question, set(rarity), candidate.text),
                float(len(candidate.text.split()) <= _BRIEF_WORDS),
            )
        )
    return np.array(rows, dtype=np.float64)


def sentences_of(hits: Sequence[Hit]) -> list[Candidate]:
    """Return the sentences of the hits, best passage first; one in two passages comes once."""
    candidates = []
    seen = set()
    for hit in hits:
        text = hit.passage.text
        for span in sentence_spans(text, Span(0, len(text)), own_blocks(hit.passage)):
            place = (hit.passage.doc_id, hit.passage.span.start + span.start)
            if place not in seen:
                seen.add(place)
                candidates.append(Candidate(hit, span, text[span.start : span.end]))
    return candidates


def ranked_sentences(
    candidates: Sequence[Candidate], log_odds: NDArray[np.float64], no_answer: tuple[float, float]
) -> list[Evidence]:
    """Return sentences as evidence, best first.

    Args:
        candidates: the sentences.
        log_odds: ``(len(candidates),)`` that each is right.
        no_answer: weight and constant that make of those the log odds that nothing answers.
    """
    scores, absent = sigmoid(log_odds), sigmoid(log_odds * no_answer[0] + no_answer[1])
    order = sorted(range(len(candidates)), key=lambda i: (-scores[i], i))
    return [sentence_evidence(candidates[i], float(scores[i]), float(absent[i])) for i in order]


def sentence_evidence(
    candidate: Candidate, score: float, no_answer: float, answer: Span | None = None
) -> Evidence:
    """Return a sentence as evidence; ``answer`` is in the offsets of its passage."""
    passage = candidate.hit.passage
    span = with_support(passage, candidate.span)
    return Evidence(
        doc_id=passage.doc_id,
        span=Span(passage.span.start + span.start, passage.span.start + span.end),
        text=passage.text[span.start : span.end],
        score=score,
        hit=candidate.hit,
        no_answer=no_answer,
        answer=answer and Span(passage.span.start + answer.start, passage.span.start + answer.end),
    )


def with_support(passage: Passage, span: Span) -> Span:
    """Return a sentence's span with the sentence before it where it leans on that one."""
    if span.start == 0 or not _LEANS.match(passage.text, span.start):
        return span
    before = sentence_spans(passage.text, Span(0, span.start), own_blocks(passage))
    return Span(before[-1].start, span.end) if before else span


def _rarity(asked: set[str], sentences: Sequence[set[str]]) -> dict[str, float]:
    """Weigh the question's stems: those that few of the sentences have tell more.

    ``log(1 + n / (1 + df))``, an inverse document frequency among the sentences that were read.
    """
    return {
        stem: math.log(1 + len(sentences) / (1 + sum(stem in sentence for sentence in sentences)))
        for stem in sorted(asked)
    }


def _coverage(rarity: Mapping[str, float], stems: set[str]) -> float:
    """Return the share of the question's weight that these stems have, in [0, 1]."""
    total = sum(rarity.values())
    return sum(weight for stem, weight in rarity.items() if stem in stems) / total if total else 0.0


def _type_features(question: str, stems: set[str], text: str) -> tuple[float, float]:
    """Tell whether the sentence has, and whether it lacks, the kind of thing asked for."""
    if _ASKS_NUMBER.search(question):
        fits = _NUMBER.search(text) is not None
    elif _ASKS_NAME.search(question):
        # The names in the question are not the name asked for.
        fits = any(set(content_stems(name)) - stems for name in _NAME.findall(text))
    else:
        return 0.0, 0.0
    return float(fits), float(not fits)


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log odds as chances."""
    return 1 / (1 + np.exp(-values))
