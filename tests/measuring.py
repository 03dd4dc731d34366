"""The processor's time and the memory that something takes, however busy the machine is."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call took in a process of its own: processor seconds, megabytes at its peak."""

    seconds: float
    megabytes: float
    told: str
    ended: bool = True


def cost(function: Callable[[], str], *, seconds: int = 60) -> Cost:
    """Call a function in a fork of this process, which ends it after so many processor seconds.

    What it returns is ``told``; an exception is told as well. Works where there is ``fork``.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _report(function, writing, seconds)
    os.close(writing)
    with os.fdopen(reading) as report:
        lines = report.read().splitlines()
    _, _, usage = os.wait4(child, 0)
    megabytes = usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    if not lines:
        return Cost(usage.ru_utime + usage.ru_stime, megabytes, "was ended", ended=False)
    return Cost(float(lines[0]), megabytes, json.loads(lines[1]))


def _report(function: Callable[[], str], writing: int, seconds: int) -> None:
    """Call the function, write what it took, and end this process."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    begun = time.process_time()
    try:
        told = function()
    except Exception as error:  # noqa: BLE001 - told, whatever it is
        told = f"{type(error).__name__}: {error}"
    with os.fdopen(writing, "w") as report:
        report.write(f"{time.process_time() - begun}\n{json.dumps(told)}\n")
    os._exit(0)
