"""Files parsed and split ahead of what is embedded, by several workers, and given out in order."""

from __future__ import annotations

import os
import queue
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from loccit.index.datatypes import Document, Passage
from loccit.index.errors import UnreadableDocument
from loccit.index.ingestion.files import NO_TEXT, source_of
from loccit.index.ingestion.identity import doc_id_of_file
from loccit.index.ingestion.reporting import FileOutcome
from loccit.index.parsing.worker import ParserProcess

# Parsing is most of the work only where files are slow to read and hold little, as PDFs of
# pictures do; embedding takes the rest of the processor.
WORKERS = min(4, os.cpu_count() or 1)
AHEAD = 4 * WORKERS  # files read and not yet taken; each may be large


@dataclass(frozen=True, slots=True)
class Known:
    """A file whose content the index holds."""

    source: str
    doc_id: str


@dataclass(frozen=True, slots=True)
class Split:
    """A document that is new, with its passages."""

    document: Document
    passages: Sequence[Passage]

    @property
    def source(self) -> str:
        """Where the document comes from."""
        return self.document.source

    @property
    def doc_id(self) -> str:
        """The id of the document."""
        return self.document.doc_id


Taken = FileOutcome | Known | Split  # a file that could not be read, or one that could


@contextmanager
def read_ahead(
    files: Sequence[Path],
    has_document: Callable[[str], bool],
    split: Callable[[Document], Sequence[Passage]],
) -> Iterator[Iterator[Taken]]:
    """Open a reader of these files, which yields one result a file, in their order.

    Args:
        files: what to read.
        has_document: tells whether a document's id is in the index; such a file is not parsed.
        split: makes the passages of a document.
    """
    with ExitStack() as stack:
        parsers = [stack.enter_context(ParserProcess()) for _ in range(WORKERS)]
        idle: queue.SimpleQueue[ParserProcess] = queue.SimpleQueue()
        for parser in parsers:
            idle.put(parser)
        workers = stack.enter_context(ThreadPoolExecutor(WORKERS, "reading"))
        waiting: deque[Future[Taken]] = deque()

        def read(file: Path) -> Taken:
            parser = idle.get()
            try:
                return _read(file, parser, has_document, split)
            finally:
                idle.put(parser)

        def results() -> Iterator[Taken]:
            left = iter(files)
            waiting.extend(workers.submit(read, file) for file in islice(left, AHEAD))
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(workers.submit(read, file) for file in islice(left, 1))

        try:
            yield results()
        finally:
            for future in waiting:
                future.cancel()
            for parser in parsers:  # what is still being parsed nobody waits for
                parser.interrupt()


def _read(
    file: Path,
    parser: ParserProcess,
    has_document: Callable[[str], bool],
    split: Callable[[Document], Sequence[Passage]],
) -> Taken:
    source = source_of(file)
    if source != str(file):
        return FileOutcome(source, "failed", reason=NO_TEXT)
    try:
        if file.is_file():  # anything else is the parser's to refuse
            doc_id = doc_id_of_file(file)
            if has_document(doc_id):
                return Known(source, doc_id)
        document = parser.parse(file)
    except UnreadableDocument as error:
        return FileOutcome(source, "failed", reason=error.reason)
    except OSError as error:
        return FileOutcome(source, "failed", reason=f"the file can't be read: {error.strerror}")
    return Split(document, split(document))
