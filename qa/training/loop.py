"""The training loop: exact weights beside those that are multiplied, and runs that may be stopped.

The network multiplies in bfloat16 where the processor does, with a float32 master copy.

The rate rises, stays, and falls at the end (Hägele et al. 2024, arXiv:2405.18392), so that a run
may be ended from any checkpoint of its steady part, or be made longer.

Several processes, one a core, read a share of each batch and add up their gradients: on two cores
half as fast again as one process with two threads, and the same weights as one process alone.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, distributed
from torch.nn import functional

from loccit.qa.reading.cross_encoder import Encoded, Pair, encode, pad_inputs
from loccit.qa.training.examples import EVERYTHING, SEED, Example, Recipe, draw
from loccit.qa.training.network import Network
from loccit.qa.training.preparing import Prepared, Text

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"

BATCH = 32
POOL = 64  # batches whose examples are sorted by length together
DROPOUT = 0.1
WEIGHT_DECAY = 0.01
BETAS = (0.9, 0.98)
RATE = 1.5e-4  # the highest; half of it from trained weights
CLIP = 1.0  # the most that the gradient's norm may be


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a run is: ``steps`` in all, of which the rate falls over the last ``decay``."""

    steps: int
    decay: int
    rate: float = RATE
    warmup: int = 500
    first_epoch: int = 0  # later for a run from trained weights: examples they have not seen
    recipe: Recipe = EVERYTHING
    report_every: int = 50
    validate_every: int = 1000  # half a minute
    save_every: int = 250

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step, from 0."""
        left = self.steps - step
        return self.rate * min(1.0, (step + 1) / self.warmup, left / self.decay)


@dataclass(slots=True)
class State:
    """What a checkpoint holds: the network, its exact weights and the optimizer's moments."""

    network: Network
    master: list[Tensor]
    optimizer: torch.optim.AdamW
    step: int = 0


Validate = Callable[[Network], dict[str, float]]


def start(network: Network, precision: torch.dtype = torch.float32) -> State:
    """Return the state of a new run; the network's weights become ``precision``."""
    trained = [p for p in network.parameters() if p.requires_grad]
    master = [p.detach().float().clone() for p in trained]
    network.to(precision)
    decayed = [p for p in master if p.dim() > 1]
    plain = [p for p in master if p.dim() <= 1]
    groups: list[dict[str, Any]] = [
        {"params": decayed, "weight_decay": WEIGHT_DECAY},
        {"params": plain, "weight_decay": 0.0},
    ]
    return State(network, master, torch.optim.AdamW(groups, betas=BETAS, fused=True))


def save(state: State, folder: Path) -> None:
    """Write the checkpoint; a run that is stopped meanwhile keeps the one before."""
    partial = folder / (CHECKPOINT + ".partial")
    values = {
        "step": state.step,
        "master": state.master,
        "words": state.network.words.weight,
        "optimizer": state.optimizer.state_dict(),
    }
    torch.save(values, partial)
    partial.replace(folder / CHECKPOINT)


def resume(state: State, file: Path) -> None:
    """Read a checkpoint into a new run's state."""
    values = torch.load(file, weights_only=True)
    for ours, saved in zip(state.master, values["master"], strict=True):
        ours.copy_(saved)
    state.optimizer.load_state_dict(values["optimizer"])
    state.step = values["step"]
    _publish(state)


def exact(state: State) -> Network:
    """Return a float32 network with the master copy's weights."""
    network = Network()
    network.words.weight.data.copy_(state.network.words.weight.float())
    trained = [p for p in network.parameters() if p.requires_grad]
    for ours, value in zip(trained, state.master, strict=True):
        ours.data.copy_(value)
    return network.eval()


def train(
    state: State,
    plan: Plan,
    questions: Sequence[Prepared],
    texts: Sequence[Text],
    tokenizer: Tokenizer,
    folder: Path,
    validate: Validate,
) -> None:
    """Train up to ``plan.steps``, from where ``state`` stands; logs and saves into ``folder``."""
    leads = _rank() == 0
    if leads:
        _log(folder, {"plan": asdict(plan), "from": state.step})
    losses: list[float] = []
    began, read = time.monotonic(), 0
    for batch in _batches(questions, texts, tokenizer, plan, state.step):
        if state.step >= plan.steps:
            break
        losses.append(_step(state, plan.rate_at(state.step), batch))
        state.step += 1
        read += len(batch)
        if not leads:
            continue
        if state.step % plan.report_every == 0:
            rate = read / (time.monotonic() - began)
            mean = sum(losses) / len(losses)
            _log(folder, {"step": state.step, "loss": round(mean, 4), "per_s": round(rate, 1)})
            losses, began, read = [], time.monotonic(), 0
        if state.step % plan.save_every == 0 or state.step == plan.steps:
            save(state, folder)
        if state.step % plan.validate_every == 0 or state.step == plan.steps:
            scores = validate(state.network.eval())
            _log(folder, {"step": state.step, **{k: round(v, 4) for k, v in scores.items()}})
            began, read = time.monotonic(), 0


