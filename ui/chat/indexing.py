"""Adds files for the web chat: one job after another, in a thread whose state the page shows."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from loccit.index.errors import LoccitError
from loccit.index.ingestion.reporting import AddResult, Pace, Progress, ProgressCallback
from loccit.ui.chat.uploads import keep_upload

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

logger = logging.getLogger(__name__)

CANCELLED = "Stopped after {done} of {files}. What was added so far is kept."
BROKEN = "Something went wrong while adding files. Details are in the terminal of loccit."


class _Cancelled(Exception):
    """The visitor has stopped the job."""


@dataclass(frozen=True, slots=True)
class State:
    """How far the job at hand is, and what the last one did; ``num_ended`` counts ended jobs.

    After a job that was stopped, ``step`` is how far it came, and ``left`` names the uploaded
    files that it did not reach.
    """

    is_running: bool = False
    step: Progress | None = None
    pace: Pace = field(default_factory=Pace)
    result: AddResult | None = None
    message: str = ""
    num_ended: int = 0
    is_stopping: bool = False
    left: tuple[str, ...] = ()


class Indexing:
    """The jobs of one index; may be shared by threads.

    Args:
        index: the index that the files are added to.
        mirrored: a folder of the server's disk to mirror, or a file to add; None for neither.
        tell: called with each result.
    """

    def __init__(
        self,
        index: PassageIndex,
        mirrored: Path | None = None,
        tell: Callable[[AddResult], None] | None = None,
    ) -> None:
        self.mirrored = mirrored
        self._index = index
        self._tell = tell
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="indexing")
        self._lock = threading.Lock()
        self._state = State()
        self._waiting = 0
        self._cancelled = threading.Event()

    def state(self) -> State:
        """Return the state of the jobs."""
        return replace(self._state, is_stopping=self._cancelled.is_set())

    def dismiss(self) -> None:
        """Forget what the last job did."""
        with self._lock:
            self._state = replace(self._state, step=None, result=None, message="")

    def close(self) -> None:
        """Stop as soon as the batch at hand is written."""
        self._cancelled.set()
        self._worker.shutdown(cancel_futures=True)

    def cancel(self) -> None:
        """Stop the job at hand and all that wait."""
        self._cancelled.set()

    def add_uploads(self, cached: Sequence[Path]) -> None:
        """Keep uploaded files beside the index and add them."""
        # Of two uploads with the same name the later one counts.
        kept = list(dict.fromkeys(keep_upload(path, self._index.folder) for path in cached))
        self._start(lambda report: self._index.add(kept, on_progress=report), kept)

    def upgrade(self) -> None:
        """Read anew what an older loccit stored, where there is any."""
        if self._index.needs_upgrade():
            self._start(lambda report: self._index.upgrade(on_progress=report))

    def mirror(self) -> None:
        """Mirror the folder, or add the file, if there is one."""
        place = self.mirrored
        if place is None:
            return
        if place.is_dir():
            self._start(lambda report: self._index.sync(place, on_progress=report))
        else:
            self._start(lambda report: self._index.add(place, on_progress=report))

    def retry(self) -> None:
        """Try again the files that could not be read."""
        failed = [Path(source) for source in self._index.failures()]
        self._start(lambda report: self._index.add(failed, on_progress=report))

    def _start(
        self, run: Callable[[ProgressCallback], AddResult | None], uploaded: Sequence[Path] = ()
    ) -> None:
        with self._lock:
            if self._cancelled.is_set():  # what is started after a stop is not stopped
                self._cancelled = threading.Event()
            cancelled = self._cancelled
            self._waiting += 1
            step = self._state.step if self._state.is_running else None
            self._state = replace(self._state, is_running=True, step=step, result=None, message="")
        self._worker.submit(self._work, run, uploaded, cancelled)

    def _work(
        self,
        run: Callable[[ProgressCallback], AddResult | None],
        uploaded: Sequence[Path],
        cancelled: threading.Event,
    ) -> None:
        pace = Pace()
        result, message, stopped_at = None, "", None
        left: tuple[str, ...] = ()

        def report(step: Progress) -> None:
            pace.note(step)
            self._state = replace(self._state, step=step, pace=pace)
            if cancelled.is_set():
                raise _Cancelled

        try:
            result = run(report)
        except _Cancelled:
            message, stopped_at = CANCELLED, self._state.step
            if stopped_at and stopped_at.files_total == len(uploaded):
                left = tuple(map(str, uploaded[stopped_at.files_done :]))
        except LoccitError as error:
            message = str(error)
        except Exception:
            # The edge of the program: the visitor is told, the terminal gets the traceback.
            logger.exception("adding files failed")
            message = BROKEN
        if result is not None and self._tell is not None:
            self._tell(result)
        with self._lock:
            self._waiting -= 1
            self._state = State(
                is_running=self._waiting > 0,
                step=stopped_at,
                left=left,
                pace=pace,
                result=result,
                message=message,
                num_ended=self._state.num_ended + 1,
            )
