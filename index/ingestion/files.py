"""Which files a path stands for, and which of a folder are passed over; files written whole.

Passed over are hidden files and folders, what editors and office programs write while a file is
open, symbolic links out of the folder, and what the folder's ``.loccitignore`` names, in the
syntax of ``.gitignore``.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from pathspec import GitIgnoreSpec

IGNORE_FILE = ".loccitignore"
NO_TEXT = "its name is not valid UTF-8; rename it"
TEMPORARY = ("~$*", "*~", "*.tmp", "*.temp", "*.swp", "*.part", "*.crdownload", "Thumbs.db")


def paths_of(item: Path | str | Iterable[Path | str]) -> list[Path]:
    """Return the paths that were given, one or several.

    Raises:
        TypeError: it is no path and no paths.
        ValueError: a path is empty, which would stand for the current folder.
    """
    items = [item] if isinstance(item, str | os.PathLike) else item
    if isinstance(items, bytes) or not isinstance(items, Iterable):
        raise TypeError(f"a file or a folder is named by a path, not by {item!r}")
    paths = []
    for path in items:
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"a file or a folder is named by a path, not by {path!r}")
        if path == "":
            raise ValueError('a path is empty: "." is the current folder')
        paths.append(Path(path))
    return paths


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of these paths, absolute; folders in the order of their names.

    A file that is named is always yielded, even one that does not exist, so that its failure
    is reported.
    """
    for path in paths:
        if path.is_dir():
            folder = path.resolve()
            yield from _walk(folder, folder, _ignored(folder))
        else:
            yield _without_dots(path.absolute())


def source_of(path: Path) -> str:
    r"""Return what the index calls a file: its path, with bytes that are no text as ``\udcff``.

    Where that differs from the path, the file can't be read under its name (``NO_TEXT``).
    """
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _without_dots(path: Path) -> Path:
    """Resolve "..": what lies beside a folder must not seem to lie in it."""
    return path.parent.resolve() / path.name if ".." in path.parts else path


def _ignored(folder: Path) -> GitIgnoreSpec:
    try:
        lines = (folder / IGNORE_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return GitIgnoreSpec.from_lines([*TEMPORARY, *lines])


def _walk(folder: Path, root: Path, ignored: GitIgnoreSpec) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        is_folder = entry.is_dir()
        name = entry.relative_to(root).as_posix() + ("/" if is_folder else "")
        if entry.name.startswith(".") or ignored.match_file(name):
            continue
        if is_folder:
            if not entry.is_symlink():  # they could form a ring
                yield from _walk(entry, root, ignored)
        elif not entry.is_symlink() or entry.resolve().is_relative_to(root):
            yield entry


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of another when it is whole and on the disk.

    A crash or a full disk leaves the old one.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        written = Path(file.name)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                file.close()  # what is left to write does not fit either
            written.unlink(missing_ok=True)
            raise
    written.replace(path)
