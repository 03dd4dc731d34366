"""Pictures of the pages of PDFs, drawn in a process of its own and kept for a while."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from pathlib import Path
from types import TracebackType
from typing import Self

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.worker import PAGE_SECONDS, ParserProcess

logger = logging.getLogger(__name__)

IMAGES_KEPT = 256
BYTES_KEPT = (
    64 * 1024 * 1024
)  # a picture of a page of text takes about 200 kB, of a photograph 10 MB
PDF_SUFFIX = ".pdf"


class PageImages:
    """Draws pages of PDFs in a process of its own; may be shared by threads.

    What a damaged file does there, a crash or an endless loop, is logged, and gives None.
    """

    def __init__(self, *, timeout: float = PAGE_SECONDS) -> None:
        self._parser = ParserProcess()
        self._timeout = timeout
        self._kept: OrderedDict[tuple[object, ...], bytes | None] = OrderedDict()
        self._lock = threading.Lock()

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
        """End the process; a later question starts a new one."""
        self._parser.close()

    def image(self, document: Document, page: int, width: int) -> bytes | None:
        """Return ``page``, from 1, as a PNG ``width`` pixels wide; less where that is too many.

        None where the document's source is gone, has changed or is no PDF, and where there is no
        such page. A failure is kept as well: a file that crashes the process does so once.
        """
        if width < 1:
            raise ValueError(f"a picture needs a width of at least 1 pixel, got {width}")
        path = Path(document.source)
        if path.suffix.lower() != PDF_SUFFIX:
            return None
        try:
            state = path.stat()
        except (OSError, ValueError):  # ValueError: a NUL character in the path
            return None
        key = (document.doc_id, document.source, state.st_mtime_ns, state.st_size, page, width)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            image = self._parser.image(path, document.doc_id, page, width, timeout=self._timeout)
        except UnreadableDocument as error:
            logger.warning("no page is shown: %s", error)
            image = None
        with self._lock:
            self._kept[key] = image
            while len(self._kept) > IMAGES_KEPT or self._bytes_kept() > BYTES_KEPT:
                self._kept.popitem(last=False)
        return image

    def _bytes_kept(self) -> int:
        """Return the size of the pictures kept."""
        return sum(len(one) for one in self._kept.values() if one is not None)
