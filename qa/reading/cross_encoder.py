"""A question and a passage are read together: where an answer stands, and whether there is one.

The project's own network runs as a compiled graph. Any other extractive question-answering
checkpoint of Hugging Face runs in transformers, by id or folder.

The network reads ``[CLS] question [SEP] context, passage [SEP]``. The context (title and headings)
is read with the passage, but no answer is taken from it. Position 0 stands for "no answer here":
its logit is compared with that of the best span (Devlin et al. 2019, section 4.3).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from loccit.index.errors import LoccitError
from loccit.index.models.default_model import default_model_directory, load_tokenizer
from loccit.index.models.encoder import (
    HEADS,
    Encoder,
    Inputs,
    Precision,
    pad,
    processor_precision,
)
from loccit.qa.reading.own_model import load_reader_weights

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

CLS, SEP = 101, 102  # of BERT's uncased vocabulary
MAX_QUESTION = 64  # word pieces; what is longer is cut
MAX_CONTEXT = 32  # word pieces, of its nearest end
MAX_LENGTH = 384  # word pieces in all; a passage that is longer is cut
MAX_ANSWER = 30  # word pieces, as in the published SQuAD evaluations
SPANS = 3  # kept of one passage: an answer may be named twice, or two may compete

_BATCH = 16  # passages in one forward pass
_VOCABULARY = 30_522  # of BERT's uncased word pieces
_HIDDEN = 384  # MiniLM's


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the text of a passage, with the headings above it; they are read together."""

    question: str
    context: str
    text: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """One input of the network; ``first`` is the place of the passage's first word piece.

    ``offsets[i]`` is where word piece ``first + i`` stands in the passage's text: ``(start, end)``.
    """

    ids: tuple[int, ...]
    num_question: int  # word pieces of segment 0: [CLS], the question, [SEP]
    first: int
    offsets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """Characters of a passage's text and the sum of their start and end logits."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The best spans of one passage, best first, and the score of "no answer here"."""

    spans: tuple[ScoredSpan, ...]
    null: float

    @property
    def margin(self) -> float:
        """How much more the best span scores than "no answer here", in logits."""
        return self.spans[0].score - self.null if self.spans else float("-inf")


class CrossEncoder(Protocol):
    """Reads questions and passages together."""

    def read(self, pairs: Sequence[Pair]) -> list[Reading]:
        """Return a reading for each pair; spans count the characters of its text."""
        ...


def open_cross_encoder(model: str | Path, precision: Precision | None = None) -> CrossEncoder:
    """Return a cross-encoder for an extractive question-answering checkpoint.

    Args:
        model: a Hugging Face id that is on this disk, or a folder.
        precision: of the project's own network; None is what the processor does best.

    Raises:
        LoccitError: there is no such model on this disk.
    """
    folder = Path(model)
    if _is_own(folder):
        return GraphCrossEncoder(folder, precision)
    return TransformersCrossEncoder(str(model))


class GraphCrossEncoder:
    """The project's own network, MiniLM with BERT's uncased word pieces.

    Its weights are loaded with the first pair; threads may share it.
    """

    def __init__(self, folder: Path, precision: Precision | None = None) -> None:
        self._folder = folder
        self._precision = precision
        self._loaded: tuple[Tokenizer, Encoder] | None = None
        self._lock = threading.Lock()

    def read(self, pairs: Sequence[Pair]) -> list[Reading]:
        """Return a reading for each pair; pairs of similar length go through the network together.

        Raises:
            DamagedModel: the package's own weights are not the published ones.
        """
        tokenizer, encoder = self._load()
        encoded = encode(tokenizer, pairs)
        order = sorted(range(len(encoded)), key=lambda number: len(encoded[number].ids))
        readings: dict[int, Reading] = {}
        groups = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        batches = [[encoded[number] for number in numbers] for numbers in groups]
        inputs = [pad_inputs(batch, max(len(item.ids) for item in batch)) for batch in batches]
        outputs = encoder.run_many(inputs)
        for numbers, batch, logits in zip(groups, batches, outputs, strict=True):
            for number, item, row in zip(numbers, batch, logits, strict=True):
                readings[number] = _reading(item, row[:, 0], row[:, 1])
        return [readings[number] for number in range(len(encoded))]

    def _load(self) -> tuple[Tokenizer, Encoder]:
        with self._lock:
            if self._loaded is None:
                weights = load_reader_weights(self._folder)
                encoder = Encoder(weights, "logits", self._precision or processor_precision())
                self._loaded = (load_tokenizer(default_model_directory()), encoder)
            return self._loaded


