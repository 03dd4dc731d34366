"""How the command ends: exit codes, and errors as messages instead of tracebacks."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from loccit.index.errors import LoccitError
from loccit.ui.command_line import console


class ExitCode(IntEnum):
    """What the command tells the shell; --help shows the same list."""

    OK = 0
    ERROR = 1
    USAGE = 2
    FILES_FAILED = 3
    NOT_ANSWERED = 4
    INTERRUPTED = 130


EXIT_HELP = (
    "Exit codes: 0 done; 1 an error, told on standard error; 2 wrong usage; 3 some files failed; "
    "4 the documents hold no answer (ask); 130 interrupted."
)


class Commands(TyperGroup):
    """Turns the errors that loccit raises on purpose into a message and an exit code."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run a command."""
        try:
            return super().invoke(ctx)
        except LoccitError as error:
            console.print_error(f"error: {error}")
            raise typer.Exit(ExitCode.ERROR) from None
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
