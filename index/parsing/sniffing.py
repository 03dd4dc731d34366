"""What a file really is, from its first bytes: suffixes lie, magic numbers seldom do."""

from __future__ import annotations

import re

# (offset, magic bytes, what a person calls such a file)
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"PK\x05\x06", "an empty ZIP archive"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office file"),
    (0, b"{\\rtf", "a Rich Text (RTF) file"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF87a", "a GIF image"),
    (0, b"GIF89a", "a GIF image"),
    (0, b"II*\x00", "a TIFF image"),
    (0, b"MM\x00*", "a TIFF image"),
    (8, b"WEBP", "a WebP image"),
    (4, b"ftyp", "a video, audio or HEIC file"),
    (0, b"ID3", "an MP3 recording"),
    (0, b"OggS", "an Ogg recording"),
    (8, b"WAVE", "a WAV recording"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\x00", "an xz archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ\x90\x00", "a program"),
    (0, b"SQLite format 3\x00", "an SQLite database"),
    (0, b"%!PS", "a PostScript file"),
)

_ZIP_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"word/", "a Word document (.docx)"),
    (b"xl/", "an Excel workbook (.xlsx)"),
    (b"ppt/", "a PowerPoint presentation (.pptx)"),
    (b"application/epub+zip", "an EPUB book"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
)

PDF_HEADER_WINDOW = 1024  # readers accept "%PDF-" anywhere in the first kilobyte
BINARY_SAMPLE = 65_536  # bytes looked at to tell text from binary data
BINARY_SHARE = 0.02  # text has next to no control characters; compressed data about a tenth

_HTML_START = re.compile(rb"\s*+(?:<!--.*?-->\s*+)*+(?:<!doctype\s+html|<html[\s>])", re.I | re.S)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def real_kind(data: bytes) -> str:
    """Say what ``data`` looks like ("a PDF", "a PNG image"), or "" when nothing is recognised."""
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset):
            return _zip_kind(data) if name == "a ZIP archive" else name
    return ""


def is_pdf(data: bytes) -> bool:
    """Tell whether a PDF header stands where readers look for it."""
    return b"%PDF-" in data[:PDF_HEADER_WINDOW]


def is_zip(data: bytes) -> bool:
    """Tell whether ``data`` begins like a ZIP archive, which every DOCX is."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_ole(data: bytes) -> bool:
    """Tell whether ``data`` is an OLE container: an old or an encrypted Office file."""
    return data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def is_html(data: bytes) -> bool:
    """Tell whether ``data`` begins as an HTML page."""
    return _HTML_START.match(data[:4096].lstrip(b"\xef\xbb\xbf")) is not None


def looks_binary(data: bytes) -> bool:
    """Tell whether single-byte text would hold more control characters than text does.

    UTF-16 and UTF-32 look binary as well: ask about them first.
    """
    sample = data[:BINARY_SAMPLE]
    return len(_CONTROL.findall(sample)) > BINARY_SHARE * len(sample)


def _zip_kind(data: bytes) -> str:
    """Tell Office files from other ZIP archives by the names of their members."""
    ends = data[:4096] + data[-65_536:]  # the first members, and the directory at the end
    for member, name in _ZIP_KINDS:
        if member in ends:
            return name
    return "a ZIP archive"
