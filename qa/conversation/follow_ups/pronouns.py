"""Replace pronouns, "that company", "one" and "there" by what they stand for in earlier turns."""

from __future__ import annotations

import re
from functools import lru_cache

from loccit.qa.conversation.follow_ups.noun_phrases import (
    Phrase,
    Token,
    is_name,
    phrases,
    tokens,
    verbal,
    whole,
)
from loccit.qa.conversation.follow_ups.topics import Exchange, asks_who, measure, person, thing
from loccit.qa.conversation.follow_ups.vocabulary import (
    ARTICLES,
    AUXILIARIES,
    BE_FORMS,
    BEFORE_THAT,
    CLAUSES,
    CLAUSES_BEFORE_SUBJECTS,
    DO_FORMS,
    KINDS,
    MODALS,
    OF_TIME,
    PAPERS,
    PERSONAL,
    PERSONS,
    POINTING,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECTS,
)
from loccit.qa.reading.words import FUNCTION_WORDS

_EMPTY_IT = re.compile(  # "is it true that", "does it take to charge the battery"
    r"(?:is|was|be|makes?|does|did|can|could|would|will)\s+it\s+(?:be\s+)?(?:not\s+)?"
    r"(?:(?:true|known|possible|allowed|forbidden|necessary|needed|required|likely|legal|decided"
    r"|clear|important|said|agreed|common|normal|safe|better|worth|permitted|mandatory|ok|okay"
    r"|easy|hard|difficult|planned|stated|written|right|enough|mean|matter|\w+ed)\s+(?:for\s.{1,300}\s)?"
    r"(?:that|to|if|whether|when|who|what|where|how|why|which|\w+ing)\b|that\b"
    r"|take\s+(?:\w+\s+)?for\b"
    r"|take\s+(?:\w+\s+){1,4}to\b|(?:take|cost)\s+to\s+\w+\s+\w+|raining|snowing)|\btime\s+(?:is|was)\s+it\b"
    r"|\bit\s+(?:is|was|has\s+been|had\s+been)\s+\w+\s+that\b",
    re.IGNORECASE,
)
_MAY_STAND_FOR = PERSONAL | POINTING | {"one", "ones", "there"}
_MAX_PRONOUNS = 50  # each is looked at with the whole question; one with more speaks for itself
_CHANGES = re.compile(r"\b(?:fall|rise|grow|drop|decrease|increase|change|fell|rose|grew)", re.I)


def resolve(question: str, earlier: tuple[Exchange, ...]) -> tuple[str, str] | None:
    """Return the question with its pronouns replaced, and what replaced the first of them.

    Return None if no pronoun points outside the question, or if nothing before fits.
    """
    words = tokens(question)
    places = [i for i, word in enumerate(words) if word.low in _MAY_STAND_FOR]
    if len(places) > _MAX_PRONOUNS:
        return None
    inside = phrases(question)
    text, topic = question, ""
    for i in reversed(places):
        if found := _meant(question, words, i, inside, earlier):
            end, said, topic = found
            text = text[: words[i].start] + said + text[end:]
    return (text, topic) if topic else None


def _meant(
    question: str,
    words: list[Token],
    i: int,
    inside: tuple[Phrase, ...],
    earlier: tuple[Exchange, ...],
) -> tuple[int, str, str] | None:
    """Return where the replaced words end, what replaces them, and the topic."""
    word = words[i].low
    titled = i and words[i].text[0].isupper() and not question.isupper()  # "Let It Be"
    if titled or (i + 1 < len(words) and words[i + 1].text[0] in "'’"):
        return None
    if word in PERSONAL:
        return _personal(question, words, i, inside, earlier)
    start = _clause_start(words, i)
    if word in POINTING and not any(phrase.start < start for phrase in inside):
        found = pointed(question, words, i, earlier)
        return found and (*found, found[1].strip("“”"))
    said = None
    if word in {"one", "ones"}:
        said = counted(words, i, earlier)
    elif word == "there" and not any(phrase.after in {"in", "at"} for phrase in inside):
        said = place(words, i, earlier)
    return (words[i].end, said, said) if said else None


