"""Answers written as JSON and read again are the same."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from loccit.index.datatypes import Hit, Passage, Span
from loccit.qa.conversation.records import answer_from_record, answer_record
from loccit.qa.datatypes import Answer, Citation, Sentence, Support

WORDS = st.text()
NUMBERS = st.floats(allow_nan=False)
SPANS = st.integers(0, 99).flatmap(
    lambda start: st.integers(1, 99).map(lambda n: Span(start, start + n))
)
PASSAGES = st.builds(Passage, WORDS, WORDS, SPANS, WORDS, WORDS, WORDS)
ANSWERS = st.builds(
    Answer,
    WORDS,
    st.lists(
        st.builds(Sentence, WORDS, st.lists(st.integers(1)).map(tuple), st.none() | WORDS)
    ).map(tuple),
    st.lists(
        st.builds(
            Citation,
            st.integers(1),
            WORDS,
            SPANS,
            WORDS,
            WORDS,
            WORDS,
            st.none() | st.integers(1),
            st.sampled_from(Support),
            st.none() | SPANS,
        ),
        max_size=3,
    ).map(tuple),
    st.lists(st.builds(Hit, PASSAGES, NUMBERS, st.integers(1), NUMBERS), max_size=3).map(tuple),
    st.booleans(),
    NUMBERS,
)


@given(ANSWERS)
def test_nothing_is_lost(answer: Answer) -> None:
    again = answer_from_record(json.loads(json.dumps(answer_record(answer))))
    assert again == answer
    assert all(isinstance(citation.support, Support) for citation in again.citations)


def test_a_field_that_came_later_has_its_default() -> None:
    hit = Hit(Passage("p", "d", Span(0, 1), "a", "h", "t"), 1.0, 1, 0.5)
    record = answer_record(Answer("Who?", (), (), (hit,), answered=False, confidence=0.0))
    del record["hits"][0]["similarity"]
    assert answer_from_record(record).hits == (replace(hit, similarity=0.0),)
