"""Question sets are read as they are written, and the scores are what a person would count."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SEED_QUESTIONS

from loccit.index.datatypes import Document, Span
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.evaluation.question_sets import (
    Question,
    UnreadableQuestions,
    load_collection,
    load_questions,
    load_squad,
)
from loccit.qa.evaluation.scores import (
    add_all,
    evaluate_answers,
    evaluate_collection,
    evaluate_retrieval,
    holds_answer,
    relevant_passages,
)

SQUAD = {
    "data": [
        {
            "title": "River_Thames",
            "paragraphs": [
                {
                    "context": "The Thames flows through London.",
                    "qas": [
                        {
                            "id": "1",
                            "question": "Where does the Thames flow?",
                            "answers": [{"text": "London"}, {"text": "London"}],
                        }
                    ],
                },
                {
                    "context": "It is 346 km long.",
                    "qas": [{"id": "2", "question": "Why?", "is_impossible": True, "answers": []}],
                },
            ],
        }
    ]
}


def test_squad_is_one_document_an_article(tmp_path: Path) -> None:
    path = tmp_path / "squad.json.gz"
    path.write_bytes(gzip.compress(json.dumps(SQUAD).encode()))
    data = load_squad(path)
    (document,) = data.documents
    assert document.title == "River Thames"
    assert document.text == "The Thames flows through London.\n\nIt is 346 km long."
    assert data.questions == (
        Question("1", "Where does the Thames flow?", ("London",), "article-0000", Span(0, 32)),
        Question("2", "Why?", (), "article-0000", Span(34, 52)),
    )


def test_holds_answer_looks_inside_the_place() -> None:
    question = Question("1", "q", ("London",), "d", Span(10, 20))
    assert holds_answer(question, "d", 12, "London x")
    assert holds_answer(question, "d", 0, "0123456789London")
    assert not holds_answer(question, "d", 0, "London, but before the place")
    assert not holds_answer(question, "d", 16, "London ends after it")
    assert not holds_answer(question, "other", 12, "London x")


@pytest.fixture
def index(tmp_path: Path, embedder: DefaultEmbedder) -> Iterator[PassageIndex]:
    texts = {"thames": "The Thames flows through London.", "nile": "The Nile flows to Cairo."}
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as opened:
        add_all(opened, [Document(name, text, "", name) for name, text in texts.items()])
        yield opened


def test_retrieval_and_answers_are_counted(index: PassageIndex) -> None:
    questions = [
        Question("1", "Where does the Thames flow through?", ("London",), "thames", Span(0, 32)),
        Question("2", "Where does the Nile flow to?", ("Cairo",), "nile", Span(0, 24)),
        # A wrong gold place: found nowhere.
        Question("3", "Where does the Nile flow to?", ("Cairo",), "thames", Span(0, 32)),
        Question("4", "Who invented the telephone?", (), "", None),
    ]
    assert relevant_passages(questions[0], index.passages("thames")) == {"thames-000000"}
    scores = evaluate_retrieval(index, questions, "hybrid")
    assert scores.recall == {1: 2 / 3, 5: 2 / 3, 10: 2 / 3}
    assert scores.mrr == 2 / 3
    answers = evaluate_answers(Assistant(index), questions)
    assert (answers.exact, answers.f1) == (1.0, 1.0)  # the words are right in any place
    assert (answers.passage, answers.sentence) == (2 / 3, 2 / 3)
    assert (answers.refused_near, answers.area_near) == (1.0, 1.0)
    assert (answers.refused_far, answers.area_far) == (None, None)
    with pytest.raises(ValueError, match="none of the questions"):
        evaluate_retrieval(index, questions[3:], "dense")


def test_a_collection_is_scored_by_documents(index: PassageIndex, tmp_path: Path) -> None:
    rows = [{"id": "thames", "text": "x"}, {"id": "blank", "text": " "}]
    for name, lines in (
        ("corpus", rows),
        ("queries", [{"id": "q", "text": "Thames London"}, {"id": "unjudged", "text": "x"}]),
    ):
        data = "\n".join(json.dumps(line) for line in lines).encode()
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(data))
    (tmp_path / "qrels.tsv").write_text("q\tthames\t2\nq\tnile\t0\n", encoding="utf-8")
    collection = load_collection(tmp_path)
    assert [document.doc_id for document in collection.documents] == ["thames"]
    assert collection.questions == {"q": "Thames London"}
    assert evaluate_collection(index, collection, "lexical") == 1.0


def test_own_questions(tmp_path: Path) -> None:
    seed = DocumentSummary("id", "A title", ("/seeds/cxmt-ipo.txt",), 1, None, 100_000)
    questions = load_questions(SEED_QUESTIONS, [seed])
    assert len([q for q in questions if q.answers]) >= 20
    assert questions[0].doc_id == "id"
    with pytest.raises(UnreadableQuestions, match="question 1"):
        load_questions(SEED_QUESTIONS, [])
