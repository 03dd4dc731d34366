"""Makers of hostile files: small to store, and large, deep or circular to read."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from parsing_fixtures import docx_bytes, with_member, zip_bytes

MEGABYTE = 2**20
GOOD_DOCX = docx_bytes(lambda document: document.add_paragraph("Good words."))
PDF_TEXT = b"BT /F 12 Tf 20 200 Td (Good words of a page) Tj ET"


def deflated(megabytes: int, byte: bytes = b" ") -> bytes:
    """Return a zlib stream of so many megabytes of one byte, made in no time."""
    packer = zlib.compressobj(9)
    first = packer.compress(byte * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(byte * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (megabytes - 1) + packer.flush()


def docx_with_body(xml: bytes) -> bytes:
    """Return a Word document whose body begins with this XML."""
    return with_member(
        GOOD_DOCX, "word/document.xml", lambda old: old.replace(b"<w:body>", b"<w:body>" + xml, 1)
    )


def docx_that_claims(claimed: int, members: int) -> bytes:
    """Return a Word document of which so many members claim to unpack to ``claimed`` bytes."""
    padding = {f"word/media/{number}.bin": b"x" * 9 for number in range(members)}
    data = bytearray(zip_bytes({"[Content_Types].xml": b"<Types/>", **padding}))
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:  # in the directory alone, which readers trust
        struct.pack_into("<I", data, at + 24, claimed)
        at += 4
    return bytes(data)


def docx_that_inflates(megabytes: int, *, claimed: int | None = None) -> bytes:
    """Return a Word document whose text part unpacks to so much, whatever it claims."""
    with zipfile.ZipFile(io.BytesIO(GOOD_DOCX)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    size = megabytes * MEGABYTE
    members["word/document.xml"] = b"<"
    data = bytearray(zip_bytes(members))
    # The raw deflate stream takes the place of the last member's, and the directory follows it.
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo("word/document.xml")
        start, directory = info.header_offset, archive.start_dir
        later = [i for i in archive.infolist() if i.header_offset > start]
    stream = deflated(megabytes)[2:-4]
    head = start + 30 + len(info.filename)
    moved = len(stream) - info.compress_size
    body = bytearray(data[:head] + stream + data[head + info.compress_size :])
    at = directory + moved
    while (at := body.find(b"PK\x01\x02", at)) >= 0:
        (name_size,) = struct.unpack_from("<H", body, at + 28)
        if body[at + 46 : at + 46 + name_size] == b"word/document.xml":
            struct.pack_into("<II", body, at + 20, len(stream), claimed or size)
        (offset,) = struct.unpack_from("<I", body, at + 42)
        if any(one.header_offset == offset for one in later):
            struct.pack_into("<I", body, at + 42, offset + moved)
        at += 46
    struct.pack_into("<I", body, body.rfind(b"PK\x05\x06") + 16, directory + moved)
    return bytes(body)


def docx_with_text_part(name: str, doctype: str, words: str) -> bytes:
    """Return a Word document whose text part has another name and declares ``doctype``."""
    with zipfile.ZipFile(io.BytesIO(GOOD_DOCX)) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    text = members.pop("word/document.xml")
    text = text.replace(b"?>", b"?>" + doctype.encode(), 1)
    members[f"word/{name}"] = text.replace(b"Good words.", words.encode())
    relations = members.pop("word/_rels/document.xml.rels")
    members[f"word/_rels/{name}.rels"] = relations
    for part in ("[Content_Types].xml", "_rels/.rels"):
        members[part] = members[part].replace(b"word/document.xml", f"word/{name}".encode())
    return zip_bytes(members)


def pdf_of(pages: bytes, contents: bytes = b"", filters: bytes = b"") -> bytes:
    """Return a PDF with this page tree as object 2 and one page as object 3."""
    stream = contents or PDF_TEXT
    packed = b"/Filter [" + filters + b"] " if filters else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages " + pages + b" >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> >>",
        b"<< %s/Length %d >>\nstream\n%s\nendstream" % (packed, len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(data)
    data += b"xref\n0 6\n0000000000 65535 f \n"
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table
    return bytes(data)
