"""The stages of training, with the arguments of the command line.

Not in ``__main__``, from which no further process can be started.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors.torch import save_file
from torch import distributed
from torch.multiprocessing.spawn import spawn

from loccit.index.models.default_model import default_model_directory, load_tokenizer
from loccit.index.models.encoder import processor_precision
from loccit.qa.reading.own_model import WEIGHTS_FILE, WORD_EMBEDDINGS
from loccit.qa.training import loop
from loccit.qa.training.examples import PARTS, SEED, Recipe
from loccit.qa.training.network import Network, load, published
from loccit.qa.training.preparing import load_prepared, load_texts, prepare
from loccit.qa.training.sources import fold_of, load_sources, squad_article
from loccit.qa.training.validation import validate

_ROUNDING = 1e-6  # of shares


def run_prepare(options: argparse.Namespace) -> None:
    """Split the sets and mine negatives."""
    began = time.monotonic()
    prepare(
        options.files, options.to, lambda text: _say(f"{time.monotonic() - began:.0f} s {text}")
    )


def run_export(options: argparse.Namespace) -> None:
    """Write a checkpoint as a folder that transformers reads."""
    state = loop.start(load(default_model_directory()))
    loop.resume(state, options.checkpoint)
    export(loop.exact(state), options.to)


def export(network: Network, folder: Path) -> None:
    """Write a network as a folder in Hugging Face's layout, with its tokenizer."""
    directory = default_model_directory()
    folder.mkdir(parents=True, exist_ok=True)
    save_file(published(network), folder / WEIGHTS_FILE, {"format": "pt"})
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    config["architectures"] = ["BertForQuestionAnswering"]
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(directory / name, folder / name)


def run_ship(options: argparse.Namespace) -> None:
    """Write a checkpoint as the weights that come with the package; print their SHA-256."""
    state = loop.start(load(default_model_directory()))
    loop.resume(state, options.checkpoint)
    print(ship(loop.exact(state), options.to))  # noqa: T201


def ship(network: Network, folder: Path) -> str:
    """Write half-precision weights without the word embeddings; return their SHA-256."""
    export(network, folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    file = folder / WEIGHTS_FILE
    kept = {
        name: tensor.half()
        for name, tensor in published(network).items()
        if name.removeprefix("bert.") != WORD_EMBEDDINGS
    }
    save_file(kept, file, {"format": "pt"})
    return hashlib.sha256(file.read_bytes()).hexdigest()


def run_average(options: argparse.Namespace) -> None:
    """Write the mean of several networks' weights as ship does; print its SHA-256."""
    shares = [(Path(folder), float(share)) for folder, share in options.of]
    print(ship(average(shares), options.to))  # noqa: T201


def average(shares: Sequence[tuple[Path, float]]) -> Network:
    """Return the weighed mean of networks in folders, which began with the same weights.

    Reads better than each of them (Wortsman et al. 2022, "Model soups", arXiv:2203.05482) and
    costs no more to run.

    Raises:
        ValueError: the shares do not add up to 1.
    """
    total = sum(share for _, share in shares)
    if abs(total - 1) > _ROUNDING:
        raise ValueError(f"the shares add up to 1, not to {total}")
    mean = Network().eval()
    states = [(load(folder).state_dict(), share) for folder, share in shares]
    mean.load_state_dict(
        {name: sum(share * state[name] for state, share in states) for name in mean.state_dict()}
    )
    return mean


def run_split(options: argparse.Namespace) -> None:
    """Write a part of a set, by title, in SQuAD's layout."""
    documents, questions = load_sources([options.file])
    kept = [document for document in documents if fold_of(document.title) == options.fold]
    data = [squad_article(document, questions) for document in kept]
    options.to.write_text(json.dumps({"data": data}, ensure_ascii=False), encoding="utf-8")


def run_train(options: argparse.Namespace) -> None:
    """Train, in as many processes as are asked for."""
    options.to.mkdir(parents=True, exist_ok=True)
    if options.processes == 1:
        _train_here(options)
        return
    with TemporaryDirectory() as folder:
        arguments = (options, f"file://{folder}/meeting")
        spawn(_train_in, arguments, nprocs=options.processes)  # type: ignore[no-untyped-call]


def _train_in(rank: int, options: argparse.Namespace, meeting: str) -> None:
    """Train in this process, the ``rank``-th of those that share the work."""
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=meeting, rank=rank, world_size=options.processes
    )
    try:
        _train_here(options)
    finally:
        distributed.destroy_process_group()


def _train_here(options: argparse.Namespace) -> None:
    torch.manual_seed(SEED)
    directory = default_model_directory()
    tokenizer = load_tokenizer(directory)
    questions, texts = load_prepared(options.data), load_texts(options.data)
    precision = torch.bfloat16 if processor_precision() == "bf16" else torch.float32
    state = loop.start(load(options.weights or directory, loop.DROPOUT), precision)
    if options.resume:
        loop.resume(state, options.resume)
    recipe = Recipe(**{part: part not in options.without for part in PARTS})
    plan = loop.Plan(
        options.steps, options.decay, options.rate, first_epoch=options.epoch, recipe=recipe
    )
    check = partial(validate, questions=questions, texts=texts, tokenizer=tokenizer)
    loop.train(state, plan, questions, texts, tokenizer, options.to, check)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