def loss_of(logits: Tensor, starts: Tensor, ends: Tensor, allowed: Tensor) -> Tensor:
    """Return the mean negative log likelihood of all right starts and ends.

    Where an answer stands in several places, each of them is right (Clark and Gardner 2018,
    arXiv:1710.10723, equation 3); position 0 is right where there is none.

    Args:
        logits: ``(B, L, 2)``.
        starts: ``(B, L)`` bool, where an answer starts.
        ends: ``(B, L)`` bool, where one ends.
        allowed: ``(B, L)`` bool, position 0 and the passage.
    """
    logits = logits.float().masked_fill(~allowed[..., None], float("-inf"))
    chances = functional.log_softmax(logits, dim=1)
    right = torch.stack((starts, ends), dim=-1)
    return -chances.masked_fill(~right, float("-inf")).logsumexp(dim=1).mean()


def _step(state: State, rate: float, batch: Sequence[tuple[Encoded, Example]]) -> float:
    network = state.network.train()
    longest = max(len(item.ids) for item, _ in batch)
    batch = batch[_rank() :: _processes()]
    encoded = [item for item, _ in batch]
    ids, attended, segments = (torch.from_numpy(array) for array in pad_inputs(encoded, longest))
    logits = network(ids, attended, segments)
    loss = loss_of(logits, *_targets(batch, ids.shape[1]))
    loss.backward()  # type: ignore[no-untyped-call]
    trained = [p for p in network.parameters() if p.requires_grad]
    for exact_weight, weight in zip(state.master, trained, strict=True):
        exact_weight.grad = None if weight.grad is None else weight.grad.float()
        weight.grad = None
    _add_up(state.master)
    torch.nn.utils.clip_grad_norm_(state.master, CLIP)
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    state.optimizer.step()
    _publish(state)
    return float(loss.detach())


def _add_up(weights: Sequence[Tensor]) -> None:
    """Give every process the mean of all processes' gradients."""
    if _processes() == 1:
        return
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients]) / _processes()
    distributed.all_reduce(flat)
    for gradient, part in zip(
        gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True
    ):
        gradient.copy_(part.view_as(gradient))


def _rank() -> int:
    return distributed.get_rank() if distributed.is_initialized() else 0


def _processes() -> int:
    return distributed.get_world_size() if distributed.is_initialized() else 1


def _publish(state: State) -> None:
    trained = (p for p in state.network.parameters() if p.requires_grad)
    with torch.no_grad():
        for weight, exact_weight in zip(trained, state.master, strict=True):
            weight.copy_(exact_weight)


def _targets(
    batch: Sequence[tuple[Encoded, Example]], length: int
) -> tuple[Tensor, Tensor, Tensor]:
    starts, ends, allowed = (torch.zeros(len(batch), length, dtype=torch.bool) for _ in range(3))
    for row, (encoded, example) in enumerate(batch):
        allowed[row, 0] = True
        allowed[row, encoded.first : encoded.first + len(encoded.offsets)] = True
        for start, end in example.answers:
            inside = [i for i, (a, b) in enumerate(encoded.offsets) if a < end and start < b]
            if inside and encoded.offsets[inside[-1]][1] >= end:
                starts[row, encoded.first + inside[0]] = True
                ends[row, encoded.first + inside[-1]] = True
        if not starts[row].any():
            starts[row, 0] = ends[row, 0] = True
    return starts, ends, allowed


def _batches(
    questions: Sequence[Prepared],
    texts: Sequence[Text],
    tokenizer: Tokenizer,
    plan: Plan,
    done: int,
) -> Iterator[list[tuple[Encoded, Example]]]:
    """Yield the batches of all epochs from the plan's first on, without the first ``done``."""
    epoch = plan.first_epoch
    while True:
        examples = draw(questions, texts, epoch, plan.recipe)
        rng = random.Random(SEED + epoch)
        for first in range(0, len(examples) - BATCH + 1, BATCH * POOL):
            pool = examples[first : first + BATCH * POOL]
            count = len(pool) // BATCH
            order = rng.sample(range(count), count)
            if done >= count:
                done -= count
                continue
            encoded = encode(tokenizer, [Pair(e.question, e.context, e.text) for e in pool])
            pairs = sorted(zip(encoded, pool, strict=True), key=lambda pair: len(pair[0].ids))
            for number in order[done:]:
                yield pairs[number * BATCH : (number + 1) * BATCH]
            done = 0
        epoch += 1


def _log(folder: Path, row: dict[str, Any]) -> None:
    with (folder / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
