"""A conversation as the page holds it: questions and what was said to them."""

from __future__ import annotations

from dataclasses import dataclass

from loccit.qa.datatypes import Answer
from loccit.qa.evaluation.feedback import Feedback


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was typed, and its answer, or what there is to say while there is none.

    ``completed`` is the question in full where it was a follow-up. ``first`` are the ids of
    the documents that are asked before all others, and ``documents`` of those that were asked in
    the end, None is all; ``scope`` says in words which. ``waiting`` is what is being done, and
    ``message`` what went wrong. ``number`` counts from 1 where the turn is kept, else it is None.
    """

    question: str
    answer: Answer | None = None
    completed: str | None = None
    first: tuple[str, ...] = ()
    documents: tuple[str, ...] | None = None
    scope: str = ""
    waiting: str = ""
    message: str = ""
    number: int | None = None
    feedback: Feedback | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is nothing to read yet."""
        return self.answer is None and not self.message


@dataclass(frozen=True, slots=True)
class Talk:
    """What a page shows; ``conversation_id`` is "" until something of it is kept."""

    conversation_id: str = ""
    turns: tuple[Turn, ...] = ()
