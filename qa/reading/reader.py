"""The reader: it picks the words or sentences of the passages found that answer a question.

A cross-encoder reads the question with each passage. It tells the spans that may answer, and
whether any of them does. Its scores are weighed together with those of retrieval, so that reading
never ranks worse than retrieval alone. The kind of question decides whether a few words or whole
sentences are wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Hit, Span
from loccit.index.models.embedder import Embedder
from loccit.qa.datatypes import Evidence
from loccit.qa.reading.cross_encoder import CrossEncoder, Pair, Reading, open_cross_encoder
from loccit.qa.reading.own_model import OWN_MODEL
from loccit.qa.reading.sentences import FEATURES as SENTENCE_FEATURES
from loccit.qa.reading.sentences import (
    Candidate,
    ranked_sentences,
    sentence_evidence,
    sentence_features,
    sentences_of,
    sigmoid,
)
from loccit.qa.reading.span_candidates import (
    FEATURES,
    SpanCandidate,
    candidates_of,
    gaps,
    rivals_of,
    span_features,
)

# All weights are fitted by `python -m loccit.qa.training.fitting` on squad_validation and a tenth
# of QED that training has not seen.
WEIGHTS = {  # of a span, by its features: what ranks it
    "margin": 0.34,
    "agreement": 0.22,
    "relative_score": 2.78,
    "passage_similarity": 4.60,
    "similarity": 1.76,
    "passage_coverage": 3.59,
}
CALIBRATION = {"sum": 0.16, "gap": 0.81, "constant": -2.09}  # log odds that the span is right
NO_ANSWER = {"sum": -0.28, "margin": -0.15, "constant": 2.00}  # log odds that nothing answers
SENTENCE_WEIGHTS = {  # log odds that a sentence is right, by its features
    "similarity": 0.96,
    "coverage": 0.50,
    "window_coverage": -0.14,
    "passage_coverage": 0.09,
    "reciprocal_rank": 1.29,
    "fits_type": 0.10,
    "lacks_type": -0.33,
    "brevity": -0.07,
    "span_margin": 0.12,  # of the likeliest span inside it
    "passage_margin": 0.02,  # of the likeliest span of its passage
    "bias": -1.35,
}
SENTENCE_NO_ANSWER = {"log_odds": -1.67, "constant": 0.49}  # log odds that nothing answers
NO_SPAN = -12.0  # the margin of a sentence without any of the best spans of its passage

# "Why" and "how", but not "how many" or "how long", which a few words answer.
_EXPLAINS = re.compile(
    r"\W*(?:why|how come|how(?: (?:do|does|did|is|are|was|were|can|could|should|would|will|has|have"
    r"|to)\b)|for what reasons?|what (?:is|was|are|were) the reasons?|in what ways?)\b",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"\W*(?:is|are|was|were|am|do|does|did|can|could|may|might|must|shall|should|will|would|has"
    r"|have|had|isn['’]t|aren['’]t|doesn['’]t|don['’]t|didn['’]t)\s+\w+\s+\w+",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(
    r"\W*(?:please\s+)?(?:describe|explain|summari[sz]e|discuss|compare|contrast|outline"
    r"|list|tell me|give (?:me )?(?:an overview|a summary|details)|what (?:is|are) the differences?"
    r"|what happens|what happened|what is said|what does .{1,60} say)\b|.*\b(?:pros and cons)\b",
    re.IGNORECASE,
)

_QUESTIONS = 64  # read together, so that passages of similar length come into one batch


def open_reader(embedder: Embedder, model: str | Path | None = None) -> SpanReader:
    """Return a reader for a checkpoint; None is the project's own.

    Scores are chances for the project's own checkpoint; for another one they only rank.

    Raises:
        LoccitError: there is no such checkpoint on this disk.
    """
    return SpanReader(open_cross_encoder(OWN_MODEL if model is None else model), embedder)


class SpanReader:
    """Reads the passages of many questions at once; may be shared by threads."""

    def __init__(self, cross_encoder: CrossEncoder, embedder: Embedder) -> None:
        self._cross_encoder = cross_encoder
        self._embedder = embedder

    def read(self, questions: Sequence[str], hits: Sequence[Sequence[Hit]]) -> list[list[Evidence]]:
        """Return each question's evidence in document offsets, best first; scores in [0, 1]."""
        return [
            self._weigh(question, found, readings)
            for question, found, readings in self.readings(questions, hits)
        ]

    def readings(
        self, questions: Sequence[str], hits: Sequence[Sequence[Hit]]
    ) -> Iterator[tuple[str, Sequence[Hit], list[Reading]]]:
        """Read all passages; yield each question with its hits and their readings."""
        for start in range(0, len(questions), _QUESTIONS):
            chunk = range(start, min(start + _QUESTIONS, len(questions)))
            pairs = [
                Pair(questions[number], hit.passage.context, hit.passage.text)
                for number in chunk
                for hit in hits[number]
            ]
            readings = iter(self._cross_encoder.read(pairs))
            for number in chunk:
                yield questions[number], hits[number], list(islice(readings, len(hits[number])))

    def _weigh(
        self, question: str, hits: Sequence[Hit], readings: Sequence[Reading]
    ) -> list[Evidence]:
        candidates = candidates_of(hits, readings)
        if not candidates:
            return []
        if wants_sentences(question):
            return self._sentences(question, hits, readings, candidates)
        return self._spans(question, candidates)

    def _spans(self, question: str, candidates: Sequence[SpanCandidate]) -> list[Evidence]:
        features = span_features(question, candidates, self._embedder)
        sums = features @ np.array([WEIGHTS[name] for name in FEATURES])
        above = gaps(sums, rivals_of(candidates))
        scores = sigmoid(
            CALIBRATION["sum"] * sums + CALIBRATION["gap"] * above + CALIBRATION["constant"]
        )
        margins = features[:, FEATURES.index("margin")]
        absent = sigmoid(
            NO_ANSWER["sum"] * sums + NO_ANSWER["margin"] * margins + NO_ANSWER["constant"]
        )
        order = sorted(range(len(candidates)), key=lambda i: (-sums[i], i))
        return [_span_evidence(candidates[i], float(scores[i]), float(absent[i])) for i in order]

    def _sentences(
        self,
        question: str,
        hits: Sequence[Hit],
        readings: Sequence[Reading],
        spans: Sequence[SpanCandidate],
    ) -> list[Evidence]:
        """Return sentences, each with the likeliest span inside it where words can answer."""
        sentences = sentences_of(hits)
        features = sentence_features(question, sentences, self._embedder)
        margins = sentence_margins(sentences, hits, readings)
        names = (*SENTENCE_FEATURES, "span_margin", "passage_margin")
        weights = np.array([SENTENCE_WEIGHTS[name] for name in names])
        sums = np.hstack([features, margins]) @ weights + SENTENCE_WEIGHTS["bias"]
        no_answer = (SENTENCE_NO_ANSWER["log_odds"], SENTENCE_NO_ANSWER["constant"])
        ranked = ranked_sentences(sentences, sums, no_answer)
        return [_with_span(e, spans) for e in ranked] if wants_words(question) else ranked


