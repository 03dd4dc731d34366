"""Pictures of a PDF's pages; the PDF that was asked for last is kept open."""

from __future__ import annotations

import logging
import struct
import zlib
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from loccit.index.ingestion.identity import doc_id_of_bytes
from loccit.index.parsing import MAX_FILE_BYTES
from loccit.index.parsing.sniffing import is_pdf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

MAX_PIXELS = 8_000_000  # an A4 page 2,378 pixels wide; 32 MB while it is drawn
_PNG_LEVEL = 4  # of zlib: twice as fast as the usual 6, and a tenth larger


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


class KeptPdf:
    """Holds the PDF that was asked for last: the next question is mostly about it again.

    It belongs to the thread that asks.
    """

    def __init__(self) -> None:
        self._pdf: OpenPdf | None = None
        self._key: tuple[str, int, int, str] | None = None

    def open(self, path: Path, doc_id: str) -> OpenPdf | None:
        """Return the PDF at ``path``; None where its bytes are not those of document ``doc_id``.

        It is the bytes read that are open, so that no later change of the file shows in them.
        """
        import pypdfium2

        try:
            state = path.stat()
            key = (str(path), state.st_mtime_ns, state.st_size, doc_id)
            if key == self._key:
                return self._pdf
            self.close()
            if state.st_size > MAX_FILE_BYTES:
                return None
            data = path.read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
            logger.debug("%s can't be read: %s", path, error)
            return None
        if doc_id_of_bytes(data) != doc_id or not is_pdf(data):
            return None
        try:
            self._pdf = OpenPdf(data)
        except pypdfium2.PdfiumError as error:
            logger.debug("%s can't be opened: %s", path, error)
            return None
        self._key = key
        return self._pdf

    def close(self) -> None:
        """Close what is open."""
        pdf, self._pdf, self._key = self._pdf, None, None
        if pdf is not None:
            pdf.close()


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
