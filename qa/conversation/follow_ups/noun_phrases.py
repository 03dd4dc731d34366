"""The names and noun phrases of a question, by simple morphology and stop words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from loccit.qa.conversation.follow_ups.vocabulary import (
    ARTICLES,
    ASKING,
    COMMANDS,
    DO_FORMS,
    JOINING,
    PREPOSITIONS,
    STATES,
    VERBS,
)
from loccit.qa.reading.words import FUNCTION_WORDS

_TOKEN = re.compile(
    # A term has an end that is near: else each of many opening marks reads all that follows.
    r"[“\"][^”\"]{1,500}[”\"]|['’]s?(?!\w)"
    r"|[^\W_]+(?:(?:[-.,/&]|['’](?!s\b))[^\W_]+)*"
)
YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
DATE = re.compile(
    r"\b(?:\d{1,2}(?:st|nd|rd|th)? )?(?:January|February|March|April|May|June|July|August"
    r"|September|October|November|December)\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|\bQ[1-4]\b"
)
_MARK = re.compile(r"[,;:.?!()]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quoted term or a possessive mark of a question.

    ``parted`` is True if a comma or another mark stands before it.
    """

    text: str
    start: int
    end: int
    parted: bool = False

    @property
    def low(self) -> str:
        """The token in lower case."""
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase with its article.

    ``name`` is True for a proper name or a quoted term. ``after`` is the word before the phrase in
    lower case, "" at the start. ``asked`` is True for the phrase of "which ferry" or "how many
    vans".
    """

    text: str
    start: int
    end: int
    name: bool
    after: str
    asked: bool

    @property
    def article(self) -> str:
        """The article in lower case, or ""."""
        first = self.text.split()[0].lower()
        return first if first in ARTICLES else ""

    @property
    def bare(self) -> str:
        """The phrase without its article."""
        return self.text.split(maxsplit=1)[1] if self.article else self.text

    @property
    def head(self) -> str:
        """The last word in lower case."""
        return self.text.split()[-1].lower()

    @property
    def plural(self) -> bool:
        """Whether the phrase looks like a plural."""
        return self.head.endswith("s") and not self.head.endswith(("ss", "us", "is"))


def tokens(text: str) -> list[Token]:
    """Return the words of a text, quoted terms as one."""
    found = []
    end = 0
    for match in _TOKEN.finditer(text):
        parted = bool(_MARK.search(text[end : match.start()]))
        end = match.end()
        found.append(Token(match.group(), match.start(), end, parted))
    return found


def verbal(word: str) -> bool:
    """Tell whether a lower-case word looks like a verb or a participle."""
    return (
        word in VERBS or word.removesuffix("s") in VERBS or (len(word) > 4 and word.endswith("ed"))
    )


def _joins(words: list[Token], i: int) -> bool:
    """Tell whether "that" opens a clause: "is it that Ada Byron left", "said that the fee"."""
    following = words[i + 1] if i + 1 < len(words) else None
    return following is not None and (_capital(following) or following.low in ARTICLES)


def _name_ends(first: Token, last: Token, token: Token, loud: bool) -> bool:
    """Tell whether a lower-case word follows a name without an article: "Oslo harbour".

    ``first`` and ``last`` are the ends of what may be the name.
    """
    if token.parted:
        return True
    if loud or first.low in ARTICLES:
        return False
    return _capital(last) and token.text[0].islower()


def is_name(text: str) -> bool:
    """Tell whether a short answer is a proper name: one to five capitalised words, no number."""
    words = [word for word in text.split() if word.lower() not in {"of", "the", "de", "van", "von"}]
    return 0 < len(words) <= 5 and all(word[0].isupper() for word in words)


@lru_cache(maxsize=8)  # the rules ask again and again for those of a question and the one before
def phrases(text: str) -> tuple[Phrase, ...]:
    """Return the noun phrases of a question in order."""
    words = tokens(text)
    loud = text.isupper()
    found = []
    for first, end in _chunks(words, loud):
        chunk = words[first:end]
        before = words[first - 1].low if first else ""
        named = chunk[0].text[0] in '“"' or (not loud and _is_named(chunk))
        asked = before in {"which", "what", "many", "much", "whose"}
        span = text[chunk[0].start : chunk[-1].end]
        found.append(Phrase(span, chunk[0].start, chunk[-1].end, named, before, asked))
    return tuple(found)


def whole(text: str, phrase: Phrase) -> str:
    """Return a phrase with the phrases joined to it: "the deposit for the flat"."""
    end = phrase.end
    for other in phrases(text):
        if other.start > end:
            if text[end : other.start].strip().lower() not in JOINING:
                break
            end = other.end
    return text[phrase.start : end]


def _skip(chunk: list[Token]) -> int:
    return 1 if chunk[0].low in ARTICLES and len(chunk) > 1 else 0


def _is_named(chunk: list[Token]) -> bool:
    return any(_capital(word) for word in chunk[_skip(chunk) :] if word.start)


def _is_word(token: Token) -> bool:
    return token.low not in ARTICLES and any(map(str.isalpha, token.text))


def _capital(token: Token) -> bool:
    return token.text[0].isupper()


def _chunks(words: list[Token], loud: bool) -> Iterator[tuple[int, int]]:
    """Yield the half-open ranges of tokens that are noun phrases."""
    start: int | None = None
    verb_due = False  # after "does" the subject's end is told by the verb, not by a stop word
    for i in range(len(words) + 1):
        token = words[i] if i < len(words) else None
        breaks = token is None or _breaks(words, i, start)
        if (
            not breaks
            and start is not None
            and _name_ends(words[start], words[i - 1], words[i], loud)
        ):
            if any(_is_word(word) for word in words[start:i]):
                yield start, i
            start, breaks = None, verb_due and not words[i].parted
            verb_due = False
        if breaks or (token and token.low in ARTICLES):
            if start is not None:
                end, verb_due = _without_verb(words, start, i, verb_due, loud)
                if any(_is_word(word) for word in words[start:end]):
                    yield start, end
            start = None
            verb_due = verb_due or (token is not None and token.low in DO_FORMS)
        if not breaks and start is None:
            start = i


def _breaks(words: list[Token], i: int, start: int | None) -> bool:
    token = words[i]
    if token.text[0] in "'’" or YEAR.fullmatch(token.text):
        return True
    if DATE.fullmatch(token.text) or (i == 0 and token.low in COMMANDS):
        return True
    if token.low in ARTICLES:
        return token.low == "that" and _joins(words, i)
    if token.low in FUNCTION_WORDS or token.low in PREPOSITIONS or token.low in ASKING:
        return not (start is not None and _capital(token))
    before = words[i - 1].low if i else ""
    if _capital(token) or before in ARTICLES:
        return False
    measure = before == "how" and token.low not in {"many", "much"}  # "how long", "how often"
    return measure or before == "who" or verbal(token.low)


def _without_verb(
    words: list[Token], start: int, end: int, verb_due: bool, loud: bool
) -> tuple[int, bool]:
    """Cut the verb that closes the subject of "how long does rye bread keep"."""
    stop = words[end].low if end < len(words) else ""
    long_enough = end - start - _skip(words[start:end]) >= 2
    if long_enough and words[end - 1].low in STATES:
        return end - 1, False
    goes_on = stop in {"of", "'s", "’s"}
    if not verb_due or goes_on or not long_enough or verbal(stop):
        return end, verb_due and goes_on
    if loud or words[end - 1].text[0].islower():
        return end - 1, False
    return end, False
