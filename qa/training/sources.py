"""Question sets for training: files to documents and questions with the answers' places.

Paragraphs of one title make one document, as a file of a user's has many paragraphs, so that
passages are laid out by the same splitter that indexing uses.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loccit.index.datatypes import Document, Span
from loccit.qa.evaluation.question_sets import PARAGRAPH_SEPARATOR

FOLDS = 10  # titles are dealt into so many parts; part 0 of every set but SQuAD is kept back
UNTITLED = frozenset({"tatqa", "qamr"})  # their titles name no document
TEST_SOURCE = "qed"  # of it part 0 is reported on, and part 1 is tuned on
MAX_ANSWER = 200  # characters; longer ones are sentences, which the sentence reader gives


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question about one document; ``answers`` is empty if nothing in it answers.

    ``place`` is the paragraph it was asked about and ``answers`` the spans of its answers, both
    in the document's characters.
    """

    question_id: str
    text: str
    source: str
    doc_id: str
    place: Span
    answers: tuple[Span, ...]


@dataclass
class _Growing:
    """A document to which paragraphs are added."""

    title: str
    paragraphs: dict[str, int] = field(default_factory=dict)  # text -> its start
    length: int = 0

    def place(self, paragraph: str) -> int:
        if paragraph not in self.paragraphs:
            self.paragraphs[paragraph] = self.length
            self.length += len(paragraph) + len(PARAGRAPH_SEPARATOR)
        return self.paragraphs[paragraph]


def load_sources(paths: Iterable[Path]) -> tuple[list[Document], list[TrainingQuestion]]:
    """Read files in SQuAD's layout (.json, .json.gz) or one question a line (.jsonl.gz).

    Raises:
        ValueError: an answer is not where its row says.
    """
    growing: dict[str, _Growing] = {}
    questions = []
    for path in paths:
        source = path.name.split(".")[0]
        for title, paragraph, row in _rows(path):
            kept = _answers(paragraph, row)
            if not kept and not row.get("is_impossible") and row["answers"]:
                continue  # answered, but by more than a span
            untitled = source in UNTITLED
            doc_id = f"{source}/{_digest(paragraph) if untitled else title}"
            document = growing.setdefault(doc_id, _Growing("" if untitled else title))
            start = document.place(paragraph)
            answers = tuple(Span(start + a, start + a + len(text)) for text, a in kept)
            place = Span(start, start + len(paragraph))
            questions.append(
                TrainingQuestion(row["id"], row["question"], source, doc_id, place, answers)
            )
    documents = [
        Document(doc_id, PARAGRAPH_SEPARATOR.join(d.paragraphs), d.title, doc_id)
        for doc_id, d in growing.items()
    ]
    return documents, questions


def squad_article(document: Document, questions: Iterable[TrainingQuestion]) -> dict[str, Any]:
    """Return a document and the questions about it in SQuAD's layout."""
    paragraphs: dict[str, list[dict[str, Any]]] = {}
    for question in questions:
        if question.doc_id != document.doc_id:
            continue
        context = document.text[question.place.start : question.place.end]
        answers = [
            {"text": document.text[a.start : a.end], "answer_start": a.start - question.place.start}
            for a in question.answers
        ]
        paragraphs.setdefault(context, []).append(
            {
                "id": question.question_id,
                "question": question.text,
                "answers": answers,
                "is_impossible": not answers,
            }
        )
    rows = [{"context": context, "qas": qas} for context, qas in paragraphs.items()]
    return {"title": document.title, "paragraphs": rows}


def fold_of(title: str) -> int:
    """Return the part, 0 to 9, that a title falls into, the same on every machine."""
    return int(_digest(title), 16) % FOLDS


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _rows(path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    if ".jsonl" in path.name:
        for line in text.strip().split("\n"):  # not splitlines: U+2028 is no line end in JSON
            row = json.loads(line)
            yield row["title"], _untokenized(row["context"]), row
        return
    for article in json.loads(text)["data"]:
        for paragraph in article["paragraphs"]:
            for row in paragraph["qas"]:
                yield article["title"].replace("_", " "), paragraph["context"], row


def _answers(paragraph: str, row: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the answers' texts and starts; every occurrence where the right one is not known."""
    if row.get("is_impossible"):
        return []
    found: dict[tuple[str, int], None] = {}
    for answer in row["answers"]:
        text = _untokenized(answer["text"])
        start = answer["start"] if "start" in answer else answer["answer_start"]
        if paragraph[start : start + len(text)] != text:
            raise ValueError(f"{row['id']}: the answer {text!r} is not at {start}")
        if len(text) > MAX_ANSWER or not text.strip():
            continue
        if row.get("ambiguous_start"):
            whole = re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", paragraph)
            found.update({(text, match.start()): None for match in whole})
        found[text, start] = None
    return list(found)


def _untokenized(text: str) -> str:
    """Return the text with Penn Treebank's quotation marks as plain ones, of the same length."""
    return text.replace("``", '" ').replace("''", ' "')
