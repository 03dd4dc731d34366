"""The PDF that was asked for last, kept open: the next question is mostly about it again."""

from __future__ import annotations

import logging
from pathlib import Path

from loccit.index.ingestion.identity import doc_id_of_bytes
from loccit.index.parsing import MAX_FILE_BYTES
from loccit.index.parsing.pdf.pages import OpenPdf
from loccit.index.parsing.sniffing import is_pdf

logger = logging.getLogger(__name__)


class KeptPdf:
    """Holds one open PDF, which belongs to the thread that asks."""

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