def _personal(
    question: str,
    words: list[Token],
    i: int,
    inside: tuple[Phrase, ...],
    earlier: tuple[Exchange, ...],
) -> tuple[int, str, str] | None:
    word = words[i].low
    if _has_antecedent(question, words, i, inside):
        return None
    topic = _named(question, word, earlier)
    if not topic:
        return None
    owned = word in POSSESSIVES and (word != "her" or _is_content(words, i + 1))
    return words[i].end, possessive(topic) if owned else topic, topic


def possessive(topic: str) -> str:
    """Return "Marie Curie's" or "Kestrel Motors'"."""
    return topic + ("'" if topic.endswith("s") else "'s")


def _named(question: str, word: str, earlier: tuple[Exchange, ...]) -> str | None:
    if word in PERSONS:
        return person(earlier, word)
    last = earlier[-1]
    if word in {"they", "them", "their"}:
        return (asks_who(last.question) and last.named) or thing(earlier, plural=True)
    changing = word == "it" and _CHANGES.search(question)
    return (changing and measure(last)) or thing(earlier)


def _is_content(words: list[Token], i: int) -> bool:
    if i >= len(words):
        return False
    word = words[i].low
    return word not in FUNCTION_WORDS and word not in AUXILIARIES


def _has_antecedent(question: str, words: list[Token], i: int, inside: tuple[Phrase, ...]) -> bool:
    """Tell whether the question itself says what the pronoun stands for.

    A noun phrase of an earlier clause does so. The subject of the same clause does so for a
    possessive only: otherwise a pronoun never stands for a phrase of its own clause.
    """
    word = words[i]
    if word.low == "it" and any(first <= word.start < end for first, end in _empty(question)):
        return True
    clause = _clause_start(words, i)
    before = [phrase for phrase in inside if phrase.end <= word.start]
    if any(phrase.start < clause for phrase in before):
        return True
    acting = words[0].low == "who" and words[1].low not in AUXILIARIES
    if word.low not in POSSESSIVES or (word.low == "her" and not _is_content(words, i + 1)):
        told = acting and clause == word.start  # "who announced she would leave"
        return told or any(phrase.asked and _is_subject(phrase, words) for phrase in before)
    if acting and word.low != "its":
        return True
    owner = words[i - 1].low == "of" if i else False
    return any(
        _is_subject(phrase, words) or phrase.name or (phrase.article and not owner)
        for phrase in before
        if not phrase.asked or _is_subject(phrase, words)
    )


@lru_cache(maxsize=8)
def _empty(question: str) -> tuple[tuple[int, int], ...]:
    """Return where an "it" stands for nothing."""
    return tuple(found.span() for found in _EMPTY_IT.finditer(question))


def _clause_start(words: list[Token], i: int) -> int:
    starts = [words[j].start for j in range(1, i + 1) if _starts_clause(words, j)]
    return starts[-1] if starts else 0


def _starts_clause(words: list[Token], j: int) -> bool:
    word = words[j].low
    following = words[j + 1] if j + 1 < len(words) else None
    if word in {"he", "she", "they"}:  # "the autonomy he granted", "said she left"
        return words[j - 1].low not in AUXILIARIES | PREPOSITIONS | {"not", "else"}
    if word in CLAUSES_BEFORE_SUBJECTS:
        opens = following and (following.low in SUBJECTS or following.text[0].isupper())
        return bool(opens) and j + 2 < len(words)
    if word == "to":  # of an infinitive
        return (
            following is not None
            and following.text[0].islower()
            and following.low not in PERSONAL | POINTING | ARTICLES
        )
    return words[j].parted or word in CLAUSES


def _is_subject(phrase: Phrase, words: list[Token]) -> bool:
    following = next((word.low for word in words if word.start >= phrase.end), "")
    if phrase.asked:
        return following not in DO_FORMS | BE_FORMS | MODALS
    return phrase.after in AUXILIARIES and following not in {"of", "s"}


def pointed(
    question: str, words: list[Token], i: int, earlier: tuple[Exchange, ...]
) -> tuple[int, str] | None:
    """Return where "that" or "this report" ends, and what it stands for.

    Return None if the word joins clauses, or points to the time of asking.
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


def counted(words: list[Token], i: int, earlier: tuple[Exchange, ...]) -> str | None:
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


def place(words: list[Token], i: int, earlier: tuple[Exchange, ...]) -> str | None:
    """Return which place "there" means; None if it only says that something exists."""
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


def _described(noun: str, end: int, earlier: tuple[Exchange, ...]) -> tuple[int, str] | None:
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
