"""The reader's inputs, and spans from its logits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from loccit.index.models.default_model import default_model_directory, load_tokenizer
from loccit.qa.reading.cross_encoder import (
    CLS,
    MAX_ANSWER,
    MAX_LENGTH,
    SEP,
    Encoded,
    Pair,
    best_spans,
    encode,
    pad_inputs,
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer(default_model_directory())


def test_input_is_what_transformers_makes_of_a_pair(tokenizer: Tokenizer) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(default_model_directory())(
        "Who wrote it?", "The report\nMs Tan wrote it."
    )
    encoded = encode(tokenizer, [Pair("Who wrote it?", "The report", "Ms Tan wrote it.")])[0]
    assert list(encoded.ids) == theirs["input_ids"]
    ids, attended, segments = pad_inputs([encoded], len(encoded.ids) + 2)
    assert segments[0, :-2].tolist() == theirs["token_type_ids"]
    assert attended[0].tolist() == [1] * len(encoded.ids) + [0, 0]
    assert ids[0, -2:].tolist() == [0, 0]


def test_offsets_are_of_the_passage_alone(tokenizer: Tokenizer) -> None:
    text = "Naïve café: 東京 €42m."
    encoded = encode(tokenizer, [Pair("Where?", "A > B", text)])[0]
    words = [text[start:end] for start, end in encoded.offsets]
    assert words == ["Naïve", "café", ":", "東", "京", "€", "42", "m", "."]
    assert len(encoded.ids) == encoded.first + len(encoded.offsets) + 1
    assert (encoded.ids[0], encoded.ids[-1]) == (CLS, SEP)


def test_long_inputs_are_cut(tokenizer: Tokenizer) -> None:
    encoded = encode(tokenizer, [Pair("why " * 500, "t " * 500, "word " * 2000)])[0]
    assert len(encoded.ids) == MAX_LENGTH
    assert encoded.ids[-1] == SEP


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_best_span_is_the_best_of_all(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    offsets = tuple((4 * i, 4 * i + 3) for i in range(size))
    encoded = Encoded((0,) * (size + 4), 3, 3, offsets)
    start, end = rng.normal(size=(2, size + 4)).astype(np.float32)
    expected = max(
        (float(start[3 + i] + end[3 + j]), i, j)
        for i in range(size)
        for j in range(i, min(size, i + MAX_ANSWER))
    )
    spans, null = best_spans(encoded, start, end, count=3)
    assert null == pytest.approx(float(start[0] + end[0]))
    assert spans[0].score == pytest.approx(expected[0])
    assert (spans[0].start, spans[0].end) == (offsets[expected[1]][0], offsets[expected[2]][1])
    assert [span.score for span in spans] == sorted((s.score for s in spans), reverse=True)
    assert all(a.end <= b.start or b.end <= a.start for a in spans for b in spans if a is not b)


def test_an_empty_passage_has_no_span() -> None:
    encoded = Encoded((CLS, 5, SEP, SEP), 3, 3, ())
    assert best_spans(encoded, np.ones(4, np.float32), np.ones(4, np.float32)) == ([], 2.0)
