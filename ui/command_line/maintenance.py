"""The commands that look after an index: doctor, backup, restore."""

from __future__ import annotations

import json
import platform
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loccit.ui.command_line import console
from loccit.ui.command_line.options_and_exits import (
    DEFAULT_INDEX,
    ExitCode,
    IndexOption,
    JsonOption,
)
from loccit.ui.text.language import counted

if TYPE_CHECKING:
    from loccit.index.storage.integrity import Finding

LEAST_FREE = 500 * 2**20  # bytes of free disk; with less, doctor warns
PACKAGES = ("loccit", "numpy", "faiss-cpu", "openvino", "tokenizers", "gradio")


def doctor(
    index: IndexOption = DEFAULT_INDEX,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what is wrong, from the files or what is sound.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the installation and the index; --repair mends what is wrong.

    Damaged documents are read again from their files. Those whose files have changed or are gone
    are marked, and never cited.
    """
    from loccit.index.errors import IndexNotFound
    from loccit.index.storage.integrity import check_index, repair_index

    findings = list(_installation(index))
    is_missing = False
    try:
        found = check_index(index)
        if repair and not all(finding.is_sound for finding in found):
            repair_index(index, found)
            found = check_index(index)
        found += _conversations(index)
    except IndexNotFound as error:
        console.print_error(f"{error}. Only the installation was checked.")
        found = []
        is_missing = index != DEFAULT_INDEX  # which is not there before the first file is added
    _print([*findings, *found], as_json)
    if is_missing or not all(finding.is_sound for finding in (*findings, *found)):
        raise typer.Exit(ExitCode.ERROR)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Copy the index and its conversations into one file; both may be in use meanwhile."""
    from loccit.index.errors import LoccitError
    from loccit.index.storage.backup import back_up
    from loccit.qa.conversation.store import FILE_NAME

    for finding in _conversations(index):
        if not finding.is_sound:
            raise LoccitError(
                f"the conversations are damaged, so nothing was copied: {finding.detail}"
            )
    damaged = back_up(index, file, beside=[FILE_NAME])
    console.print_line(f"wrote {file}, {file.stat().st_size / 2**20:,.1f} MB")
    if damaged:
        console.print_error(f"damaged in the index, and so in the copy: {damaged}")
        raise typer.Exit(ExitCode.FILES_FAILED)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `loccit backup` has written.")],
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Restore a backup into a folder that holds no index yet."""
    from loccit.index.storage import backup as copying
    from loccit.qa.conversation.store import FILE_NAME

    copying.restore(file, index, beside=[FILE_NAME])
    console.print_line(f"restored into {index}")


def _installation(index: Path) -> Iterator[Finding]:
    from loccit.index.models.default_model import DEFAULT_MODEL_SHA256, default_model_directory
    from loccit.index.models.encoder import processor_precision
    from loccit.index.storage.integrity import Finding
    from loccit.qa.reading.own_model import OWN_MODEL, OWN_MODEL_SHA256

    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    yield Finding("versions", True, f"{python}, {versions}")
    yield Finding("processor", True, f"computes in {processor_precision()}")
    yield _weights("embedding model", default_model_directory(), DEFAULT_MODEL_SHA256)
    yield _weights("reading model", OWN_MODEL, OWN_MODEL_SHA256)
    yield Finding("network", True, "not needed: nothing is downloaded or sent")
    place = next(
        parent for parent in (index.absolute(), *index.absolute().parents) if parent.exists()
    )
    free = shutil.disk_usage(place).free
    yield Finding("free disk", free > LEAST_FREE, f"{free / 2**30:,.1f} GB at {place}")


def _conversations(index: Path) -> Iterator[Finding]:
    from loccit.index.storage.integrity import Finding
    from loccit.qa.conversation.file import ConversationsFailed
    from loccit.qa.conversation.store import FILE_NAME, Conversations

    if not (index / FILE_NAME).is_file():
        return
    try:
        with Conversations.open(index) as kept:
            problem = kept.problem()
            detail = problem or f"{counted(len(kept.summaries()), 'conversation')}, sound"
    except ConversationsFailed as error:
        problem = detail = str(error)
    yield Finding("conversations", problem is None, detail)


def _weights(name: str, folder: Path, expected: str) -> Finding:
    from loccit.index.errors import DamagedModel
    from loccit.index.models.default_model import check_weights
    from loccit.index.storage.integrity import Finding
    from loccit.qa.reading.own_model import WEIGHTS_FILE

    file = folder / WEIGHTS_FILE
    try:
        check_weights(file, expected)
    except DamagedModel as error:
        return Finding(name, False, str(error))
    return Finding(name, True, f"{file}, as published")


def _print(findings: Sequence[Finding], as_json: bool) -> None:
    if as_json:
        rows = [{"name": f.name, "sound": f.is_sound, "detail": f.detail} for f in findings]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for finding in findings:
        hint = "" if finding.is_sound or not finding.can_mend else " (--repair mends it)"
        word = "ok   " if finding.is_sound else "WRONG"
        console.print_line(f"{word} {finding.name}: {finding.detail}{hint}")
