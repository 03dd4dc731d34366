"""The options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_data_path

from loccit.index.parsing.normalizing import encodable

DEFAULT_INDEX = user_data_path("loccit") / "index"

IndexOption = Annotated[
    Path,
    typer.Option("--index", metavar="DIR", envvar="LOCCIT_INDEX", help="The index's own folder."),
]
QuestionArgument = Annotated[
    str, typer.Argument(help="A question, in quotation marks.", callback=encodable)
]
DocumentsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--documents",
        "-d",
        metavar="NAME",
        help="Only in this document or folder: its file name, path, title or id. May be repeated.",
    ),
]
ConversationOption = Annotated[
    str | None,
    typer.Option(
        "--conversation",
        metavar="ID",
        help='Ask in a kept conversation, or in a new one with "new": follow-ups are understood, '
        "and the answer is kept.",
    ),
]
KOption = Annotated[int, typer.Option("-k", min=1, help="How many passages to find.")]
ReaderOption = Annotated[
    str | None,
    typer.Option(
        "--reader",
        metavar="NAME",
        help="An extractive question-answering model on this disk, by Hugging Face id or folder, "
        "instead of the project's own.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="A sentence-transformers model on this disk, by id or folder. An index remembers "
        "the model it was made with.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
