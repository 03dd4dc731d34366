"""Fitting: known rows give known weights, and the command runs on a set of its own."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from loccit.qa.reading.sentences import FEATURES as SENTENCE_FEATURES
from loccit.qa.reading.sentences import sigmoid
from loccit.qa.reading.span_candidates import FEATURES
from loccit.qa.training.fitting import Best, fit_calibration, fit_no_answer, fit_ranking, main
from loccit.qa.training.fitting_rows import Kind, Row, collect


def row_of(features: Sequence[Sequence[float]], right: Sequence[bool]) -> Row:
    size = len(features)
    flags = np.array(right)
    rivals = ~np.eye(size, dtype=bool)
    sentences = np.zeros((0, len(SENTENCE_FEATURES) + 2))
    spans = np.array(features, dtype=np.float64)
    return Row("answerable", spans, flags, flags, flags, rivals, sentences, np.zeros(0, dtype=bool))


def test_ranking_weighs_what_tells_the_right_span() -> None:
    rng = np.random.default_rng(7)
    rows = []
    for _ in range(200):
        features = rng.normal(size=(5, len(FEATURES)))
        best = int((features[:, 0] * 2 - features[:, 3]).argmax())
        rows.append(row_of(features.tolist(), [place == best for place in range(5)]))
    weights = fit_ranking([rows])
    assert weights[0] / -weights[3] == pytest.approx(2, rel=0.15)
    others = np.abs(weights[[1, 2, 4, 5]])
    assert others.max() < 0.1 * weights[0]


def best_of(kind: Kind, told: float, right: bool) -> Best:
    return Best(0, kind, (told,), (told,), right)


def test_chances_are_those_met_among_the_answers_given() -> None:
    rng = np.random.default_rng(7)
    told = rng.normal(size=4_000) * 2 + 2
    right = rng.random(4_000) < sigmoid(told)
    rows = [best_of("answerable", t, bool(r)) for t, r in zip(told, right, strict=True)]
    rows += [best_of("near", t, False) for t in rng.normal(size=400) - 4]
    rows += [best_of("far", t, False) for t in rng.normal(size=400) - 9]
    no_answer = fit_no_answer(rows)
    assert no_answer[0] < 0  # the more is told, the less likely that nothing answers
    weight, constant = fit_calibration(rows, no_answer)
    given = [t for t in told if sigmoid(np.array(t * no_answer[0] + no_answer[1])) < 0.5]
    mean = float(sigmoid(weight * np.array(given) + constant).mean())
    assert mean == pytest.approx(float(sigmoid(np.array(given)).mean()), abs=0.03)


@pytest.fixture
def question_set(tmp_path: Path) -> Path:
    """Four articles of a paragraph each, asked what they answer and what they don't."""
    makers = {"Ada": "1931", "Bo": "1932", "Cy": "1933", "Di": "1934"}
    articles = []
    for maker, year in makers.items():
        text = f"The lamp of {maker} was sold in {year}. It was green, and people liked it."
        questions = [
            (f"When was the lamp of {maker} sold?", year),
            (f"What colour was the lamp of {maker}?", "green"),
            (f"Who broke the lamp of {maker}?", None),
        ]
        qas = [
            {
                "id": f"{maker}-{number}",
                "question": asked,
                "is_impossible": gold is None,
                "answers": [{"text": gold, "answer_start": text.index(gold)}] if gold else [],
            }
            for number, (asked, gold) in enumerate(questions)
        ]
        paragraph = {"context": text, "qas": qas}
        articles.append({"title": f"Lamp of {maker}", "paragraphs": [paragraph]})
    file = tmp_path / "lamps.json"
    file.write_text(json.dumps({"data": articles}), encoding="utf-8")
    return file


@pytest.mark.slow
def test_rows_know_what_is_right(question_set: Path) -> None:
    rows = collect(question_set, 8, None)
    assert sorted(row.kind for row in rows) == ["answerable"] * 8 + ["far"] * 3 + ["near"] * 4
    for row in rows:
        assert row.spans.shape == (len(row.agrees), len(FEATURES))
        assert not (row.right & ~(row.agrees & row.placed)).any()
        if row.kind != "far":  # the same colour stands in another article
            assert row.agrees.any() == row.holds.any() == (row.kind == "answerable")


@pytest.mark.slow
def test_the_command_prints_the_weights_of_the_reader(
    question_set: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(question_set)])
    printed = capsys.readouterr().out
    for name in ("WEIGHTS", "CALIBRATION", "NO_ANSWER", "SENTENCE_WEIGHTS", "SENTENCE_NO_ANSWER"):
        assert f"reader.{name}" in printed
    assert all(f"# {name}\n" in printed for name in FEATURES)
