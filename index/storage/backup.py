"""Copies of an index: made while it is in use, and put back."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from loccit.index.errors import DamagedIndex, IndexNotFound, LoccitError
from loccit.index.settings import IndexSettings
from loccit.index.storage import vector_index as vectors
from loccit.index.storage.sqlite import catalogue

OWNER_ONLY = 0o600


# Of a copy alone: other databases of the folder, whole.
_BESIDE = "CREATE TABLE beside (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID"


def back_up(folder: Path, to: Path, *, beside: Sequence[str] = ()) -> None:
    """Write one file with all that an index holds, as it was at one moment.

    Others may read and write meanwhile. The file is there whole or not at all, and for its owner
    alone to read.

    Args:
        folder: the index's.
        to: the file to write, which may not be there.
        beside: names of other SQLite files in the folder; those that are there are copied as well.

    Raises:
        IndexNotFound: there is no index.
        LoccitError: the file exists, its folder doesn't, or it can't be written.
    """
    file = folder / catalogue.FILE_NAME
    if not file.is_file():
        raise IndexNotFound(f"{folder} holds no index")
    if to.exists():
        raise LoccitError(f"{to} exists: name another file")
    if not to.parent.is_dir():
        raise LoccitError(f"the folder {to.parent} does not exist: make it first")
    partial = to.with_name(f".{to.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        _create(partial)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        _take_along(folder, [name for name in beside if (folder / name).is_file()], partial)
        _reach_the_disk(partial)
        partial.rename(to)
    except (sqlite3.DatabaseError, OSError) as error:
        with suppress(OSError):  # a name that is too long can't be looked for either
            partial.unlink(missing_ok=True)
        raise LoccitError(f"{to} can't be written: {_why(error)}") from error


def restore(file: Path, folder: Path, *, beside: Sequence[str] = ()) -> None:
    """Put a copy that `back_up` made into a folder of its own.

    ``beside`` are the other files that may be taken out of it.

    Raises:
        LoccitError: the folder holds an index or one of those already, or can't be written, or the
            file does not exist.
        DamagedIndex: the file is no such copy, or is damaged.
        IndexMismatch: a later loccit made it.
    """
    target = folder / catalogue.FILE_NAME
    if target.exists():
        raise LoccitError(f"{folder} holds an index: name another folder, or delete that one first")
    if found := [name for name in beside if (folder / name).exists()]:
        raise LoccitError(f"{folder} holds {found[0]}: name another folder, or move it away first")
    if not file.is_file():
        raise LoccitError(f"{file} does not exist")
    # Not in a folder that would be left behind empty where the file is no backup.
    near = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryDirectory(dir=near, prefix=".") as temporary:
            arrived = Path(temporary) / catalogue.FILE_NAME
            others = _unpack(file, arrived, beside)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / vectors.FILE_NAME).unlink(missing_ok=True)
            for other in others:
                other.rename(folder / other.name)
            arrived.rename(target)
    except OSError as error:
        raise LoccitError(f"{folder} can't be written: {_why(error)}") from error


def _unpack(file: Path, to: Path, beside: Sequence[str]) -> list[Path]:
    """Write the index that a copy holds to a file; return the others, written beside it."""
    try:
        with (
            closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            source.backup(copy)
            _check(copy, file)
            # Vectors that are derived from the original are not this one's any more.
            copy.execute("UPDATE meta SET value = hex(randomblob(16)) WHERE name = 'identity'")
            copy.commit()
            others = _take_out(copy, beside, to.parent)
    except sqlite3.DatabaseError as error:
        raise DamagedIndex(f"{file} is no copy of an index ({error})") from error
    _reach_the_disk(to)
    return others


def _why(error: Exception) -> str:
    """Say what went wrong without the names of files that nobody but this module knows."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _take_along(folder: Path, names: Sequence[str], copy: Path) -> None:
    """Put other databases of the folder into a copy, each as it is at one moment."""
    if not names:
        return
    with (
        tempfile.TemporaryDirectory(dir=copy.parent, prefix=".") as temporary,
        closing(sqlite3.connect(copy)) as opened,
    ):
        opened.execute(_BESIDE)
        for name in names:
            whole = Path(temporary) / name
            with closing(sqlite3.connect(folder / name)) as other:
                other.execute("VACUUM INTO ?", (str(whole),))
            opened.execute("INSERT INTO beside VALUES (?, ?)", (name, whole.read_bytes()))
        opened.commit()


def _take_out(copy: sqlite3.Connection, names: Sequence[str], to: Path) -> list[Path]:
    """Write those databases of these names that a copy holds to a folder; it holds none then."""
    if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'beside'").fetchone():
        return []
    written = []
    for name in names:
        row = copy.execute("SELECT content FROM beside WHERE name = ?", (name,)).fetchone()
        if row is not None:
            file = to / name
            _create(file)
            file.write_bytes(row[0])
            _reach_the_disk(file)
            written.append(file)
    copy.execute("DROP TABLE beside")
    copy.commit()
    copy.execute("VACUUM")
    return written


def _create(file: Path) -> None:
    """Make an empty file that its owner alone may read."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, OWNER_ONLY))


def _check(copy: sqlite3.Connection, file: Path) -> None:
    problems = [row[0] for row in copy.execute("PRAGMA integrity_check(1)")]
    settings = copy.execute("SELECT value FROM meta WHERE name = 'settings'").fetchone()
    if problems != ["ok"] or settings is None:
        raise DamagedIndex(f"{file} is damaged: {problems[0]}")
    IndexSettings.from_json(settings[0])


def _reach_the_disk(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
