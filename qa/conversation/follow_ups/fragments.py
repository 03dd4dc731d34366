"""Complete a question that is less than a sentence from the question before it.

A bare question word: "and where?", "for how long?", "why not?". A fragment: "and in 2019?", "what
about Germany?".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from loccit.qa.conversation.follow_ups.noun_phrases import (
    DATE,
    YEAR,
    Phrase,
    Token,
    phrases,
    tokens,
)
from loccit.qa.conversation.follow_ups.pronouns import resolve
from loccit.qa.conversation.follow_ups.topics import Exchange, asks_who, is_person, thing
from loccit.qa.conversation.follow_ups.vocabulary import (
    AFTER_ASKING,
    ARTICLES,
    ASKING,
    AUXILIARIES,
    BE_FORMS,
    DO_FORMS,
    HALF_TERMS,
    HOW_MUCH,
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
LEADS = re.compile(
    r"^\W*(?:(?:and|but|or|so|also|then)\b[\s,]*|(?:yes|no|ok|okay|well|hm+)\b\s*,\s*)+", re.I
)
_MORE = re.compile(
    r"(?:(?:please )?(?:tell|show) me more|(?:some )?more(?: details| information)?|go on|what else"
    r"|anything else|continue)(?: about (?:it|that|this|them))?(?: please)?",
    re.I,
)
_WHO_SAID = re.compile(
    r"(who (?:said|says|wrote|claims|claimed|stated|thinks|thought)) (?:that|this|it|so)", re.I
)
_MAX_SAID_WORDS = 40
_MAX_SHORT_WORDS = 6
_MAX_TAIL = 4  # "why with cold water"; what is longer is a question


def without_lead(question: str) -> tuple[str, bool]:
    """Return the question without "and", "but" and its end mark, and whether it had such a word."""
    lead = LEADS.match(question)
    rest = question[lead.end() :] if lead else question
    return rest.strip(" \t\r\n?!.…,;:"), lead is not None


def asked_alone(question: str, earlier: tuple[Exchange, ...]) -> tuple[str, str] | None:
    """Return the question before with another question word, and its topic.

    Return None if the question is more than a question word.
    """
    last = earlier[-1]
    rest, leads = without_lead(question)
    topic = (asks_who(last.question) and last.named) or thing(earlier)
    topic = topic or last.question.strip(" ?")
    if _MORE.fullmatch(rest):
        return f"{rest.split(' about ')[0]} about {topic}?", topic
    if said := _WHO_SAID.fullmatch(rest):
        statement = _statement(last)
        return (f"{said[1]} {statement}?", statement) if statement else None
    rest = re.sub(r"^(why|how|when|where) (?:is|was) (?:that|this)$", r"\1", rest, flags=re.I)
    length = _asking_length(tokens(rest))
    if length == 0 or (leads and rest.lower() == "what"):
        return None
    asking, tail = rest, ""
    if length < len(tokens(rest)):
        cut = tokens(rest)[length].start
        asking, tail = rest[:cut].strip(), f" {rest[cut:]}"
    return f"{_reasked(asking, last)}{tail}?", topic


def _asking_length(words: list[Token]) -> int:
    """Return how many tokens ask, where nothing or a prepositional phrase follows; else 0."""
    i = 1 if words and words[0].low in PREPOSITIONS else 0
    if i >= len(words) or words[i].low not in ASKING or len(words) > 8:
        return 0
    word, i = words[i].low, i + 1
    counting = word in {"which", "what", "whose"}
    if word == "how" and i < len(words) and words[i].low in HOW_MUCH:
        counting, i = words[i].low in {"many", "much"}, i + 1
    while i < len(words) and words[i].low in AFTER_ASKING:
        i += 1
    if counting and i < len(words) and words[i].low not in PREPOSITIONS | AUXILIARIES:
        noun = [phrase for phrase in phrases(" ".join(w.text for w in words)) if phrase.asked]
        if noun:
            said = noun[0].text.lower().split()
            verb = len(said) == 2 and said[1].endswith("s") and not said[0].endswith("s")
            return len(words) if len(words) == i + len(said) <= i + 2 and not verb else 0
    rest = words[i:]
    if not rest or (len(rest) == 1 and rest[0].low in {"to", "from"}):
        return len(words)
    follows = rest[0].low in PREPOSITIONS - {"to", "about", "of"} and 1 < len(rest) <= _MAX_TAIL
    return i if follows and not any(word.low in AUXILIARIES for word in rest) else 0


def _statement(last: Exchange) -> str | None:
    """Return what was said, as "that the showers are too cold"."""
    for sentence in last.cited:
        text = sentence.strip().rstrip(".!?")
        if 0 < len(text.split()) <= _MAX_SAID_WORDS:
            reported = re.search(r"\b(?:said|says|stated|wrote|claimed|explained) that (.+)", text)
            said = reported[1] if reported else text
            first = said.split()[0].lower()
            return f"that {said[0].lower() + said[1:] if first in ARTICLES else said}"
    topic = thing((last,))
    return f"that about {topic}" if topic else None


def _reasked(asking: str, last: Exchange) -> str:
    """Return the last question with the question word that is asked now, without a mark."""
    text = last.question.strip(" \t\r\n?!.")
    words = tokens(text)
    at = next((i for i, word in enumerate(words) if word.low in AUXILIARIES), None)
    opening = {word.low for word in words[:2]} & ASKING
    if not opening:
        return _with_statement(asking, text, words) if at == 0 else f"{asking}: {text}"
    short = last.short if last.short and len(last.short.split()) <= _MAX_SHORT_WORDS else None
    asked = next((p.text for p in phrases(text) if p.asked), None)
    number = bool({"many", "much"} & {word.low for word in words[:3]})
    if asked and number and short and asked.lower() not in short.lower():
        asked = f"{short} {asked}"
    elif asked and not number:
        asked = f"the {asked} {short}" if last.named else f"the {asked}"
    kind = asking.lower().removesuffix(" ones").removesuffix(" one")
    noun = next((p for p in phrases(text) if p.asked), None)
    if noun and kind in {"which", "how many"}:
        return f"{kind} {noun.text}{text[noun.end :]}"
    if at is None and kind in {"who", "who else", "which", "how many", "what else"}:
        return f"{asking} {text[words[0].end :].strip()}"
    subject = short if opening & {"who", "what"} and not asked else asked
    if at is None:
        verb = next((p.end for p in phrases(text) if p.asked), words[0].end)
        return f"{asking} is it that {subject or 'someone'} {text[verb:].strip()}"
    auxiliary, after = words[at], text[words[at].end :].strip()
    if asking.lower() == "who" and auxiliary.low in BE_FORMS and not asks_who(text):
        asking = "by whom"
    explains = asking.lower() in {"why", "how", "since when", "how come", "why so"}
    if (auxiliary.low in BE_FORMS and asked) or (asks_who(text) and subject):
        after = f"{asked or subject} {after}"
    elif auxiliary.low in DO_FORMS and (asked or "what" in opening) and subject:
        after = _with_object(after, subject)
    elif explains and short and ("what" in opening or _opens_with_preposition(short)):
        after = f"{after} {short}"
    return f"{asking} {auxiliary.text} {after}"


def _opens_with_preposition(text: str) -> bool:
    words = tokens(text)
    return bool(words) and words[0].low in PREPOSITIONS


def _with_statement(asking: str, text: str, words: list[Token]) -> str:
    """Return "why may fuel not be stored" of "may fuel be stored"."""
    text = text[0].lower() + text[1:]
    if asking.lower() != "why not":
        return f"{asking} {text}"
    subject = next(iter(phrases(text)), None)
    cut = subject.end if subject else words[0].end
    return f"why {text[:cut]} not {text[cut:].strip()}"


def _with_object(after: str, said: str) -> str:
    """Put an object before the prepositional phrase: "the club sell [two vans] in France"."""
    cut = next(
        (word.start for word in tokens(after)[2:] if word.low in PREPOSITIONS - {"of"}), len(after)
    )
    return f"{after[:cut].strip()} {said} {after[cut:]}".strip()


def fragment(question: str, earlier: tuple[Exchange, ...]) -> tuple[str, str] | None:
    """Return the question before with the fragment in its place, and the fragment or its topic.

    Return None if the question is a sentence, or words alone, which may be keywords.
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


