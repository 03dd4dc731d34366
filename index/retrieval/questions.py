"""What can be asked: words, and not too many of them."""

from __future__ import annotations

from loccit.index.errors import QuestionTooLong

# Three pages: the longest of CISI's questions, which are paragraphs, has 2,038. The models read
# the first 2,500 or so; time and memory grow with the rest.
MAX_QUESTION_CHARACTERS = 12_000


def check_search(question: str, k: int, mode: str) -> None:
    """Raise ``ValueError`` for a search that makes no sense.

    For a question that is too long it is ``QuestionTooLong``, which is a ``LoccitError`` as well.
    """
    check_length(question)
    if not question.strip():
        raise ValueError("the question is empty: ask with at least one word")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if mode not in ("hybrid", "dense", "lexical"):
        raise ValueError(f'mode is "hybrid", "dense" or "lexical", not {mode!r}')


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
