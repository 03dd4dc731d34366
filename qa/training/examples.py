"""Draws the examples of each epoch from the prepared questions.

Every draw follows from the epoch's number and a seed alone, so that a run that was stopped goes
on with what it would have read.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from loccit.qa.training.preparing import Prepared, Reading, Text
from loccit.qa.training.sources import TEST_SOURCE, fold_of

SEED = 20261124
SQUAD = "squad"  # how the names of its files begin

# Of each source: how often a question is read with its answer in an epoch, and how often with a
# passage that doesn't hold it. What is like a person's own questions is weighed up.
WEIGHTS: dict[str, tuple[float, float]] = {
    "squad_train": (1.0, 0.35),
    "qed": (2.0, 2.5),
    "bioasq": (0.8, 0.4),
    "policyqa": (0.5, 0.3),
    "fairytaleqa": (0.8, 0.3),
    "tatqa": (1.5, 0.5),
    "timeqa": (1.0, 1.0),
    "qamr": (0.25, 0.1),
}
UNANSWERABLE = 0.7  # how often a question that its own paragraph does not answer is read

PARAGRAPH = 0.3  # share read as the paragraph that was asked about, not as our passages
UNTITLED = 0.3  # share of passages read without their context
CROPPED = 0.5  # share cut to some of their sentences: users' passages are often short
CROP_CHARACTERS = (200, 600)
UNPUNCTUATED, MISTYPED, KEYWORDS = 0.35, 0.08, 0.06  # shares of the questions


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is read beside SQuAD's paragraphs; a part may be left out to see what it gives.

    ``sets``: the other sets; ``unanswerable``: questions with the paragraph that does not answer
    them; ``negatives``: questions with mined passages; ``passages``: our splitter's instead of
    whole paragraphs, and cut ones; ``typing``: questions as people type them.
    """

    sets: bool = True
    unanswerable: bool = True
    negatives: bool = True
    passages: bool = True
    typing: bool = True


EVERYTHING = Recipe()
PARTS = tuple(field.name for field in fields(Recipe))


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the text to read, and where its answers are; without any it is unanswered."""

    question: str
    context: str
    text: str
    answers: tuple[tuple[int, int], ...]


def is_trained_on(question: Prepared) -> bool:
    """Tell whether training may see a question; others are kept for tuning and reporting."""
    if question.source not in WEIGHTS:
        return False
    if question.source.startswith(SQUAD):
        return True
    return fold_of(question.title) not in ((0, 1) if question.source == TEST_SOURCE else (0,))


def draw(
    questions: Sequence[Prepared], texts: Sequence[Text], epoch: int, recipe: Recipe = EVERYTHING
) -> list[Example]:
    """Return an epoch's examples in a random order."""
    rng = random.Random(SEED + epoch)
    examples = [
        example
        for question in questions
        if is_trained_on(question) and (recipe.sets or question.source.startswith(SQUAD))
        for example in _of_question(question, texts, rng, recipe)
    ]
    rng.shuffle(examples)
    return examples


def _of_question(
    question: Prepared, texts: Sequence[Text], rng: random.Random, recipe: Recipe
) -> Iterator[Example]:
    positive, negative = WEIGHTS[question.source]
    answerable = bool(question.paragraph.answers)
    if not (answerable or recipe.unanswerable):
        return
    for _ in range(_times(positive if answerable else UNANSWERABLE, rng)):
        reading = _choose(question, rng) if recipe.passages else question.paragraph
        example = _example(question, reading, texts, rng, recipe)
        if example.answers or not reading.answers:  # else its answer was too far on
            yield example
    if answerable and question.negatives and recipe.negatives:
        for _ in range(_times(negative, rng)):
            # The first ones are the hardest, and the most often wrongly taken for negatives.
            number = rng.choice(question.negatives)
            yield _example(question, Reading(number, ()), texts, rng, recipe)


def _times(weight: float, rng: random.Random) -> int:
    return int(weight) + (rng.random() < weight % 1)


def _choose(question: Prepared, rng: random.Random) -> Reading:
    if not question.passages or rng.random() < PARAGRAPH:
        return question.paragraph
    return rng.choice(question.passages)


def _example(
    question: Prepared,
    reading: Reading,
    texts: Sequence[Text],
    rng: random.Random,
    recipe: Recipe,
) -> Example:
    source = texts[reading.number]
    context = "" if rng.random() < UNTITLED else source.context
    start, end = 0, len(source.text)
    if (recipe.passages and rng.random() < CROPPED) or end > _MOST:
        start, end = _crop(source, reading.answers, rng)
    answers = tuple((a - start, b - start) for a, b in reading.answers if start <= a and b <= end)
    asked = _as_typed(question.text, rng) if recipe.typing else question.text
    return Example(asked, context, source.text[start:end], answers)


_MOST = 1_400  # characters read at once; about 330 word pieces


def _crop(
    source: Text, answers: tuple[tuple[int, int], ...], rng: random.Random
) -> tuple[int, int]:
    """Return whole sentences around one of the answers, or around any sentence."""
    starts = [*sorted({0, *source.sentences}), len(source.text)]
    if answers:
        kept = rng.choice(answers)
    else:
        kept = (place := rng.choice(source.sentences or (0,)), place + 1)
    first = max(0, bisect_right(starts, kept[0]) - 1)
    last = first
    while starts[last + 1] < kept[1]:
        last += 1
    room = rng.randint(*CROP_CHARACTERS) - (starts[last + 1] - starts[first])
    while room > 0 and (first > 0 or last + 2 < len(starts)):
        before = first > 0 and (last + 2 >= len(starts) or rng.random() < 0.5)
        if before:
            first -= 1
            room -= starts[first + 1] - starts[first]
        else:
            last += 1
            room -= starts[last + 1] - starts[last]
    return starts[first], min(starts[last + 1], starts[first] + _MOST)


def _as_typed(question: str, rng: random.Random) -> str:
    """Return the question in one of the ways in which people type it."""
    if rng.random() < KEYWORDS:
        words = question.rstrip("?").split()
        kept = [w for w in words if w.lower() not in _LEFT_OUT]
        question = " ".join(kept if len(kept) > 1 else words)
    elif rng.random() < UNPUNCTUATED:
        question = question.translate(_NO_PUNCTUATION)
    if rng.random() < MISTYPED:
        question = _mistyped(question, rng)
    return question


def _mistyped(question: str, rng: random.Random) -> str:
    words = question.split(" ")
    number = rng.randrange(len(words))
    word = words[number]
    if len(word) > 3 and word.isalpha():
        at = rng.randrange(1, len(word) - 1)
        words[number] = rng.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
    return " ".join(words)


_NO_PUNCTUATION = str.maketrans("", "", "?,.;:!\"'“”‘’")
_LEFT_OUT = frozenset(
    word
    for line in (
        "a an the of in on at to for by with is are was were be been do does did has have had",
        "what which that this it its",
    )
    for word in line.split()
)
