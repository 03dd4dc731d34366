"""A conversation as the page shows it: what was said, with what the page adds to it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from loccit.qa.conversation import conversation as said

_SAID = tuple(field.name for field in fields(said.Turn))


@dataclass(frozen=True, slots=True)
class Turn(said.Turn):
    """A turn with what the page adds to it.

    ``scope`` says which documents were searched. ``waiting`` says what is being done while there
    is no answer, and ``message`` why there is none.
    """

    scope: str = ""
    waiting: str = ""
    message: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the turn still waits for its answer."""
        return self.answer is None and not self.message


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation that a page shows; ``conversation_id`` is "" until a part of it is kept.

    ``notice`` tells why a conversation that was asked for is not shown, or why a question was not
    asked.
    """

    conversation_id: str = ""
    turns: tuple[Turn, ...] = ()
    notice: str = ""

    @property
    def said(self) -> said.Conversation:
        """What was said, without what the page adds."""
        return said.Conversation(self.conversation_id, self.turns)


def shown(conversation: said.Conversation, beside: tuple[Turn, ...] = ()) -> Talk:
    """Return a conversation as the page shows it.

    Args:
        conversation: what was said.
        beside: the turns as they were shown until now; what the page added to them is kept.
    """
    before = dict(enumerate(beside))
    turns = (_shown(turn, before.get(place)) for place, turn in enumerate(conversation.turns))
    return Talk(conversation.conversation_id, tuple(turns))


def with_last(talk: Talk, **values: Any) -> Talk:
    """Return the talk with some values of its last turn replaced."""
    *earlier, last = talk.turns
    return replace(talk, turns=(*earlier, replace(last, **values)))


def _shown(turn: said.Turn, beside: Turn | None) -> Turn:
    values = {name: getattr(turn, name) for name in _SAID}
    beside = beside or Turn("")
    return Turn(**values, scope=beside.scope, waiting=beside.waiting, message=beside.message)
