"""Question sets from files: SQuAD's JSON, retrieval collections, and a user's own questions."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.datatypes import Document, Span

PARAGRAPH_SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one document; ``answers`` is empty where nothing answers it.

    ``place`` is where the answer is to be found: the paragraph it was asked about, or the span.
    """

    question_id: str
    text: str
    answers: tuple[str, ...]
    doc_id: str
    place: Span | None


@dataclass(frozen=True, slots=True)
class ReadingSet:
    """Documents and questions about them."""

    documents: tuple[Document, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """A retrieval collection: ``gains[question_id][doc_id]`` says how relevant a document is."""

    documents: tuple[Document, ...]
    questions: Mapping[str, str]
    gains: Mapping[str, Mapping[str, float]]


def load_squad(path: Path) -> ReadingSet:
    """Read a file in SQuAD's layout: one document an article, paragraphs apart."""
    documents, questions = [], []
    for number, article in enumerate(json.loads(_read(path))["data"]):
        doc_id = f"article-{number:04d}"
        texts = [paragraph["context"] for paragraph in article["paragraphs"]]
        start = 0
        for paragraph, text in zip(article["paragraphs"], texts, strict=True):
            place = Span(start, start + len(text))
            questions += [_squad_question(qa, doc_id, place) for qa in paragraph["qas"]]
            start = place.end + len(PARAGRAPH_SEPARATOR)
        title = article["title"].replace("_", " ")
        documents.append(Document(doc_id, PARAGRAPH_SEPARATOR.join(texts), title, doc_id))
    return ReadingSet(tuple(documents), tuple(questions))


def load_collection(folder: Path) -> Collection:
    """Read corpus.jsonl.gz, queries.jsonl.gz and qrels.tsv (question, document, gain)."""
    documents = tuple(
        Document(row["id"], row["text"], row.get("title", ""), row["id"])
        for row in _rows(folder / "corpus.jsonl.gz")
        if row["text"].strip()
    )
    gains: dict[str, dict[str, float]] = {}
    for line in _read(folder / "qrels.tsv").splitlines():
        question_id, doc_id, gain = line.split("\t")
        gains.setdefault(question_id, {})[doc_id] = float(gain)
    questions = {
        row["id"]: row["text"] for row in _rows(folder / "queries.jsonl.gz") if row["id"] in gains
    }
    return Collection(documents, questions, gains)


def load_questions(path: Path, doc_id_of: Mapping[str, str]) -> tuple[Question, ...]:
    """Read a user's own questions, one JSON object a line.

    Each has ``question`` and, where the documents answer it, ``answers`` (texts), ``document``
    (a name in ``doc_id_of``), ``start`` and ``end`` of the span that answers.

    Raises:
        ValueError: a line lacks a field or names an unknown document.
    """
    questions = []
    for number, row in enumerate(_rows(path), start=1):
        try:
            answers = tuple(row.get("answers", ()))
            place = Span(row["start"], row["end"]) if answers else None
            doc_id = doc_id_of[row["document"]] if answers else ""
            questions.append(Question(str(number), row["question"], answers, doc_id, place))
        except KeyError as error:
            raise ValueError(f"{path}, question {number}: {error} is missing or unknown") from error
    return tuple(questions)


def _squad_question(qa: Mapping[str, Any], doc_id: str, place: Span) -> Question:
    answers = (
        () if qa.get("is_impossible") else tuple(dict.fromkeys(a["text"] for a in qa["answers"]))
    )
    return Question(qa["id"], qa["question"], answers, doc_id, place)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in _read(path).splitlines():
        if line.strip():
            yield json.loads(line)


def _read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
