"""Texts to unit vectors: the embedder's protocol, and any sentence-transformers model.

The default model needs no torch (``default_model.py``); for another one torch and
sentence-transformers are imported when the first vector is asked for, not before.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from loccit.index.errors import LoccitError
from loccit.index.models.default_model import DEFAULT_MODEL, DEFAULT_WINDOW, DefaultEmbedder, Kind

_SPECIAL_TOKENS = 2  # [CLS] and [SEP] stand in the window beside the text
_SHOWN = 40  # characters of a text in a message
LENGTH_TOLERANCE = 0.01  # of unit rows: half precision alone is nearer
_BATCH = 32  # texts in one forward pass
_LOADING = threading.Lock()  # whether transformers draws bars is one setting for all threads


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
    if isinstance(model, DefaultEmbedder | SentenceTransformerEmbedder | CheckedEmbedder):
        return model
    if isinstance(model, Embedder):
        return CheckedEmbedder(model)
    if isinstance(model, str | Path):
        # The index remembers a folder by its name, and is opened from anywhere.
        is_folder = model != "" and Path(model).is_dir()
        name = str(Path(model).resolve()) if is_folder else str(model)
        return SentenceTransformerEmbedder(name)
    if hasattr(model, "encode"):
        return SentenceTransformerEmbedder(type(model).__name__, model)
    raise TypeError(f"a model is an id, a path or an object with .encode, not {model!r}")


class CheckedEmbedder:
    """An embedder from elsewhere, which is checked to keep its promises."""

    def __init__(self, within: Embedder) -> None:
        self._within = within

    @property
    def name(self) -> str:
        """The name of the embedder within."""
        return self._within.name

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the embedder within."""
        return self._within.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._within.dimension

    @property
    def window(self) -> int:
        """The most word pieces of a text that count."""
        return self._within.window

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return unit rows ``(len(texts), dimension) float32``.

        Raises:
            LoccitError: the embedder within gave something else.
        """
        rows = np.asarray(self._within.embed(texts, kind), dtype=np.float32)
        shape = (len(texts), self.dimension)
        if rows.shape != shape:
            raise LoccitError(f"the model “{self.name}” gave {rows.shape} vectors, not {shape}")
        _check_lengths(self.name, rows, texts)
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        return self._within.count_tokens(texts)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by id, path or instance; loads on first use.

    An id is looked up on the disk only: nothing is downloaded.
    """

    def __init__(self, name: str, model: Any = None) -> None:
        self.name = name
        self._model = model
        self._fingerprint: str | None = None
        self._dimension: int | None = None
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
        if self._dimension is None:
            self._dimension = int(self.embed(["dimension"], "passage").shape[1])
        return self._dimension

    @property
    def window(self) -> int:
        """Word pieces of a text that count, special tokens not among them."""
        return int(getattr(self.model, "max_seq_length", None) or DEFAULT_WINDOW) - _SPECIAL_TOKENS

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return unit rows ``(len(texts), dimension) float32``.

        Raises:
            LoccitError: the model gave a vector that is no number, or zeros.
        """
        rows = _encode(self.model, texts, kind)
        _check_lengths(self.name, rows, texts)
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        if not texts:
            return []
        encoded = self.model.tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]


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
                f"the folder “{name}” holds no sentence-transformers model ({_first_line(error)})"
            ) from error
        raise LoccitError(
            f"the model “{name}” is neither a folder nor in the local model cache: nothing is "
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


def _encode(model: Any, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
    # Models with instructions for questions have encode_query; the plain method serves the rest.
    method = "encode_query" if kind == "question" else "encode_document"
    encode = getattr(model, method, model.encode)
    rows = encode(list(texts), batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
    rows = np.asarray(rows, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = rows / np.maximum(norms, np.finfo(np.float32).tiny)
    return unit


def _check_lengths(name: str, rows: NDArray[np.float32], texts: Sequence[str]) -> None:
    """Refuse what are no unit rows: nothing could be found by such vectors."""
    lengths = np.linalg.norm(rows, axis=1)
    wrong = np.flatnonzero(~(np.abs(lengths - 1) <= LENGTH_TOLERANCE))  # which NaN is among
    if wrong.size:
        raise LoccitError(
            f"the model “{name}” gave a vector of length {lengths[wrong[0]]:.3g}, not 1, for "
            f"“{texts[wrong[0]][:_SHOWN]}”"
        )


def _fingerprint(model: Any) -> str:
    if not hasattr(model, "state_dict"):
        return f"type:{type(model).__module__}.{type(model).__qualname__}"
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return f"sha256:{digest.hexdigest()}"
