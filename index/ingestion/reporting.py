"""What indexing tells while it works and when it is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

_LEAST_SECONDS = 1.0  # of work before a time left is told: earlier it would be a mere guess

Status = Literal["added", "updated", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ``add`` has come.

    ``passages_done`` and ``passages_total`` count the passages of the ``files_at_hand``, which
    are embedded together, and are 0 while files are being read.
    """

    stage: Literal["reading", "embedding"]
    source: str
    files_done: int
    files_total: int
    passages_done: int = 0
    passages_total: int = 0
    files_at_hand: int = 1

    @property
    def files_and_part(self) -> float:
        """The files done, with the part done of those at hand."""
        part = self.passages_done / self.passages_total if self.passages_total else 0.0
        return self.files_done + part * self.files_at_hand


ProgressCallback = Callable[[Progress], None]


class Pace:
    """How quickly indexing goes, from its reports of progress; ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._passages = 0  # of the files before those at hand
        self._latest: Progress | None = None

    def note(self, step: Progress) -> None:
        """Take the next report into account."""
        before = self._latest
        if before is not None and before.passages_done > step.passages_done:
            self._passages += before.passages_done
        self._latest = step

    @property
    def passages_per_second(self) -> float:
        """How many passages have been embedded per second, so far."""
        done = self._passages + (self._latest.passages_done if self._latest else 0)
        return done / max(self._clock() - self._began, 1e-3)

    @property
    def seconds_left(self) -> float | None:
        """The time left if the other files take as long as those before; None if unknown yet."""
        spent = self._clock() - self._began
        step = self._latest
        if step is None or step.files_and_part <= 0 or spent < _LEAST_SECONDS:
            return None
        return spent * (step.files_total - step.files_and_part) / step.files_and_part


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file; ``reason`` says why it was skipped or failed."""

    source: str
    status: Status
    doc_id: str | None = None
    num_passages: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AddResult:
    """The outcomes of one ``add``, in the order the files were taken."""

    outcomes: tuple[FileOutcome, ...]

    def with_status(self, status: Status) -> tuple[FileOutcome, ...]:
        """Return the outcomes of one kind, in order."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)


@dataclass(frozen=True, slots=True)
class SyncResult(AddResult):
    """What became, or in a dry run would become, of the files of a mirrored folder.

    ``outcomes`` are the files that are there, in order; a file that was moved is ``updated``.
    ``deleted`` are the sources that are gone.
    """

    deleted: tuple[str, ...]

    @property
    def num_added(self) -> int:
        """Files that are new."""
        return len(self.with_status("added"))

    @property
    def num_updated(self) -> int:
        """Files that were changed, renamed or moved."""
        return len(self.with_status("updated"))

    @property
    def num_skipped(self) -> int:
        """Files that are as they were."""
        return len(self.with_status("skipped"))

    @property
    def num_failed(self) -> int:
        """Files that could not be read."""
        return len(self.failures)

    @property
    def num_deleted(self) -> int:
        """Files that are gone."""
        return len(self.deleted)

    @property
    def failures(self) -> tuple[FileOutcome, ...]:
        """The files that could not be read, each with its reason."""
        return self.with_status("failed")


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document as a list shows it, without its text.

    ``sources`` are the names under which the content was added; ``num_pages`` is None for a
    format without pages. ``num_hidden_words`` are those of the source that a reader does not see,
    and ``num_recognised_pages`` the pages whose text was recognised in a picture. One that
    ``is_damaged`` could not be repaired: it is kept, and never found or cited.
    """

    doc_id: str
    title: str
    sources: tuple[str, ...]
    num_passages: int
    num_pages: int | None
    num_characters: int
    num_hidden_words: int = 0
    num_recognised_pages: int = 0
    is_damaged: bool = False
