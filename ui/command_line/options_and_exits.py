"""What all commands share: options and arguments, exit codes, and errors told as messages."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from platformdirs import user_data_path
from typer.core import TyperGroup

from loccit.index.errors import LoccitError
from loccit.index.parsing.normalizing import encodable
from loccit.ui.command_line import console

DEFAULT_INDEX = user_data_path("loccit") / "index"

IndexOption = Annotated[
    Path,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar="LOCCIT_INDEX",
        help="The folder of the index, not of your files.",
    ),
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
        help="Use only this document or folder: its name, path, title or id. Repeat for several.",
    ),
]
ConversationOption = Annotated[
    str | None,
    typer.Option(
        "--conversation",
        metavar="ID",
        help="Ask in a kept conversation, by its id or the first 8 characters or more of it, or "
        'in a new one with "new": follow-ups are understood, and the answer is kept.',
    ),
]
KOption = Annotated[int, typer.Option("-k", min=1, help="How many passages to find.")]
ReaderOption = Annotated[
    str | None,
    typer.Option(
        "--reader",
        metavar="NAME",
        help="An extractive question-answering model on this disk, in place of loccit's own: its "
        "Hugging Face id or folder.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="A sentence-transformers model on this disk: its id or folder. An index remembers the "
        "model it was made with.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class ExitCode(IntEnum):
    """What the command tells the shell; --help lists the same codes."""

    OK = 0
    ERROR = 1
    USAGE = 2
    FILES_FAILED = 3
    NOT_ANSWERED = 4
    INTERRUPTED = 130


EXIT_HELP = (
    "Exit codes: 0 success; 1 error, told on standard error; 2 wrong usage; 3 some files failed; "
    "4 no answer found (ask); 130 interrupted."
)


class Commands(TyperGroup):
    """The commands, whose LoccitErrors end as a message and an exit code, not as a traceback."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run a command."""
        try:
            return super().invoke(ctx)
        except LoccitError as error:
            console.print_error(f"error: {error}")
            raise typer.Exit(ExitCode.ERROR) from None
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
