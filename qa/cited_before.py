"""Which documents a question of a conversation is asked of first: those that were just cited.

In a folder of leases "who is the landlord?" has an answer for each; after a question about one of
them, it means that one.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa.noun_phrases import phrases, tokens
from qa.topics import Exchange


def documents_before(question: str, asked: str, earlier: Sequence[Exchange]) -> tuple[str, ...]:
    """Return the ids of the documents to ask first; none where the question turns to another thing.

    It does so where it has a name, or a word with a digit, that was not said before, and where it
    was completed without the names of the question before: "what about the other bank?".

    Args:
        question: as it was typed.
        asked: in full, see ``qa.follow_ups``; the same where it stands on its own.
        earlier: the turns before it, the latest last.
    """
    turn = next((turn for turn in reversed(earlier) if turn.documents), None)
    if turn is None:
        return ()
    said = "\n".join(
        part
        for exchange in earlier
        for part in (exchange.question, exchange.short or "", *exchange.cited, *exchange.titles)
    ).casefold()
    if any(name.casefold() not in said for name in _names(question)):
        return ()
    is_completed = asked.casefold() != question.strip().casefold()
    names = _names(turn.question)
    if is_completed and names and not any(name.casefold() in asked.casefold() for name in names):
        return ()
    return tuple(dict.fromkeys(turn.documents))


def _names(question: str) -> list[str]:
    """Return the proper names and quoted terms of a question, and its words with a digit."""
    named = [phrase.bare.strip('“”"') for phrase in phrases(question) if phrase.name]
    codes = [token.text for token in tokens(question) if _is_code(token.text)]
    return named + codes


def _is_code(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))
