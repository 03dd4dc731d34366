"""What makes a document the same document: its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

DOC_ID_DIGITS = 32  # hexadecimal, of SHA-256: 128 bits never collide by chance

TEXT_HASH_BYTES = 16


def doc_id_of_bytes(data: bytes) -> str:
    """Return the id of a document with these bytes."""
    return hashlib.sha256(data).hexdigest()[:DOC_ID_DIGITS]


def doc_id_of_file(path: Path) -> str:
    """Return the id of the document in a file, without holding the file in memory.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DOC_ID_DIGITS]


def hash_of_text(text: str) -> bytes:
    """Return what tells a text from all others: 128 bits of its SHA-256."""
    return hashlib.sha256(text.encode()).digest()[:TEXT_HASH_BYTES]
