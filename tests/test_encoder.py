"""The compiled graph computes what the published implementations do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from loccit.index.errors import DamagedModel
from loccit.index.models.default_model import DefaultEmbedder, default_model_directory
from loccit.index.models.encoder import Encoder, Precision, load_weights, pad, processor_precision

TEXTS = [
    "When does the lease end?",
    "x",
    "The monthly rent is 1,450 euros, due on the third working day.",
    "Eine verspätete Zahlung kostet 4 % Zinsen; 東京では違います。 " * 3,
    "A text that is far longer than the window of the model. " * 60,
]


@pytest.fixture(scope="module")
def expected() -> NDArray[np.float32]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(default_model_directory()), local_files_only=True)
    rows: NDArray[np.float32] = model.encode(TEXTS, show_progress_bar=False)
    return rows


@pytest.mark.slow
def test_rows_are_those_of_sentence_transformers(expected: NDArray[np.float32]) -> None:
    rows = DefaultEmbedder().embed(TEXTS, "passage")
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert (rows * expected).sum(axis=1).min() > 0.999


@pytest.mark.parametrize(("precision", "least"), [("f32", 0.999999), ("bf16", 0.999)])
def test_each_precision_keeps_its_promise(
    expected: NDArray[np.float32], precision: Precision, least: float
) -> None:
    weights = load_weights(default_model_directory() / "model.safetensors")
    encoder = Encoder(weights, "rows", precision)
    tokenizer = DefaultEmbedder()._load_tokenizer()
    batch, attended = pad([tokenizer.encode(text).ids for text in TEXTS[:4]])
    rows = encoder.run(batch, attended, np.zeros_like(batch))
    assert (rows * expected[:4]).sum(axis=1).min() > least


def test_a_text_has_one_vector_whatever_stands_beside_it() -> None:
    embedder = DefaultEmbedder()
    together = embedder.embed(TEXTS, "passage")
    for text, row in zip(TEXTS, together, strict=True):
        alone = embedder.embed([text], "passage")[0]
        assert alone @ row > 0.9999


def test_logits_are_those_of_transformers() -> None:
    import torch
    from transformers import AutoConfig, BertForQuestionAnswering

    torch.manual_seed(0)
    directory = default_model_directory()
    theirs = BertForQuestionAnswering(AutoConfig.from_pretrained(directory)).eval()
    weights: dict[str, Any] = {
        name.removeprefix("bert."): tensor.numpy() for name, tensor in theirs.state_dict().items()
    }
    ids = np.random.default_rng(0).integers(1000, 30_000, (2, 11))
    attended, segments = np.ones_like(ids), np.zeros_like(ids)
    attended[1, 7:] = 0
    segments[:, 4:] = 1
    logits = Encoder(weights, "logits", "f32").run(ids, attended, segments)
    with torch.inference_mode():
        expected = theirs(*(torch.from_numpy(array) for array in (ids, attended, segments)))
    for row, length in ((0, 11), (1, 7)):
        for place, output in enumerate((expected.start_logits, expected.end_logits)):
            assert np.allclose(logits[row, :length, place], output[row, :length], atol=1e-4)


def test_precision_is_one_that_the_processor_has() -> None:
    assert processor_precision() in ("bf16", "f32")


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(DamagedModel, match=r"model\.safetensors is missing"):
        DefaultEmbedder(tmp_path).embed(["x"], "passage")
