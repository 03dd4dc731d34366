"""What every writer promises: sentences are cited, quotes are verbatim, nothing answers nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loccit.index.datatypes import Document, Hit, Passage, Span
from loccit.qa.answering.composing import Writer, compose
from loccit.qa.answering.verifying import verify
from loccit.qa.datatypes import Evidence, Support

WRITERS: list[Writer] = [compose]
SENTENCES = (
    "The fee is 40 euros.",
    "It was 30 before.",
    "- The deposit is 80 euros.",
    "Pay in May.",
)
TEXT = " ".join(SENTENCES[:2]) + "\n\n" + "\n".join(SENTENCES[2:])
DOCUMENTS = {name: Document(name, TEXT, f"Title {name}", f"/{name}", (0, 30)) for name in "ab"}
QUESTIONS = st.sampled_from(["What is the fee?", "Why is there a fee?", "Is there a fee?", "fee"])


def evidence_of(name: str, place: int, score: float, no_answer: float, *, short: bool) -> Evidence:
    start = TEXT.index(SENTENCES[place])
    span = Span(start, start + len(SENTENCES[place]))
    words = Span(span.end - 6, span.end - 1) if short else None
    hit = Hit(Passage(f"p{name}", name, Span(0, len(TEXT)), TEXT), 1.0, 1)
    return Evidence(name, span, SENTENCES[place], score, hit, no_answer, words)


PICKED = st.lists(
    st.builds(
        evidence_of,
        st.sampled_from("ab"),
        st.integers(0, 3),
        st.floats(0, 1),
        st.floats(0, 1),
        short=st.booleans(),
    ),
    max_size=8,
)


@pytest.mark.parametrize("write", WRITERS)
@given(question=QUESTIONS, picked=PICKED)
def test_the_promises(write: Writer, question: str, picked: list[Evidence]) -> None:
    evidence = sorted(picked, key=lambda item: -item.score)
    hits = [item.hit for item in evidence]
    draft = write(question, hits, evidence, DOCUMENTS)
    assert draft.question == question
    assert draft.hits == tuple(hits)
    assert draft.answered == bool(draft.sentences) == bool(draft.citations)
    used = list(dict.fromkeys(marker for s in draft.sentences for marker in s.markers))
    assert used == [citation.marker for citation in draft.citations]
    assert used == list(range(1, len(used) + 1))
    assert all(sentence.markers for sentence in draft.sentences)
    for citation in draft.citations:
        assert citation.quote == TEXT[citation.span.start : citation.span.end]
        within = [item.span for item in evidence if item.doc_id == citation.doc_id]
        assert any(span.contains(citation.span) for span in within)
        assert citation.answer is None or citation.span.contains(citation.answer)
    checked = verify(draft, DOCUMENTS)
    assert {citation.support for citation in checked.citations} <= {Support.EXACT}
    assert checked.sentences == draft.sentences


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("chance", [None, 1.0])
def test_nothing_answers_nothing(write: Writer, chance: float | None) -> None:
    evidence = [] if chance is None else [evidence_of("a", 0, 0.9, chance, short=True)]
    draft = write("What is the fee?", [], evidence, DOCUMENTS)
    assert (draft.answered, draft.sentences, draft.citations) == (False, (), ())
    assert draft.confidence == 0.0


@pytest.mark.parametrize("write", WRITERS)
def test_a_document_that_is_gone_is_not_cited(write: Writer) -> None:
    evidence = [evidence_of("a", 0, 0.9, 0.0, short=True), evidence_of("b", 0, 0.8, 0, short=True)]
    draft = write("What is the fee?", [], evidence, {"b": DOCUMENTS["b"]})
    assert [citation.doc_id for citation in draft.citations] == ["b"]
