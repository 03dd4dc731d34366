"""What makes a document the same document: its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

HASH_DIGITS = 32  # hexadecimal, of SHA-256: 128 bits never collide by chance


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


def hash_of_text(text: str) -> str:
    """Return what tells a text from all others."""
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]
