"""The parser process: the same documents, and no file that can take the caller down."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from loccit.index.datatypes import Block, Document, Span
from loccit.index.errors import UnreadableDocument
from loccit.index.parsing import parse_file, worker
from loccit.index.parsing.messages import (
    decode_outcome,
    encode_outcome,
    read_message,
    write_message,
)
from loccit.index.parsing.worker import ParserProcess

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "seeds" / "cxmt-ipo.txt"


def child_of(parser: ParserProcess) -> "subprocess.Popen[bytes]":
    assert parser._process is not None
    return parser._process


def test_the_same_document_as_in_process(tmp_path: Path) -> None:
    path = tmp_path / "übung 猫.md"
    path.write_text("# Eins\n\nText – 猫 👩‍🔬\n", encoding="utf-8")
    with ParserProcess() as parser:
        assert parser._process is None  # started with the first file
        for file in (SEED, path):
            assert parser.parse(file) == parse_file(file)
        first = child_of(parser).pid
        with pytest.raises(UnreadableDocument) as caught:
            parser.parse(tmp_path / "missing.txt")
        assert caught.value.source == str(tmp_path / "missing.txt")
        assert "no such file" in caught.value.reason
        assert child_of(parser).pid == first
        process = child_of(parser)
    assert process.returncode is not None


def test_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.txt").write_text("Relative words.", encoding="utf-8")
    with ParserProcess() as parser:
        assert parser.parse(Path("here.txt")).text == "Relative words."


def test_an_unguarded_script(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "from loccit.index.parsing.worker import ParserProcess\n"
        "print('started')\n"
        "with ParserProcess() as parser:\n"
        f"    print(len(parser.parse(Path({str(SEED)!r})).headings))\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["started", "1"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe and signals")
def test_a_hang_and_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    with ParserProcess() as parser:
        parser.parse(SEED)
        os.kill(child_of(parser).pid, signal.SIGSTOP)
        with pytest.raises(UnreadableDocument, match=r"took longer than 0\.3 seconds to read"):
            parser.parse(SEED, timeout=0.3)
        assert parser.parse(SEED) == parse_file(SEED)
        os.kill(child_of(parser).pid, signal.SIGSTOP)
        before = child_of(parser)

        def crash(stream: IO[bytes], question: bytes) -> None:
            write_message(stream, question)
            os.kill(before.pid, signal.SIGSEGV)
            os.kill(before.pid, signal.SIGCONT)

        with (
            monkeypatch.context() as patch,
            pytest.raises(UnreadableDocument, match=r"the parser crashed \(signal 11\)"),
        ):
            patch.setattr(worker, "write_message", crash)
            parser.parse(SEED)
        assert parser.parse(SEED) == parse_file(SEED)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")  # reading it would wait for a writer
    with pytest.raises(UnreadableDocument, match="a pipe or a device"):
        parse_file(tmp_path / "pipe.txt")


def test_messages() -> None:
    document = Document(
        "id", "Title\n\ntext", "Title", "a.txt", (0, 3), (Block(Span(0, 5), "heading", 1),)
    )
    assert decode_outcome(encode_outcome(document), "a.txt") == document
    failed = decode_outcome(encode_outcome(UnreadableDocument("a.txt", "because")), "a.txt")
    assert isinstance(failed, UnreadableDocument)
    assert (failed.source, failed.reason) == ("a.txt", "because")
    stream = io.BytesIO()
    write_message(stream, b"one")
    write_message(stream, b"")
    stream.seek(0)
    assert [read_message(stream) for _ in range(3)] == [b"one", b"", None]
    assert read_message(io.BytesIO(b"\0\0\0\x09short")) is None
