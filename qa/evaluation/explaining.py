"""Measures how well sentences answer questions that need more than a few words.

``python -m loccit.qa.evaluation.explaining SQUAD_FILE``

Asks the project's own questions in ``explanations.jsonl`` (why, how, describe, compare, list, yes
or no) of the articles of SQuAD 1.1's development set, all as one index. Each names the sentences
that a person would quote, by how they begin. Prints what share of the questions is answered, and
the mean precision, recall and F1 of the sentences quoted, a question without an answer being 0.
What it takes to be quoted is chosen on other questions, about squad_validation:
``--questions qa/training/explanations.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from loccit.index.datatypes import Document, Span
from loccit.index.ingestion.splitting import sentence_spans
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer
from loccit.qa.evaluation.question_sets import load_squad
from loccit.qa.evaluation.scores import add_all

QUESTIONS = Path(__file__).with_name("explanations.jsonl")


@dataclass(frozen=True, slots=True)
class Explained:
    """A question and the spans of the sentences that answer it."""

    text: str
    doc_id: str
    gold: tuple[Span, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the scores, and with --verbose each answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("squad", type=Path)
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="a .jsonl file")
    parser.add_argument("--verbose", action="store_true", help="show each answer")
    options = parser.parse_args(arguments)
    data = load_squad(options.squad)
    questions = load_explained(options.questions, data.documents)
    with tempfile.TemporaryDirectory() as folder, PassageIndex.open(folder, create=True) as index:
        add_all(index, data.documents)
        answers = Assistant(index).ask_many([question.text for question in questions])
    rows = [score(question, answer) for question, answer in zip(questions, answers, strict=True)]
    if options.verbose:
        for question, answer, row in zip(questions, answers, rows, strict=True):
            print(f"{question.text} {row}\n    {answer.short}: {answer.text}")  # noqa: T201
    answered = fmean(answer.answered for answer in answers)
    means = (fmean(row[place] for row in rows) for place in range(3))
    print(  # noqa: T201
        f"{len(rows)} questions, {answered:.2f} answered; of their sentences, precision, recall "
        "and F1: " + ", ".join(f"{mean:.2f}" for mean in means)
    )


def load_explained(path: Path, documents: Sequence[Document]) -> list[Explained]:
    """Read the questions, and find the sentences they name.

    Raises:
        ValueError: a document holds no sentence that begins so.
    """
    by_title = {document.title: document for document in documents}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Explained(
            row["question"],
            by_title[row["title"]].doc_id,
            tuple(_sentence(by_title[row["title"]].text, start) for start in row["sentences"]),
        )
        for row in rows
    ]


def score(question: Explained, answer: Answer) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the sentences quoted."""
    cited = [citation.span for citation in answer.citations if citation.doc_id == question.doc_id]
    if not cited:
        return 0.0, 0.0, 0.0
    right = sum(any(span.overlaps(gold) for gold in question.gold) for span in cited)
    precision = right / len(answer.citations)
    recall = fmean(any(span.overlaps(gold) for span in cited) for gold in question.gold)
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def _sentence(text: str, beginning: str) -> Span:
    start = text.index(beginning)
    end = text.find("\n\n", start)
    return sentence_spans(text, Span(start, len(text) if end == -1 else end))[0]


if __name__ == "__main__":
    main()
