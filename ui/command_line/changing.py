"""The commands that change an index: add, sync, retry, remove, reembed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loccit.ui.command_line import console
from loccit.ui.command_line.exits import ExitCode
from loccit.ui.command_line.options import DEFAULT_INDEX, IndexOption, ModelOption

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

WaitOption = Annotated[
    bool,
    typer.Option(
        "--wait", help="Wait while another process writes to the index, however long it takes."
    ),
]


def add(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.", metavar="PATH...")],
    model: ModelOption = None,
    wait: WaitOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Add files and folders to the index; what is unchanged is skipped."""
    with _open(index, create=True, model=model, wait=wait) as opened:
        result = console.add_paths(opened, paths)
    if result.with_status("failed"):
        raise typer.Exit(ExitCode.FILES_FAILED)


def sync(
    folder: Annotated[Path, typer.Argument(help="The folder to mirror.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be done, and do nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and follow the folder's changes.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Remove everything if the folder is empty.")
    ] = False,
    model: ModelOption = None,
    wait: WaitOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Make the index equal to a folder: add, update and remove what was there changed."""
    with _open(index, create=True, model=model, wait=wait) as opened:
        if watch and not dry_run:
            from loccit.ui.command_line.watching import follow

            follow(opened, folder, allow_empty=allow_empty)
            return
        result = console.sync_folder(opened, folder, dry_run=dry_run, allow_empty=allow_empty)
    if result.num_failed:
        raise typer.Exit(ExitCode.FILES_FAILED)


def retry(wait: WaitOption = False, index: IndexOption = DEFAULT_INDEX) -> None:
    """Try again the files that could not be read, as `loccit list --failed` shows them."""
    with _open(index, wait=wait) as opened:
        failed = [Path(source) for source in opened.failures()]
        if not failed:
            console.print_line("no file has failed")
            return
        result = console.add_paths(opened, failed)
    if result.with_status("failed"):
        raise typer.Exit(ExitCode.FILES_FAILED)


def remove(
    names: Annotated[
        list[str],
        typer.Argument(help="File names, paths, titles or ids, as `loccit list` shows them."),
    ],
    wait: WaitOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Remove documents from the index; your own files stay where they are."""
    with _open(index, wait=wait) as opened:
        from loccit.ui.chat.uploads import remove_document

        # All names are looked up first: a wrong one removes nothing.
        chosen = dict.fromkeys(opened.resolve(name) for name in names)
        for doc_id in chosen:
            title = remove_document(opened, index, doc_id)
            console.print_line(f"removed {title}")


def reembed(
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME",
            help="A sentence-transformers model on this disk, by id or folder; without it, the "
            "default one.",
        ),
    ] = None,
    wait: WaitOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Change the index's model, from the stored text; the old one answers until it is done.

    When it is interrupted, the same command goes on from there.
    """
    console.reembed(index, model, wait=wait)


def _open(
    index: Path, *, wait: bool, create: bool = False, model: str | None = None
) -> PassageIndex:
    from loccit.index.passage_index import PassageIndex

    return console.upgraded(
        PassageIndex.open(index, create=create, embedder=model, wait=wait, upgrade=False)
    )
