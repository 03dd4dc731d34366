"""Follows a folder: mirrors it at every change, until the command is interrupted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from loccit.index.errors import FolderMissing, IndexLocked
from loccit.ui.command_line import console

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

QUIET_MS = 500  # without a change, after which the folder is mirrored
LONGEST_MS = 10_000  # of changes without a pause, after which it is mirrored all the same
LOOK_MS = 1_000  # between two checks that the folder is still there
PAUSE_SECONDS = 2.0  # between two looks for a folder that is away


def follow(index: PassageIndex, folder: Path, *, allow_empty: bool = False) -> None:
    """Mirror a folder now and at every change; print whatever goes wrong, and go on.

    A file that is read while it is still being written is read again at its next change. As long
    as the folder is away or suddenly empty, the index stays as it is.
    """
    from watchfiles import watch

    own = index.folder.resolve()

    def outside(_change: object, path: str) -> bool:
        """Tell whether a change is outside the index, whose files may lie in the folder."""
        return not Path(path).is_relative_to(own)

    console.sync_folder(index, folder, allow_empty=allow_empty)
    console.print_line(f"following {folder} (Ctrl-C stops it)")
    while True:
        if not folder.is_dir():
            time.sleep(PAUSE_SECONDS)
            continue
        try:
            is_first = True
            for changes in watch(
                folder,
                watch_filter=outside,
                debounce=LONGEST_MS,
                step=QUIET_MS,
                rust_timeout=LOOK_MS,
                yield_on_timeout=True,
                raise_interrupt=True,
            ):
                if not folder.is_dir():
                    break
                # The first round takes what changed before the watch began, so that no change is
                # missed in between.
                if changes or is_first:
                    _mirror(index, folder, allow_empty)
                is_first = False
        except OSError as error:  # the folder went away meanwhile
            console.print_error(f"waiting for {folder}: {error.strerror or error}")
            time.sleep(PAUSE_SECONDS)


def _mirror(index: PassageIndex, folder: Path, allow_empty: bool) -> None:
    try:
        console.sync_folder(index, folder, allow_empty=allow_empty, only_changes=True)
    except (FolderMissing, IndexLocked) as error:
        console.print_error(f"waiting: {error}")
