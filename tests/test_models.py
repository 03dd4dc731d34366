"""Another sentence-transformers model than the default one: named once, remembered by the index."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loccit.index.models.default_model import default_model_directory
from loccit.ui.command_line import main as cli
from loccit.ui.command_line.options_and_exits import ExitCode

pytestmark = pytest.mark.usefixtures("shared_model")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def save_tiny_model(folder: Path, *, seed: int) -> Path:
    """Save a real model of one small layer with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(default_model_directory(), local_files_only=True)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    body = folder.with_name(f"{folder.name}-body")
    BertModel(config).save_pretrained(body)
    tokenizer.save_pretrained(body)
    words = Transformer(str(body), max_seq_length=64)
    SentenceTransformer(modules=[words, Pooling(config.hidden_size)], device="cpu").save(
        str(folder)
    )
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return save_tiny_model(tmp_path / "tiny", seed=1)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("Tea is at four. " * 40, encoding="utf-8")
    return path


def test_an_index_remembers_its_model(
    tmp_path: Path, model: Path, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = ("--index", tmp_path / "index")
    monkeypatch.chdir(tmp_path)
    added = run("add", note, "--model", model.name, *index)
    assert added.exit_code == ExitCode.OK, added.output

    monkeypatch.chdir("/")
    found = run("search", "When is tea?", "--mode", "dense", "--json", *index)
    assert found.exit_code == ExitCode.OK, found.output
    assert "Tea is at four" in json.loads(found.stdout)[0]["text"]
    again = run("add", note, *index)
    assert again.stdout.startswith("skipped ")


def test_a_model_may_move(tmp_path: Path, model: Path, note: Path) -> None:
    index = ("--index", tmp_path / "index")
    run("add", note, "--model", model, *index)
    moved = tmp_path / "elsewhere"
    shutil.move(model, moved)
    lost = run("search", "When is tea?", *index)
    assert lost.exit_code == ExitCode.ERROR
    assert f"the model “{model}” is neither a folder" in lost.stderr

    assert run("add", note, "--model", moved, *index).exit_code == ExitCode.OK
    assert run("search", "When is tea?", *index).exit_code == ExitCode.OK


def test_another_model_is_refused(tmp_path: Path, model: Path, note: Path) -> None:
    index = ("--index", tmp_path / "index")
    run("add", note, *index)
    other = run("add", note, "--model", model, *index)
    assert other.exit_code == ExitCode.ERROR
    assert "made with all-MiniLM-L6-v2 (sha256:53aa5117), not with" in other.stderr
    assert "open it without naming a model" in other.stderr


def test_a_model_that_became_another_is_refused(tmp_path: Path, model: Path, note: Path) -> None:
    index = ("--index", tmp_path / "index")
    run("add", note, "--model", model, *index)
    shutil.rmtree(model)
    save_tiny_model(model, seed=2)
    changed = run("search", "When is tea?", *index)
    assert changed.exit_code == ExitCode.ERROR
    assert "that model has changed" in changed.stderr


def test_eval_with_another_model(tmp_path: Path, model: Path) -> None:
    questions = [{"id": "1", "question": "When is tea?", "answers": [{"text": "four"}]}]
    paragraphs = [{"context": "Tea is at four.", "qas": questions}]
    path = tmp_path / "tea.json"
    path.write_text(json.dumps({"data": [{"title": "Tea", "paragraphs": paragraphs}]}), "utf-8")
    result = run("eval", path, "--model", model)
    assert result.exit_code == ExitCode.OK, result.output
    assert "| dense | 100.0 |" in result.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [("no/such-model", "neither a folder"), ("", "neither a folder"), ("empty", "holds no")],
)
def test_a_model_that_is_none(
    tmp_path: Path, note: Path, name: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    index = ("--index", tmp_path / "index")
    result = run("add", note, "--model", name, *index)
    assert result.exit_code == ExitCode.ERROR
    assert words in result.stderr
    assert "Traceback" not in result.output
    # Nothing was promised to the index: it can still be made with another model.
    assert run("add", note, *index).exit_code == ExitCode.OK
