"""Short answers from readings, with a stand-in for the network where its numbers must be known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from conftest import SEEDS

from loccit.index.datatypes import Document, Hit, Passage, Span
from loccit.index.errors import DamagedModel
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.answering.composing import compose
from loccit.qa.answering.verifying import verify
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Evidence
from loccit.qa.evaluation.measures import calibration_error
from loccit.qa.reading import own_model
from loccit.qa.reading.cross_encoder import Pair, Reading, ScoredSpan
from loccit.qa.reading.reader import SpanReader
from loccit.qa.reading.span_candidates import candidates_of, gaps, rivals_of

BRIDGE = "The bridge opened in 1932. It cost ten million pounds."
NEWS = "Crowds came in 1932 when the bridge opened."
RUMOUR = "Some say that the bridge opened in 1933."


def hit_of(name: str, text: str, rank: int) -> Hit:
    return Hit(Passage(f"{name}-0", name, Span(0, len(text)), text), 1 / rank, rank)


HITS = [hit_of("a", BRIDGE, 1), hit_of("b", NEWS, 2), hit_of("c", RUMOUR, 3)]
DOCUMENTS = {h.passage.doc_id: Document(h.passage.doc_id, h.passage.text, "", "") for h in HITS}


def reading(text: str, scores: Mapping[str, float], null: float = 0.0) -> Reading:
    spans = [
        ScoredSpan(text.index(words), text.index(words) + len(words), score)
        for words, score in scores.items()
    ]
    return Reading(tuple(sorted(spans, key=lambda span: -span.score)), null)


class Known:
    """A cross-encoder whose readings are written down; it counts what it is asked."""

    def __init__(self, readings: Mapping[str, Reading]) -> None:
        self._readings = readings
        self.batches: list[int] = []

    def read(self, pairs: Sequence[Pair]) -> list[Reading]:
        self.batches.append(len(pairs))
        return [self._readings[pair.text] for pair in pairs]


READINGS = {
    BRIDGE: reading(BRIDGE, {"1932": 12.0, "ten million pounds": -6.0}),
    NEWS: reading(NEWS, {"1932": 11.0}),
    RUMOUR: reading(RUMOUR, {"1933": 11.0}),
}
QUESTION = "When did the bridge open?"


def test_equal_answers_are_one_and_rivals_stand_beside_it(embedder: DefaultEmbedder) -> None:
    (evidence,) = SpanReader(Known(READINGS), embedder).read([QUESTION], [HITS])
    assert evidence[0].short == "1932"
    for item in evidence:
        assert item.answer is not None
        text = DOCUMENTS[item.doc_id].text
        assert text[item.answer.start : item.answer.end] == item.short
        assert text[item.span.start : item.span.end] == item.text
    places = {item.doc_id: item for item in evidence if item.short in ("1932", "1933")}
    level = [_scored(places["a"], 0.8), _scored(places["b"], 0.78), _scored(places["c"], 0.75)]
    answer = verify(compose(QUESTION, HITS, level, DOCUMENTS), DOCUMENTS)
    assert [(s.short, s.markers) for s in answer.sentences] == [("1932", (1, 2)), ("1933", (3,))]
    assert answer.short == "1932"
    unlikely = [*level[:2], _scored(places["c"], 0.1)]  # but another document's word
    answer = compose(QUESTION, HITS, unlikely, DOCUMENTS)
    assert [(s.short, s.markers) for s in answer.sentences] == [("1932", (1, 2)), ("1933", (3,))]
    far = [*level[:2], _scored(places["c"], 0.03)]
    answer = compose(QUESTION, HITS, far, DOCUMENTS)
    assert [(s.short, s.markers) for s in answer.sentences] == [("1932", (1, 2))]
    same = [level[0], replace(_scored(places["c"], 0.3), doc_id="a")]
    answer = compose(QUESTION, HITS, same, DOCUMENTS)
    assert [(s.short, s.markers) for s in answer.sentences] == [("1932", (1,))]
    only = {"a": DOCUMENTS["a"]}
    kept = verify(compose(QUESTION, HITS, level, DOCUMENTS), only)
    assert [s.markers for s in kept.sentences] == [(1,)]


def _scored(item: Evidence, score: float) -> Evidence:
    return replace(item, score=score, no_answer=0.1)


def test_a_span_in_two_overlapping_passages_comes_once() -> None:
    tail = BRIDGE[4:]
    twin = Hit(Passage("a-4", "a", Span(4, len(BRIDGE)), tail), 0.5, 2)
    found = candidates_of([HITS[0], twin], [READINGS[BRIDGE], reading(tail, {"1932": 13.0})])
    assert [(c.hit.rank, c.text) for c in found] == [(2, "1932"), (1, "ten million pounds")]


def test_gaps_are_to_the_best_that_says_something_else() -> None:
    found = candidates_of(HITS, [READINGS[hit.passage.text] for hit in HITS])
    assert [c.text for c in found] == ["1932", "1932", "1933", "ten million pounds"]
    sums = np.array([4.0, 3.0, 1.0, -20.0])
    assert gaps(sums, rivals_of(found)).tolist() == [3.0, 2.0, -3.0, -24.0]
    assert gaps(sums[:1], rivals_of(found[:1])).tolist() == [10.0]


def test_many_questions_are_read_as_one_is(embedder: DefaultEmbedder) -> None:
    known = Known(READINGS)
    reader = SpanReader(known, embedder)
    questions = [QUESTION, "Why did it open in 1932?", "Did the bridge open in 1932?"] * 30
    together = reader.read(questions, [HITS] * 90)
    assert known.batches == [192, 78]
    for question, evidence in zip(questions[:3], together[:3], strict=True):
        assert reader.read([question], [HITS]) == [evidence]
    assert together[2][0].short is None  # neither yes nor no is written there
    assert together[1][0].short == "1932"
    assert reader.read([QUESTION], [[]]) == [[]]


def test_calibration_error() -> None:
    assert calibration_error([0.8] * 5, [True, True, True, True, False]) == pytest.approx(0)
    assert calibration_error([1.0, 0.0], [False, False]) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="at least one"):
        calibration_error([], [])


def test_damaged_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_model, "OWN_MODEL_SHA256", "0" * 64)
    with pytest.raises(DamagedModel, match="SHA-256"):
        own_model.load_reader_weights(own_model.OWN_MODEL)


def test_ask_many_is_ask_for_each(seed_index: PassageIndex) -> None:
    assistant = Assistant(seed_index)
    questions = ["How large is CXMT's planned IPO?", "Who founded CXMT?", "Why go public now?"]
    together = assistant.ask_many(questions)
    for question, answer in zip(questions, together, strict=True):
        alone = assistant.ask(question)
        assert (alone.text, alone.short) == (answer.text, answer.short)
        assert alone.confidence == pytest.approx(answer.confidence, abs=0.02)
    assert "42" in (together[0].short or "")
    text = (SEEDS / "cxmt-ipo.txt").read_text(encoding="utf-8")
    cited = together[0].citations[0]
    assert cited.answer is not None
    assert text[cited.answer.start : cited.answer.end] == together[0].short


DUTIES = "The duties:\n\n- oil the wheel\n  every spring\n- sweep the yard\n\nThe end."
FEES = "ship | fee\nbarge | 40 crowns\ntanker | 90 crowns"


@pytest.mark.parametrize(
    ("text", "read", "kept"),
    [
        (DUTIES, "every spring\n- sweep the yard", "every spring"),
        (DUTIES, "wheel\n  every spring", "wheel\n  every spring"),
        (DUTIES, "oil the wheel\n  every spring\n- sweep the yard\n\nThe end", DUTIES[15:60]),
        (
            DUTIES,
            "- oil the wheel\n  every spring\n- sweep",
            "- oil the wheel\n  every spring\n- sweep",
        ),
        (DUTIES, "sweep the yard\n\nThe end.", "sweep the yard"),
        (FEES, "40 crowns\ntanker", "40 crowns"),
        (FEES, "barge | 40 crowns\ntanker", "barge | 40 crowns\ntanker"),
        (BRIDGE, "1932. It cost", "1932. It cost"),
    ],
)
def test_a_span_ends_with_its_item_and_its_paragraph(text: str, read: str, kept: str) -> None:
    (candidate,) = candidates_of([hit_of("a", text, 1)], [reading(text, {read: 4.0})])
    assert candidate.text == kept


def test_spans_that_are_one_once_they_are_cut_come_once() -> None:
    scores = {"every spring\n- sweep": 5.0, "every spring": 4.0, "yard\n\nThe": 3.0}
    found = candidates_of([hit_of("a", DUTIES, 1)], [reading(DUTIES, scores)])
    assert [(c.text, c.logits) for c in found] == [("every spring", 5.0), ("yard", 3.0)]
