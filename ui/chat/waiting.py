"""The questions that visitors' pages wait for, so that one can be stopped or left.

Gradio can cancel an event too, but what the event showed last may then arrive after whatever
replaced it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

POLL_SECONDS = 0.05  # between two checks that the visitor still wants the answer

Step = TypeVar("Step")


class Stopped(Exception):
    """The visitor has stopped the question."""


class Left(Exception):
    """The visitor's page shows something else now, which must not be overwritten."""


class Ticket:
    """One question that a page waits for."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.left = threading.Event()

    def check(self) -> None:
        """Raise `Left` or `Stopped` if the page was left or the question stopped."""
        if self.left.is_set():
            raise Left
        if self.stopped.is_set():
            raise Stopped


class Waiting:
    """The tickets of all sessions; threads may share it."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._lock = threading.Lock()

    @contextmanager
    def ticket(self, session: str) -> Iterator[Ticket]:
        """Take a ticket for a session, and leave what the session waited for before."""
        mine = Ticket()
        self.leave(session)
        with self._lock:
            self._tickets[session] = mine
        try:
            yield mine
        finally:
            with self._lock:
                if self._tickets.get(session) is mine:
                    del self._tickets[session]

    def stop(self, session: str) -> None:
        """Stop the question that a session waits for."""
        with self._lock:
            if session in self._tickets:
                self._tickets[session].stopped.set()

    def leave(self, session: str) -> None:
        """Leave the question that a session waits for: its page shows something else now."""
        with self._lock:
            if session in self._tickets:
                self._tickets.pop(session).left.set()


def steps_while_wanted(steps: Iterator[Step], ticket: Ticket) -> Iterator[Step]:
    """Yield the steps as they come; do not wait for a step that is no longer wanted.

    Raises:
        Stopped, Left: the steps are no longer wanted.
    """
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answering")
    try:
        while True:
            coming = worker.submit(next, steps, None)
            while not wait([coming], POLL_SECONDS).done:
                ticket.check()
            ticket.check()
            step = coming.result()
            if step is None:
                return
            yield step
    finally:
        worker.shutdown(wait=False, cancel_futures=True)
