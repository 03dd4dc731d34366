"""The training set, once: passages laid out as indexing does, and what each question finds there.

Writes two files of one JSON object a line, which a run then draws its examples from:
``passages.jsonl`` (context, text, sentence starts) and ``questions.jsonl``.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loccit.index.datatypes import Document, Passage, Span
from loccit.index.ingestion.splitting import sentence_spans, split
from loccit.index.models.default_model import DefaultEmbedder
from loccit.qa.training.mining import mine
from loccit.qa.training.sources import TrainingQuestion, load_sources

PASSAGES, QUESTIONS = "passages.jsonl", "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Text:
    """A text to read; ``sentences`` are the characters at which its sentences start."""

    context: str
    text: str
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The number of a text, and the ``(start, end)`` of the answers in it, if any."""

    number: int
    answers: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question with its paragraph as it was asked, the passages about it, and negatives."""

    question_id: str
    text: str
    source: str
    title: str
    paragraph: Reading
    passages: tuple[Reading, ...]
    negatives: tuple[int, ...]


def prepare(files: Iterable[Path], folder: Path, log: Callable[[str], None]) -> None:
    """Read the sets, split them, mine negatives and write both files into ``folder``."""
    embedder = DefaultEmbedder()
    documents, questions = load_sources(files)
    passages = [p for document in documents for p in split(document, embedder.count_tokens)]
    log(f"{len(documents)} documents, {len(passages)} passages, {len(questions)} questions")
    texts = {document.doc_id: document for document in documents}
    log("mining negatives")
    negatives = mine(passages, documents, questions, embedder)
    folder.mkdir(parents=True, exist_ok=True)
    paragraphs = _paragraphs(questions, texts, len(passages))
    with (folder / PASSAGES).open("w", encoding="utf-8") as file:
        for passage in passages:
            file.write(_line(Text(passage.context, passage.text, _sentences(passage.text))))
        for doc_id, place in paragraphs:
            text = texts[doc_id].text[place.start : place.end]
            file.write(_line(Text("", text, _sentences(text))))
    places = _Places(passages)
    with (folder / QUESTIONS).open("w", encoding="utf-8") as file:
        for question, found in zip(questions, negatives, strict=True):
            number = paragraphs[question.doc_id, question.place]
            file.write(_line(_prepared(question, texts, number, places, found)))


def load_texts(folder: Path) -> list[Text]:
    """Return what ``prepare`` has written: the texts by their numbers."""
    rows = _lines(folder / PASSAGES)
    return [Text(row["context"], row["text"], tuple(row["sentences"])) for row in rows]


def load_prepared(folder: Path) -> list[Prepared]:
    """Return the questions that ``prepare`` has written."""
    return [
        Prepared(
            row["question_id"],
            row["text"],
            row["source"],
            row["title"],
            _reading(row["paragraph"]),
            tuple(_reading(item) for item in row["passages"]),
            tuple(row["negatives"]),
        )
        for row in _lines(folder / QUESTIONS)
    ]


class _Places:
    """Passages of each document by their ends, to find those that overlap a span."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self._of: dict[str, list[int]] = {}
        for number, passage in enumerate(passages):
            self._of.setdefault(passage.doc_id, []).append(number)

    def overlapping(self, doc_id: str, place: Span) -> Iterator[int]:
        numbers = self._of.get(doc_id, [])
        first = bisect_left(numbers, place.start, key=lambda n: self.passages[n].span.end)
        for number in numbers[first:]:
            if self.passages[number].span.start >= place.end:
                break
            if self.passages[number].span.overlaps(place):
                yield number


def _prepared(
    question: TrainingQuestion,
    documents: dict[str, Document],
    paragraph: int,
    places: _Places,
    negatives: Sequence[int],
) -> Prepared:
    readings = []
    for number in places.overlapping(question.doc_id, question.place):
        answers = _inside(question.answers, places.passages[number].span)
        if answers or not question.answers:
            readings.append(Reading(number, answers))
    return Prepared(
        question.question_id,
        question.text,
        question.source,
        documents[question.doc_id].title,
        Reading(paragraph, _inside(question.answers, question.place)),
        tuple(readings),
        tuple(negatives),
    )


def _inside(answers: Iterable[Span], place: Span) -> tuple[tuple[int, int], ...]:
    return tuple(
        (answer.start - place.start, answer.end - place.start)
        for answer in answers
        if place.start <= answer.start and answer.end <= place.end
    )


def _paragraphs(
    questions: Iterable[TrainingQuestion], documents: dict[str, Document], first: int
) -> dict[tuple[str, Span], int]:
    places = dict.fromkeys((question.doc_id, question.place) for question in questions)
    return {place: number for number, place in enumerate(places, start=first)}


def _sentences(text: str) -> tuple[int, ...]:
    return tuple(span.start for span in sentence_spans(text, Span(0, len(text))))


def _line(value: Text | Prepared) -> str:
    return json.dumps(asdict(value), ensure_ascii=False) + "\n"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _reading(row: dict[str, Any]) -> Reading:
    return Reading(row["number"], tuple((start, end) for start, end in row["answers"]))
