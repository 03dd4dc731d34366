"""Training: what is read, the loss, and a run that is stopped and goes on."""

import gzip
import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from loccit.index.datatypes import Document, Passage, Span
from loccit.index.models.default_model import (
    DefaultEmbedder,
    default_model_directory,
    load_tokenizer,
)
from loccit.qa.reading.own_model import OWN_MODEL, OWN_MODEL_SHA256
from loccit.qa.training import examples, loop
from loccit.qa.training.mining import mine
from loccit.qa.training.network import Network, drop, load, published
from loccit.qa.training.preparing import Prepared, Text, load_prepared, load_texts, prepare
from loccit.qa.training.sources import TrainingQuestion, load_sources, squad_article
from loccit.qa.training.stages import average, export, ship

CELL = "The cell, Hooke wrote in 1665, is a small room. A cell has a wall, he wrote in 1665."


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer(default_model_directory())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    squad = {
        "data": [
            {
                "title": "Cell",
                "paragraphs": [
                    {
                        "context": CELL,
                        "qas": [
                            qa("When did Hooke write of it?", "1665", ambiguous_start=True),
                            qa("What is a cell?", "a small room"),
                            {"id": "x", "question": "Who sold it?", "is_impossible": True}
                            | {"answers": []},
                        ],
                    },
                    {"context": "Leeuwenhoek saw moving cells in 1674.", "qas": []},
                ],
            },
            {
                "title": "Hooke",
                "paragraphs": [
                    {
                        "context": "Hooke wrote letters to Newton. Newton replied.",
                        "qas": [qa("Who replied to Hooke?", "Newton")],
                    }
                ],
            },
        ]
    }
    rows = [
        {
            "id": "r",
            "question": "what did they say",
            "context": "They said `` no '' \u2028 twice .",
            "answers": [{"text": "`` no ''", "start": 10}],
            "title": "Talk",
        },
        {
            "id": "long",
            "question": "and then",
            "context": "w " * 200,
            "answers": [{"text": ("w " * 200).strip(), "start": 0}],
            "title": "Talk",
        },
    ]
    one, two = tmp_path / "squad_train.json.gz", tmp_path / "qed.jsonl.gz"
    one.write_bytes(gzip.compress(json.dumps(squad).encode()))
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    two.write_bytes(gzip.compress("\n".join(lines).encode()))
    return [one, two]


def qa(question: str, answer: str, **more: Any) -> dict[str, Any]:
    texts = (CELL, "Hooke wrote letters to Newton. Newton replied.")
    start = next(text.index(answer) for text in texts if answer in text)
    return {
        "id": question,
        "question": question,
        "answers": [{"text": answer, "answer_start": start}],
    } | more


def test_sources_give_documents_and_places(files: list[Path]) -> None:
    documents, questions = load_sources(files)
    texts = {document.doc_id: document.text for document in documents}
    found = {q.text: [texts[q.doc_id][a.start : a.end] for a in q.answers] for q in questions}
    assert found == {
        "When did Hooke write of it?": ["1665", "1665"],  # both places: it may be either
        "What is a cell?": ["a small room"],
        "Who sold it?": [],
        "Who replied to Hooke?": ["Newton"],
        "what did they say": ['"  no  "'],  # of the same length as in the file
    }  # and not the question whose answer is longer than a span


def test_an_article_in_the_layout_of_squad() -> None:
    document = Document("d", "Rain fell.\n\nHooke sold it.", "Hooke", "")
    place = Span(12, 26)
    asked = [
        TrainingQuestion("1", "Who sold it?", "s", "d", place, (Span(12, 17),)),
        TrainingQuestion("2", "Who fell?", "s", "other", Span(0, 10), ()),
        TrainingQuestion("3", "Who bought it?", "s", "d", place, ()),
    ]
    first = {"id": "1", "question": "Who sold it?", "is_impossible": False}
    first["answers"] = [{"text": "Hooke", "answer_start": 0}]
    third = {"id": "3", "question": "Who bought it?", "is_impossible": True, "answers": []}
    assert squad_article(document, asked) == {
        "title": "Hooke",
        "paragraphs": [{"context": "Hooke sold it.", "qas": [first, third]}],
    }


def test_an_answer_in_the_wrong_place_is_told(tmp_path: Path) -> None:
    row = {"id": "r7", "question": "q", "title": "T", "context": "abc"}
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps(row | {"answers": [{"text": "b", "start": 0}]}))
    with pytest.raises(ValueError, match=r"r7.*'b' is not at 0"):
        load_sources([file])


