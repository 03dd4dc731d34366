"""What the parser process and its parent say to each other.

A message is a big-endian 4-byte length and that many bytes of JSON. A question names a file: to
parse it, or, with the document it must still be, to draw a page of it.
"""

from __future__ import annotations

import base64
import json
import struct
from typing import IO

from loccit.index.datatypes import Document, PageLines
from loccit.index.errors import UnreadableDocument
from loccit.index.storage.packing import (
    pack_blocks,
    pack_emphasis,
    pack_hidden,
    unpack_blocks,
    unpack_emphasis,
    unpack_hidden,
)

_LENGTH = struct.Struct(">I")


def write_message(stream: IO[bytes], message: bytes) -> None:
    """Write one message and flush it."""
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


def read_message(stream: IO[bytes]) -> bytes | None:
    """Read one message; None at the end of the stream, even in the midst of a message."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = stream.read(length)
    return message if len(message) == length else None


def encode_outcome(outcome: Document | UnreadableDocument) -> bytes:
    """Write what came of a file; its source is left out, for the asker knows it."""
    if isinstance(outcome, UnreadableDocument):
        return json.dumps({"reason": outcome.reason}).encode("ascii")
    fields = {
        "doc_id": outcome.doc_id,
        "text": outcome.text,
        "title": outcome.title,
        "page_starts": outcome.page_starts,
        "blocks": pack_blocks(outcome.blocks),
        "emphasis": pack_emphasis(outcome.emphasis),
        "page_lines": [
            (one.page, one.width, one.height, base64.b64encode(one.packed).decode("ascii"))
            for one in outcome.page_lines
        ],
        "hidden": pack_hidden(outcome.hidden),
        "recognised_pages": outcome.recognised_pages,
    }
    # Not as escapes, which take three times the memory; what is normalised holds no surrogates.
    return json.dumps(fields, ensure_ascii=False).encode()


def decode_outcome(message: bytes, source: str) -> Document | UnreadableDocument:
    """Read what ``encode_outcome`` wrote."""
    fields = json.loads(message)
    if "reason" in fields:
        return UnreadableDocument(source, fields["reason"])
    return Document(
        doc_id=fields["doc_id"],
        text=fields["text"],
        title=fields["title"],
        source=source,
        page_starts=tuple(fields["page_starts"]),
        blocks=unpack_blocks(fields["blocks"]),
        emphasis=unpack_emphasis(fields["emphasis"]),
        page_lines=tuple(
            PageLines(page, width, height, base64.b64decode(packed))
            for page, width, height, packed in fields["page_lines"]
        ),
        hidden=unpack_hidden(fields["hidden"]),
        recognised_pages=tuple(fields["recognised_pages"]),
    )


def encode_image(png: bytes | None) -> bytes:
    """Write the picture of a page; None where there is none."""
    reply = {} if png is None else {"png": base64.b64encode(png).decode("ascii")}
    return json.dumps(reply).encode("ascii")


def decode_image(reply: bytes) -> bytes | None:
    """Read what ``encode_image`` wrote."""
    png = json.loads(reply).get("png")
    return None if png is None else base64.b64decode(png)
