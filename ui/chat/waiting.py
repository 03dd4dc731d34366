"""What each visitor's page waits for, so that it can be stopped or left.

Gradio can cancel an event as well, but not tell how far it has come: what it had shown last may
arrive after what takes its place.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

POLL_SECONDS = 0.05  # between two looks at whether the visitor still wants the answer

Step = TypeVar("Step")


class Stopped(Exception):
    """The visitor wants no answer any more."""


class Left(Exception):
    """The visitor's page shows something else by now, which must not be overwritten."""


class Ticket:
    """One question that a page waits for."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.left = threading.Event()

    def check(self) -> None:
        """Raise `Left` or `Stopped`, if it is so."""
        if self.left.is_set():
            raise Left
        if self.stopped.is_set():
            raise Stopped


class Waiting:
    """The tickets by the visitors' sessions; may be shared by threads."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._lock = threading.Lock()

    @contextmanager
    def ticket(self, session: str) -> Iterator[Ticket]:
        """Take a ticket; what the session waited for before is left."""
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
        """Stop what a session waits for."""
        with self._lock:
            if session in self._tickets:
                self._tickets[session].stopped.set()

    def leave(self, session: str) -> None:
        """Forget what a session waits for: its page shows something else."""
        with self._lock:
            if session in self._tickets:
                self._tickets.pop(session).left.set()


def steps_while_wanted(steps: Iterator[Step], ticket: Ticket) -> Iterator[Step]:
    """Yield the steps as they come; a step that is not wanted any more is not waited for.

    Raises:
        Stopped, Left: it is not wanted.
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
