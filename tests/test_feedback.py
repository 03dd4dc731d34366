"""Rated answers compared with those of now: literally, and against counting by hand."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loccit.index.datatypes import Span
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.qa.evaluation.feedback import (
    Comparison,
    RatedAnswer,
    Rating,
    RatingScores,
    ask_again,
    compare,
    scores_by_rating,
)

NOTHING = Answer("What?", (), (), (), answered=False, confidence=0.0)
SPANS = st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 9))


@pytest.fixture
def index_of_two(tmp_path: Path, embedder: DefaultEmbedder) -> Iterator[PassageIndex]:
    for name, landlord in (("mill", "Ada Moreau"), ("road", "Ben Okafor")):
        text = f"The rent is 900 euros. The landlord is {landlord}."
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        index.add(sorted(tmp_path.glob("*.txt")))
        yield index


def cited(*places: tuple[str, int, int], short: str | None = None) -> Answer:
    """An answer that cites these documents from a start, so many characters."""
    citations = tuple(
        Citation(n, doc, Span(at, at + size), "x" * size, "", "", None, Support.EXACT)
        for n, (doc, at, size) in enumerate(places, start=1)
    )
    sentences = (Sentence("x", (1,), short),)
    return Answer("What?", sentences, citations, (), answered=True, confidence=0.5)


def compared(then: Answer, now: Answer) -> tuple[bool, bool, float]:
    found = compare(RatedAnswer("What?", then, Rating.RIGHT), now)
    return found.same_answer, found.same_citation, found.overlap


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (cited(("a", 0, 10), short="40 euros"), cited(("a", 5, 10), short="The 40 Euros."), 5 / 15),
        (cited(("a", 0, 10)), cited(("a", 0, 10), ("b", 0, 10)), 10 / 20),
        (NOTHING, NOTHING, 1.0),
    ],
)
def test_the_same(then: Answer, now: Answer, expected: float) -> None:
    assert compared(then, now) == (True, True, expected)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (cited(("a", 0, 9), short="40"), cited(("a", 0, 9), short="50"), (False, True, 1.0)),
        (cited(("a", 0, 9), short="40"), cited(("a", 9, 9), short="40"), (True, False, 0.0)),
        (cited(("a", 0, 9)), cited(("b", 0, 9)), (False, False, 0.0)),
        (cited(("a", 0, 9), ("b", 0, 9)), cited(("b", 0, 9), ("a", 0, 9)), (False, False, 1.0)),
        (cited(("a", 0, 9)), NOTHING, (False, False, 0.0)),
        (NOTHING, cited(("a", 0, 9), short="40"), (False, False, 0.0)),
    ],
)
def test_another(then: Answer, now: Answer, expected: tuple[bool, bool, float]) -> None:
    assert compared(then, now) == expected


@pytest.mark.parametrize("support", [Support.STALE, Support.GONE])
def test_lost_citations_are_nowhere_and_withheld_ones_do_not_count(support: Support) -> None:
    now = cited(("a", 0, 9))
    (citation,) = now.citations
    stale = replace(now, citations=(replace(citation, support=support),))
    assert compared(stale, now) == (False, False, 0.0)
    missing = replace(citation, span=Span(90, 99), support=Support.MISSING)
    assert compared(replace(now, citations=(missing, citation)), now) == (True, True, 1.0)


@given(st.lists(SPANS, max_size=4), st.lists(SPANS, max_size=4))
def test_overlap_against_counting(
    then: list[tuple[str, int, int]], now: list[tuple[str, int, int]]
) -> None:
    def holds(places: list[tuple[str, int, int]], doc: str, offset: int) -> bool:
        return any(doc == name and at <= offset < at + size for name, at, size in places)

    either = both = 0
    for doc in "ab":
        for offset in range(40):
            pair = holds(then, doc, offset), holds(now, doc, offset)
            either += any(pair)
            both += all(pair)
    overlap = compared(cited(*then), cited(*now))[2]
    assert overlap == (both / either if either else 1.0)


def test_scores_are_means_by_rating() -> None:
    def row(rating: Rating, same: bool, overlap: float) -> Comparison:
        return Comparison(RatedAnswer("What?", NOTHING, rating), NOTHING, same, True, overlap)

    rows = [
        row(Rating.WRONG_ANSWER, False, 0.5),
        row(Rating.RIGHT, True, 1.0),
        row(Rating.RIGHT, False, 0.5),
    ]
    assert scores_by_rating(rows) == [
        RatingScores(Rating.RIGHT, 2, 0.5, 1.0, 0.75),
        RatingScores(Rating.WRONG_ANSWER, 1, 0.0, 1.0, 0.5),
    ]
    assert scores_by_rating([]) == []


def test_what_has_not_changed_is_the_same(seed_index: PassageIndex) -> None:
    assistant = Assistant(seed_index)
    questions = [
        "How large is CXMT's planned IPO?",
        "Why does CXMT want to go public?",
        "Who won the 1958 chess tournament in Reykjavik?",
    ]
    rated = [
        RatedAnswer(question, answer, Rating.RIGHT)
        for question, answer in zip(questions, assistant.ask_many(questions), strict=True)
    ]
    (scores,) = scores_by_rating(ask_again(assistant, rated))
    assert scores == RatingScores(Rating.RIGHT, 3, 1.0, 1.0, 1.0)


def test_a_question_is_asked_again_of_the_same_documents(index_of_two: PassageIndex) -> None:
    assistant = Assistant(index_of_two)
    ids = {document.title: document.doc_id for document in index_of_two.documents.values()}
    question = "Who is the landlord?"
    for title, landlord in (("mill", "Ada Moreau"), ("road", "Ben Okafor")):
        documents = ("gone", ids[title])
        answer = assistant.ask(question, documents=documents[1:])
        rated = RatedAnswer(question, answer, Rating.RIGHT, documents)
        (found,) = ask_again(assistant, [rated])
        assert (found.now.short, found.same_answer) == (landlord, True)
    (found,) = ask_again(assistant, [RatedAnswer(question, NOTHING, Rating.RIGHT, ("gone",))])
    assert {citation.title for citation in found.now.citations} == {"mill", "road"}
