"""The report of ``loccit eval`` on a question set: how well it is searched and answered."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from loccit.index.datatypes import Document
from loccit.index.errors import LoccitError
from loccit.ui.text.language import counted

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex
    from loccit.qa.assistant import Assistant
    from loccit.qa.evaluation.question_sets import Question

SAMPLE_SEED = 20261123  # fixed, so that every run takes the same sample of questions


def evaluate(
    path: Path,
    index_folder: Path,
    *,
    sample: int | None = None,
    model: str | None = None,
    reader: str | None = None,
) -> Iterator[str]:
    """Yield the lines of a report.

    Args:
        path: a file in SQuAD's layout (.json, .json.gz), a folder with corpus.jsonl.gz,
            queries.jsonl.gz and qrels.tsv, or a file of a user's own questions (.jsonl).
        index_folder: the index that a user's own questions are about. The other kinds bring
            their own documents, which are indexed in a temporary folder.
        sample: how many questions to ask; None asks all. Of a collection all are always asked,
            because its published figures are for all.
        model: a sentence-transformers id or path; None is the index's own model, or the default.
        reader: an extractive question-answering checkpoint; None is loccit's own.

    Raises:
        LoccitError: the path is none of these, or has another layout.
    """
    if path.is_dir() and (path / "corpus.jsonl.gz").is_file():
        yield from _evaluate_collection(path, model)
    elif path.name.endswith((".json", ".json.gz")) and path.is_file():
        yield from _evaluate_squad(path, sample, model, reader)
    elif path.suffix == ".jsonl" and path.is_file():
        yield from _evaluate_own(path, index_folder, sample, model, reader)
    else:
        raise LoccitError(
            f"{path} is not a question set. Give a .jsonl file of your own questions, a .json or "
            ".json.gz file in SQuAD's layout, or a folder with corpus.jsonl.gz, queries.jsonl.gz "
            "and qrels.tsv."
        )


def _evaluate_collection(folder: Path, model: str | None) -> Iterator[str]:
    from loccit.qa.evaluation.question_sets import load_collection
    from loccit.qa.evaluation.scores import MODES, evaluate_collection

    collection = load_collection(folder)
    documents, questions = len(collection.documents), len(collection.questions)
    yield f"{counted(documents, 'document')}, {counted(questions, 'question')}"
    yield ""
    yield "| mode | nDCG@10 |"
    yield "|---|---|"
    with _temporary_index(collection.documents, model) as index:
        for mode in MODES:
            yield f"| {mode} | {evaluate_collection(index, collection, mode):.3f} |"


def _evaluate_squad(
    path: Path, sample: int | None, model: str | None, reader: str | None
) -> Iterator[str]:
    from loccit.qa.evaluation.question_sets import load_squad

    data = load_squad(path)
    questions = _sample(data.questions, sample)
    with _temporary_index(data.documents, model) as index:
        yield from _report(index, questions, reader, outside=True)


def _evaluate_own(
    path: Path, folder: Path, sample: int | None, model: str | None, reader: str | None
) -> Iterator[str]:
    from loccit.index.passage_index import PassageIndex
    from loccit.qa.evaluation.question_sets import load_questions

    with PassageIndex.open(folder, embedder=model) as index:
        questions = _sample(load_questions(path, index.summaries()), sample)
        yield from _report(index, questions, reader, outside=False)


def _report(
    index: PassageIndex, questions: Sequence[Question], reader: str | None, *, outside: bool
) -> Iterator[str]:
    from loccit.qa.assistant import Assistant
    from loccit.qa.evaluation.scores import CUTOFFS, MODES, evaluate_answers, evaluate_retrieval

    answerable = sum(bool(question.answers) for question in questions)
    num_passages = sum(summary.num_passages for summary in index.summaries())
    yield f"{counted(len(index.documents), 'document')}, {counted(num_passages, 'passage')}"
    yield f"{counted(len(questions), 'question')}, {answerable:,} with an answer"
    if answerable:
        yield ""
        yield "| mode | " + " | ".join(f"recall@{k}" for k in CUTOFFS) + " | MRR@10 |"
        yield "|---" * (len(CUTOFFS) + 2) + "|"
    for mode in MODES if answerable else ():
        scores = evaluate_retrieval(index, questions, mode)
        cells = [*(scores.recall[k] for k in CUTOFFS), scores.mrr]
        yield f"| {mode} | " + " | ".join(_percent(cell) for cell in cells) + " |"
    assistant = Assistant(index, reader)
    answers = evaluate_answers(assistant, questions, outside=outside)
    yield ""
    yield "| answers | |"
    yield "|---|---|"
    for words, value in (
        ("short answer: exact match", answers.exact),
        ("short answer: F1", answers.f1),
        ("accuracy@1 of the passage after reading", answers.passage),
        ("the first sentence holds a gold answer", answers.sentence),
        ("answerable questions answered", answers.answered),
        ("of those, right", answers.right),
        ("unanswerable questions refused", answers.refused_near),
        ("area under ROC of the no-answer score", answers.area_near),
        ("asked of all documents but their own: refused", answers.refused_far),
        ("the same: area under ROC", answers.area_far),
        ("expected calibration error", answers.calibration),
    ):
        if value is not None:
            yield f"| {words} | {_percent(value)} |"
    if outside and answerable:
        yield from _report_reading(assistant, questions)


def _report_reading(assistant: Assistant, questions: Sequence[Question]) -> Iterator[str]:
    from loccit.qa.evaluation.scores import as_keyed_in, evaluate_reading

    keyed_in = [as_keyed_in(question) for question in questions]
    yield ""
    yield "| the paragraph given | exact match | F1 |"
    yield "|---|---|---|"
    for words, asked in (("as written", questions), ("lower case, no punctuation", keyed_in)):
        exact, overlap = evaluate_reading(assistant.reader, assistant.index.documents, asked)
        yield f"| {words} | {_percent(exact)} | {_percent(overlap)} |"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _sample(questions: Sequence[Question], sample: int | None) -> Sequence[Question]:
    if sample is None or sample >= len(questions):
        return questions
    return random.Random(SAMPLE_SEED).sample(questions, sample)


@contextmanager
def _temporary_index(documents: Sequence[Document], model: str | None) -> Iterator[PassageIndex]:
    from loccit.index.passage_index import PassageIndex
    from loccit.qa.evaluation.scores import add_all

    with (
        tempfile.TemporaryDirectory() as folder,
        PassageIndex.open(folder, create=True, embedder=model) as index,
    ):
        add_all(index, documents)
        yield index