def test_negatives_are_near_and_hold_no_answer() -> None:
    texts = [
        "Hooke wrote of the cell in 1665.",  # the paragraph itself
        "Hooke drew the cell.",
        "The cell, in 1665, was a word of Hooke.",  # holds the answer
        "Rain fell on the market.",
    ]
    documents = [Document(f"d{i}", text, "", "") for i, text in enumerate(texts)]
    passages = [
        Passage(f"p{i}", f"d{i}", Span(0, len(text)), text, "") for i, text in enumerate(texts)
    ]
    asked = TrainingQuestion(
        "q", "When did Hooke write of a cell?", "s", "d0", Span(0, 32), (Span(27, 31),)
    )
    (found,) = mine(passages, documents, [asked], DefaultEmbedder())
    assert found[0] == 1
    assert set(found) <= {1, 3}


def test_negatives_of_search_questions_are_near_in_meaning_too() -> None:
    texts = ["A cat is an animal.", "Kittens are baby felines.", "Steel is an alloy."]
    documents = [Document(f"d{i}", text, "", "") for i, text in enumerate(texts)]
    passages = [
        Passage(f"p{i}", f"d{i}", Span(0, len(text)), text, "") for i, text in enumerate(texts)
    ]
    asked = [
        TrainingQuestion(f"q{i}", question, "qed", f"d{i}", Span(0, 5), ())
        for i, question in enumerate(("what is a pussycat", "who are small", "what is iron"))
    ]
    assert mine(passages, documents, asked, DefaultEmbedder())[0][0] == 1


def test_prepared_questions_point_at_their_answers(files: list[Path], tmp_path: Path) -> None:
    prepare(files, tmp_path / "prepared", lambda _: None)
    texts = load_texts(tmp_path / "prepared")
    prepared = {q.text: q for q in load_prepared(tmp_path / "prepared")}
    question = prepared["What is a cell?"]
    for reading in (question.paragraph, *question.passages):
        text = texts[reading.number].text
        assert [text[a:b] for a, b in reading.answers] == ["a small room"]
    assert texts[question.paragraph.number].text == CELL
    assert texts[question.passages[0].number].context == "Cell"
    assert prepared["Who sold it?"].passages[0].answers == ()


def test_every_drawn_answer_is_in_its_text() -> None:
    sentences = tuple(range(0, 1500, 50))
    text = "".join(
        f"Sentence {i:04d} of many that stand here, one by one.".ljust(50) for i in sentences
    )
    texts = [Text("Title", text, sentences), Text("", "Nothing here.", (0,))]
    at = text.index("Sentence 0700")
    reading = examples.Reading(0, ((at, at + 13),))
    question = Prepared("q", "Which one?", "squad_train", "T", reading, (reading,), (1,))
    drawn = [e for epoch in range(60) for e in examples.draw([question], texts, epoch)]
    positive = [e for e in drawn if e.answers]
    assert {e.text[a:b] for e in positive for a, b in e.answers} == {"Sentence 0700"}
    assert {e.text for e in drawn if not e.answers} == {"Nothing here."}
    assert len({len(e.text) for e in positive}) > 5  # some are cropped
    assert examples.draw([question], texts, 3) == examples.draw([question], texts, 3)


def test_a_part_of_the_recipe_can_be_left_out() -> None:
    texts = [Text("", "One stands here, and two.", (0,)), Text("", "No.", (0,))]
    texts.append(Text("Title", "One stands here", (0,)))
    questions = [
        Prepared(f"{source}-{title}", "Which one, then?", source, title, *readings, (1,))
        for source, answers in (
            ("squad_train", ((0, 3),)),
            ("squad_train", ()),
            ("tatqa", ((0, 3),)),
        )
        for readings in [(examples.Reading(0, answers), (examples.Reading(2, answers),))]
        for title in "TUV"
    ]
    drawn = {
        part: [
            example
            for epoch in range(20)
            for example in examples.draw(
                questions, texts, epoch, replace(examples.EVERYTHING, **{part: False})
            )
        ]
        for part in examples.PARTS
    }
    paragraph, negative, passage = (text.text for text in texts)
    assert {e.text for e in drawn["negatives"]} == {paragraph, passage}
    assert {e.text for e in drawn["passages"]} == {paragraph, negative}
    assert {e.question for e in drawn["typing"]} == {"Which one, then?"}
    assert {e.text for e in drawn["unanswerable"] if not e.answers} == {negative}
    assert len(drawn["sets"]) < len(drawn["typing"])


