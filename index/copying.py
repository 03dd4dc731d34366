"""Copies of an index: made while it is in use, and put back."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from index import catalogue, vectors
from index.errors import DamagedIndex, IndexNotFound, LoccitError
from index.settings import IndexSettings


def back_up(folder: Path, to: Path) -> None:
    """Write one file with all that an index holds, as it was at one moment.

    Others may read and write meanwhile. The file is there whole or not at all.

    Raises:
        IndexNotFound: there is no index.
        LoccitError: the file exists, or can't be written.
    """
    file = folder / catalogue.FILE_NAME
    if not file.is_file():
        raise IndexNotFound(f"{folder} holds no index")
    if to.exists():
        raise LoccitError(f"{to} exists: name another file")
    partial = to.with_name(f".{to.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        _reach_the_disk(partial)
        partial.rename(to)
    except (sqlite3.DatabaseError, OSError) as error:
        partial.unlink(missing_ok=True)
        raise LoccitError(f"{to} can't be written: {error}") from error


def restore(file: Path, folder: Path) -> None:
    """Put a copy that `back_up` made into a folder of its own.

    Raises:
        LoccitError: the folder holds an index already, or the file can't be read.
        DamagedIndex: the file is no such copy, or is damaged.
        IndexMismatch: a later loccit made it.
    """
    target = folder / catalogue.FILE_NAME
    if target.exists():
        raise LoccitError(f"{folder} holds an index: name another folder, or delete that one first")
    if not file.is_file():
        raise LoccitError(f"{file} is not there")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        arrived = Path(temporary) / catalogue.FILE_NAME
        try:
            with (
                closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(arrived)) as copy,
            ):
                source.backup(copy)
                _check(copy, file)
                # Vectors that are derived from the original are not this one's any more.
                copy.execute("UPDATE meta SET value = hex(randomblob(16)) WHERE name = 'identity'")
                copy.commit()
        except sqlite3.DatabaseError as error:
            raise DamagedIndex(f"{file} is no copy of an index ({error})") from error
        _reach_the_disk(arrived)
        (folder / vectors.FILE_NAME).unlink(missing_ok=True)
        arrived.rename(target)


def _check(copy: sqlite3.Connection, file: Path) -> None:
    problems = [row[0] for row in copy.execute("PRAGMA integrity_check(1)")]
    settings = copy.execute("SELECT value FROM meta WHERE name = 'settings'").fetchone()
    if problems != ["ok"] or settings is None:
        raise DamagedIndex(f"{file} is damaged: {problems[0]}")
    IndexSettings.from_json(settings[0])


def _reach_the_disk(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
