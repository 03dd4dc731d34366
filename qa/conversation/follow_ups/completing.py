"""Complete a follow-up from the turns before it: "and where?" -> "Where was she born?".

Passages are found by the question alone, so the question itself must say what it is about. This is
done with rules, for English. A question that stands on its own is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loccit.qa.conversation.follow_ups.fragments import LEADS, asked_alone, fragment
from loccit.qa.conversation.follow_ups.noun_phrases import tokens
from loccit.qa.conversation.follow_ups.pronouns import resolve
from loccit.qa.conversation.follow_ups.topics import Exchange
from loccit.qa.conversation.follow_ups.vocabulary import STANDING_FOR_NOUNS
from loccit.qa.reading.words import subject_stems

__all__ = ["Exchange", "FollowUp", "complete"]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A completed question; ``topic`` are the words that completed it."""

    question: str
    topic: str


def complete(question: str, earlier: Sequence[Exchange]) -> FollowUp | None:
    """Complete a question with the turns before it, the latest last.

    Return None if it stands on its own, or if nothing that was said before completes it.
    """
    earlier = [turn for turn in earlier if tokens(turn.question)]
    if not earlier:
        return None
    found = (
        asked_alone(question, earlier)
        or fragment(question, earlier)
        or resolve(LEADS.sub("", question, count=1), earlier)
    )
    if found is None:
        return None
    text, topic = found
    text = text.strip()
    if not set(subject_stems(question)) <= {*subject_stems(text), *STANDING_FOR_NOUNS}:
        text = f"{question.strip(' ?')} ({topic})?"
    return FollowUp(text[:1].upper() + text[1:], topic)
