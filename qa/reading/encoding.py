"""A question and a passage as the reader's network takes them, and its logits as spans.

``[CLS] question [SEP] context, passage [SEP]``: the context (title and headings) is read with the
passage, but no answer is taken from it. Position 0 stands for "no answer here" (Devlin et al.
2019, section 4.3): its logit is compared with the best span's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from loccit.index.models.encoder import Inputs, pad

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

CLS, SEP = 101, 102  # of BERT's uncased vocabulary
MAX_QUESTION = 64  # word pieces; what is longer is cut
MAX_CONTEXT = 32  # word pieces, of its nearest end
MAX_LENGTH = 384  # word pieces in all; a passage that is longer is cut
MAX_ANSWER = 30  # word pieces, as in the published SQuAD evaluations


@dataclass(frozen=True, slots=True)
class Pair:
    """What is read together: a question and a passage's text, with what stands above it."""

    question: str
    context: str
    text: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """One input: ``first`` is where the passage's word pieces begin; ``offsets`` their characters.

    ``offsets[i]`` is ``(start, end)`` in the passage's text of word piece ``first + i``.
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


def encode(tokenizer: Tokenizer, pairs: Sequence[Pair]) -> list[Encoded]:
    """Return what the network reads of each pair."""
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
