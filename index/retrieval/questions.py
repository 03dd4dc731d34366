"""What can be asked: words, and not too many of them."""

from __future__ import annotations

from collections.abc import Iterable

from loccit.index.errors import QuestionTooLong
from loccit.index.parsing.normalizing import LONE_SURROGATE

# Three pages: the longest of CISI's questions, which are paragraphs, has 2,038. The models read
# the first 2,500 or so; time and memory grow with the rest.
MAX_QUESTION_CHARACTERS = 12_000


def checked_questions(questions: Iterable[str], k: int, mode: str = "hybrid") -> list[str]:
    """Return the questions of a search.

    Raises:
        TypeError, ValueError: one of them, ``k`` or ``mode`` makes no sense.
    """
    if isinstance(questions, str):
        raise TypeError("one question was given where a list of questions is taken")
    asked = list(questions)
    for question in asked:
        _check_question(question)
    if not isinstance(k, int):
        raise TypeError(f"k is a whole number, not {k!r}")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if mode not in ("hybrid", "dense", "lexical"):
        raise ValueError(f'mode is "hybrid", "dense" or "lexical", not {mode!r}')
    return asked


def check_length(question: str) -> None:
    """Refuse a question of more than ``MAX_QUESTION_CHARACTERS``, before anything is done with it.

    Raises:
        QuestionTooLong: it has more.
    """
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise QuestionTooLong(
            f"the question has {len(question):,} characters and the limit is "
            f"{MAX_QUESTION_CHARACTERS:,}; ask in fewer words"
        )


def _check_question(question: str) -> None:
    if not isinstance(question, str):
        raise TypeError(f"a question is text, not {question!r}")
    check_length(question)
    if not question.strip():
        raise ValueError("the question is empty: ask with at least one word")
    if lone := LONE_SURROGATE.search(question):
        raise ValueError(
            f"the question has half of a character at {lone.start()}: {lone.group()!r} "
            "is no text by itself"
        )
