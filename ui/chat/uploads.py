"""Uploaded files: kept beside the index, added to it, and deleted when their document is removed.

An uploaded file is moved out of the web framework's cache at once, into ``<index>/uploads``, which
can't be reached over HTTP; the cache can then be emptied at any time.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

UPLOADS = "uploads"
MAX_NAME_BYTES = 200  # file systems allow 255; temporary names need some of them
FALLBACK_NAME = "document"
MAX_SUFFIX_BYTES = 20
# Path separators, what Windows forbids, control characters and surrogates.
_UNSAFE = re.compile(r'[/\\<>:"|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\s*(?:\.|$))", re.I
)


def safe_name(name: str) -> str:
    """Return a file name without folders and forbidden characters, never hidden or empty.

    A name that means a device in Windows ("NUL.txt") gets an underscore before it.
    """
    cleaned = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1]).strip(" .")
    cleaned = f"_{cleaned}" if _DEVICE.match(cleaned) else cleaned
    stem, suffix = os.path.splitext(cleaned)  # noqa: PTH122 - PurePath would eat a name of dots
    if len(suffix.encode()) > MAX_SUFFIX_BYTES:
        stem, suffix = cleaned, ""
    while len((stem + suffix).encode()) > MAX_NAME_BYTES and stem:
        stem = stem[:-1]
    return (stem + suffix) or FALLBACK_NAME


def keep_upload(cached: Path, index_folder: Path) -> Path:
    """Move an uploaded file beside the index, in place of one with the same name."""
    folder = index_folder / UPLOADS
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / safe_name(cached.name)
    # Under a temporary name first: a full disk must not leave half a file under the real name.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        arrived = Path(temporary) / "upload"
        shutil.copyfile(cached, arrived)
        arrived.replace(kept)
    cached.unlink(missing_ok=True)
    return kept.absolute()


def remove_document(index: PassageIndex, index_folder: Path, doc_id: str) -> str:
    """Remove a document and the uploads it was read from; return its title."""
    found = [summary for summary in index.summaries() if summary.doc_id == doc_id]
    index.remove(doc_id)
    for summary in found:
        for source in summary.sources:
            discard(source, index_folder)
    return found[0].title if found else doc_id


def discard(source: str, index_folder: Path) -> None:
    """Delete a file if it is a kept upload; a person's own file elsewhere is never touched."""
    path = Path(source)
    if path.parent == (index_folder / UPLOADS).absolute():
        path.unlink(missing_ok=True)
