"""A PDF kept open for its pages: the boxes of a citation on them, and their pictures."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from loccit.index.datatypes import Document, PageBoxes, Span
from loccit.index.parsing.pdf.boxes import page_boxes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_PIXELS = 8_000_000  # an A4 page 2,378 pixels wide; 32 MB while it is drawn
_PNG_LEVEL = 4  # of zlib: twice as fast as the usual 6, and a tenth larger


@dataclass(frozen=True, slots=True)
class PageSpan:
    """The part ``start`` to ``end`` of ``text``, all of the document's text of page ``page``.

    ``page`` counts from 1.
    """

    page: int
    text: str
    start: int
    end: int


def span_on_pages(document: Document, span: Span) -> list[PageSpan]:
    """Divide ``span`` at the ends of the pages; pages of which it holds no words are left out."""
    starts = (*document.page_starts, len(document.text))
    parts: list[PageSpan] = []
    for page, (first, last) in enumerate(pairwise(starts), start=1):
        start, end = max(span.start, first), min(span.end, last)
        if start < end and document.text[start:end].strip():
            parts.append(PageSpan(page, document.text[first:last], start - first, end - first))
    return parts


class OpenPdf:
    """A PDF that is open until ``close``; one thread at a time, for pdfium allows no more."""

    def __init__(self, data: bytes) -> None:
        """Open the PDF; raises ``pypdfium2.PdfiumError`` where pdfium can't."""
        import pypdfium2

        self._document = pypdfium2.PdfDocument(data)
        self._document.init_forms()  # else filled-in fields are not drawn

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free what pdfium holds."""
        self._document.close()

    def boxes(self, parts: Sequence[PageSpan]) -> tuple[PageBoxes, ...] | None:
        """Return the boxes of the parts of a span, page by page; None where any is not found."""
        import pypdfium2

        found: list[PageBoxes] = []
        try:
            for part in parts:
                with closing(self._document[part.page - 1]) as page:
                    boxes = page_boxes(page, part.page, part.text, part.start, part.end)
                if boxes is None:
                    return None
                found.append(boxes)
        except (pypdfium2.PdfiumError, IndexError):
            return None
        return tuple(found) or None

    def image(self, page: int, width: int) -> bytes | None:
        """Draw ``page``, from 1, as a PNG ``width`` pixels wide, or as wide as ``MAX_PIXELS`` lets.

        None where there is no such page, or pdfium can't draw it.
        """
        import pypdfium2

        if not 1 <= page <= len(self._document):
            return None
        try:
            with closing(self._document[page - 1]) as opened:
                return _drawn(opened, width)
        except pypdfium2.PdfiumError:
            return None


def _drawn(page: Any, width: int) -> bytes | None:
    """Draw an open page."""
    points, height = page.get_width(), page.get_height()
    if min(points, height) <= 0:
        return None
    widest = (MAX_PIXELS * points / height) ** 0.5
    # Half a pixel less: pdfium rounds up.
    scale = max(1.0, min(float(width), widest) - 0.5) / points
    with closing(page.render(scale=scale, rev_byteorder=True)) as bitmap:
        return png(bitmap.to_numpy())


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Write ``(height, width, 3) uint8``, red first, as a PNG; without colours as one of greys."""
    height, width = pixels.shape[:2]
    grey = bool((pixels[..., :1] == pixels[..., 1:]).all())
    kind = 0 if grey else 2  # the PNG specification's colour types
    lines = (pixels[..., :1] if grey else pixels).reshape(height, -1)
    import numpy as np

    filtered = np.zeros((height, lines.shape[1] + 1), dtype=np.uint8)  # filter 0 before each line
    filtered[:, 1:] = lines
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    body = zlib.compress(filtered.tobytes(), _PNG_LEVEL)
    parts = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
