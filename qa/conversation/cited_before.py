"""Which documents a question of a conversation is asked of first: those that were just cited.

In a folder of leases "who is the landlord?" has an answer for each; after a question about one of
them, it means that one.
"""

from __future__ import annotations

from collections.abc import Sequence

from loccit.index.datatypes import Scope
from loccit.index.passage_index import PassageIndex
from loccit.qa.conversation.follow_ups.noun_phrases import phrases, tokens
from loccit.qa.conversation.follow_ups.topics import Exchange
from loccit.qa.conversation.follow_ups.vocabulary import REFERRING
from loccit.qa.reading.words import subject_words


def documents_before(question: str, asked: str, earlier: Sequence[Exchange]) -> tuple[str, ...]:
    """Return the ids of the documents to ask first; none where the question turns to another thing.

    It does so where it has a name, or a word with a digit, that was not said before, and where it
    was completed without the names of the question before: "what about the other bank?". A question
    that goes back to a name means the documents of the turn that said it last.

    Args:
        question: as it was typed.
        asked: in full, see `complete`; the same where it stands on its own.
        earlier: the turns before it, the latest last.
    """
    names = _names(question)
    citing = (turn for turn in reversed(earlier) if turn.documents)
    turn = next((turn for turn in citing if _has_said(turn, names)), None)
    if turn is None:
        return ()
    is_completed = asked.casefold() != question.strip().casefold()
    before = _names(turn.question)
    if is_completed and before and not any(name.casefold() in asked.casefold() for name in before):
        return ()
    return tuple(dict.fromkeys(turn.documents))


def turns_away(
    question: str,
    first: Sequence[str],
    index: PassageIndex,
    scope: Scope | None = None,
) -> bool:
    """Tell whether a question that was not completed is about other documents than those first.

    It is where it refers to nothing before and has a word that stands in other documents alone: a
    name in small letters, which looks like any word.

    Args:
        question: as it was typed.
        first: ids of the documents cited before.
        index: what the words are looked up in.
        scope: all documents that may be asked; None is all that there are.
    """

    def stands_in(word: str, documents: Scope | None) -> bool:
        return bool(index.search(word, 1, mode="lexical", documents=documents))

    return not any(token.low in REFERRING for token in tokens(question)) and any(
        not stands_in(word, Scope(tuple(first))) and stands_in(word, scope)
        for word in subject_words(question)
    )


def _has_said(turn: Exchange, names: Sequence[str]) -> bool:
    """Tell whether all names stand in a turn."""
    parts = (turn.question, turn.short or "", *turn.cited, *turn.titles)
    said = "\n".join(parts).casefold()
    return all(name.casefold() in said for name in names)


def _names(question: str) -> list[str]:
    """Return the proper names and quoted terms of a question, and its words with a digit."""
    named = [phrase.bare.strip('“”"') for phrase in phrases(question) if phrase.name]
    codes = [token.text for token in tokens(question) if _is_code(token.text)]
    return named + codes


def _is_code(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))
