"""A citation on the page as people know it: the picture of the page, and the boxes of its words."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from loccit.index.datatypes import Document, PageBoxes, Span
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.pdf.pages import span_on_pages
from loccit.index.parsing.worker import PAGE_SECONDS, ParserProcess

logger = logging.getLogger(__name__)

RESULTS_KEPT = 256  # the boxes of a citation take less than a kilobyte
BYTES_KEPT = (
    64 * 1024 * 1024
)  # a picture of a page of text takes about 200 kB, of a photograph 10 MB
PDF_SUFFIX = ".pdf"

_Result = TypeVar("_Result", tuple[PageBoxes, ...], bytes)


class PageImages:
    """Draws pages of PDFs in a process of its own; may be shared by threads.

    What a damaged file does there, a crash or an endless loop, is logged, and gives None.
    """

    def __init__(self, *, timeout: float = PAGE_SECONDS) -> None:
        self._parser = ParserProcess()
        self._timeout = timeout
        self._kept: OrderedDict[tuple[object, ...], tuple[PageBoxes, ...] | bytes | None] = (
            OrderedDict()
        )
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

    def boxes(self, document: Document, span: Span) -> tuple[PageBoxes, ...] | None:
        """Return where the words of ``span`` stand, for each page of which it holds some.

        None where the document's source is gone, has changed or is no PDF, and where any of the
        words can't be found on its page or stands outside of what is shown.
        """
        parts = span_on_pages(document, span)
        if not parts:
            return None
        return self._remembered(
            document,
            ("boxes", span),
            lambda path: self._parser.boxes(path, document.doc_id, parts, timeout=self._timeout),
        )

    def image(self, document: Document, page: int, width: int) -> bytes | None:
        """Return ``page``, from 1, as a PNG ``width`` pixels wide; less where that is too many.

        None as for ``boxes``, or where there is no such page.
        """
        if width < 1:
            raise ValueError(f"a picture needs a width of at least 1 pixel, got {width}")
        return self._remembered(
            document,
            ("image", page, width),
            lambda path: self._parser.image(
                path, document.doc_id, page, width, timeout=self._timeout
            ),
        )

    def _remembered(
        self,
        document: Document,
        asked: tuple[object, ...],
        ask: Callable[[Path], _Result | None],
    ) -> _Result | None:
        """Return the result kept for the file as it is now, or else ask for it.

        A failure is kept as well: a file that crashes the process does so once.
        """
        path = Path(document.source)
        if path.suffix.lower() != PDF_SUFFIX:
            return None
        try:
            state = path.stat()
        except (OSError, ValueError):  # ValueError: a NUL character in the path
            return None
        key = (document.doc_id, document.source, state.st_mtime_ns, state.st_size, *asked)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[return-value]  # the key says which kind
        try:
            result = ask(path)
        except UnreadableDocument as error:
            logger.warning("no page is shown: %s", error)
            result = None
        with self._lock:
            self._kept[key] = result
            while len(self._kept) > RESULTS_KEPT or self._bytes_kept() > BYTES_KEPT:
                self._kept.popitem(last=False)
        return result

    def _bytes_kept(self) -> int:
        """Return the size of the pictures kept."""
        return sum(len(one) for one in self._kept.values() if isinstance(one, bytes))
