"""Evidence, answers and their verification: values, then the whole flow on the seed document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import SEED_QUESTIONS

from loccit.index.datatypes import Document, Hit, Passage, Scope, Span
from loccit.index.errors import EmptyIndex
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.answering.anchoring import Surroundings, reanchor
from loccit.qa.answering.composing import compose
from loccit.qa.answering.verifying import verify
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer, Evidence, Support
from loccit.qa.reading.reader import open_reader
from loccit.qa.reading.sentences import FEATURES, ranked_sentences, sentence_features, sentences_of
from loccit.qa.reading.words import content_stems

TEXT = (
    "The bridge opened in 1932. It cost ten million pounds.\n\nIt 👍 was painted red. Red is warm."
)
PAGED = Document("d1", TEXT, "Bridge", "bridge.pdf", page_starts=(0, 56))


def hit_of(document: Document, start: int, end: int, rank: int = 1) -> Hit:
    passage = Passage(
        f"{document.doc_id}-{start}", document.doc_id, Span(start, end), document.text[start:end]
    )
    return Hit(passage, 1.0, rank)


def evidence_of(document: Document, quote: str, score: float) -> Evidence:
    start = document.text.index(quote)
    hit = hit_of(document, 0, len(document.text))
    span = Span(start, start + len(quote))
    return Evidence(document.doc_id, span, quote, score, hit, no_answer=1 - score)


def test_content_stems() -> None:
    assert content_stems("How many ships were Rotterdam's in 1,200 harbours?") == [
        "ship", "rotterdam", "1,200", "harbour",
    ]  # fmt: skip
    assert content_stems("Who is it?") == ["who", "is", "it"]


def test_sentences_of_overlapping_hits_come_once() -> None:
    hits = [hit_of(PAGED, 0, 54), hit_of(PAGED, 27, len(TEXT), rank=2)]
    assert [candidate.text for candidate in sentences_of(hits)] == [
        "The bridge opened in 1932.",
        "It cost ten million pounds.",
        "It 👍 was painted red.",
        "Red is warm.",
    ]


def test_features_tell_what_a_sentence_shares_with_the_question(embedder: DefaultEmbedder) -> None:
    found = sentences_of([hit_of(PAGED, 0, len(TEXT))])
    rows = sentence_features("How much did painting the red bridge cost?", found, embedder)
    values = [dict(zip(FEATURES, row, strict=True)) for row in rows.tolist()]
    assert [v["fits_type"] for v in values] == [1.0, 1.0, 0.0, 0.0]  # it asks for a number
    assert [v["lacks_type"] for v in values] == [0.0, 0.0, 1.0, 1.0]
    assert [v["brevity"] for v in values] == [0.0, 0.0, 0.0, 1.0]
    assert {v["passage_coverage"] for v in values} == {1.0}
    assert values[0]["coverage"] < values[1]["window_coverage"]
    (asked,) = embedder.embed(["How much did painting the red bridge cost?"], "question")
    similar = embedder.embed([c.text for c in found], "passage") @ asked
    assert [v["similarity"] for v in values] == pytest.approx(similar.tolist())


def test_evidence_is_a_slice_and_leans_on_its_neighbour() -> None:
    found = sentences_of([hit_of(PAGED, 0, len(TEXT))])
    evidence = ranked_sentences(found, np.array([0.0, 2.0, -1.0, -2.0]), (-1.0, 0.0))
    leaning = next(item for item in evidence if item.text.endswith("pounds."))
    assert leaning.text == "The bridge opened in 1932. It cost ten million pounds."
    for item in evidence:
        assert item.text == TEXT[item.span.start : item.span.end]
        assert 0 <= item.score <= 1
    assert [item.score for item in evidence] == sorted((e.score for e in evidence), reverse=True)
    assert evidence[0] is leaning
    assert (leaning.score, leaning.no_answer) == pytest.approx((0.8808, 0.1192), abs=1e-4)


def test_compose_numbers_citations_and_knows_the_page() -> None:
    evidence = [
        evidence_of(PAGED, "It 👍 was painted red.", 0.99),
        evidence_of(PAGED, "👍 was", 0.98),  # inside the first
        evidence_of(PAGED, "The bridge opened in 1932.", 0.97),
        evidence_of(PAGED, "Red is warm.", 0.01),
    ]
    answer = compose("q", [evidence[0].hit], evidence, {"d1": PAGED})
    assert [(c.marker, c.quote, c.page) for c in answer.citations] == [
        (1, "It 👍 was painted red.", 2),
        (2, "The bridge opened in 1932.", 1),
    ]
    assert answer.text == "It 👍 was painted red. [1] The bridge opened in 1932. [2]"
    assert (answer.answered, answer.confidence, answer.short) == (True, 0.99, None)


def test_a_cited_page_is_that_of_the_answer() -> None:
    quote = "The deposit that the tenant pays at the start is 80 euros."
    text = f"One.\n\n{quote}"
    over_two = Document("d", text, "Lease", "lease.pdf", (0, text.index("at the start")))
    whole = evidence_of(over_two, quote, 0.9)
    start = text.index("80 euros")
    words = replace(whole, answer=Span(start, start + 8))
    for evidence, page in ((whole, 1), (words, 2)):
        (citation,) = compose("What?", [], [evidence], {"d": over_two}).citations
        assert (citation.quote, citation.page) == (quote, page)
        (checked,) = verify(
            compose("What?", [], [evidence], {"d": over_two}), {"d": over_two}
        ).citations
        moved = replace(over_two, text=f"New. {text}", page_starts=(0, 5 + over_two.page_starts[1]))
        assert reanchor(checked, Surroundings(), moved).page == page


def test_the_repr_of_an_answer_is_one_short_line(seed_index: PassageIndex) -> None:
    answer = Assistant(seed_index).ask("How large is CXMT's planned IPO?")
    assert repr(answer) == (
        "<Answer to \"How large is CXMT's planned IPO?\": 'US$42 Billion', "
        f"confidence {answer.confidence:.2f}, {len(answer.citations)} citations, "
        f"{len(answer.hits)} hits>"
    )
    absent = Assistant(seed_index).ask("Who won the 1958 chess tournament in Reykjavik?")
    assert repr(absent).startswith("<Answer to 'Who won the 1958 chess")
    assert repr(absent).endswith(f": not answered, {len(absent.hits)} hits>")
    assert absent.confidence == 0.0
    assert len(repr(replace(answer, question="long " * 900))) < 250


def test_an_ask_loads_no_whole_document(
    seed_index: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    kind = type(seed_index.documents)
    load = kind.__getitem__

    def note(documents: Mapping[str, Document], doc_id: str) -> Document:
        loaded.append(doc_id)
        return load(documents, doc_id)

    monkeypatch.setattr(kind, "__getitem__", note)
    assert Assistant(seed_index).ask("How large is CXMT's planned IPO?").answered
    assert loaded == []


def test_an_explanation_goes_on_beside_its_best_sentence() -> None:
    text = "One led to two. Two led to three. Three led to four. Four it was.\n\nFive is apart."
    counting = Document("d2", text, "Counting", "counting.txt")
    scores = {
        "Two led to three.": 0.9,
        "Five is apart.": 0.89,  # in another paragraph
        "Three led to four.": 0.8,
        "Four it was.": 0.7,  # beside the one before
        "One led to two.": 0.1,
    }
    evidence = [
        replace(evidence_of(counting, quote, score), answer=Span(text.index(quote), 80))
        for quote, score in scores.items()
    ]
    answer = compose("Why was it four?", [evidence[0].hit], evidence, {"d2": counting})
    assert [c.quote for c in answer.citations] == [
        "Two led to three.", "Three led to four.", "Four it was.",
    ]  # fmt: skip
    assert [c.answer is None for c in answer.citations] == [False, True, True]
    assert answer.confidence == 0.9


@pytest.mark.parametrize(
    ("line", "quote"),
    [
        ("- oil the wheel", "oil the wheel"),
        ("• oil the wheel", "oil the wheel"),
        ("-5 degrees", "-5 degrees"),
        ("1. oil the wheel", "1. oil the wheel"),
    ],
)
def test_a_bullet_is_not_quoted(line: str, quote: str) -> None:
    document = Document("d", f"Duties:\n\n{line}\n- rest", "Duties", "d.md")
    answer = compose("What?", [], [evidence_of(document, line, 0.9)], {"d": document})
    (citation,) = verify(answer, {"d": document}).citations
    assert (citation.quote, citation.support) == (quote, Support.EXACT)
    assert answer.sentences[0].text == quote
    assert document.text[citation.span.start : citation.span.end] == quote


def test_compose_says_not_answered() -> None:
    hits = [hit_of(PAGED, 0, 10)]
    weak = compose("q", hits, [evidence_of(PAGED, "Red is warm.", 0.01)], {"d1": PAGED})
    assert weak == Answer("q", (), (), tuple(hits), answered=False, confidence=0.0)
    assert not compose("q", [], [], {}).answered
    gone = compose("q", hits, [evidence_of(PAGED, "Red is warm.", 0.99)], {})
    assert (gone.answered, gone.citations) == (False, ())


def test_verify_slices_the_stored_text() -> None:
    evidence = [
        evidence_of(PAGED, "The bridge opened in 1932.", 0.99),
        evidence_of(PAGED, "Red is warm.", 0.98),
    ]
    draft = compose("q", [evidence[0].hit], evidence, {"d1": PAGED})
    kept = verify(draft, {"d1": PAGED})
    assert [c.support for c in kept.citations] == [Support.EXACT, Support.EXACT]
    changed = Document("d1", TEXT.replace("Red is warm", "Red is cold"), "Bridge", "bridge.pdf")
    answer = verify(draft, {"d1": changed})
    assert [c.support for c in answer.citations] == [Support.EXACT, Support.MISSING]
    assert [s.markers for s in answer.sentences] == [(1,)]
    gone = verify(draft, {})
    assert [c.support for c in gone.citations] == [Support.MISSING, Support.MISSING]
    assert (gone.answered, gone.sentences) == (False, ())


QUESTIONS = [json.loads(line) for line in (SEED_QUESTIONS).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["question"])
def test_seed_questions(row: dict[str, object], seed_index: PassageIndex) -> None:
    answer = Assistant(seed_index).ask(str(row["question"]))
    if not row["answers"]:
        assert not answer.answered
        assert answer.hits
        return
    assert answer.answered
    (doc_id,) = seed_index.documents
    place = (row["start"], row["end"])
    text = seed_index.documents[doc_id].text
    assert text[place[0] : place[1]] == row["answers"][0]  # type: ignore[index, misc]
    cited = answer.citations[0]
    assert cited.support is Support.EXACT
    assert cited.span.start <= place[0] < place[1] <= cited.span.end  # type: ignore[operator]


def test_the_planned_ipo(seed_index: PassageIndex) -> None:
    answer = Assistant(seed_index).ask("How large is CXMT's planned IPO?")
    assert "us$42 billion" in answer.sentences[0].text.lower()
    assert answer.sentences[0].markers == (1,)
    title = "CXMT’s Planned US$42 Billion IPO Signals China’s Push for Semiconductor Self-Reliance"
    assert (answer.citations[0].quote, answer.citations[0].span) == (title, Span(0, 85))


def test_unusual_questions(seed_index: PassageIndex, tmp_path: Path) -> None:
    assistant = Assistant(seed_index)
    for blank in ("", " \n"):
        with pytest.raises(ValueError, match="empty"):
            assistant.ask(blank)
    long = assistant.ask("How large is the planned IPO? " + "word " * 2_000)
    assert long.hits
    assert not assistant.ask("👍👍👍").answered
    with (
        PassageIndex.open(tmp_path, create=True, embedder=seed_index.embedder) as empty,
        pytest.raises(EmptyIndex),
    ):
        Assistant(empty).ask("anything")


def test_a_document_removed_while_it_is_read(tmp_path: Path, embedder: DefaultEmbedder) -> None:
    with PassageIndex.open(tmp_path, create=True, embedder=embedder) as index:
        index.add(PAGED)

        class Removing:
            def read(
                self, questions: Sequence[str], hits: Sequence[Sequence[Hit]]
            ) -> list[list[Evidence]]:
                found = open_reader(embedder).read(questions, hits)
                index.remove("d1")
                return found

        answer = Assistant(index, Removing()).ask("When did the bridge open?")
    assert (answer.answered, answer.citations) == (False, ())
    assert [hit.passage.doc_id for hit in answer.hits] == ["d1", "d1"][: len(answer.hits)]


def test_a_scope_without_passages_is_not_answered(seed_index: PassageIndex) -> None:
    answer = Assistant(seed_index).ask("How large is the IPO?", documents=Scope(("gone",)))
    assert (answer.answered, answer.hits, answer.confidence) == (False, (), 0.0)
