"""Path or bytes in, Document out: the one door to the parsers.

Importing this package is cheap: the parsers themselves load with the first file of their family.
"""

from __future__ import annotations

import logging
import stat
from pathlib import Path

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.formats import FORMAT_OF, SUPPORTED_SUFFIXES, Format

__all__ = [
    "MAX_FILE_BYTES",
    "SUPPORTED_SUFFIXES",
    "check_name_and_size",
    "parse_bytes",
    "parse_file",
]

logger = logging.getLogger(__name__)

MAX_FILE_BYTES = 100 * 1024 * 1024
"""100 MB: a file is read into memory whole, and parsing takes several times its size."""

_EMPTY = "the file is empty; there is nothing to index"


def parse_file(path: Path) -> Document:
    """Read the file at ``path``; the document's source is ``str(path)``.

    Raises:
        UnreadableDocument: for any reason that lies in the file or in its path.
    """
    source = str(path)
    try:
        if path.is_dir():
            raise UnreadableDocument(source, "this is a folder; name the files in it instead")
        check_name_and_size(path)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableDocument(
            source, "there is no such file or folder; check the path"
        ) from error
    except PermissionError as error:
        raise UnreadableDocument(
            source, "no permission to read this file; change its permissions first"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        raise UnreadableDocument(
            source, f"the file can't be read from disk ({error}); copy it elsewhere and try again"
        ) from error
    return parse_bytes(data, source)


def check_name_and_size(path: Path) -> None:
    """Refuse a file where its name or its size tells that it can't be read.

    Raises:
        UnreadableDocument: the suffix is not supported, or the file is too large or empty.
        OSError: there is no such file, or it can't be reached.
    """
    status = path.stat()  # first: what a mistyped path lacks is the file, not a suffix
    source = str(path)
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableDocument(source, "this is a pipe or a device, which is never read")
    _format(source)
    _check_size(status.st_size, source)
    if status.st_size == 0:
        raise UnreadableDocument(source, _EMPTY)


def parse_bytes(data: bytes, source: str) -> Document:
    """Read ``data`` in the format that the suffix of ``source`` names.

    Raises:
        UnreadableDocument: for any reason that lies in the data or in the name.
    """
    found = _format(source)
    _check_size(len(data), source)
    if not data.strip():
        raise UnreadableDocument(source, _EMPTY)
    try:
        return found.parser()(data, source)
    except (MemoryError, RecursionError) as error:
        raise UnreadableDocument(
            source, "reading it takes more memory than there is; split it into smaller files"
        ) from error


def _format(source: str) -> Format:
    """Return the format that the suffix of ``source`` names."""
    suffix = Path(source).suffix.lower()
    found = FORMAT_OF.get(suffix)
    if found is None:
        # Which suffixes are supported is said once, by whoever reports on all files.
        met = f"{suffix} files" if suffix else "files without a suffix"
        raise UnreadableDocument(source, f"{met} are not supported; save a copy in another format")
    return found


def _check_size(size: int, source: str) -> None:
    """Refuse a file that is larger than the limit."""
    if size > MAX_FILE_BYTES:
        mega = 1024 * 1024
        raise UnreadableDocument(
            source,
            f"the file is {size / mega:.0f} MB and the limit is {MAX_FILE_BYTES // mega} MB; "
            "split it into smaller files",
        )
