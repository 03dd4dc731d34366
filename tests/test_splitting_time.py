"""Any text is split in time that grows with its length; no part of it is counted again and again.

A sentence that is longer than a passage was tokenised a dozen times for each passage cut from it.
"""

from collections.abc import Sequence

import pytest
from hostile_texts import SHAPES
from measuring import cpu_seconds

from loccit.index.datatypes import Document, Span
from loccit.index.ingestion.cutting import MAX_PASSAGE_CHARACTERS, cut, piece_size
from loccit.index.ingestion.splitting import PASSAGE_TOKENS, split
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.parsing import parse_bytes

EMBEDDER = DefaultEmbedder()
SIZE = 40_000
# Four times as long takes four times as long; what grows with the square takes sixteen times.
LINEAR, NOTHING = 9, 0.02  # a ratio, and seconds that are too few to tell
MOST_COUNTED = 5  # times that the characters of a text are given to the tokeniser; they were 30


def document_of(shape: str, size: int) -> Document:
    return parse_bytes(SHAPES[shape](size).encode(), "hostile.txt")


@pytest.mark.parametrize("shape", SHAPES)
def test_characters_are_not_tokenised_again_and_again(shape: str) -> None:
    document = document_of(shape, SIZE)
    counted = 0

    def count_tokens(texts: Sequence[str]) -> list[int]:
        nonlocal counted
        counted += sum(map(len, texts))
        return EMBEDDER.count_tokens(texts)

    split(document, count_tokens)
    assert counted <= MOST_COUNTED * len(document.text) + MAX_PASSAGE_CHARACTERS


@pytest.mark.parametrize("shape", SHAPES)
def test_splitting_takes_time_in_proportion_to_a_text(shape: str) -> None:
    short, long = (document_of(shape, size) for size in (SIZE, 4 * SIZE))
    few = cpu_seconds(lambda: split(short, EMBEDDER.count_tokens), times=2)
    many = cpu_seconds(lambda: split(long, EMBEDDER.count_tokens), times=2)
    assert many <= LINEAR * few + NOTHING


def simply_cut(text: str, max_tokens: int) -> list[int]:
    """Return where parts end whose every end is tried, for texts without a good place to cut."""
    ends, start = [], 0
    while start < len(text):
        low, high = start + 1, min(len(text), start + MAX_PASSAGE_CHARACTERS)
        if EMBEDDER.count_tokens([text[start:high]])[0] <= max_tokens:
            low = high
        while high - low > 1:
            middle = (low + high) // 2
            fits = EMBEDDER.count_tokens([text[start:middle]])[0] <= max_tokens
            low, high = (middle, high) if fits else (low, middle)
        ends.append(low)
        start = low
    return ends


@pytest.mark.parametrize(
    "shape", ["links", "signs", "one word", "Chinese", "Japanese syllables", "base64 in one line"]
)
def test_parts_are_those_of_counting_each_anew(shape: str) -> None:
    text = SHAPES[shape](6_000)
    parts = list(cut(text, Span(0, len(text)), EMBEDDER.count_tokens, PASSAGE_TOKENS))
    assert [span.end for span, _ in parts] == simply_cut(text, PASSAGE_TOKENS)
    for span, size in parts:
        (count,) = EMBEDDER.count_tokens([text[span.start : span.end]])
        assert size == piece_size(count, span.end - span.start, PASSAGE_TOKENS)
