"""Question sets from files: SQuAD's JSON, retrieval collections, and a user's own questions."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from loccit.index.datatypes import Document, Span
from loccit.index.errors import LoccitError, QuestionTooLong, UnknownDocument
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.retrieval.questions import check_length
from loccit.index.retrieval.scope import document_named

PARAGRAPH_SEPARATOR = "\n\n"
OWN_FIELDS = frozenset(("question", "answers", "answer", "document", "start", "end", "id"))
LAYOUT = (
    'Expected layout, one object per line: {"question": "...", "answers": ["..."], "document": '
    '"name.pdf", "start": 10, "end": 52}, or "question" alone where nothing answers it'
)


class UnreadableQuestions(LoccitError):
    """A file or folder that can't be read as a question set."""


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
    """Read a file in SQuAD's layout: one document an article, paragraphs apart.

    Raises:
        UnreadableQuestions: it has another layout, or holds no question.
    """
    with _reading(path):
        data = _squad(json.loads(_read(path))["data"])
        _check_any(data.questions)
        return data


def load_collection(folder: Path) -> Collection:
    """Read corpus.jsonl.gz, queries.jsonl.gz and qrels.tsv (question, document, gain).

    Raises:
        UnreadableQuestions: a file is missing or has another layout, or no question is judged.
    """
    with _reading(folder):
        documents = tuple(
            Document(row["id"], row["text"], row.get("title", ""), row["id"])
            for row in _rows(folder / "corpus.jsonl.gz")
            if row["text"].strip()
        )
        gains = _gains(folder / "qrels.tsv")
        rows = _rows(folder / "queries.jsonl.gz")
        questions = {row["id"]: row["text"] for row in rows if row["id"] in gains}
        _check_any(questions)
        return Collection(documents, questions, gains)


def load_questions(path: Path, summaries: Sequence[DocumentSummary]) -> tuple[Question, ...]:
    """Read a user's own questions, one JSON object a line.

    Each has ``question`` and, where the documents answer it, ``answers`` (a text or a list of
    texts; ``answer`` is taken as well), ``document`` (a name, see `loccit.index.retrieval.scope`),
    ``start`` and ``end`` of the span that answers.

    Args:
        path: the file.
        summaries: of all documents there are.

    Raises:
        UnreadableQuestions: a line lacks a field, has an unknown one in place of its answers,
            names no document or several, or its span ends after the text; or there is no line.
    """
    by_id = {summary.doc_id: summary for summary in summaries}

    @cache
    def named(name: str) -> DocumentSummary:
        return by_id[document_named(name, summaries)]

    with _reading(path):
        rows = enumerate(_rows(path), start=1)
        questions = tuple(_own_question(number, row, named) for number, row in rows)
        _check_any(questions)
        return questions


def _squad(articles: Sequence[Mapping[str, Any]]) -> ReadingSet:
    documents, questions = [], []
    for number, article in enumerate(articles):
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


def _squad_question(qa: Mapping[str, Any], doc_id: str, place: Span) -> Question:
    answers = (
        () if qa.get("is_impossible") else tuple(dict.fromkeys(a["text"] for a in qa["answers"]))
    )
    return Question(qa["id"], qa["question"], answers, doc_id, place)


def _own_question(
    number: int, row: Mapping[str, Any], named: Callable[[str], DocumentSummary]
) -> Question:
    text, answers = row.get("question"), _own_answers(row)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f'question {number}: "question" is missing or holds no words. {LAYOUT}')
    try:
        check_length(text)
    except QuestionTooLong as error:
        raise ValueError(f"question {number}: {error}") from error
    if answers is None:
        raise ValueError(f'question {number}: "answers" is not a list of texts. {LAYOUT}')
    if not answers and (unknown := sorted(row.keys() - OWN_FIELDS)):
        # It would count as unanswerable; more likely its answer has another name.
        raise ValueError(f'question {number}: no answer, but "{unknown[0]}". {LAYOUT}')
    if not answers:
        return Question(str(number), text, (), "", None)
    if missing := [name for name in ("document", "start", "end") if name not in row]:
        raise ValueError(f'question {number}: it has answers, but no "{missing[0]}". {LAYOUT}')
    try:
        document = named(str(row["document"]))
    except UnknownDocument as error:
        raise ValueError(f"question {number}: {error}") from error
    start, end, length = row["start"], row["end"], document.num_characters
    if not (type(start) is type(end) is int and 0 <= start < end <= length):
        raise ValueError(
            f'question {number}: "start" is {json.dumps(start)} and "end" is {json.dumps(end)}; '
            f"expected whole numbers with 0 <= start < end <= {length}, which is the length of "
            f"“{document.title}”"
        )
    return Question(str(number), text, answers, document.doc_id, Span(start, end))


def _own_answers(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the texts of "answers" and "answer", each a text or a list; None if they are not."""
    found: list[str] = []
    for name in ("answers", "answer"):
        values = row.get(name) or []
        values = [values] if isinstance(values, str) else values
        if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
            return None
        found += values
    return tuple(dict.fromkeys(found))


def _gains(path: Path) -> dict[str, dict[str, float]]:
    gains: dict[str, dict[str, float]] = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        fields = line.split("\t")
        if len(fields) != 3:
            raise ValueError(
                f"{path.name}, line {number}: three fields apart by tabs are needed "
                "(question, document, gain)"
            )
        gains.setdefault(fields[0], {})[fields[1]] = float(fields[2])
    return gains


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    # Not splitlines, which would also cut inside a JSON text at U+2028.
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise ValueError(f"{path.name}, line {number} is not a JSON object")
        yield row


def _check_any(questions: object) -> None:
    if not questions:
        raise ValueError("it holds no question")


def _read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn whatever a malformed file leads to into one error that says what is wrong."""
    try:
        yield
    except FileNotFoundError as error:
        name = Path(error.filename).name
        raise UnreadableQuestions(f"{path} is no question set: {name} is missing") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise UnreadableQuestions(f"{path} can't be read as a question set: {error}") from error
    except KeyError as error:
        raise UnreadableQuestions(
            f"{path} can't be read as a question set: the field {error} is missing"
        ) from error
    except (TypeError, AttributeError) as error:
        raise UnreadableQuestions(
            f"{path} can't be read as a question set: its layout is another ({error})"
        ) from error
