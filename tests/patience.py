"""How tests wait and measure, so that none depends on how fast or how busy the machine is.

Wait for what happens, not for a time: `wait_until`. Measure work, not time: count calls, or take
the processor's seconds, `cpu_seconds`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

# A net under what never comes. Nothing is found too slow by it: all that a test waits for comes
# within a few seconds on an idle machine.
PATIENCE_SECONDS = 300.0
_LOOK_SECONDS = 0.02


def wait_until(met: Callable[[], object]) -> None:
    """Return once ``met`` returns something true."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not met():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(_LOOK_SECONDS)


def cpu_seconds(process: int) -> float:
    """Return the processor time that a running process has taken, 0 where there is no /proc."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return 0.0
    # After the name, which may hold blanks, user and system time are the 12th and 13th field.
    fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
