"""Complete a follow-up from the turns before it: "and where?" -> "Where was she born?".

Passages are found by the question alone, so the question itself must say what it is about. This is
done with rules, for English. A question that stands on its own is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loccit.index.retrieval.questions import MAX_QUESTION_CHARACTERS
from loccit.qa.conversation.follow_ups.fragments import LEADS, asked_alone, fragment
from loccit.qa.conversation.follow_ups.noun_phrases import tokens
from loccit.qa.conversation.follow_ups.pronouns import resolve
from loccit.qa.conversation.follow_ups.topics import Exchange
from loccit.qa.conversation.follow_ups.vocabulary import STANDING_FOR_NOUNS
from loccit.qa.reading.words import subject_stems

__all__ = ["Exchange", "FollowUp", "complete"]


# Of the questions before that are looked at: some 200 questions. Those of hours ago say nothing of
# what is meant now, and the time of the rules stays within bounds.
_RECENT_CHARACTERS = 2 * MAX_QUESTION_CHARACTERS


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A completed question; ``topic`` are the words that completed it."""

    question: str
    topic: str


def complete(question: str, earlier: Sequence[Exchange]) -> FollowUp | None:
    """Complete a question with the turns before it, the latest last.

    Return None if it stands on its own, if nothing that was said before completes it, or if it
    would become longer than a question may be.
    """
    recent = _recent(earlier)
    if not recent:
        return None
    found = (
        asked_alone(question, recent)
        or fragment(question, recent)
        or resolve(LEADS.sub("", question, count=1), recent)
    )
    if found is None or len(found[0]) > MAX_QUESTION_CHARACTERS:
        return None
    text, topic = found
    text = text.strip()
    if not set(subject_stems(question)) <= {*subject_stems(text), *STANDING_FOR_NOUNS}:
        text = f"{question.strip(' ?')} ({topic})?"
    if len(text) > MAX_QUESTION_CHARACTERS:
        return None
    return FollowUp(text[:1].upper() + text[1:], topic)


def _recent(earlier: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return the latest turns that say something, up to a limit of characters."""
    found: list[Exchange] = []
    left = _RECENT_CHARACTERS
    for turn in reversed(earlier):
        left -= len(turn.question)
        if left < 0:
            break
        if tokens(turn.question):
            found.append(turn)
    return tuple(reversed(found))
