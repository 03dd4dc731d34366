"""The Python API says what is wrong with its arguments, and stores nothing that can't be found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import loccit
from loccit.index.datatypes import Block, HiddenText, Span

RENT = "The rent of the mill is 900 euros."
Change = Callable[[NDArray[np.float32]], Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(RENT, encoding="utf-8")
    return path


@pytest.fixture
def index(tmp_path: Path, file: Path, shared_model: None) -> Iterator[loccit.PassageIndex]:
    with loccit.open(tmp_path / "index") as opened:
        opened.add(file)
        yield opened


class Model:
    """An embedder whose unit rows are changed before they are given."""

    name, fingerprint, dimension, window = "model", "one", 4, 50

    def __init__(self, change: Change) -> None:
        self.change = change

    def embed(self, texts: Sequence[str], kind: str) -> Any:
        rows = np.zeros((len(texts), 4), dtype=np.float32)
        rows[:, 0] = 1
        return self.change(rows)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: np.pad(rows, ((0, 0), (0, 1))), r"gave \(1, 5\) vectors, not \(1, 4\)"),
        (lambda rows: rows[:-1], r"gave \(0, 4\) vectors, not \(1, 4\)"),
        (lambda rows: rows[0], r"gave \(4,\) vectors"),
        (lambda rows: rows * np.nan, "a vector of length nan, not 1, for “lease"),
        (lambda rows: rows * 0, "a vector of length 0, not 1"),
        (lambda rows: rows * 9, "a vector of length 9, not 1"),
        (lambda rows: None, "gave"),
    ],
)
def test_what_a_model_must_not_give_is_not_stored(
    tmp_path: Path, file: Path, change: Change, message: str
) -> None:
    with loccit.open(tmp_path / "index", embedder=Model(change)) as index:
        with pytest.raises(loccit.LoccitError, match=message):
            index.add(file)
        assert dict(index.documents) == {}


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows.tolist(), lambda rows: rows.astype("f8"), lambda rows: rows * 1.001],
)
def test_rows_of_other_types_do(tmp_path: Path, file: Path, change: Change) -> None:
    with loccit.open(tmp_path / "index", embedder=Model(change)) as index:
        index.add(file)
        assert [hit.passage.text for hit in index.search("mill")] == [RENT]


def test_a_model_that_turns_wrong_is_told_when_asked(tmp_path: Path, file: Path) -> None:
    model = Model(lambda rows: rows)
    with loccit.open(tmp_path / "index", embedder=model) as index:
        index.add(file)
        model.change = lambda rows: rows * np.nan
        with pytest.raises(loccit.LoccitError, match="length nan"):
            index.search("mill")


@pytest.mark.parametrize("named", ["lease.txt", Path("lease.txt"), ["lease.txt"], "id", "path"])
def test_documents_are_named_by_one_name_or_several(
    index: loccit.PassageIndex, file: Path, named: Any
) -> None:
    (doc_id,) = index.documents
    documents = {"id": doc_id, "path": file}.get(named, named) if isinstance(named, str) else named
    assert loccit.Assistant(index).ask("What is the rent?", documents=documents).answered
    assert [h.passage.doc_id for h in index.search("rent", documents=documents)] == [doc_id]


def test_what_can_be_gone_through_once_is_enough(index: loccit.PassageIndex, file: Path) -> None:
    assistant = loccit.Assistant(index)
    questions = ["What is the rent?", "Who is the queen of Spain?"]
    answers = assistant.ask_many(iter(questions), documents=iter([file]))
    assert [answer.question for answer in answers] == questions
    assert len(index.search_many(iter(questions))) == 2
    assert [o.status for o in index.add(path for path in [file]).outcomes] == ["skipped"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((None,), TypeError, "a question is text, not None"),
        ((b"rent",), TypeError, "a question is text, not b'rent'"),
        (("rent \ud800",), ValueError, r"half of a character at 5: '\\ud800'"),
        (("rent", 2.5), TypeError, "k is a whole number, not 2.5"),
        (("rent", "3"), TypeError, "k is a whole number, not '3'"),
    ],
)
def test_questions(
    index: loccit.PassageIndex, arguments: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        index.search(*arguments)


def test_a_question_is_no_list_of_questions(index: loccit.PassageIndex) -> None:
    assistant = loccit.Assistant(index)
    for ask in (assistant.ask_many, index.search_many):
        with pytest.raises(TypeError, match="one question was given"):
            ask("rent")


@pytest.mark.parametrize("item", [3, None, b"lease.txt", [None]])
def test_paths(index: loccit.PassageIndex, item: Any) -> None:
    with pytest.raises(TypeError, match="named by a path, not by"):
        index.add(item)


def test_an_empty_path_is_not_the_current_folder(index: loccit.PassageIndex) -> None:
    for empty in ("", [""]):
        with pytest.raises(ValueError, match="a path is empty"):
            index.add(empty)
    with pytest.raises(ValueError, match="a path is empty"):
        loccit.open("")


@pytest.mark.parametrize(
    ("document", "error", "message"),
    [
        (("", RENT, "t", "s"), ValueError, "doc_id of the document is empty"),
        (("d", None, "t", "s"), TypeError, "the text of a document is text, not None"),
        (("d", b"rent", "t", "s"), TypeError, "the text of a document is text, not b'rent'"),
        (("d", "rent \udfff", "t", "s"), ValueError, "the text of the document has half of"),
        (("d", RENT, "t\ud800", "s"), ValueError, "the title of the document has half of"),
        (("d", RENT, "t", "s\ud800"), ValueError, "the source of the document has half of"),
        (("d", RENT, "t", "s", (3,)), ValueError, "the first page begins at 0, not at 3"),
        (("d", RENT, "t", "s", (0, 9, 5)), ValueError, "the page_starts do not lie in order"),
        (("d", RENT, "t", "s", (0, 99)), ValueError, "the page_starts do not lie in order"),
        (
            ("d", RENT, "t", "s", (), (Block(Span(0, 99), "paragraph"),)),
            ValueError,
            "the blocks do not lie in order within the text of 34",
        ),
        (
            ("d", RENT, "t", "s", (), (), (), (), (HiddenText(99, "x", "struck"),)),
            ValueError,
            "the hidden ends at 99, after the text of 34",
        ),
    ],
)
def test_documents_made_by_a_program(
    index: loccit.PassageIndex, document: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        index.add(loccit.Document(*document))
    assert len(index.documents) == 1


def test_a_document_without_text_fails_as_a_file_does(index: loccit.PassageIndex) -> None:
    for text in ("", " \n"):
        (outcome,) = index.add(loccit.Document("d", text, "t", "s")).outcomes
        assert (outcome.status, outcome.reason) == ("failed", "the document holds no text")


def test_an_id_stands_for_one_document(index: loccit.PassageIndex) -> None:
    index.add(loccit.Document("d", RENT, "t", "s"))
    assert index.add(loccit.Document("d", RENT, "t", "s")).outcomes[0].status == "skipped"
    with pytest.raises(ValueError, match="the index has another document with the id “d”"):
        index.add(loccit.Document("d", "The rent is 950 euros.", "t", "s"))


def test_a_file_is_no_folder_for_an_index(file: Path) -> None:
    with pytest.raises(loccit.IndexNotFound, match="is a file: an index has a folder of its own"):
        loccit.open(file)
    with pytest.raises(loccit.NotWritten, match="can't be made"):
        loccit.open(file / "index")


def test_what_answers_and_what_is_asked(index: loccit.PassageIndex, tmp_path: Path) -> None:
    for wrong in (tmp_path, None):
        with pytest.raises(
            TypeError, match=r"an assistant takes an open index, not .*loccit\.open"
        ):
            loccit.Assistant(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"a reader is an id, a path or an object with \.read"):
        loccit.Assistant(index, reader=3)  # type: ignore[arg-type]


def test_a_closed_index_says_so(tmp_path: Path, file: Path, shared_model: None) -> None:
    index = loccit.open(tmp_path / "index")
    index.add(file)
    assistant = loccit.Assistant(index)
    index.close()
    index.close()
    uses: list[Callable[[], object]] = [
        lambda: index.search("rent"),
        lambda: assistant.ask("What is the rent?"),
        lambda: index.add(file),
        lambda: index.sync(tmp_path),
        lambda: index.remove("d"),
        lambda: list(index.documents),
        index.summaries,
        index.warm_up,
    ]
    for use in uses:
        with pytest.raises(loccit.IndexNotOpen, match="the index is closed: open it again"):
            use()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked there")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_fork_opens_its_own(index: loccit.PassageIndex, file: Path) -> None:
    index.search("rent")  # threads and connections are there
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # answers by the pipe, since nothing of pytest may go on here
        said = []
        for use in (lambda: index.search("rent"), lambda: index.add(file), index.close):
            try:
                use()
                said.append("done")
            except loccit.IndexNotOpen as error:
                said.append(str(error))
        os.write(write, "|".join(said).encode())
        os._exit(0)
    os.close(write)
    assert os.waitpid(child, 0)[1] == 0
    told = "the index was opened before this process was forked: open it again in this one"
    assert os.read(read, 1000).decode() == f"{told}|{told}|done"
    os.close(read)
    assert [hit.passage.text for hit in index.search("rent")] == [RENT]
