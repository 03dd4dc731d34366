"""Which documents a question asks: those that are ticked, or those that it names with @."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loccit.index.datatypes import Scope
from loccit.index.errors import LoccitError, UnknownDocument
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.qa.conversation.scoping import asked_of, names_documents, without_names
from loccit.ui.chat.handlers import ticked
from loccit.ui.text.wording import searched_words

SUMMARIES = [
    DocumentSummary("a", "Annual report", ("/f/finance/report-2025.pdf",), 1, 3, 9),
    DocumentSummary("b", "Budget", ("/f/finance/budget.md", "/f/old/plan.md"), 1, None, 9),
    DocumentSummary("c", "Lease of the mill", ("/f/lease.docx",), 1, None, 9),
]


def scope(question: str, *excluded: str) -> tuple[str, tuple[str, ...] | None]:
    found = asked_of(question, SUMMARIES, ticked(SUMMARIES, excluded))
    return found.question, found.scope.documents


def test_those_that_are_ticked_are_asked() -> None:
    assert scope("Why?") == ("Why?", None)
    assert scope("Why?", "gone") == ("Why?", None)
    assert scope("Why?", "a", "c") == ("Why?", ("b",))
    assert scope("Why?", "a", "b", "c") == ("Why?", ())
    assert searched_words(Scope(), 3) == "Searched 3 documents (keywords and meaning)."
    assert "2 of 3 documents" in searched_words(Scope(("b", "c")), 3)


@pytest.mark.parametrize(
    ("question", "asked", "documents"),
    [
        ("@budget.md What is the sum?", "What is the sum?", ("b",)),
        ("What is the sum? @BUDGET", "What is the sum?", ("b",)),
        ("What is the rent @lease?", "What is the rent?", ("c",)),
        ("What does @plan.md say of cost?", "What does plan say of cost?", ("b",)),
        ('@"Lease of the mill" Who pays?', "Who pays?", ("c",)),
        ("@report-2025.pdf @budget: which is higher?", "which is higher?", ("a", "b")),
        ("@finance What is the sum?", "What is the sum?", ("a", "b")),
        ("@rep Who signed?", "Who signed?", ("a",)),
        ("@budget", "@budget", ("b",)),
        ("@lease, who pays?", "who pays?", ("c",)),
        ("What is @lease's rent?", "What is lease's rent?", ("c",)),
        ("@“Lease of the mill” Who pays?", "Who pays?", ("c",)),
        ("Is it (see @plan.md)?", "Is it (see)?", ("b",)),
        ("@finance/ What is the sum?", "What is the sum?", ("a", "b")),
    ],
)
def test_a_name_asks_its_documents_alone(
    question: str, asked: str, documents: tuple[str, ...]
) -> None:
    assert scope(question, "b") == (asked, documents)  # also where they are not ticked


def test_a_file_that_could_not_be_read_is_told() -> None:
    with pytest.raises(UnknownDocument, match=r"“scan\.pdf” could not be read: it is scanned"):
        asked_of("@scan.pdf, who pays?", SUMMARIES, failures={"/f/scan.pdf": "it is scanned"})


def test_an_address_is_no_name() -> None:
    assert scope("Who is ada@budget.md?") == ("Who is ada@budget.md?", None)
    with pytest.raises(UnknownDocument, match="is called “nothing”"):
        scope("What is in @nothing?")


@given(st.text())
def test_any_question_has_a_scope_or_a_reason(question: str) -> None:
    try:
        asked, documents = scope(question)
    except UnknownDocument:
        assert "@" in question
    else:
        assert bool(asked.strip()) == bool(question.strip())
        assert documents is None or documents


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("@lease What is the rent?", "What is the rent?"),
        ('What is the rent, @"old lease"?', "What is the rent,?"),
        ("write to a@b.example", "write to a@b.example"),
        ("@lease", "@lease"),
    ],
)
def test_a_question_without_the_names_of_documents(question: str, plain: str) -> None:
    assert without_names(question) == plain
    assert names_documents(question) == (question != "write to a@b.example")


@pytest.mark.parametrize(
    "question", ["@" * 50_000, '@"' * 20_000, "@zz" + "." * 5_000, "@!" * 20_000]
)
def test_signs_without_end_are_read_once(question: str) -> None:
    begun = time.process_time()
    with suppress(LoccitError):  # no such document, or too many names
        asked_of(question, SUMMARIES)
    assert without_names(question)
    assert time.process_time() - begun < 5  # reading them again from each sign took 46
