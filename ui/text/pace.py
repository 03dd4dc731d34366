"""How quickly indexing goes, from its reports of progress."""

from __future__ import annotations

import time
from collections.abc import Callable

from loccit.index.ingestion.reporting import Progress

_LEAST_SECONDS = 1.0  # of work before the time left is told: at first it is anyone's guess


class Pace:
    """Counts passages as they are reported; ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._passages = 0  # of the files that were at hand before
        self._latest: Progress | None = None

    def note(self, step: Progress) -> None:
        """Take a report into account."""
        before = self._latest
        if before is not None and before.passages_done > step.passages_done:
            self._passages += before.passages_done
        self._latest = step

    @property
    def passages_per_second(self) -> float:
        """How many passages have been embedded in a second, so far."""
        done = self._passages + (self._latest.passages_done if self._latest else 0)
        return done / max(self._clock() - self._began, 1e-3)

    @property
    def seconds_left(self) -> float | None:
        """How long it takes if the rest goes as the files before; None while that is unknown."""
        spent = self._clock() - self._began
        step = self._latest
        if step is None or step.files_and_part <= 0 or spent < _LEAST_SECONDS:
            return None
        return spent * (step.files_total - step.files_and_part) / step.files_and_part
