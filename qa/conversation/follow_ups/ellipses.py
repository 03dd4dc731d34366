"""Put a bare question word into the question before: "and where?", "for how long?", "why not?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loccit.qa.conversation.follow_ups.noun_phrases import Token, phrases, tokens
from loccit.qa.conversation.follow_ups.topics import Exchange, asks_who, thing
from loccit.qa.conversation.follow_ups.vocabulary import (
    AFTER_ASKING,
    ARTICLES,
    ASKING,
    AUXILIARIES,
    BE_FORMS,
    DO_FORMS,
    HOW_MUCH,
    PREPOSITIONS,
)

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


def asked_alone(question: str, earlier: Sequence[Exchange]) -> tuple[str, str] | None:
    """Return the question before with another question word, and its topic.

    None: more than a question word is asked.
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
    topic = thing([last])
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
