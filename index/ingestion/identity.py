"""What makes a document the same document: its bytes."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

HASH_DIGITS = 32  # hexadecimal, of SHA-256: 128 bits never collide by chance
# A file that was changed so short a time ago may change again and show the same time: some file
# systems count in steps of two seconds.
_SETTLED_NS = 3_000_000_000


def doc_id_of_bytes(data: bytes) -> str:
    """Return the id of a document with these bytes."""
    return hashlib.sha256(data).hexdigest()[:HASH_DIGITS]


def doc_id_of_file(path: Path) -> str:
    """Return the id of the document in a file, without holding the file in memory.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:HASH_DIGITS]


def has_bytes_of(doc_id: str, source: str) -> bool:
    """Tell whether a file is there that a document was added from, and is as it was."""
    file = Path(source)
    try:
        return file.is_absolute() and file.is_file() and doc_id_of_file(file) == doc_id
    except (OSError, ValueError):  # no path at all: it is damaged
        return False


class FileIds:
    """The ids of the documents in files, which reads a file again only when it seems changed.

    That is when its size, its time of change or its number on the disk is another.
    """

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], str]] = {}

    def of_file(self, path: Path) -> str:
        """Return the id of the document in a file, as `doc_id_of_file` does.

        Raises:
            OSError: the file can't be read.
        """
        status = path.stat()
        seen = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        known = self._known.get(path)
        if known is not None and known[0] == seen:
            return known[1]
        began = time.time_ns()
        doc_id = doc_id_of_file(path)
        if max(seen[2:]) < began - _SETTLED_NS:
            self._known[path] = (seen, doc_id)
        return doc_id


def hash_of_text(text: str) -> str:
    """Return what tells a text from all others."""
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]
