"""``loccit eval``: each kind of question set, and what is wrong with one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from conftest import SEED_QUESTIONS, SEEDS
from typer.testing import CliRunner, Result

from loccit.index.datatypes import Document
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.ui.command_line import main as cli
from loccit.ui.command_line.options_and_exits import ExitCode

pytestmark = pytest.mark.usefixtures("shared_model")

RIVERS = {
    "Thames": ("The Thames flows through London.", "Where does the Thames flow?", "London"),
    "Nile": ("The Nile reaches the sea near Rosetta.", "Where does the Nile end?", "Rosetta"),
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["eval", *map(str, arguments)])


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    """Two articles of one paragraph and one question each."""
    data = [
        {
            "title": title,
            "paragraphs": [
                {
                    "context": context,
                    "qas": [{"id": title, "question": question, "answers": [{"text": answer}]}],
                }
            ],
        }
        for title, (context, question, answer) in RIVERS.items()
    ]
    path = tmp_path / "rivers.json"
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return path


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Two documents and one question, which the first of them answers."""
    folder = tmp_path / "collection"
    folder.mkdir()
    corpus = [{"id": title, "text": context} for title, (context, _, _) in RIVERS.items()]
    for name, rows in (("corpus", corpus), ("queries", [{"id": "q", "text": "Thames London"}])):
        lines = "\n".join(json.dumps(row) for row in rows)
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (folder / "qrels.tsv").write_text("q\tThames\t1\n", encoding="utf-8")
    return folder


def test_squad_layout(squad: Path) -> None:
    result = run(squad)
    assert result.exit_code == ExitCode.OK, result.output
    lines = result.stdout.splitlines()
    assert lines[:2] == ["2 documents, 2 passages", "2 questions, 2 with an answer"]
    assert "| mode | recall@1 | recall@5 | recall@10 | MRR@10 |" in lines
    assert "| hybrid | 100.0 | 100.0 | 100.0 | 100.0 |" in lines
    assert "| the first sentence holds a gold answer | 100.0 |" in lines
    assert run(squad, "--questions", 1).stdout.splitlines()[1] == "1 question, 1 with an answer"


def test_several_paths_have_headings(squad: Path, collection: Path) -> None:
    lines = run(collection, squad).stdout.splitlines()
    assert lines[0] == f"## {collection}"
    assert lines[2] == "2 documents, 1 question"
    assert "| dense | 1.000 |" in lines
    assert f"## {squad}" in lines


def test_own_questions(tmp_path: Path, embedder: DefaultEmbedder) -> None:
    index = tmp_path / "index"
    with PassageIndex.open(index, create=True, embedder=embedder) as opened:
        opened.add(SEEDS / "cxmt-ipo.txt")
    result = run(SEED_QUESTIONS, "--index", index)
    assert result.exit_code == ExitCode.OK, result.output
    assert "28 questions, 20 with an answer" in result.stdout
    assert "| answerable questions answered | 100.0 |" in result.stdout

    path = tmp_path / "unanswerable.jsonl"
    path.write_text('{"question": "Who founded CXMT?"}\n', encoding="utf-8")
    result = run(path, "--index", index)
    assert result.exit_code == ExitCode.OK, result.output
    assert "recall" not in result.stdout
    assert "| unanswerable questions refused | 100.0 |" in result.stdout


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.json", None, "is not a question set"),
        ("folder", None, "is not a question set"),
        ("text.txt", b"What?", "is not a question set"),
        ("half.json", b'{"data": [', "can't be read as a question set"),
        ("other.json", b'{"questions": []}', "the field 'data' is missing"),
        ("flat.json", b'{"data": 3}', "its layout is another"),
        ("empty.json", b'{"data": []}', "it holds no question"),
        ("plain.json.gz", b'{"data": []}', "can't be read as a question set"),
        ("short.json.gz", gzip.compress(b'{"data": []}', mtime=0)[:-9], "can't be read"),
        ("latin.json", b'{"data": "\xe9"}', "can't be read as a question set"),
        ("half.jsonl", b'{"question": "Who?"}\n{"quest', "line 2 is not JSON"),
        ("list.jsonl", b"[1, 2]", "line 1 is not a JSON object"),
        ("blank.jsonl", b'{"question": " "}', 'question 1: "question" is missing or holds no'),
        ("number.jsonl", b'{"question": "Who?", "answers": 3}', "is not a list of texts"),
        ("text.jsonl", b'{"question": "Who?", "answer": "Ada"}', 'has answers, but no "document"'),
        ("other.jsonl", b'{"question": "Who?", "reply": "Ada"}', 'no answer, but "reply"'),
        (
            "spanless.jsonl",
            b'{"question": "Who?", "answers": ["A"], "document": "tea.txt", "start": 1}',
            'question 1: it has answers, but no "end"',
        ),
        (
            "unknown.jsonl",
            b'{"question": "Who?", "answers": ["A"], "start": 0, "end": 1, "document": "x.txt"}',
            "question 1: no document and no folder is called “x.txt”",
        ),
        (
            "after.jsonl",
            b'{"question": "Who?", "answers": "A", "document": "tea.txt", "start": 9, "end": 17}',
            'question 1: "start" is 9 and "end" is 17; expected whole numbers with '
            "0 <= start < end <= 16, which is the length of “tea”",
        ),
        (
            "words.jsonl",
            b'{"question": "Who?", "answers": "A", "document": "tea", "start": "9", "end": null}',
            'question 1: "start" is "9" and "end" is null; expected whole numbers',
        ),
    ],
)
def test_a_malformed_set_is_one_line(
    tmp_path: Path, embedder: DefaultEmbedder, name: str, content: bytes | None, words: str
) -> None:
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as index:
        index.add(Document("tea", "Tea is at eight.", "tea", "/kitchen/tea.txt"))
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif name == "folder":
        path.mkdir()
    result = run(path, "--index", tmp_path / "index")
    assert result.exit_code == ExitCode.ERROR, result.output
    assert result.stderr.startswith("error: ")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_collection_that_lacks_a_file(collection: Path) -> None:
    (collection / "qrels.tsv").write_text("q Thames 1\n", encoding="utf-8")
    assert "qrels.tsv, line 1: three fields" in run(collection).stderr
    (collection / "qrels.tsv").unlink()
    assert "qrels.tsv is missing" in run(collection).stderr


def test_the_help_says_which_fields_and_options_go_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "900")
    shown = " ".join(run("--help").stdout.split())
    assert '{"question": "..."} alone for a question that nothing answers' in shown
    assert "Print JSON; only with --feedback." in shown
