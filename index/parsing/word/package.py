"""The package of a Word document: checked before anything in it is parsed."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.sniffing import is_html, is_ole, is_pdf, is_zip, real_kind

MAX_UNPACKED_BYTES = 500 * 1024 * 1024  # XML packs about ten to one; a bomb a thousand to one
MAX_XML_BYTES = 100 * 1024 * 1024  # of one part: its tree takes some ten times that in memory
MAX_MEMBERS = 20_000  # the largest real packages hold a few thousand pictures

XML_WINDOW = 64  # bytes in which a part that is XML has its first "<"

_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # byte order marks, blanks, the zeros of UTF-16
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)
_UNUSUAL = (NotImplementedError, RuntimeError)  # a compression or a password of ZIP's own
_DAMAGED = "the Word document is damaged or cut short; download it or save it again"


def check_package(data: bytes, source: str) -> None:
    """Refuse what is no intact, harmless DOCX package.

    Entities are refused as such: Word writes none, and a few lines of them fill any memory or
    read files of the machine ("billion laughs", external entities).

    Raises:
        UnreadableDocument: with the reason.
    """
    if not is_zip(data):
        raise UnreadableDocument(source, _why_no_package(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_members(package, source)
    except UnreadableDocument:
        raise
    except _DAMAGE as error:
        raise UnreadableDocument(source, _DAMAGED) from error
    except _UNUSUAL as error:
        raise UnreadableDocument(
            source, "the Word document is packed or locked in an unusual way; save it again in Word"
        ) from error


def _check_members(package: zipfile.ZipFile, source: str) -> None:
    """Check the names, the sizes and the XML of the members."""
    members = package.infolist()
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names:
        raise UnreadableDocument(
            source,
            "this is a ZIP archive, not a Word document; unpack it, or rename it with its suffix",
        )
    if any(name.startswith(("xl/", "ppt/")) for name in names):
        kind = "an Excel workbook" if any(n.startswith("xl/") for n in names) else "a presentation"
        if not any(name.startswith("word/") for name in names):
            raise UnreadableDocument(source, f"this is {kind}, not a Word document; save it as PDF")
    # What a member unpacks to beyond the size it claims is never read, and fails its checksum.
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS:
        raise UnreadableDocument(
            source,
            f"the package unpacks to {unpacked >> 20:,} MB in {len(members):,} parts and the "
            f"limits are {MAX_UNPACKED_BYTES >> 20:,} MB and {MAX_MEMBERS:,} parts; it may be a "
            "ZIP bomb, so don't open it unless you trust it",
        )
    for member in members:
        if _is_xml(package, member):
            _check_xml(package, member, source)


def _is_xml(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Tell XML by its first byte too, for a part may have any name."""
    if member.filename.lower().endswith((".xml", ".rels")):
        return True
    try:
        with package.open(member) as part:
            return part.read(XML_WINDOW).lstrip(_BEFORE_XML).startswith(b"<")
    except (*_DAMAGE, *_UNUSUAL):  # a picture that nothing may refer to
        return False


def _check_xml(package: zipfile.ZipFile, member: zipfile.ZipInfo, source: str) -> None:
    """Unpack one XML part, which checks its CRC, and look for declarations of entities."""
    if member.file_size > MAX_XML_BYTES:
        raise UnreadableDocument(
            source,
            f"its part {member.filename} unpacks to {member.file_size >> 20:,} MB and the limit "
            f"is {MAX_XML_BYTES >> 20} MB; split the document",
        )
    content = package.read(member)
    head = content.replace(b"\0", b"")  # UTF-16 would hide the declaration
    if _DOCTYPE.search(head):
        raise UnreadableDocument(
            source,
            f"its part {member.filename} declares XML entities, which Word never writes and "
            "attacks do; save the document again in Word",
        )


def _why_no_package(data: bytes) -> str:
    """Say what a file named .docx is instead."""
    if is_ole(data):
        if "EncryptedPackage".encode("utf-16-le") in data:
            return "the Word document is encrypted and needs a password; save a copy without one"
        return "this is a Word 97-2003 document (.doc) or older; save it as .docx"
    kind = "an HTML page" if is_html(data) else "a PDF" if is_pdf(data) else real_kind(data)
    if kind:
        return f"this looks like {kind}, not like a Word document; rename it with its real suffix"
    return (
        "this does not begin like a Word document; rename it with its real suffix or save it again"
    )
