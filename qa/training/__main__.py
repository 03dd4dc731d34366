"""``python -m loccit.qa.training STAGE``, explained in README.md beside this file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from loccit.qa.training.examples import PARTS
from loccit.qa.training.loop import RATE
from loccit.qa.training.stages import (
    run_average,
    run_export,
    run_prepare,
    run_ship,
    run_split,
    run_train,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the arguments and run one stage."""
    parser = argparse.ArgumentParser(prog="python -m loccit.qa.training", description=__doc__)
    stages = parser.add_subparsers(required=True)
    stage = stages.add_parser("prepare", help="split the sets and mine negatives")
    stage.add_argument("files", nargs="+", type=Path, help="SQuAD's .json(.gz), or .jsonl.gz")
    stage.add_argument("--to", required=True, type=Path, help="a new folder")
    stage.set_defaults(run=run_prepare)
    stage = stages.add_parser("train", help="train, or go on where a run was stopped")
    stage.add_argument("--data", required=True, type=Path, help="what prepare has made")
    stage.add_argument("--to", required=True, type=Path, help="the run's folder")
    stage.add_argument("--steps", required=True, type=int, help="of 32 examples, in all")
    stage.add_argument("--decay", required=True, type=int, help="the last steps, as the rate falls")
    stage.add_argument("--resume", type=Path, help="a checkpoint to go on from")
    stage.add_argument("--from", dest="weights", type=Path, help="trained weights to begin with")
    stage.add_argument("--rate", type=float, default=RATE, help="the highest learning rate")
    stage.add_argument("--epoch", type=int, default=0, help="whose examples are drawn first")
    stage.add_argument(
        "--without", action="append", default=[], choices=PARTS, help="a part of the recipe"
    )
    stage.add_argument("--processes", type=int, default=1, help="one a core is fastest")
    stage.set_defaults(run=run_train)
    stage = stages.add_parser("export", help="write a checkpoint as a folder for transformers")
    stage.add_argument("--checkpoint", required=True, type=Path)
    stage.add_argument("--to", required=True, type=Path, help="a new folder")
    stage.set_defaults(run=run_export)
    stage = stages.add_parser("ship", help="write a checkpoint as the package's own weights")
    stage.add_argument("--checkpoint", required=True, type=Path)
    stage.add_argument("--to", required=True, type=Path, help="qa/reading/model")
    stage.set_defaults(run=run_ship)
    stage = stages.add_parser("average", help="write the mean of several networks' weights")
    stage.add_argument("--of", action="append", nargs=2, required=True, metavar=("FOLDER", "SHARE"))
    stage.add_argument("--to", required=True, type=Path, help="qa/reading/model")
    stage.set_defaults(run=run_average)
    stage = stages.add_parser("split", help="write a tenth of a set's titles in SQuAD's layout")
    stage.add_argument("file", type=Path, help="SQuAD's .json(.gz), or .jsonl.gz")
    stage.add_argument("--fold", required=True, type=int, help="0 to 9: 0 and 1 are kept back")
    stage.add_argument("--to", required=True, type=Path, help="a new .json file")
    stage.set_defaults(run=run_split)
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
