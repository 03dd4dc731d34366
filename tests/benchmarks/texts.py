"""What is indexed and asked: paragraphs and questions of a file in SQuAD's layout."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loccit.index.models.default_model import DEFAULT_DIMENSION
from loccit.qa.evaluation.question_sets import load_squad

Vectors = NDArray[np.float32]  # (n, 384), unit rows

QUESTIONS = 205
_SEED = 20261124
_CENTRES = 1_000  # of the clusters that made-up vectors lie in
_SPREAD = 0.7  # of a vector around its centre


@cache
def _paragraphs(file: Path) -> list[str]:
    documents = load_squad(file).documents
    return [text for document in documents for text in document.text.split("\n\n") if text.strip()]


def load_texts(file: Path, count: int) -> list[str]:
    """Return ``count`` different texts of realistic length.

    The set's paragraphs in a random order; where they are too few, sentences of other paragraphs
    are joined to new ones of the same lengths.
    """
    rng = random.Random(_SEED)
    texts = rng.sample(found := _paragraphs(file), len(found))
    sentences = [s.strip() + "." for text in texts for s in text.split(". ") if s.strip()]
    while len(texts) < count:
        length = len(texts[rng.randrange(len(found))])
        made = ""
        while len(made) < length:
            made = f"{made} {rng.choice(sentences)}".strip()
        texts.append(made)
    return texts[:count]


def load_sentences(file: Path) -> list[str]:
    """Return the set's paragraphs and their sentences, each once."""
    paragraphs = _paragraphs(file)
    sentences = [s.strip() for text in paragraphs for s in text.split(". ") if s.strip()]
    return list(dict.fromkeys([*paragraphs, *sentences]))


def load_questions(file: Path) -> list[str]:
    """Return the same questions for every system."""
    questions = [question.text for question in load_squad(file).questions]
    return random.Random(_SEED).sample(questions, min(QUESTIONS, len(questions)))


def synthetic_vectors(count: int) -> Vectors:
    """Return clustered unit rows ``(count, 384) float32``."""
    rng = np.random.default_rng(_SEED)
    centres = rng.normal(size=(_CENTRES, DEFAULT_DIMENSION)).astype(np.float32)
    rows = centres[rng.integers(0, _CENTRES, size=count)]
    rows += _SPREAD * rng.normal(size=rows.shape).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = rows
    return unit