def wants_sentences(question: str) -> bool:
    """Tell whether a question needs whole sentences: why, how, describe, list, yes or no."""
    return bool(_EXPLAINS.match(question)) or not wants_words(question)


def wants_words(question: str) -> bool:
    """Tell whether a few words of a document can answer, alone or before whole sentences."""
    return not (_YES_OR_NO.match(question) or _DESCRIBES.match(question))


def sentence_margins(
    sentences: Sequence[Candidate], hits: Sequence[Hit], readings: Sequence[Reading]
) -> NDArray[np.float64]:
    """Return the margins of each sentence's best span and of its passage's, ``(n, 2) float64``."""
    reading_of = {
        hit.passage.passage_id: reading for hit, reading in zip(hits, readings, strict=True)
    }
    rows = []
    for sentence in sentences:
        reading = reading_of[sentence.hit.passage.passage_id]
        inside = [
            span.score - reading.null
            for span in reading.spans
            if span.start < sentence.span.end and sentence.span.start < span.end
        ]
        rows.append((max(inside, default=NO_SPAN), max(reading.margin, NO_SPAN)))
    return np.clip(np.array(rows, dtype=np.float64), NO_SPAN, None)


def _span_evidence(candidate: SpanCandidate, score: float, no_answer: float) -> Evidence:
    text = candidate.hit.passage.text
    sentence = Candidate(
        candidate.hit, candidate.sentence, text[candidate.sentence.start : candidate.sentence.end]
    )
    return sentence_evidence(sentence, score, no_answer, candidate.span)


def _with_span(evidence: Evidence, spans: Sequence[SpanCandidate]) -> Evidence:
    """Return a sentence with the likeliest span of its passage that lies inside it."""
    passage = evidence.hit.passage
    for candidate in spans:  # the highest margin first
        start = passage.span.start + candidate.span.start
        end = passage.span.start + candidate.span.end
        inside = evidence.span.start <= start and end <= evidence.span.end
        if inside and candidate.hit is evidence.hit:
            return replace(evidence, answer=Span(start, end))
    return evidence
