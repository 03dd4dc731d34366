"""Questions that nobody asks: made to take as much time as a question of their length can."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loccit.qa.conversation.follow_ups.completing import Exchange, complete
from loccit.qa.conversation.scoping import documents_before, names_documents, without_names

SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "the same word": "rent ",
        "the same word in capitals": "RENT ",
        "the same name": "Rent ",
        "the of": "the of ",
        "a word without blanks": "r",
        "punctuation": "?!.,;:",
        "a number": "7",
        "digits": "7 ",
        "quotation marks": '"',
        "quoted words": '"a" ',
        "open quotation marks": "“a ",
        "@": "@",
        "@ and quotation marks": "@“a ",
        "@ and signs": "@!",
        "parentheses": "(",
        "newlines": "\n",
        "blanks": " ",
        "yes": "yes, ",
        "and": "and ",
        "combining marks": "\u0301",
        "emoji": "😀",
        "no character": "\0",
        "Chinese": "租金",
        "it": "is it ",
        "it, for": "is it legal for a ",
        "it, to take": "take a b c ",
        "she": "did she ",
        "he and his": "what he did to his car and ",
        "that": "that ",
        "this one there": "this one there ",
        "their": "their company, ",
        "which": "which ferry ",
        "what about": "what about cats ",
        "hyphens": "a-",
        "possessives": "a's ",
        "apostrophes": "'",
        "years": "in 2019 ",
        "clauses": "who said she left, ",
        "a chain": "what the tenant of the flat of ",
        "dates": "on 3 January ",
    }
)
"""What a question is made of, by what it is called."""

FOLLOW_UPS = (
    "and why did she buy it there, that company in 2019?",
    "why did it fall?",
    "and in 2019?",
    "why?",
    "who said it?",
    "and for the landlord?",
)
BEFORE = (
    Exchange("What is the net profit of Norvale Bank in 2018?", "5 million", ("It was.",), ("R",)),
    Exchange("Who wrote the report?", "Ada Byron", ("Ada wrote it.",), ("Report",), ("d1",)),
)


def question_of(shape: str, size: int) -> str:
    """Return a question of ``size`` characters that begins and ends with a letter."""
    piece = SHAPES[shape]
    return "a" + (piece * (size // len(piece) + 1))[: size - 2] + "b"


def follow_up(question: str) -> None:
    """Do what a conversation does with a question, before and after it has been answered."""
    _complete(question, BEFORE)
    answered = Exchange(question, "Ada Byron", ("Ada wrote it.",), ("Report",), ("d1",))
    for later in FOLLOW_UPS:
        _complete(later, (answered,))


def _complete(question: str, earlier: tuple[Exchange, ...]) -> None:
    found = complete(question, earlier)
    documents_before(question, found.question if found else question, earlier)
    names_documents(question)
    without_names(question)
