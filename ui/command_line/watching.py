"""Follows a folder: mirrors it at each change, until it is interrupted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from loccit.index.errors import FolderMissing, IndexLocked
from loccit.ui.command_line import console

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

QUIET_MS = 500  # a folder is mirrored when nothing has changed for so long
LONGEST_MS = 10_000  # or when something has been changing for so long
LOOK_MS = 1_000  # a watch that hears nothing sees at these intervals whether the folder is there
PAUSE_SECONDS = 2.0  # before a folder that is away is looked for again


def follow(index: PassageIndex, folder: Path, *, allow_empty: bool = False) -> None:
    """Mirror a folder now and at each change; whatever goes wrong is said and tried again.

    A file that is still being written when its turn comes is read again at its next change. A
    folder that is away, or empty of a sudden, changes nothing until it is back.
    """
    from watchfiles import watch

    own = index.folder.resolve()

    def outside(_change: object, path: str) -> bool:
        """Tell whether a change is none of the index's own files, which may lie in the folder."""
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
                # The first look is at what changed before the watch began: from then on no
                # change falls between a look and the watch.
                if changes or is_first:
                    _mirror(index, folder, allow_empty)
                is_first = False
        except OSError as error:  # the folder went away while it was looked at
            console.print_error(f"waiting for {folder}: {error.strerror or error}")
            time.sleep(PAUSE_SECONDS)


def _mirror(index: PassageIndex, folder: Path, allow_empty: bool) -> None:
    try:
        console.sync_folder(index, folder, allow_empty=allow_empty, only_changes=True)
    except (FolderMissing, IndexLocked) as error:
        console.print_error(f"waiting: {error}")
