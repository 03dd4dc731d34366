"""Parsing in a process of its own: a hostile file may hang or crash that, never the caller.

The child is a plain ``python -m`` of this module, not multiprocessing's, which would run the
caller's unguarded script a second time.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from loccit.index.datatypes import Document
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing import parse_file
from loccit.index.parsing.messages import (
    decode_image,
    decode_outcome,
    encode_image,
    encode_outcome,
    read_message,
    write_message,
)

if TYPE_CHECKING:
    from loccit.index.parsing.pdf.pages import KeptPdf

logger = logging.getLogger(__name__)

MODULE = "loccit.index.parsing.worker"  # this one; its own __name__ is __main__ in the child
PARSE_SECONDS = 120.0  # a PDF of a thousand pages takes under a minute on a laptop
PAGE_SECONDS = 8.0  # a page takes a tenth of a second; one of a large map takes several
CLOSE_SECONDS = 5.0  # an idle child ends at once when its input closes
MEMORY_BYTES = 4 * 1024**3  # address space: several times what the largest file allowed takes


class ParserProcess:
    """A child process that reads files one after another; started with the first file.

    It answers one question at a time: calls from several threads wait for each other.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
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

    def parse(self, path: Path, *, timeout: float = PARSE_SECONDS) -> Document:
        """Parse the file at ``path`` as ``parse_file`` does, within ``timeout`` seconds.

        Raises:
            UnreadableDocument: as ``parse_file``, or when the child hangs or crashes over the file.
        """
        source = str(path)
        outcome = decode_outcome(self._reply({"path": source}, timeout), source)
        if isinstance(outcome, UnreadableDocument):
            raise outcome
        return outcome

    def image(
        self, path: Path, doc_id: str, page: int, width: int, *, timeout: float = PAGE_SECONDS
    ) -> bytes | None:
        """Return ``page``, from 1, of the PDF at ``path`` as a PNG ``width`` pixels wide.

        None where there is no such page, or the file is not that of document ``doc_id``.

        Raises:
            UnreadableDocument: the child hangs or crashes over the file.
        """
        question = {"path": str(path), "doc_id": doc_id, "page": page, "width": width}
        return decode_image(self._reply(question, timeout))

    def close(self) -> None:
        """End the child; a later ``parse`` starts a new one."""
        with self._lock:
            self._stop()

    def interrupt(self) -> None:
        """End the child without waiting for the file it is at, which then fails."""
        process = self._process
        if process is not None:
            process.kill()

    def _reply(self, question: dict[str, Any], timeout: float) -> bytes:
        """Ask, and turn a hang or a crash into ``UnreadableDocument``."""
        source: str = question["path"]
        with self._lock:
            try:
                reply = self._ask(question, timeout)
            except TimeoutError as error:
                self._stop()
                raise UnreadableDocument(
                    source,
                    f"took longer than {timeout:g} seconds to read; split it or save it again",
                ) from error
            except BaseException:
                self._stop()  # interrupted: the reply to come would answer the next question
                raise
            if reply is None:
                raise UnreadableDocument(source, self._why_ended())
        return reply

    def _ask(self, question: dict[str, Any], timeout: float) -> bytes | None:
        """Send one question and wait for the reply; None when the child has ended."""
        process = self._running()
        assert process.stdin is not None  # Popen was given PIPE
        try:
            write_message(process.stdin, json.dumps(question).encode("ascii"))
        except OSError:  # a broken pipe: the reader thread is about to report the end
            logger.debug("the parser has ended before it could be asked")
        try:
            return self._replies.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the child, started now if there is none."""
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = _start()
            self._replies = queue.SimpleQueue()
            # A thread, for select() does not work on pipes under Windows.
            threading.Thread(
                target=_collect, args=(self._process.stdout, self._replies), daemon=True
            ).start()
        return self._process

    def _why_ended(self) -> str:
        """Say how the child ended and forget it."""
        process = self._process
        assert process is not None  # it has just been asked
        try:
            code = process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        self._stop()
        how = f"exit code {code}" if code is None or code >= 0 else f"signal {-code}"
        return f"the parser crashed ({how}); the file may be damaged, so save it again"

    def _stop(self) -> None:
        """End the child, by force if it is busy, and close its pipes."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            try:
                process.stdin.close()
            except OSError:
                logger.debug("the parser's input was closed already")
        process.kill()
        process.wait()
        # The reader thread sees the end of the output and closes it itself.


def _start() -> subprocess.Popen[bytes]:
    """Start the child so that the current folder can't give it code.

    People add folders that hold a ``json.py`` or a ``loccit/`` of their own. ``-P`` keeps Python
    from looking there first, and so do the entries of PYTHONPATH that are left out: "", "." and
    others that mean another folder wherever the child starts, and the current folder itself.
    """
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [entry for entry in entries if Path(entry).is_absolute() and not _is_here(entry)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def _is_here(folder: str) -> bool:
    """Tell whether a folder is the current one, by whatever name."""
    try:
        return Path(folder).samefile(os.curdir)
    except OSError:  # one of the two does not exist
        return False


def _collect(stream: IO[bytes], replies: queue.SimpleQueue[bytes | None]) -> None:
    """Put every reply into the queue, and None when the child has ended."""
    with stream:
        while True:
            reply = read_message(stream)
            replies.put(reply)
            if reply is None:
                return


def serve(questions: IO[bytes], replies: IO[bytes]) -> None:
    """Answer questions until there are no more: what the child does.

    An exception that is not ``UnreadableDocument`` ends the child, which its parent reports.
    """
    kept: KeptPdf | None = None
    while (message := read_message(questions)) is not None:
        question = json.loads(message)
        if "doc_id" in question:
            kept = kept or _kept_pdf()
            pdf = kept.open(Path(question["path"]), question["doc_id"])
            png = pdf.image(question["page"], question["width"]) if pdf is not None else None
            write_message(replies, encode_image(png))
        else:
            write_message(replies, encode_outcome(_outcome(Path(question["path"]))))


def _kept_pdf() -> KeptPdf:
    """Return what keeps a PDF open, imported with the first question about a page."""
    from loccit.index.parsing.pdf.pages import KeptPdf

    return KeptPdf()


def _outcome(path: Path) -> Document | UnreadableDocument:
    """Parse one file, with its failure as a value."""
    try:
        return parse_file(path)
    except UnreadableDocument as error:
        return error


def _limit_memory() -> None:
    """Let a file that eats memory take this process, not the machine."""
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ValueError, OSError) as error:  # macOS, or a lower limit is set already
        logger.debug("no limit on memory: %s", error)


def _main() -> None:
    """Run the child on the standard streams, out of reach of anything that prints."""
    _limit_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    with os.fdopen(os.dup(1), "wb") as replies:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    _main()
