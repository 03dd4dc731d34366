"""Evidence from hits with a cross-encoder: short answers first, each in its sentence.

One pass over a question and a passage gives spans, how the passages rank, and whether any of them
answers. What the pass says is weighed together with what retrieval said (`FEATURES`), so that
reading never ranks worse than retrieval alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Hit, Span
from loccit.index.models.embedder import Embedder
from loccit.qa.datatypes import Evidence
from loccit.qa.reading.cross_encoder import CrossEncoder, Reading, open_cross_encoder
from loccit.qa.reading.encoding import Pair
from loccit.qa.reading.own_model import OWN_MODEL
from loccit.qa.reading.question_kinds import wants_sentences, wants_words
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

# In the order of `span_candidates.FEATURES`. All that follows is fitted by
# `python -m loccit.qa.training.fitting` on squad_validation and a tenth of QED that training
# has not seen.
WEIGHTS = (0.34, 0.22, 2.78, 4.60, 1.76, 3.59)
CALIBRATION = (0.16, 0.81, -2.09)  # of the sum and of its gap to a rival; constant
NO_ANSWER = (-0.28, -0.15, 2.00)  # of the sum and of the margin; constant
SENTENCE_WEIGHTS = (0.96, 0.50, -0.14, 0.09, 1.29, 0.10, -0.33, -0.07, 0.12, 0.02)
SENTENCE_BIAS = -1.35
SENTENCE_NO_ANSWER = (-1.67, 0.49)  # of the log odds that the sentence is right; constant
NO_SPAN = -12.0  # the margin of a sentence in which none of its passage's best spans stands

_QUESTIONS = 64  # read together, so that passages of similar length meet in a batch


def open_reader(embedder: Embedder, model: str | Path | None = None) -> SpanReader:
    """Return a reader for a checkpoint; None is the project's own.

    The confidence is calibrated for the project's own; with another it is a rank, not a chance.

    Raises:
        LoccitError: there is no such checkpoint on this disk.
    """
    return SpanReader(open_cross_encoder(OWN_MODEL if model is None else model), embedder)


class SpanReader:
    """Reads the passages of many questions at once; threads may share it."""

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
        sums = features @ np.array(WEIGHTS)
        weight, gap_weight, constant = CALIBRATION
        scores = sigmoid(weight * sums + gap_weight * gaps(sums, rivals_of(candidates)) + constant)
        margins = features[:, FEATURES.index("margin")]
        absent = sigmoid(NO_ANSWER[0] * sums + NO_ANSWER[1] * margins + NO_ANSWER[2])
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
        sums = np.hstack([features, margins]) @ np.array(SENTENCE_WEIGHTS) + SENTENCE_BIAS
        ranked = ranked_sentences(sentences, sums, SENTENCE_NO_ANSWER)
        return [_with_span(e, spans) for e in ranked] if wants_words(question) else ranked


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
