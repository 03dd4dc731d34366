"""The reader's network: MiniLM's encoder with a start and an end logit for every token.

BERT (Devlin et al. 2019, arXiv:1810.04805) as in Hugging Face's ``BertForQuestionAnswering``,
whose parameter names it reads and writes. Written out here because one product for query, key
and value, and one graph that torch can compile, train more than twice as fast on a processor.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from loccit.qa.reading.own_model import WORD_EMBEDDINGS, load_reader_weights

LAYERS = 6
HIDDEN = 384
HEADS = 12
INNER = 1536
VOCABULARY = 30522
POSITIONS = 512
EPSILON = 1e-12  # of layer norms, from the published configuration

_HEAD_DEVIATION = 0.02  # BERT's own for new weights
_MASKED = -10_000.0  # added to the attention logit of padding


class Layer(nn.Module):
    """One transformer block, normalised after each half."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.dropout = dropout

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """Return ``(B, L, HIDDEN)``; ``bias`` is added to the attention's logits."""
        size, length, _ = x.shape
        q, k, v = self.qkv(x).view(size, length, 3, HEADS, HIDDEN // HEADS).unbind(2)
        q, k, v = (part.transpose(1, 2) for part in (q * (HIDDEN // HEADS) ** -0.5, k, v))
        scores = q @ k.transpose(-1, -2)
        if bias is not None:
            scores = scores + bias
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(size, length, HIDDEN)
        x = self.norm1(x + self._drop(self.out(mixed)))
        y: Tensor = self.norm2(x + self._drop(self.down(functional.gelu(self.up(x)))))
        return y

    def _drop(self, x: Tensor) -> Tensor:
        return drop(x, self.dropout) if self.training and self.dropout else x


class Network(nn.Module):
    """Turns token ids into start and end logits."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.segments = nn.Embedding(2, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.head = nn.Linear(HIDDEN, 2)
        self.words.weight.requires_grad_(False)

    def forward(self, ids: Tensor, attended: Tensor, segments: Tensor) -> Tensor:
        """Return ``(B, L, 2)`` logits of start and end."""
        logits: Tensor = self.head(self.encode(ids, attended, segments))
        return logits

    def encode(self, ids: Tensor, attended: Tensor, segments: Tensor) -> Tensor:
        """Return ``(B, L, HIDDEN)``, a vector for every token."""
        place = torch.arange(ids.shape[1])
        x = self.norm(self.words(ids) + self.positions(place) + self.segments(segments))
        bias = None  # most batches are padded a little, those of one length not at all
        if not bool(attended.all()):
            bias = ((1 - attended) * _MASKED).to(x.dtype)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias)
        hidden: Tensor = x
        return hidden


def drop(x: Tensor, share: float) -> Tensor:
    """Set a share of the values to 0, and scale the others so that the mean stays.

    One random byte decides on a value, so the share is rounded to 256ths. Drawing eight of them
    at once makes a training step a tenth faster than torch's dropout.
    """
    count, dropped = x.numel(), round(share * 256)
    words = torch.empty(-(-count // 8), dtype=torch.int64).random_(-(2**63), None)
    kept = (words.view(torch.uint8)[:count] >= dropped).view(x.shape)
    return x * kept.to(x.dtype) * (256 / (256 - dropped))


def load(directory: Path, dropout: float = 0.0) -> Network:
    """Return the network with the encoder's weights of a folder in Hugging Face's layout.

    A folder of an embedder has no head: it starts at random, from torch's seed. The package's
    own weights come without word embeddings, which are the embedder's.
    """
    arrays = load_reader_weights(directory)
    saved = {name: torch.from_numpy(array).float() for name, array in arrays.items()}
    network = Network(dropout)
    state = {
        ours: torch.cat([saved[name] for name in theirs])
        for ours, theirs in _names().items()
        if all(name in saved for name in theirs)
    }
    missing, _ = network.load_state_dict(state, strict=False)
    if set(missing) - {"head.weight", "head.bias"}:
        raise ValueError(f"{directory} holds no encoder of this shape: {missing} missing")
    if missing:
        nn.init.normal_(network.head.weight, std=_HEAD_DEVIATION)
        nn.init.zeros_(network.head.bias)
    return network


def published(network: Network) -> dict[str, Tensor]:
    """Return the weights under Hugging Face's names for ``BertForQuestionAnswering``."""
    state = network.state_dict()
    result: dict[str, Tensor] = {}
    for ours, theirs in _names().items():
        for name, part in zip(theirs, state[ours].chunk(len(theirs)), strict=True):
            prefix = "" if name.startswith("qa_outputs") else "bert."
            result[prefix + name] = part.detach().clone().contiguous()
    return result


def _names() -> dict[str, tuple[str, ...]]:
    """Map our parameters to Hugging Face's; query, key and value are three of theirs."""
    names: dict[str, tuple[str, ...]] = {
        "words.weight": (WORD_EMBEDDINGS,),
        "positions.weight": ("embeddings.position_embeddings.weight",),
        "segments.weight": ("embeddings.token_type_embeddings.weight",),
    }
    for kind in ("weight", "bias"):
        names[f"norm.{kind}"] = (f"embeddings.LayerNorm.{kind}",)
        names[f"head.{kind}"] = (f"qa_outputs.{kind}",)
        for number in range(LAYERS):
            ours, theirs = f"layers.{number}", f"encoder.layer.{number}"
            names[f"{ours}.qkv.{kind}"] = tuple(
                f"{theirs}.attention.self.{part}.{kind}" for part in ("query", "key", "value")
            )
            names[f"{ours}.out.{kind}"] = (f"{theirs}.attention.output.dense.{kind}",)
            names[f"{ours}.norm1.{kind}"] = (f"{theirs}.attention.output.LayerNorm.{kind}",)
            names[f"{ours}.up.{kind}"] = (f"{theirs}.intermediate.dense.{kind}",)
            names[f"{ours}.down.{kind}"] = (f"{theirs}.output.dense.{kind}",)
            names[f"{ours}.norm2.{kind}"] = (f"{theirs}.output.LayerNorm.{kind}",)
    return names
