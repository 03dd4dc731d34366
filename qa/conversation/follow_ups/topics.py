"""What the earlier turns of a conversation are about, so that "she" and "it" stand for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from loccit.qa.conversation.follow_ups.noun_phrases import Phrase, is_name, phrases, whole
from loccit.qa.conversation.follow_ups.vocabulary import FEMALE, MALE, PLACING, RELATIONS, THINGS

_WHO = re.compile(
    r"\W*(?:by |for |to |from |with )?(?:whom?|whose|which (?:person|man|woman))\b", re.I
)
_WHICH = re.compile(
    r"\W*(?:(?:in|at|on|from|by|for) )?(?:which|what) (?!is|was|are|were|d)\w", re.I
)
_PERSONAL = re.compile(
    r"\b(?:he|she|him|his|her|born|died?|marry|married|wife|husband|mother|father|childhood)\b",
    re.I,
)
_ROLE = re.compile(r"(?:or|er|man|woman|ist|ant|ent|lord|lady|eer|ian|ess|ee|ive)$")
_NO_ROLE = re.compile(r"(?:ment|number|paper|letter|power|tower|winter|summer|meter|motor|water)$")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn of a conversation: what was asked, and what was answered.

    ``question`` is the question in full. ``short`` are the few words that answered it, or None.
    ``cited`` are the sentences that were cited; ``titles`` and ``documents`` are the titles and ids
    of the documents that they are from.
    """

    question: str
    short: str | None = None
    cited: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    @property
    def named(self) -> str | None:
        """The short answer if it is a proper name, else None."""
        return self.short if self.short and is_name(self.short) else None


def asks_who(question: str) -> bool:
    """Tell whether a person is asked for."""
    return bool(_WHO.match(question))


def is_person(phrase: Phrase) -> bool:
    """Tell whether a common noun is a person's role: the tenant, the chairwoman."""
    head = phrase.head.removesuffix("s")
    role = bool(_ROLE.search(head)) and not (_NO_ROLE.search(head) or head in THINGS)
    return not phrase.name and (role or head in RELATIONS)


@lru_cache(maxsize=32)
def person(earlier: tuple[Exchange, ...], pronoun: str) -> str | None:
    """Return whom "he", "she" or "they" means: the latest answer, role or name that fits."""
    for exchange in reversed(earlier):
        question = exchange.question
        if asks_who(question) and exchange.named and _fits(question, pronoun):
            return exchange.named
        found = [phrase for phrase in phrases(question) if not phrase.asked]
        names = [phrase for phrase in found if phrase.name and phrase.text[0] not in '“"']
        people = [name for name in names if not name.article and name.after not in PLACING]
        if not (asks_who(question) and exchange.named):
            roles = [phrase for phrase in found if is_person(phrase) and phrase.article]
            if roles:
                return whole(question, roles[0])
        if people:
            return people[0].text
    return next((title for title in _titles(earlier) if is_name(title)), None)


@lru_cache(maxsize=32)
def thing(earlier: tuple[Exchange, ...], *, plural: bool = False) -> str | None:
    """Return what "it", or "they" of things, means; if nothing else fits, a document's title."""
    people = {turn.named for turn in earlier if asks_who(turn.question)}
    for exchange in reversed(earlier):
        if not plural and (chosen := _chosen(exchange)):
            return chosen
        found = phrases(exchange.question)
        told = [phrase for phrase in found if not phrase.asked]
        is_personal = _is_personal(exchange)
        names = [
            phrase
            for phrase in told
            if phrase.name
            and phrase.text not in people
            and not (is_personal and _may_be_human(phrase))
        ]
        common = [phrase for phrase in told if not phrase.name]
        common.sort(key=lambda phrase: (phrase.plural != plural, not phrase.article))
        several = [phrase for phrase in (*common, *found) if phrase.plural and not phrase.name]
        for phrase in (*several, *names) if plural else (*names, *common, *found):
            if phrase.text not in people:
                return phrase.text if phrase.name else whole(exchange.question, phrase)
    if plural:
        return None
    return next(_titles(earlier), None)


@lru_cache(maxsize=32)
def measure(exchange: Exchange) -> str | None:
    """Return the quantity of a name that was asked for: "the net profit of Norvale Bank"."""
    for phrase in phrases(exchange.question):
        if not phrase.name and not phrase.asked and phrase.article:
            full = whole(exchange.question, phrase)
            if full != phrase.text:
                return full
    return None


def _titles(earlier: tuple[Exchange, ...]) -> Iterator[str]:
    return (title for exchange in reversed(earlier) for title in exchange.titles if title.strip())


def _fits(question: str, pronoun: str) -> bool:
    """Tell whether the person that a question asks for may be "he" or "she"."""
    words = set(question.lower().replace("?", "").split())
    if pronoun in {"he", "him", "his"}:
        return not words & FEMALE
    return pronoun not in {"she", "her"} or not words & MALE


def _chosen(exchange: Exchange) -> str | None:
    """Return what "which ferry" was answered with: "the ferry Aurora"."""
    asked = next((phrase for phrase in phrases(exchange.question) if phrase.asked), None)
    if not (asked and exchange.named and _WHICH.match(exchange.question)):
        return None
    bare = re.sub(r"^the ", "", exchange.named, flags=re.I)
    return f"the {bare}" if asked.head in bare.lower().split() else f"the {asked.text} {bare}"


def _is_personal(exchange: Exchange) -> bool:
    """Tell whether a turn speaks of a person."""
    return bool(_PERSONAL.search(" ".join((exchange.question, *exchange.cited))))


def _may_be_human(name: Phrase) -> bool:
    return not name.article and not any(character.isdigit() for character in name.text)