def test_kept_back_titles_are_not_trained_on() -> None:
    reading = examples.Reading(0, ())
    titles = [f"Title {number}" for number in range(200)]
    seen = [
        examples.is_trained_on(Prepared("q", "?", source, title, reading, (), ()))
        for source in ("qed", "bioasq", "squad_train", "squad_validation")
        for title in titles
    ]
    shares = [sum(seen[i : i + 200]) / 200 for i in range(0, 800, 200)]
    assert shares == [pytest.approx(0.8, abs=0.1), pytest.approx(0.9, abs=0.08), 1, 0]


def test_typed_questions_stay_questions() -> None:
    rng = random.Random(1)
    typed = {examples._as_typed("Who wrote the report, and when?", rng) for _ in range(300)}
    assert "Who wrote the report and when" in typed
    assert "Who wrote report, and when" in typed  # keywords
    assert all(len(question.split()) >= 5 for question in typed)


def test_network_computes_what_transformers_does() -> None:
    from transformers import AutoConfig, BertForQuestionAnswering

    torch.manual_seed(0)
    directory = default_model_directory()
    ours = load(directory).eval()
    config = AutoConfig.from_pretrained(directory)
    theirs = BertForQuestionAnswering(config).eval()
    missing, unexpected = theirs.load_state_dict(published(ours), strict=False)
    assert not unexpected
    assert all("position_ids" in name for name in missing)
    ids = torch.randint(1000, 30000, (2, 9))
    attended = torch.ones_like(ids)
    attended[1, 6:] = 0
    segments = torch.zeros_like(ids)
    segments[:, 4:] = 1
    with torch.inference_mode():
        expected = theirs(input_ids=ids, attention_mask=attended, token_type_ids=segments)
        logits = ours(ids, attended, segments)
    for row, length in ((0, 9), (1, 6)):
        assert torch.allclose(
            logits[row, :length, 0], expected.start_logits[row, :length], atol=2e-5
        )
        assert torch.allclose(logits[row, :length, 1], expected.end_logits[row, :length], atol=2e-5)


def test_training_goes_on_from_the_shipped_weights(tmp_path: Path) -> None:
    network = load(OWN_MODEL)
    embedder = load(default_model_directory())
    assert torch.equal(network.words.weight, embedder.words.weight)
    assert ship(network, tmp_path / "again") == OWN_MODEL_SHA256


@pytest.mark.slow
def test_the_mean_of_networks_is_that_of_each_weight(tmp_path: Path) -> None:
    torch.manual_seed(0)
    ours = [load(default_model_directory()) for _ in range(2)]  # their heads differ
    for number, network in enumerate(ours):
        export(network, tmp_path / str(number))
    mean = average([(tmp_path / "0", 0.25), (tmp_path / "1", 0.75)])
    expected = 0.25 * ours[0].head.weight + 0.75 * ours[1].head.weight
    assert torch.allclose(mean.head.weight, expected)
    assert torch.allclose(mean.layers[3].up.weight, ours[0].layers[3].up.weight)
    with pytest.raises(ValueError, match="add up to 1"):
        average([(tmp_path / "0", 0.5)])


def test_loss_counts_every_right_place() -> None:
    logits = torch.log(torch.tensor([[[0.1, 0.2], [0.3, 0.2], [0.4, 0.1], [0.2, 0.5]]]))
    right = torch.tensor([[False, True, False, True]])
    end = torch.tensor([[False, False, False, True]])
    allowed = torch.tensor([[True, True, True, True]])
    # Starts 0.3 + 0.2 are right, and the end 0.5.
    expected = -(torch.tensor(0.5).log() + torch.tensor(0.5).log()) / 2
    assert loop.loss_of(logits, right, end, allowed).item() == pytest.approx(expected.item())
    # Without position 2, the rest shares what is left.
    allowed[0, 2] = False
    expected = -(torch.tensor(0.5 / 0.6).log() + torch.tensor(0.5 / 0.9).log()) / 2
    assert loop.loss_of(logits, right, end, allowed).item() == pytest.approx(expected.item())


def test_the_rate_rises_stays_and_falls() -> None:
    plan = loop.Plan(steps=1000, decay=100, rate=1.0, warmup=10)
    assert [round(plan.rate_at(step), 2) for step in (0, 4, 9, 500, 899, 950, 999)] == [
        0.1, 0.5, 1.0, 1.0, 1.0, 0.5, 0.01,
    ]  # fmt: skip


