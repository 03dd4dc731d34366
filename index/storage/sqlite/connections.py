"""The connections to a catalogue's file: one that writes, and as many that read as are needed.

Write-ahead logging lets readers go on while a writer works, so a search waits for no indexing, and
the searches of several threads run side by side.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from loccit.index.errors import (
    DamagedIndex,
    IndexLocked,
    IndexNotOpen,
    NotWritten,
)
from loccit.index.storage.packing import source_digest
from loccit.index.storage.sqlite.failures import (
    LOCK_SECONDS,
    WRITER_FILE,
    locked,
    open_error,
    this_process,
    why_not_written,
)
from loccit.index.storage.sqlite.schema import (
    DOCUMENT_COLUMNS,
    SCHEMA,
    SCHEMA_VERSION,
    VOCABULARY,
    Row,
    is_older,
    upgrades,
    views_of_older,
)

logger = logging.getLogger(__name__)

WARMED_BYTES = 1 << 30  # of the file that are read ahead, about 250,000 passages
_WARMED_AT_ONCE = 1 << 17  # bytes; Linux reads no more ahead for one call than its disk's setting
_FULL = "on a full disk; make room, then open the index again"
_RETRY_MS = 500  # between two tries for the lock, so that waiting can be interrupted


# What reading a damaged file leads to; the second where SQLite's own words hold damaged text.
DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)


class Connections:
    """The open connections to one file; may be shared by threads.

    Args:
        path: of the file.
        patience: seconds that a change waits for another process's.

    Raises:
        IndexLocked: another process was writing for too long.
        DamagedIndex: the file is not a readable catalogue.
    """

    def __init__(self, path: Path, patience: float | None = None) -> None:
        self._path = path
        self._process = os.getpid()
        self._patience = LOCK_SECONDS if patience is None else patience
        self._writing = threading.RLock()
        self._writer_thread: int | None = None  # the one inside a transaction
        self._pooling = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._read_only = _is_read_only(path)
        self._writer = _connect(path, read_only=self._read_only)
        try:
            self._prepare()
        except DAMAGE as error:
            failure = open_error(path, error)
            if not isinstance(failure, NotWritten):
                self.close()
                raise failure from error
            self._open_to_read(failure)

    def _prepare(self) -> None:
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if self._read_only:
            return
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
        self._writer.execute("PRAGMA foreign_keys = ON")
        if version < SCHEMA_VERSION:
            self._writer.execute("BEGIN IMMEDIATE")
            self._writer.create_function("source_digest", 2, source_digest, deterministic=True)
            columns = _document_columns(self._writer)
            for statement in (*(upgrades(columns) if is_older(columns) else ()), *SCHEMA):
                self._writer.execute(statement)
            self._writer.execute("COMMIT")
        self._writer.execute(f"PRAGMA busy_timeout = {_RETRY_MS}")

    def _open_to_read(self, failure: NotWritten) -> None:
        """Read a file beside which a full disk has no room for SQLite's own files.

        Raises:
            NotWritten: changes stand in such a file, and could not be seen without it.
        """
        self._writer.close()
        log = self._path.with_name(f"{self._path.name}-wal")
        if not self._path.stat().st_size or (log.exists() and log.stat().st_size):
            self.close()
            raise failure
        logger.warning("%s can only be read: %s", self._path, failure)
        self._read_only = True
        self._writer = _connect(self._path, read_only=True)

    def is_read_only(self) -> bool:
        """Tell whether nobody may write beside the file, or there is no room to."""
        return self._read_only

    def is_ours(self) -> bool:
        """Tell whether this process opened the file, and is no fork of the one that did."""
        return self._process == os.getpid()

    def close(self) -> None:
        """Close the file; twice is once. A thread that is reading closes its own when done.

        A fork of the process that opened the file leaves it to that process.
        """
        if not self.is_ours():
            return
        with self._writing, self._pooling:
            self._closed = True
            self._writer.close()
            while self._idle:
                self._idle.pop().close()

    def warm_up(self) -> None:
        """Let the system read the file ahead.

        The first 200 searches of 100,000 passages that it had not cached take 0.6 of the time.
        """
        if not hasattr(os, "posix_fadvise"):  # macOS and Windows have none
            return
        with suppress(OSError):
            size, opened = self._path.stat().st_size, _opened(self._path)
            for start in range(0, min(WARMED_BYTES, size), _WARMED_AT_ONCE):
                os.posix_fadvise(opened, start, _WARMED_AT_ONCE, os.POSIX_FADV_WILLNEED)

    def read(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Execute a statement and return all rows; inside a transaction it sees its changes."""
        with telling_damage():
            if self._writer_thread == threading.get_ident():
                return self._writer.execute(statement, parameters).fetchall()
            with self._reader() as connection:
                return connection.execute(statement, parameters).fetchall()

    def write(self, statement: str, parameters: Sequence[object] = ()) -> int:
        """Execute a statement, as a change of its own outside of a transaction.

        Returns the last row's id.
        """
        if self._writer_thread == threading.get_ident():
            with telling_damage():
                return int(self._writer.execute(statement, parameters).lastrowid or 0)
        with self.transaction():
            return self.write(statement, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the body as one change, wholly or not at all."""
        self._check_open()
        with self._writing, telling_damage():
            if self._read_only:
                place = "read-only" if _is_read_only(self._path) else _FULL
                raise NotWritten(f"nothing was changed: the index's folder is {place}")
            self._begin()
            self._writer_thread = threading.get_ident()
            try:
                yield
                self._writer.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.OperationalError):  # a full disk has rolled it back already
                    self._writer.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError) and (why := why_not_written(error)):
                    raise why from error
                raise
            finally:
                self._writer_thread = None

    @contextmanager
    def attached(self, path: Path, name: str) -> Iterator[None]:
        """Let the writing connection read another catalogue's file under a name."""
        with self._writing:
            self._writer.execute(f"ATTACH ? AS {name}", (str(path),))
            try:
                yield
            finally:
                self._writer.execute(f"DETACH {name}")

    def _begin(self) -> None:
        """Take the lock of the file, and say who has it."""
        until = time.monotonic() + self._patience
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise (why_not_written(error) or error) from error
                if time.monotonic() >= until:
                    raise IndexLocked(locked(self._path, self._patience)) from error
        with suppress(OSError):  # a full disk: the change itself will tell
            (self._path.parent / WRITER_FILE).write_text(this_process(), encoding="utf-8")

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that no other thread uses."""
        self._check_open()
        with self._pooling:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = _connect(self._path, read_only=self._read_only)
            connection.executescript(VOCABULARY)
        try:
            yield connection
        finally:
            with self._pooling:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def _check_open(self) -> None:
        """Refuse a file that was closed, or that only the process before a fork may use.

        Neither SQLite's connections nor the threads that search are there in a fork.
        """
        if not self.is_ours():
            raise IndexNotOpen(
                "the index was opened before this process was forked: open it again in this one"
            )
        if self._closed:
            raise IndexNotOpen("the index is closed: open it again")


def _opened(path: Path) -> int:
    """Return the number under which SQLite has the file open in this process.

    To open it once more and close it would end SQLite's locks on it: the next process to close the
    index would take it to be the last one, and remove the log that this one goes on writing to.

    Raises:
        OSError: it is not open, or the system does not say.
    """
    target = path.resolve()
    for opened in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if opened.readlink() == target:
                return int(opened.name)
    raise FileNotFoundError(path)


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    place = str(path)
    if read_only:
        # Nobody writes there, so nothing is locked: SQLite can't make its files for locks either.
        place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(
        place, timeout=LOCK_SECONDS, check_same_thread=False, isolation_level=None, uri=read_only
    )
    connection.text_factory = lenient_text  # what is no UTF-8 is found by its digest, and named
    if read_only and is_older(columns := _document_columns(connection)):
        for view in views_of_older(columns):
            connection.execute(view)
    return connection


def _document_columns(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute(DOCUMENT_COLUMNS)]


def lenient_text(stored: bytes) -> str:
    """Read a stored text, whatever damage has made of it."""
    return stored.decode("utf-8", "replace")


@contextmanager
def telling_damage() -> Iterator[None]:
    """Turn what SQLite says of a file that makes no sense to it into an error of ours."""
    try:
        yield
    except DAMAGE as error:
        words = "its words are no text" if isinstance(error, UnicodeDecodeError) else str(error)
        is_other = isinstance(error, sqlite3.ProgrammingError) or any(
            known in words for known in ("locked", "interrupted", "is full", "readonly", "I/O")
        )
        if is_other:
            raise
        raise DamagedIndex(
            f"the index's file is damaged ({words}): run `loccit doctor --repair`"
        ) from error


def _is_read_only(path: Path) -> bool:
    return path.exists() and not os.access(path.parent, os.W_OK)
