"""What is told where a catalogue's file can't be opened or written."""

from __future__ import annotations

import os
import sqlite3
import sys
import textwrap
from pathlib import Path

from loccit.index.errors import DamagedIndex, IndexLocked, LoccitError, NotWritten

LOCK_SECONDS = 10.0  # how long a writer waits for another one
WRITER_FILE = "writer.txt"  # beside the catalogue: the process that wrote last
_COMMAND_CHARS = 100  # of the writer's command line that are told


def why_not_written(error: sqlite3.OperationalError) -> LoccitError | None:
    """Return what to raise where there is no room, or no right, to write; else None."""
    words = str(error)
    if "is full" in words or "disk I/O error" in words:
        return NotWritten(f"nothing was changed: {words}; make room, then try again")
    if "readonly" in words:
        return NotWritten("nothing was changed: the index's folder is read-only")
    return None


def open_error(path: Path, error: Exception) -> LoccitError:
    """Return what to raise where a file can't be opened."""
    if "locked" in str(error):
        return IndexLocked(locked(path, LOCK_SECONDS))
    if isinstance(error, sqlite3.OperationalError) and (why := why_not_written(error)):
        return why
    return DamagedIndex(
        f"{path} can't be read as an index ({error}): run `loccit doctor --repair`, restore a "
        "backup, or delete its folder and add the files again"
    )


def locked(path: Path, patience: float) -> str:
    """Say who writes to the index, after so many seconds of waiting."""
    try:
        holder = (path.parent / WRITER_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        holder = "another process"
    return (
        f"{holder} was writing to the index for {patience:.0f} seconds: wait for it to end and "
        "try again, or use --wait"
    )


def this_process() -> str:
    """Say which process this is, for others that wait."""
    words = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
    command = textwrap.shorten(words, _COMMAND_CHARS, placeholder=" …")
    return f"another process (number {os.getpid()}, {command or 'Python'})"
