"""The processor's time and the memory that something takes, however busy the machine is."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu_seconds(function: Callable[[], object], *, times: int = 1) -> float:
    """Return the least processor time, in seconds, of so many calls in this process."""
    found = []
    for _ in range(times):
        gc.collect()
        gc.disable()
        try:
            begun = time.process_time()
            function()
            found.append(time.process_time() - begun)
        finally:
            gc.enable()
    return min(found)
