"""One question of a conversation and what was said to it."""

from __future__ import annotations

from dataclasses import dataclass

from qa.datatypes import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was typed, and its answer, or what there is to say while there is none.

    ``scope`` says in words which documents were asked. ``waiting`` is what is being done, and
    ``message`` what went wrong.
    """

    question: str
    answer: Answer | None = None
    scope: str = ""
    waiting: str = ""
    message: str = ""

    @property
    def is_open(self) -> bool:
        """Whether there is nothing to read yet."""
        return self.answer is None and not self.message


Turns = tuple[Turn, ...]
