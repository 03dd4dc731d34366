"""What kind of answer a question asks for."""

import pytest

from loccit.qa.reading.reader import wants_sentences, wants_words

WORDS = (
    "How large is CXMT's planned IPO?",
    "How many ships are there?",
    "how long does the warranty last",
    "What is the capital of France?",
    "Who is the landlord?",
    "notice period",
    "What are the payment terms?",
    "",
)
BOTH = (
    "Why is memory manufacturing capital-intensive?",
    "How do I reset my router?",
    "how does the pump work",
    "For what reason was it closed?",
)
SENTENCES = (
    "Is the deposit refundable?",
    "does the warranty cover water damage",
    "Describe the termination clause.",
    "Compare the two plans",
    "List the obligations of the tenant.",
    "What is the difference between a lease and a licence?",
    "What is said about “Annual report”?",
)


@pytest.mark.parametrize("question", WORDS)
def test_a_few_words_answer(question: str) -> None:
    assert (wants_words(question), wants_sentences(question)) == (True, False)


@pytest.mark.parametrize("question", BOTH)
def test_words_first_and_then_sentences(question: str) -> None:
    assert (wants_words(question), wants_sentences(question)) == (True, True)


@pytest.mark.parametrize("question", SENTENCES)
def test_only_sentences_answer(question: str) -> None:
    assert (wants_words(question), wants_sentences(question)) == (False, True)