def _placed(said: str, earlier: tuple[Exchange, ...]) -> tuple[str, str]:
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
    mine = next(iter(phrases(f"about {noun}")), None)
    best = max(told, key=lambda phrase: (_likeness(mine, phrase), phrase.start), default=None)
    if same:
        best = same[-1]
    elif best is None or _likeness(mine, best) < _MIN_LIKENESS:
        return None
    elif preposition and not best.name and best.head != words[-1].low:
        return None  # "and for children?" does not take the place of "of ibuprofen"
    if best.asked:
        noun = re.sub(r"^(?:the|an?) ", "", noun)
    return text[: best.start] + noun + text[_end_of_term(text, best, told) :]


def _end_of_term(text: str, phrase: Phrase, told: Sequence[Phrase]) -> int:
    """Return where a phrase ends, with the noun that belongs to it: "period of notice"."""
    if phrase.head in HALF_TERMS:
        for other in told:
            bare = not (other.name or other.article)
            if other.start > phrase.end and bare and text[phrase.end : other.start] == " of ":
                return other.end
    return phrase.end


def _likeness(mine: Phrase | None, other: Phrase) -> int:
    """Tell how much the phrase of a fragment and one of the last question are of the same kind."""
    if mine is None or mine.text.lower() == other.text.lower():
        return _UNLIKE
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
