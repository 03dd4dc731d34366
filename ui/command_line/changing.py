"""The commands that change an index: add, sync, retry, remove, reembed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loccit.index.errors import LoccitError
from loccit.ui.command_line import console
from loccit.ui.command_line.options_and_exits import (
    DEFAULT_INDEX,
    ExitCode,
    IndexOption,
    ModelOption,
)
from loccit.ui.text.wording import SUPPORTED

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

WaitOption = Annotated[
    bool,
    typer.Option("--wait", help="Wait as long as another process writes to the index."),
]


def add(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to add.", metavar="PATH")],
    model: ModelOption = None,
    wait: WaitOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Add files and folders to the index; unchanged files are skipped."""
    if missing := [str(path) for path in paths if _is_missing(path)]:
        raise LoccitError(f"no such file or folder: {', '.join(missing)}. Nothing was added.")
    with _open(index, create=True, model=model, wait=wait) as opened:
        result = console.add_paths(opened, paths)
    if not result.outcomes:
        raise LoccitError(f"no files to add in {', '.join(map(str, paths))}. {SUPPORTED}")
    if result.with_status("failed"):
        raise typer.Exit(ExitCode.FILES_FAILED)


def sync(
    folder: Annotated[Path, typer.Argument(help="The folder to mirror.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running, and mirror every change of the folder.")
    ] = False,
    allow_empty: Annotated[
        bool,
        typer.Option("--allow-empty", help="If the folder is empty, remove all of its documents."),
    ] = False,
    model: ModelOption = None,
    wait: WaitOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Make the index equal to a folder: add, update or remove whatever changed there.

    A file that was renamed or moved counts as updated. With --dry-run, a new file counts as failed
    if its name or size tells that it can't be read, or if it failed before and still does.
    """
    with _open(index, create=True, model=model, wait=wait) as opened:
        if watch and not dry_run:
            from loccit.ui.command_line.watching import follow

            follow(opened, folder, allow_empty=allow_empty)
            return
        result = console.sync_folder(opened, folder, dry_run=dry_run, allow_empty=allow_empty)
    if result.num_failed:
        raise typer.Exit(ExitCode.FILES_FAILED)


def retry(wait: WaitOption = False, index: IndexOption = DEFAULT_INDEX) -> None:
    """Try again the files that could not be read; `loccit list --failed` shows them."""
    with _open(index, wait=wait) as opened:
        failed = [Path(source) for source in opened.failures()]
        if not failed:
            console.print_line("no failed files")
            return
        result = console.add_paths(opened, failed)
    if result.with_status("failed"):
        raise typer.Exit(ExitCode.FILES_FAILED)


def remove(
    names: Annotated[
        list[str],
        typer.Argument(help="File names, paths, titles or ids that `loccit list` shows."),
    ],
    wait: WaitOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Remove documents from the index; your files stay where they are."""
    with _open(index, wait=wait) as opened:
        from loccit.ui.chat.uploads import remove_document

        # All names are looked up first, so that nothing is removed where one is wrong.
        chosen = dict.fromkeys(opened.resolve(name) for name in names)
        sources = {summary.doc_id: summary.sources for summary in opened.summaries()}
        for doc_id in chosen:
            title = remove_document(opened, index, doc_id)
            console.print_line(f"removed {title}")
            if len(sources[doc_id]) > 1:  # files with the same content are one document
                console.print_line(f"    under all its names: {', '.join(sources[doc_id])}")


def reembed(
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME",
            help="A sentence-transformers model on this disk: its id or folder. Without this "
            "option, the default model.",
        ),
    ] = None,
    wait: WaitOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Change the index's model, from the stored text; the old one answers until this is done.

    If this is interrupted, run the same command again: it goes on from there.
    """
    console.reembed(index, model, wait=wait)


def _is_missing(path: Path) -> bool:
    """Tell whether nothing is at a path; what can't be looked at is not missing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _open(
    index: Path, *, wait: bool, create: bool = False, model: str | None = None
) -> PassageIndex:
    from loccit.index.passage_index import PassageIndex

    return console.upgraded(
        PassageIndex.open(index, create=create, embedder=model, wait=wait, upgrade=False)
    )
