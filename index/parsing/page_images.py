"""Pictures of the pages of PDFs, drawn in processes of their own and kept for a while."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.worker import PAGE_SECONDS, ParserProcess

logger = logging.getLogger(__name__)

PROCESSES = 3  # one more is started only when those before it are drawing
FAILURES_ALLOWED = 3  # of a file; then none of its pages is tried again
FILES_REMEMBERED = 1_000  # that have failed
IMAGES_KEPT = 256
BYTES_KEPT = (
    64 * 1024 * 1024
)  # a picture of a page of text takes about 200 kB, of a photograph 10 MB
PDF_SUFFIX = ".pdf"

_File = tuple[str, str, int, int]  # a document's id and source, and its file's time and size


@dataclass(slots=True)
class _Drawer:
    """A process that draws, and the file that it draws from or has drawn from last."""

    parser: ParserProcess = field(default_factory=ParserProcess)
    file: _File | None = None
    is_busy: bool = False


class PageImages:
    """Draws pages of PDFs in processes of their own; may be shared by threads.

    A page that takes long holds up those who look at the same file, and others only where as many
    files as there are processes do so at once. What a damaged file does, a crash or an endless
    loop, is logged, and gives None.
    """

    def __init__(self, *, timeout: float = PAGE_SECONDS) -> None:
        self._drawers = tuple(_Drawer() for _ in range(PROCESSES))
        self._timeout = timeout
        self._kept: OrderedDict[tuple[_File, int, int], bytes | None] = OrderedDict()
        self._failures: OrderedDict[_File, int] = OrderedDict()
        self._changed = threading.Condition()

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
        """End the processes; a later question starts new ones."""
        for drawer in self._drawers:
            drawer.parser.close()

    def image(self, document: Document, page: int, width: int) -> bytes | None:
        """Return ``page``, from 1, as a PNG ``width`` pixels wide; less where that is too many.

        None where the document's source is gone, has changed or is no PDF, and where there is no
        such page. A failure is kept as well: a page that crashes the process, or takes too long,
        does so once, and a file with several of them is not tried again.
        """
        if width < 1:
            raise ValueError(f"a picture needs a width of at least 1 pixel, got {width}")
        file = _file_of(document)
        if file is None:
            return None
        key = (file, page, width)
        with self._changed:
            while True:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
                if self._failures.get(file, 0) >= FAILURES_ALLOWED:
                    return None
                if drawer := self._free_drawer(file):
                    break
                self._changed.wait()
            drawer.file, drawer.is_busy = file, True
        try:
            image = self._drawn(drawer, key)
            with self._changed:
                self._keep(key, image)
        finally:
            with self._changed:
                drawer.is_busy = False
                self._changed.notify_all()
        return image

    def has_failed(self, document: Document) -> bool:
        """Tell whether a page of the document took too long or crashed the process."""
        return _file_of(document) in self._failures

    def _free_drawer(self, file: _File) -> _Drawer | None:
        """Return who can draw from a file now: who has it open already, else the first; or None."""
        if any(drawer.is_busy and drawer.file == file for drawer in self._drawers):
            return None
        free = [drawer for drawer in self._drawers if not drawer.is_busy]
        return next((drawer for drawer in free if drawer.file == file), free[0] if free else None)

    def _drawn(self, drawer: _Drawer, key: tuple[_File, int, int]) -> bytes | None:
        file, page, width = key
        doc_id, source, *_ = file
        try:
            return drawer.parser.image(Path(source), doc_id, page, width, timeout=self._timeout)
        except UnreadableDocument as error:
            logger.warning("no page is shown: %s", error)
        with self._changed:
            self._failures[file] = self._failures.get(file, 0) + 1
            while len(self._failures) > FILES_REMEMBERED:
                self._failures.popitem(last=False)
        return None

    def _keep(self, key: tuple[_File, int, int], image: bytes | None) -> None:
        self._kept[key] = image
        while len(self._kept) > IMAGES_KEPT or self._bytes_kept() > BYTES_KEPT:
            self._kept.popitem(last=False)

    def _bytes_kept(self) -> int:
        """Return the size of the pictures kept."""
        return sum(len(one) for one in self._kept.values() if one is not None)


def _file_of(document: Document) -> _File | None:
    """Return the file that a document was read from as it is now; None where it is no PDF."""
    path = Path(document.source)
    if path.suffix.lower() != PDF_SUFFIX:
        return None
    try:
        state = path.stat()
    except (OSError, ValueError):  # ValueError: a NUL character in the path
        return None
    return document.doc_id, document.source, state.st_mtime_ns, state.st_size