@pytest.mark.slow
def test_a_stopped_run_goes_on_as_if_it_had_not(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "BATCH", 2)
    texts = [Text("", f"Item {i} costs {i} euros.", (0,)) for i in range(40)]
    questions = [
        Prepared(f"q{i}", f"How much is item {i}?", "squad_train", "T", reading, (reading,), ())
        for i in range(40)
        for reading in [
            examples.Reading(i, ((len(f"Item {i} costs "), len(f"Item {i} costs {i}")),))
        ]
    ]
    plan = loop.Plan(steps=6, decay=2, warmup=1, save_every=3, report_every=3, validate_every=100)

    def run(folder: Path, steps: int, checkpoint: Path | None = None) -> loop.State:
        folder.mkdir(exist_ok=True)
        torch.manual_seed(0)
        state = loop.start(load(default_model_directory()))
        if checkpoint:
            loop.resume(state, checkpoint)
        cut = loop.Plan(**{**vars_of(plan), "steps": steps, "decay": plan.decay})
        loop.train(state, cut, questions, texts, tokenizer, folder, lambda _: {"score": 1.0})
        return state

    # The same six steps of a constant rate, in one go and in two.
    monkeypatch.setattr(loop.Plan, "rate_at", lambda self, step: 1e-4)
    whole = run(tmp_path / "whole", 6)
    run(tmp_path / "parts", 3)
    parts = run(tmp_path / "parts", 6, tmp_path / "parts" / loop.CHECKPOINT)
    assert parts.step == whole.step == 6
    for one, other in zip(whole.master, parts.master, strict=True):
        assert torch.equal(one, other)
    rows = [json.loads(line) for line in (tmp_path / "whole" / loop.LOG).read_text().splitlines()]
    assert [row["step"] for row in rows if "loss" in row] == [3, 6]
    assert isinstance(loop.exact(whole), Network)


def vars_of(plan: loop.Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__slots__}


@pytest.mark.slow
def test_two_processes_share_the_work_from_the_command_line(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": str(number),
            "question": f"how much is item {number}",
            "context": f"Item {number} costs {number} euros.",
            "answers": [{"text": f"{number} euros", "start": len(f"Item {number} costs ")}],
            "title": f"Title {number}",
        }
        for number in range(60)
    ]
    rows += [row | {"question": "who sold it", "answers": []} for row in rows[:5]]
    files = [tmp_path / "qed.jsonl", tmp_path / "squad_validation.jsonl"]
    for file in files:
        file.write_text("\n".join(json.dumps(row) for row in rows))
    data, run = tmp_path / "data", tmp_path / "run"
    command("prepare", *map(str, files), "--to", str(data))
    shared = ["train", "--data", str(data), "--to", str(run), "--decay", "1", "--processes", "2"]
    command(*shared, "--steps", "2")
    command(*shared, "--steps", "3", "--resume", str(run / loop.CHECKPOINT))
    log = [json.loads(line) for line in (run / loop.LOG).read_text().splitlines()]
    assert [row["from"] for row in log if "plan" in row] == [0, 2]
    assert [row["step"] for row in log if "other_f1" in row] == [2, 3]  # by one of the two
    command("export", "--checkpoint", str(run / loop.CHECKPOINT), "--to", str(tmp_path / "made"))
    state = loop.start(load(default_model_directory()))
    loop.resume(state, run / loop.CHECKPOINT)
    assert_same_logits(loop.exact(state), tmp_path / "made")


def assert_same_logits(network: Network, folder: Path) -> None:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    theirs = AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    inputs = AutoTokenizer.from_pretrained(folder)("who", "They did.", return_tensors="pt")
    with torch.inference_mode():
        expected = theirs(**inputs)
        logits = network(inputs["input_ids"], inputs["attention_mask"], inputs["token_type_ids"])
    assert torch.allclose(logits[..., 0], expected.start_logits, atol=1e-4)
    assert torch.allclose(logits[..., 1], expected.end_logits, atol=1e-4)


def command(*arguments: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "loccit.qa.training", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_dropping_keeps_the_mean() -> None:
    torch.manual_seed(0)
    x = torch.full((999, 101), 2.0)
    dropped = drop(x, 0.1)
    assert dropped.shape == x.shape
    assert dropped.unique().tolist() == pytest.approx([0, 2 * 256 / 230])
    for place in range(8):  # whichever byte of a random word decides
        assert (dropped.flatten()[place::8] == 0).float().mean() == pytest.approx(0.1, abs=0.01)
    assert dropped.mean() == pytest.approx(2.0, abs=0.01)
