"""Put a fragment into the question before: "and in 2019?", "what about Germany?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loccit.qa.conversation.follow_ups.ellipses import without_lead
from loccit.qa.conversation.follow_ups.noun_phrases import DATE, YEAR, Phrase, phrases, tokens
from loccit.qa.conversation.follow_ups.pronouns import resolve
from loccit.qa.conversation.follow_ups.topics import Exchange, is_person, thing
from loccit.qa.conversation.follow_ups.vocabulary import (
    ASKING,
    AUXILIARIES,
    HALF_TERMS,
    PLACES,
    POSSESSIVES,
    PREPOSITIONS,
    WHERE,
)

_ABOUT = re.compile(r"(?:what|how) about\s+", re.I)
_IN_A_YEAR = re.compile(rf"(?:(?:in|for|of|since|from|by|during|at)\s+)?{YEAR.pattern}", re.I)
_STEPS = (
    (re.compile(r"(?:in )?the (?:year (?:before|earlier)|previous year)", re.I), -1),
    (re.compile(r"(?:in )?the (?:year (?:after|later)|(?:next|following) year)", re.I), 1),
)
_MAX_WORDS = 9
_MAX_BARE_WORDS = 4  # "for the landlord?" without "and"
_MIN_LIKENESS = 2
_UNLIKE = -9


def fragment(question: str, earlier: Sequence[Exchange]) -> tuple[str, str] | None:
    """Return the question before with the fragment in its place, and the fragment or its topic.

    None: the question is a sentence, or words alone, which may be keywords.
    """
    rest, leads = without_lead(question)
    about = _ABOUT.match(rest)
    said = rest[about.end() :] if about else rest
    words = tokens(said)
    bare = bool(_IN_A_YEAR.fullmatch(said)) or (
        bool(words) and words[0].low in PREPOSITIONS - {"about"}
    )
    most = _MAX_WORDS if leads or about else _MAX_BARE_WORDS if bare else 0
    if not 0 < len(words) <= most:
        return None
    if any(word.low in AUXILIARIES | ASKING and word.text != "May" for word in words):
        return None
    if resolved := resolve(said, earlier):
        owned = words[0].low in POSSESSIVES and len(words) > 1
        text, topic = resolved
        if owned:
            return f"{_frame(text, topic, earlier[-1])} {text}?", topic
        if len(words) == 1:
            return f"what about {text}?", topic
        said = text
    return _placed(said, earlier)


def _frame(said: str, owner: str, last: Exchange) -> str:
    """Return "who was" for "her husband", "where are" for "its headquarters"."""
    found = phrases(said[said.find(owner) + len(owner) :])
    past = YEAR.search(said) or {"was", "were", "did"} & {w.low for w in tokens(last.question)}
    if not found:
        return "what was" if past else "what is"
    noun = found[0]
    be = ("were" if noun.plural else "was") if past else ("are" if noun.plural else "is")
    asking = "where" if noun.head in WHERE else "who" if is_person(noun) else "what"
    return f"{asking} {be}"


def _placed(said: str, earlier: Sequence[Exchange]) -> tuple[str, str]:
    """Put a fragment into the latest question that has a place for it."""
    when = ""
    left = said
    if dated := _IN_A_YEAR.search(said):
        when = dated.group()
        left = (said[: dated.start()] + said[dated.end() :]).strip(" ,")
    if shifted := _shifted(earlier[-1].question.strip(" \t\r\n?!."), said):
        return shifted, said
    for exchange in reversed(earlier):
        text = _dated(exchange.question.strip(" \t\r\n?!."), when)
        if replaced := _with_parallel(text, left) if left else text:
            return f"{replaced}?", left or said
    text = earlier[-1].question.strip(" \t\r\n?!.")
    if tokens(said)[0].low in PREPOSITIONS:
        return f"{text} {said}?", said
    return f"what about {said} and {thing(earlier) or text}?", said


def _shifted(text: str, said: str) -> str | None:
    """Count the year of a question on or back: "and the year before?"."""
    year = YEAR.search(text)
    if year is None:
        return None
    step = next((step for words, step in _STEPS if words.fullmatch(said)), None)
    return None if step is None else f"{YEAR.sub(str(int(year[0]) + step), text)}, {said}?"


def _dated(text: str, when: str) -> str:
    """Replace the year of a question, or add one."""
    year = YEAR.search(when)
    if year is None:
        return text
    if YEAR.search(text):
        return YEAR.sub(year.group(), text)
    return f"{text} {when}" if " " in when else f"{text} in {when}"


def _with_parallel(text: str, said: str) -> str | None:
    """Replace the phrase of a question that is of the same kind as ``said``, if there is one."""
    words = tokens(said)
    preposition = words[0].low if words[0].low in PREPOSITIONS and len(words) > 1 else ""
    noun = said[words[1].start :] if preposition else said
    if (date := DATE.search(text)) and DATE.search(said):
        return text.replace(date.group(), noun)
    told = phrases(text)
    same = [phrase for phrase in told if preposition and phrase.after == preposition]
    best = max(told, key=lambda phrase: (_likeness(noun, phrase), phrase.start), default=None)
    if same:
        best = same[-1]
    elif best is None or _likeness(noun, best) < _MIN_LIKENESS:
        return None
    elif preposition and not best.name and best.head != words[-1].low:
        return None  # "and for children?" does not take the place of "of ibuprofen"
    if best.asked:
        noun = re.sub(r"^(?:the|an?) ", "", noun)
    return text[: best.start] + noun + text[_end_of_term(text, best, told) :]


def _end_of_term(text: str, phrase: Phrase, told: Sequence[Phrase]) -> int:
    """Return where a phrase ends, with a bare noun that makes one term of it: period of notice."""
    if phrase.head in HALF_TERMS:
        for other in told:
            bare = not (other.name or other.article)
            if other.start > phrase.end and bare and text[phrase.end : other.start] == " of ":
                return other.end
    return phrase.end


def _likeness(said: str, other: Phrase) -> int:
    """Tell how much a fragment and a phrase of the last question are of the same kind."""
    found = phrases(f"about {said}")
    if not found or found[0].text.lower() == other.text.lower():
        return _UNLIKE
    mine = found[0]
    places = [p.bare.lower() in PLACES for p in (mine, other)]
    score = 3 * all(places) - 2 * (places[0] != places[1])
    if places[0] and other.after in {"in", "at", "from", "to"}:
        score += 3
    same_article = bool(mine.article) == bool(other.article)
    tail = min(len(mine.head), len(other.head), 4)
    score += 4 * (mine.head == other.head or (tail == 4 and mine.head[-4:] == other.head[-4:]))
    score += 2 if mine.name == other.name else -2
    score += 1 if same_article else -3 * (mine.name or other.name)
    score += len(mine.bare.split()) == len(other.bare.split())
    score += (is_person(mine) == is_person(other)) + (is_person(mine) and is_person(other))
    score += mine.plural and other.plural
    return score - 2 * other.asked
