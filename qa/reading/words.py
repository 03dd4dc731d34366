"""Words: those that carry a subject, their stems, and answers made comparable."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_STEMS_KEPT = 50_000  # about 5 MB

# Words that carry a question's grammar, not its subject.
FUNCTION_WORDS = frozenset(
    word
    for line in (
        "a about after all also an and any are as at be been before between both but by call",
        "called came can come comes could did do does doing during each for from get gets go",
        "goes had happen has have having he her hers him his how i if in into is it its itself",
        "kind many may me might more most much must my name named no nor not of off on once one",
        "only or other our out over own please s same shall she should so some such tell than",
        "that the their them then there these they this those through to too type under until",
        "up us use used using very was we were what when where which while who whom whose why",
        "will with would you your",
    )
    for word in line.split()
)


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text as a set; spaces part them."""
    return frozenset(words.split())


def content_stems(text: str) -> list[str]:
    """Return the stems of the words that carry the subject, in order; all if none does."""
    return subject_stems(text) or [_stem(word.lower()) for word in _WORD.findall(text)]


def subject_stems(text: str) -> list[str]:
    """Return the stems of the words that carry the subject, in order."""
    return [_stem(word) for word in subject_words(text)]


def subject_words(text: str) -> list[str]:
    """Return the words that carry the subject in lower case, in order."""
    words = [word.lower() for word in _WORD.findall(text)]
    return [word for word in words if word not in FUNCTION_WORDS]


def normalize_answer(text: str) -> str:
    """Return lower-case words without articles and punctuation (SQuAD's official script)."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


@lru_cache(maxsize=_STEMS_KEPT)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
