"""Passages read with a question: our graph and transformers say the same."""

from pathlib import Path

import pytest
import torch

from loccit.index.errors import LoccitError
from loccit.qa.reading.cross_encoder import (
    GraphCrossEncoder,
    Pair,
    TransformersCrossEncoder,
    open_cross_encoder,
)
from loccit.qa.training.network import load
from loccit.qa.training.stages import export

QUESTION = "How high is the rent?"
PAIRS = [
    Pair(
        QUESTION,
        "The lease > Rent",
        "The monthly rent is 1,450 euros, due on the 3rd day.",
    ),
    Pair("Who?", "", "Naïve café: 東京 has 14 million people. 🦓"),
    Pair(QUESTION, "Long", "The rent of item 7 is 12 euros. " * 80),
    Pair("Who?", "", ""),
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our network as transformers saves one; its head is not trained."""
    from loccit.index.models.default_model import default_model_directory

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("reader")
    export(load(default_model_directory()), folder)
    return folder


@pytest.mark.slow
def test_both_ways_read_the_same(checkpoint: Path) -> None:
    ours = open_cross_encoder(checkpoint, "f32")
    assert isinstance(ours, GraphCrossEncoder)
    theirs = TransformersCrossEncoder(str(checkpoint))
    for one, other in zip(ours.read(PAIRS[:3]), theirs.read(PAIRS[:3]), strict=True):
        assert one.null == pytest.approx(other.null, abs=1e-3)
        assert [s.score for s in one.spans] == pytest.approx(
            [s.score for s in other.spans], abs=1e-3
        )
        best, expected = one.spans[0], other.spans[0]
        assert (best.start, best.end) == (expected.start, expected.end)


def test_spans_are_of_the_passage_and_bounded(checkpoint: Path) -> None:
    readings = open_cross_encoder(checkpoint).read(PAIRS)
    for pair, reading in zip(PAIRS, readings, strict=True):
        assert all(0 <= span.start < span.end <= len(pair.text) for span in reading.spans)
    assert readings[3].spans == ()
    assert readings[3].margin == float("-inf")
    assert readings[0].margin == readings[0].spans[0].score - readings[0].null


def test_a_reading_does_not_depend_on_its_neighbours(checkpoint: Path) -> None:
    reader = open_cross_encoder(checkpoint, "f32")
    together = reader.read(PAIRS)
    alone = [reader.read([pair])[0] for pair in PAIRS]
    assert [r.null for r in together] == pytest.approx([r.null for r in alone], abs=1e-3)


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LoccitError, match="no question-answering model on this disk"):
        open_cross_encoder(tmp_path)
