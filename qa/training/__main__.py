"""``python -m qa.training prepare | train``: see README.md beside this file."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from index.embedding import default_model_directory, load_tokenizer
from qa.training import loop
from qa.training.examples import SEED
from qa.training.network import load
from qa.training.preparing import load_prepared, load_texts, prepare
from qa.training.validation import validate


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the arguments and run one stage."""
    parser = argparse.ArgumentParser(prog="python -m qa.training", description=__doc__)
    stages = parser.add_subparsers(required=True)
    stage = stages.add_parser("prepare", help="split the sets and mine negatives")
    stage.add_argument("files", nargs="+", type=Path, help="SQuAD's .json(.gz), or .jsonl.gz")
    stage.add_argument("--to", required=True, type=Path, help="a new folder")
    stage.set_defaults(run=_prepare)
    stage = stages.add_parser("train", help="train, or go on where a run was stopped")
    stage.add_argument("--data", required=True, type=Path, help="what prepare has made")
    stage.add_argument("--to", required=True, type=Path, help="the run's folder")
    stage.add_argument("--steps", required=True, type=int, help="of 32 examples, in all")
    stage.add_argument("--decay", required=True, type=int, help="the last steps, as the rate falls")
    stage.add_argument("--resume", type=Path, help="a checkpoint to go on from")
    stage.add_argument("--threads", type=int, default=torch.get_num_threads())
    stage.set_defaults(run=_train)
    options = parser.parse_args(arguments)
    options.run(options)


def _prepare(options: argparse.Namespace) -> None:
    began = time.monotonic()
    prepare(
        options.files, options.to, lambda text: _say(f"{time.monotonic() - began:.0f} s {text}")
    )


def _train(options: argparse.Namespace) -> None:
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    options.to.mkdir(parents=True, exist_ok=True)
    directory = default_model_directory()
    tokenizer = load_tokenizer(directory)
    questions, texts = load_prepared(options.data), load_texts(options.data)
    state = loop.start(load(directory, loop.DROPOUT))
    if options.resume:
        loop.resume(state, options.resume)
    plan = loop.Plan(options.steps, options.decay)
    check = partial(validate, questions=questions, texts=texts, tokenizer=tokenizer)
    loop.train(state, plan, questions, texts, tokenizer, options.to, check)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