class TransformersCrossEncoder:
    """Any extractive question-answering checkpoint, one passage at a time."""

    def __init__(self, name: str) -> None:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(name, local_files_only=True)
            self._model: Any = AutoModelForQuestionAnswering.from_pretrained(
                name, local_files_only=True
            ).eval()
        except (OSError, ValueError) as error:
            raise LoccitError(
                f"“{name}” is no question-answering model on this disk: nothing is downloaded, so "
                "fetch it first, or give the path of its folder"
            ) from error

    def read(self, pairs: Sequence[Pair]) -> list[Reading]:
        """Return a reading for each pair."""
        return [self._read(pair) for pair in pairs]

    def _read(self, pair: Pair) -> Reading:
        import torch

        before = f"{pair.context}\n" if pair.context else ""
        inputs = self._tokenizer(
            pair.question,
            before + pair.text,
            truncation="only_second",
            max_length=min(MAX_LENGTH, self._tokenizer.model_max_length),
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = inputs.pop("offset_mapping")[0].tolist()
        kept = [
            (place, (start - len(before), end - len(before)))
            for place, (kind, (start, end)) in enumerate(
                zip(inputs.sequence_ids(0), offsets, strict=True)
            )
            if kind == 1 and start >= len(before)
        ]
        encoded = Encoded(
            ids=tuple(inputs["input_ids"][0].tolist()),
            num_question=0,  # the segments are the tokenizer's
            first=kept[0][0] if kept else 0,
            offsets=tuple(pair for _, pair in kept),
        )
        with torch.inference_mode():
            output = self._model(**inputs)
        return _reading(encoded, output.start_logits[0].numpy(), output.end_logits[0].numpy())


def encode(tokenizer: Tokenizer, pairs: Sequence[Pair]) -> list[Encoded]:
    """Return the network's input for each pair."""
    asked = tokenizer.encode_batch([pair.question for pair in pairs], add_special_tokens=False)
    contexts = tokenizer.encode_batch([pair.context for pair in pairs], add_special_tokens=False)
    texts = tokenizer.encode_batch([pair.text for pair in pairs], add_special_tokens=False)
    return [
        _join(q.ids[:MAX_QUESTION], c.ids[-MAX_CONTEXT:], t)
        for q, c, t in zip(asked, contexts, texts, strict=True)
    ]


def _join(asked: list[int], context: list[int], text: Encoding) -> Encoded:
    head = [CLS, *asked, SEP, *context]
    room = MAX_LENGTH - len(head) - 1
    return Encoded(
        ids=(*head, *text.ids[:room], SEP),
        num_question=len(asked) + 2,
        first=len(head),
        offsets=tuple(text.offsets[:room]),
    )


def pad_inputs(batch: Sequence[Encoded], length: int) -> Inputs:
    """Return ids, attended and segments, each ``(len(batch), length)``."""
    ids, attended = pad([item.ids for item in batch], length)
    segments = np.zeros_like(ids)
    for row, item in enumerate(batch):
        segments[row, item.num_question : len(item.ids)] = 1
    return ids, attended, segments


def best_spans(
    encoded: Encoded, start: NDArray[np.float32], end: NDArray[np.float32], count: int = 1
) -> tuple[list[ScoredSpan], float]:
    """Return the best spans that don't overlap, best first, and the no-answer score.

    Args:
        encoded: what was read.
        start: ``(L,)`` logits of the first word piece.
        end: ``(L,)`` logits of the last.
        count: how many spans at most.
    """
    null = float(start[0] + end[0])
    size = len(encoded.offsets)
    if not size:
        return [], null
    inside = slice(encoded.first, encoded.first + size)
    scores = start[inside, None] + end[None, inside]
    allowed = np.triu(np.ones((size, size), dtype=bool)) & ~np.triu(
        np.ones((size, size), dtype=bool), MAX_ANSWER
    )
    scores = np.where(allowed, scores, -np.inf)
    found: list[ScoredSpan] = []
    for flat in np.argsort(-scores, axis=None)[: size * MAX_ANSWER]:
        first, last = divmod(int(flat), size)
        if len(found) == count or not np.isfinite(scores[first, last]):
            break
        span = ScoredSpan(
            encoded.offsets[first][0], encoded.offsets[last][1], float(scores[first, last])
        )
        if not any(span.start < other.end and other.start < span.end for other in found):
            found.append(span)
    return found, null


def _reading(encoded: Encoded, start: NDArray[np.float32], end: NDArray[np.float32]) -> Reading:
    spans, null = best_spans(encoded, start, end, SPANS)
    return Reading(tuple(spans), null)


def _is_own(folder: Path) -> bool:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    shape = (config.get("hidden_size"), config.get("num_attention_heads"), config.get("vocab_size"))
    return config.get("model_type") == "bert" and shape == (_HIDDEN, HEADS, _VOCABULARY)
