"""Which files a path stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of these paths, absolute; folders in the order of their names.

    A file that is named is always yielded, even one that does not exist, so that its failure
    is reported. In folders, hidden files and folders are passed over, and so are symbolic
    links to folders, which could form a ring.
    """
    for path in paths:
        if path.is_dir():
            yield from _walk(path.resolve())
        else:
            yield path.absolute()


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if not entry.is_symlink():
                yield from _walk(entry)
        else:
            yield entry
