"""The reader's own weights, which come with the package: MiniLM trained by ``loccit.qa.training``.

They have half precision and lack the word embeddings. Training does not change those, so they are
taken from the embedder's package.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from loccit.index.models.default_model import check_weights, default_model_directory
from loccit.index.models.encoder import load_weights

OWN_MODEL = Path(__file__).parent / "model"
OWN_MODEL_SHA256 = "57339ad26267448dab96a3d916d0026a1ba67d410ca2c276ffc36a5aa0a0f45a"
WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
WEIGHTS_FILE = "model.safetensors"


def load_reader_weights(folder: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of the own network in a folder, with the word embeddings.

    Raises:
        DamagedModel: the package's own weights are not the published ones.
    """
    file = folder / WEIGHTS_FILE
    if folder == OWN_MODEL:
        check_weights(file, OWN_MODEL_SHA256)
    weights = load_weights(file)
    if WORD_EMBEDDINGS not in weights:
        shared = load_weights(default_model_directory() / WEIGHTS_FILE)
        weights[WORD_EMBEDDINGS] = shared[WORD_EMBEDDINGS]
    return weights
