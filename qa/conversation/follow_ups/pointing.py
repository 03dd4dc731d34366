"""What "that", "this contract", "one" and "there" point to in an earlier turn."""

from __future__ import annotations

from loccit.qa.conversation.follow_ups.noun_phrases import (
    Token,
    is_name,
    phrases,
    tokens,
    verbal,
    whole,
)
from loccit.qa.conversation.follow_ups.topics import Exchange, asks_who, thing
from loccit.qa.conversation.follow_ups.vocabulary import (
    AUXILIARIES,
    BE_FORMS,
    BEFORE_THAT,
    DO_FORMS,
    KINDS,
    OF_TIME,
    PAPERS,
    PREPOSITIONS,
)
from loccit.qa.reading.words import FUNCTION_WORDS


def pointed(
    question: str, words: list[Token], i: int, earlier: list[Exchange]
) -> tuple[int, str] | None:
    """Return where the words end that "that" or "this report" takes, and what it stands for.

    None: the word joins clauses, or points to the time of asking.
    """
    word = words[i].low
    after = words[i + 1].low if i + 1 < len(words) else ""
    before = words[i - 1].low if i else ""
    if word == "that" and after and before not in BEFORE_THAT:
        return None
    if after in OF_TIME or (word == "those" and after in {"who", "that", "which"}):
        return None
    alone = not after or after in FUNCTION_WORDS | AUXILIARIES | PREPOSITIONS or verbal(after)
    if alone or (before in DO_FORMS | BE_FORMS and i + 2 == len(words)):
        if after == "mean" and earlier[-1].short:
            return words[i].end, f"“{earlier[-1].short}”"
        said = thing(earlier, plural=word in {"these", "those"})
        return None if said is None else (words[i].end, said)
    noun = next((phrase for phrase in phrases(question) if phrase.start == words[i].start), None)
    return None if noun is None else _described(noun.bare, noun.end, earlier)


def counted(words: list[Token], i: int, earlier: list[Exchange]) -> str | None:
    """Return the noun that "one" of "the green one" stands for."""
    before = words[i - 1].low if i else ""
    after = words[i + 1].low if i + 1 < len(words) else ""
    described = i > 1 and words[i - 2].low in {"the", "a", "an"} and before not in FUNCTION_WORDS
    chosen = before in {"which", "this", "that", "these", "those", "the"} or described
    if not chosen or (after and after not in AUXILIARIES | PREPOSITIONS) or after == "of":
        return None
    found = phrases(earlier[-1].question)
    nouns = [phrase for phrase in found if not phrase.name]
    return next((p.bare.split()[-1] for p in nouns if p.asked or p.article), None)


def place(words: list[Token], i: int, earlier: list[Exchange]) -> str | None:
    """Return where "there" is; None where it only says that something exists."""
    around = {words[j].low for j in (i - 1, i + 1) if 0 <= j < len(words)}
    if around & (BE_FORMS | {"be", "been", "exist", "exists", "has", "have", "will", "can"}):
        return None
    last = earlier[-1]
    if last.short and last.question.lower().lstrip().startswith("where"):
        first = tokens(last.short)[0].low if tokens(last.short) else ""
        return last.short if first in PREPOSITIONS else f"in {last.short}"
    if last.named and not asks_who(last.question):
        return f"in {last.named}"
    found = [p for p in phrases(last.question) if p.after in {"in", "at", "from", "to"}]
    return f"in {whole(last.question, found[-1])}" if found else None


def _described(noun: str, end: int, earlier: list[Exchange]) -> tuple[int, str] | None:
    """Return what "that company" or "this contract" is."""
    head = noun.rsplit(maxsplit=1)[-1].lower()
    if head in PAPERS:
        for exchange in reversed(earlier):
            if exchange.titles:
                return end, f"the {noun} “{exchange.titles[0]}”"
    for exchange in reversed(earlier):
        for phrase in phrases(exchange.question):
            if phrase.head == head and not phrase.asked:
                return end, whole(exchange.question, phrase)
    said = thing(earlier)
    fits = head in KINDS and said is not None and is_name(said)
    return (end, f"the {noun} {said}") if fits else None
