"""The file in which conversations are kept: SQLite, its owner's alone, shared by threads."""

from __future__ import annotations

import os
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from loccit.index.errors import LoccitError

Row = tuple[Any, ...]

SCHEMA_VERSION = 4  # raise it too when a record of an answer gets a field without a default
LOCK_SECONDS = 10.0  # how long a writer waits for another one
OWNER_ONLY = 0o600

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS conversations (
        conversation_id TEXT PRIMARY KEY, title TEXT NOT NULL,
        created TEXT NOT NULL, changed TEXT NOT NULL,  -- ISO 8601 in UTC, which sorts as it is
        is_deleted INTEGER NOT NULL DEFAULT 0)  -- 1 until it is overwritten""",
    """CREATE TABLE IF NOT EXISTS turns (
        conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
        number INTEGER NOT NULL,
        asked TEXT NOT NULL, question TEXT NOT NULL, completed TEXT,
        answer TEXT NOT NULL,  -- as JSON; "null" while there is none
        surroundings TEXT NOT NULL,
        words TEXT NOT NULL,  -- of question and answer, folded, to be searched
        rating TEXT, note TEXT NOT NULL DEFAULT '',
        documents TEXT,  -- the ids of those that were asked, as JSON; null is all
        digest BLOB,  -- of what was asked and said; null where an older loccit kept it
        PRIMARY KEY (conversation_id, number))""",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
# What takes a file from a version to the next one.
_CHANGES = {
    1: "ALTER TABLE turns ADD COLUMN documents TEXT",
    2: "ALTER TABLE conversations ADD COLUMN is_deleted INTEGER NOT NULL DEFAULT 0",
    3: "ALTER TABLE turns ADD COLUMN digest BLOB",
}
# An older file that can't be written is read through these, by the version that it has.
_AS_IF_LATER = {
    1: """CREATE TEMP VIEW turns AS
          SELECT rowid, *, NULL AS documents, NULL AS digest FROM main.turns""",
    2: "CREATE TEMP VIEW conversations AS SELECT rowid, *, 0 AS is_deleted FROM main.conversations",
    3: "CREATE TEMP VIEW IF NOT EXISTS turns AS SELECT rowid, *, NULL AS digest FROM main.turns",
}


class ConversationsFailed(LoccitError):
    """The file with the conversations can't be read or written; nothing was changed."""


class ConversationFile:
    """An open file of conversations.

    Every method raises ConversationsFailed where the file can't be read or written.
    """

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self._file = file
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, file: Path, *, create: bool) -> ConversationFile:
        """Open the file; without ``create``, a missing file is read as an empty one.

        Raises:
            ConversationsFailed: the file is damaged, or a later loccit made it.
        """
        with _telling(file):
            if create:
                # Before SQLite does, whose other files get the same mode as this one.
                os.close(os.open(file, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
            connection = _connect(file)
            try:
                _prepare(connection, file)
            except BaseException:
                connection.close()
                raise
        return cls(file, connection)

    def close(self) -> None:
        """Close the file; closing it twice does no harm."""
        with self._lock:
            self._connection.close()

    def read(self, statement: str, *parameters: object) -> list[Row]:
        """Execute a statement and return all rows; inside a change it sees that change."""
        with self._lock, _telling(self._file):
            return self._connection.execute(statement, parameters).fetchall()

    def write(self, statement: str, *parameters: object) -> int:
        """Execute a statement and return the number of rows that it changed."""
        with self._lock, _telling(self._file):
            return self._connection.execute(statement, parameters).rowcount

    def problems(self) -> list[str]:
        """Return what SQLite finds wrong with the file; nothing where it is sound."""
        rows = [row[0] for row in self.read("PRAGMA integrity_check(10)")]
        orphans = self.read("PRAGMA foreign_key_check")
        return [row for row in rows if row != "ok"] + [
            f"a row of {row[0]} has no parent" for row in orphans
        ]

    @contextmanager
    def one_moment(self, *, writing: bool = False) -> Iterator[None]:
        """Run the body on the file as it is at one moment; what it writes is one change."""
        with self._lock, _telling(self._file):
            self._connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.OperationalError):  # a full disk has rolled it back already
                    self._connection.execute("ROLLBACK")
                raise


def fold(text: str) -> str:
    """Return the text without case and accents, as it is searched."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def _connect(file: Path) -> sqlite3.Connection:
    place, is_uri = str(file), False
    if not file.is_file():
        place = ":memory:"
    elif not os.access(file.parent, os.W_OK):
        # SQLite can't make its files for locks there, and nobody writes.
        place, is_uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1", True
    return sqlite3.connect(
        place, timeout=LOCK_SECONDS, check_same_thread=False, isolation_level=None, uri=is_uri
    )


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    connection.create_function("fold", 1, fold, deterministic=True)
    connection.text_factory = lambda stored: stored.decode("utf-8", "replace")  # if it is damaged
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise ConversationsFailed(
            f"{file} was made by a later loccit (version {version}, this one knows "
            f"{SCHEMA_VERSION}): update loccit"
        )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    if version == SCHEMA_VERSION:
        return
    if version and not _is_writable(file):
        for statement in _changes(version, _AS_IF_LATER):
            connection.execute(statement)
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    # Asked again: another process may have brought it up to date meanwhile.
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for statement in (*_changes(version, _CHANGES), *_SCHEMA, "COMMIT"):
        connection.execute(statement)


def _changes(version: int, changes: Mapping[int, str]) -> list[str]:
    """Return what takes a file of this version to the newest; a new file (0) needs none."""
    return [change for since, change in changes.items() if 0 < version <= since]


def _is_writable(file: Path) -> bool:
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


@contextmanager
def _telling(file: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into one that names the file."""
    try:
        yield
    except (sqlite3.DatabaseError, UnicodeDecodeError, OSError) as error:
        is_damaged = type(error) in (sqlite3.DatabaseError, UnicodeDecodeError)
        step = "; restore a backup, or move the file away to begin anew" if is_damaged else ""
        raise ConversationsFailed(
            f"the conversations in {file} can't be read or written: {error}{step}"
        ) from error
