"""Citations found again in documents that have changed: literally, and over any edit elsewhere."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loccit.index.datatypes import Document, Span
from loccit.qa.answering.anchoring import (
    CONTEXT_CHARS,
    Surroundings,
    reanchor,
    reanchor_answer,
    surroundings,
)
from loccit.qa.datatypes import Answer, Citation, Sentence, Support

# Few letters, so that words come again often.
TEXT = st.text("ab .\n🦓", max_size=300)


def cite(text: str, span: Span, doc_id: str = "old") -> tuple[Citation, Surroundings]:
    """Cite a span, its first character as the short answer."""
    answer = Span(span.start, span.start + 1)
    quote = text[span.start : span.end]
    citation = Citation(1, doc_id, span, quote, "Title", "/f.txt", None, Support.EXACT, answer)
    return citation, surroundings(text, span)


def at(text: str, quote: str, number: int = 0) -> Span:
    """Return where a quote stands, the first time or a later one."""
    start = text.index(quote)
    for _ in range(number):
        start = text.index(quote, start + 1)
    return Span(start, start + len(quote))


def moved(before: str, quote: str, after: str, number: int = 0) -> Citation:
    """Return the citation of a quote in a text, found again in another."""
    citation, around = cite(before, at(before, quote, number))
    return reanchor(citation, around, Document("new", after, "Title", "/f.txt"))


def test_what_stands_once_is_found_with_its_page_and_its_document() -> None:
    before = "Intro. The fee is 40. End."
    citation, around = cite(before, at(before, "The fee is 40."))
    citation = replace(citation, answer=at(before, "40"))
    after = "A new first page.\n\nAnd so on. The fee is 40. Another end."
    document = Document("new", after, "New title", "/g.txt", page_starts=(0, 19))
    found = reanchor(citation, around, document)
    assert found == replace(
        citation,
        doc_id="new",
        span=at(after, "The fee is 40."),
        answer=at(after, "40"),
        title="New title",
        source="/g.txt",
        page=2,
    )
    assert found.support is Support.EXACT


def test_what_stands_nowhere_is_stale_or_gone_and_keeps_its_quote() -> None:
    before = "The fee is 40."
    citation, around = cite(before, at(before, before))
    assert reanchor(citation, around, None) == replace(citation, support=Support.GONE)
    assert moved(before, before, "The fee is 50.") == replace(citation, support=Support.STALE)


@pytest.mark.parametrize(
    ("before", "quote", "after"),
    [
        ("The fee is 40", "The fee is 40", "The fee is 400"),
        ("The fee is 40", "The fee is 40", "The fee is 40.5 a day"),
        ("The fee is 40", "The fee is 40", "The fee is 40,000"),
        ("5 people came", "5 people came", "1.5 people came"),
        ("Use the form", "form", "Use the platform"),
    ],
)
def test_a_part_of_other_words_is_not_the_quote(before: str, quote: str, after: str) -> None:
    assert moved(before, quote, after).support is Support.STALE


def test_a_quote_inside_a_run_of_letters_is_found_there_again() -> None:
    found = moved("価格は四十円です", "四十円", "前書き。価格は四十円です")
    assert (found.span, found.support) == (Span(7, 10), Support.EXACT)


def test_of_several_places_the_surroundings_decide() -> None:
    before = "Under the old lease: it is due in May. Under the new lease: it is due in May. Bye."
    after = f"Preface. {before}"
    for number in (0, 1):
        found = moved(before, "it is due in May.", after, number)
        assert found.span == at(after, "it is due in May.", number)
    # A row went: what is left must not stand for it silently where two are left.
    rows = "alpha: yes\nbeta: yes\ngamma: yes\n"
    for after in (rows.replace("beta: yes\n", ""), rows.replace("beta", "delta")):
        assert moved(rows, "yes", after, 1).support is Support.STALE


def test_equal_places_are_a_tie_but_in_the_same_document() -> None:
    text = "It is so. " * 40
    citation, around = cite(text, at(text, "It is so.", 20))
    assert reanchor(citation, around, Document("old", text, "Title", "/f.txt")) == citation
    again = reanchor(citation, around, Document("new", text + "And more.", "Title", "/f.txt"))
    assert again == replace(citation, support=Support.STALE)


def test_a_chance_likeness_of_surroundings_does_not_decide() -> None:
    before = "One way: the answer is no. End."
    after = "Totally other: the answer is no, twice.the answer is no"
    assert moved(before, "the answer is no", after).support is Support.STALE


def test_only_exact_citations_are_looked_for() -> None:
    citation, around = cite("The fee is 40.", Span(0, 14))
    missing = replace(citation, support=Support.MISSING)
    assert reanchor(missing, around, Document("d", "The fee is 40.", "", "")) == missing


def test_an_answer_keeps_all_but_its_citations() -> None:
    before, after = "The fee is 40. It is due.", "Now: The fee is 40. It was due."
    pairs = [cite(before, Span(0, 14)), cite(before, Span(15, 25))]
    citations = tuple(citation for citation, _ in pairs)
    sentences = (Sentence("The fee is 40.", (1,)), Sentence("It is due.", (2,)))
    answer = Answer("What?", sentences, citations, (), answered=True, confidence=0.5)
    document = Document("new", after, "Title", "/f.txt")
    again = reanchor_answer(answer, [around for _, around in pairs], lambda _: document)
    assert [c.support for c in again.citations] == [Support.EXACT, Support.STALE]
    assert replace(again, citations=citations) == answer


@given(TEXT, st.data())
def test_an_edit_elsewhere_leaves_it_at_the_very_words(text: str, data: st.DataObject) -> None:
    """Whatever is put in or taken out beyond the surroundings: the same words, or STALE."""
    text = text + "c"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    citation, around = cite(text, Span(start, end))
    head, tail = max(0, start - CONTEXT_CHARS), min(len(text), end + CONTEXT_CHARS)
    # Where the surroundings reach an end of the text, that end belongs to them.
    new_head = data.draw(TEXT) if head > 0 else ""
    new_tail = data.draw(TEXT) if tail < len(text) else ""
    after = new_head + text[head:tail] + new_tail
    shift = len(new_head) - head
    document = Document("new", after, "Title", "/f.txt")
    found = reanchor(citation, around, document)
    if found.support is Support.EXACT:
        assert found.span == Span(start + shift, end + shift)
        assert found.answer == Span(start + shift, start + shift + 1)
        assert after[found.span.start : found.span.end] == citation.quote
    else:
        assert found == replace(citation, support=Support.STALE)


@given(TEXT, TEXT, TEXT, TEXT)
def test_words_that_stand_once_are_always_found(
    before: str, after: str, new_before: str, new_after: str
) -> None:
    quote = "«The fee is 40.»"
    old, new = f"{before} {quote} {after}", f"{new_before} {quote} {new_after}"
    citation, around = cite(old, at(old, quote))
    found = reanchor(citation, around, Document("new", new, "Title", "/f.txt"))
    assert (found.span, found.support) == (at(new, quote), Support.EXACT)


@given(TEXT, st.data())
def test_a_document_that_is_the_same_changes_nothing(text: str, data: st.DataObject) -> None:
    text = text + "c"
    start = data.draw(st.integers(0, len(text) - 1))
    citation, around = cite(text, Span(start, data.draw(st.integers(start + 1, len(text)))))
    assert reanchor(citation, around, Document("old", text, "Title", "/f.txt")) == citation
