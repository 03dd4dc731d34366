"""Copies of an index: made while it is in use, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from loccit.index.errors import DamagedIndex, IndexNotFound, LoccitError
from loccit.index.settings import IndexSettings
from loccit.index.storage import vector_index as vectors
from loccit.index.storage.integrity import check_file, find_damage, named
from loccit.index.storage.sqlite import catalogue
from loccit.index.storage.sqlite.checks import Checks
from loccit.index.storage.sqlite.connections import DAMAGE
from loccit.index.storage.sqlite.schema import SCHEMA_VERSION

OWNER_ONLY = 0o600
_WORKING = ".loccit-copy-"  # begins the names of folders for what is not whole yet

# Of a copy alone: other databases of the folder, whole.
_BESIDE = "CREATE TABLE beside (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID"


def back_up(folder: Path, to: Path, *, beside: Sequence[str] = ()) -> str:
    """Write one file with all that an index holds, as it was at one moment.

    Others may read and write meanwhile. The file is there whole or not at all, and for its owner
    alone to read. What an earlier backup into the same place left when it was killed is removed.

    Args:
        folder: the index's.
        to: the file to write, which may not be there.
        beside: names of other SQLite files in the folder; those that are there are copied as well.

    Returns:
        The names of documents that were marked as damaged before, which the copy holds as well.

    Raises:
        IndexNotFound: there is no index.
        DamagedIndex: it is damaged, and is not copied.
        LoccitError: the file exists, its folder doesn't, or it can't be written.
    """
    file = folder / catalogue.FILE_NAME
    if not file.is_file():
        raise IndexNotFound(f"{folder} holds no index")
    try:
        if to.exists():
            raise LoccitError(f"{to} exists: name another file")
        if not to.parent.is_dir():
            raise LoccitError(f"the folder {to.parent} does not exist: make it first")
        _refuse_damaged_file(file)
        with _working_folder(to.parent) as place:
            copy = place / catalogue.FILE_NAME
            _copy(file, copy)
            marked = _refuse_damage(copy, f"{folder} is damaged, so it was not copied")
            _take_along(folder, [name for name in beside if (folder / name).is_file()], copy)
            _reach_the_disk(copy)
            copy.rename(to)
    except (sqlite3.DatabaseError, OSError) as error:
        raise LoccitError(f"{to} can't be written: {_why(error)}") from error
    return marked


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
        with _working_folder(near) as place:
            arrived = place / catalogue.FILE_NAME
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
            _refuse_damage(to, f"{file} is damaged")
            # Vectors that are derived from the original are not this one's any more.
            copy.execute("UPDATE meta SET value = hex(randomblob(16)) WHERE name = 'identity'")
            copy.commit()
            others = _take_out(copy, beside, to.parent)
    except DAMAGE as error:
        raise DamagedIndex(f"{file} is no copy of an index ({error})") from error
    _reach_the_disk(to)
    return others


def _why(error: Exception) -> str:
    """Say what went wrong without the names of files that nobody but this module knows."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


@contextmanager
def _working_folder(near: Path) -> Iterator[Path]:
    """Make a folder in another one for what is not whole yet, and remove it in the end.

    So are those that were left behind by a kill: nobody holds the lock in them any more.
    """
    for left in near.glob(f"{_WORKING}*"):
        with suppress(sqlite3.DatabaseError), _locked(left):
            shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(dir=near, prefix=_WORKING))
    try:
        with _locked(place):
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Hold the lock in a folder, which ends with the process.

    Raises:
        sqlite3.OperationalError: another process holds it.
    """
    with closing(sqlite3.connect(place / "lock", timeout=0, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _copy(file: Path, to: Path) -> None:
    """Write a database as it is at one moment to a new file, for its owner alone to read."""
    _create(to)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))


def _refuse_damaged_file(file: Path) -> None:
    """Ask SQLite for what a copy would not show any more: it is made without the damaged rows.

    Raises:
        DamagedIndex: the file is damaged.
    """
    try:
        detail = next((f.detail for f in [check_file(file)] if not f.is_sound), "")
    except DAMAGE as error:
        detail = str(error)
    if detail:
        raise DamagedIndex(
            f"{file} is damaged ({detail}), so it was not copied: run `loccit doctor --repair`"
        )


def _refuse_damage(copy: Path, told: str) -> str:
    """Compare all that a copy of a catalogue holds with its digests.

    Returns:
        The names of those documents that are marked as damaged.

    Raises:
        DamagedIndex: something else is damaged; ``told`` begins the message.
    """
    with closing(sqlite3.connect(copy)) as connection:
        stored = Checks.of(connection)
        if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
            return ""  # an older loccit made no digests
        damage = find_damage(stored)
        wrong = [*damage.documents, *damage.full_text]
        if wrong:
            raise DamagedIndex(f"{told} ({named(stored, wrong)}): run `loccit doctor --repair`")
        return named(stored, stored.damaged_documents())


def _take_along(folder: Path, names: Sequence[str], copy: Path) -> None:
    """Put other databases of the folder into a copy, each as it is at one moment."""
    if not names:
        return
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute(_BESIDE)
        for name in names:
            whole = copy.with_name(name)
            _copy(folder / name, whole)
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
        raise DamagedIndex(f"{file} is damaged: {problems[0]}; restore another backup")
    IndexSettings.from_json(settings[0])


def _reach_the_disk(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
