"""What the parser process and its parent say to each other about the pages of a PDF.

A question names the file and the document it must still be; it asks for boxes by ``parts`` or for
a picture by ``page`` and ``width``. A reply without ``boxes`` or ``png`` says that there are none.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loccit.index.datatypes import Box, PageBoxes

if TYPE_CHECKING:
    from loccit.index.parsing.pdf.keeping import KeptPdf
    from loccit.index.parsing.pdf.pages import PageSpan


def boxes_question(source: str, doc_id: str, parts: Sequence[PageSpan]) -> dict[str, Any]:
    """Ask where the parts of a span stand."""
    return {"path": source, "doc_id": doc_id, "parts": [astuple(part) for part in parts]}


def image_question(source: str, doc_id: str, page: int, width: int) -> dict[str, Any]:
    """Ask for the picture of a page."""
    return {"path": source, "doc_id": doc_id, "page": page, "width": width}


def page_reply(question: dict[str, Any], kept: KeptPdf) -> bytes:
    """Answer a question of either kind: what the child does."""
    from loccit.index.parsing.pdf.pages import PageSpan

    pdf = kept.open(Path(question["path"]), question["doc_id"])
    reply: dict[str, Any] = {}
    if pdf is not None and "parts" in question:
        boxes = pdf.boxes([PageSpan(*part) for part in question["parts"]])
        if boxes is not None:
            reply["boxes"] = [astuple(one) for one in boxes]
    elif pdf is not None:
        png = pdf.image(question["page"], question["width"])
        if png is not None:
            reply["png"] = base64.b64encode(png).decode("ascii")
    return json.dumps(reply).encode("ascii")


def decode_boxes(reply: bytes) -> tuple[PageBoxes, ...] | None:
    """Read the reply to ``boxes_question``."""
    found = json.loads(reply).get("boxes")
    if found is None:
        return None
    return tuple(
        PageBoxes(page, width, height, tuple(Box(*box) for box in boxes))
        for page, width, height, boxes in found
    )


def decode_image(reply: bytes) -> bytes | None:
    """Read the reply to ``image_question``."""
    png = json.loads(reply).get("png")
    return None if png is None else base64.b64decode(png)
