"""Damages an index again and again, and compares what is then said with the true documents.

    python tests/damaging.py --rounds 1000

Each round flips a bit, zeroes a page or cuts a file off, in one file of a copy of an index with
conversations. Then it asks, searches, lists, checks, copies, repairs, and asks again. It counts
wrong quotes, errors that are not told in a sentence, and damage to what can be cited that `doctor`
did not find. A round depends on its number alone: ``--first`` goes on from there.

The tests do some of them.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parsing_fixtures import new_pdf, pdf_bytes, pdf_heading, pdf_lines

from loccit.index.datatypes import Document, Hit
from loccit.index.errors import LoccitError
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.models.embedder import Embedder
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.backup import back_up
from loccit.index.storage.integrity import check_index, repair_index
from loccit.index.storage.sqlite.catalogue import FILE_NAME
from loccit.qa.assistant import Assistant
from loccit.qa.conversation.store import FILE_NAME as CONVERSATIONS
from loccit.qa.conversation.store import Conversations
from loccit.qa.datatypes import Answer, Support
from loccit.qa.reading.reader import open_reader
from loccit.qa.reading.sentences import Reader

logger = logging.getLogger(__name__)

PAGE = 4096  # bytes of a database's page
SECONDS = 120  # that one step may take
LOG = f"{FILE_NAME}-wal"
# How often which file is damaged. The log is there where the index was not closed.
FILES = {FILE_NAME: 12, CONVERSATIONS: 4, "vectors.faiss": 2, "writer.txt": 1, LOG: 1}
KINDS = {"flip": 6, "page": 3, "cut": 2}
PLACES = ("mill", "harbour", "school", "bakery", "station", "museum", "bridge", "orchard")
# What is cited or shown, and not derived.
CITED = (
    "SELECT doc_id, text, title, page_starts, blocks, emphasis, hidden, recognised_pages, digests"
    " FROM documents ORDER BY doc_id",
    "SELECT * FROM sources ORDER BY source",
    "SELECT * FROM page_lines ORDER BY doc_id, page",
    'SELECT key, passage_id, doc_id, start, "end", heading, blocks, digest FROM passages'
    " ORDER BY key",
    "SELECT rowid, text, context FROM fulltext ORDER BY rowid",
)
KEPT = ("SELECT number, question, completed, answer, surroundings, documents FROM turns",)


@dataclass(frozen=True, slots=True)
class Made:
    """A sound index in a folder, and what is true of it."""

    folder: Path
    documents: Mapping[str, Document]
    kept: Mapping[str, Answer]  # by the id of the conversation
    model: Embedder
    reader: Reader


@dataclass(slots=True)
class Counts:
    """What is counted over all rounds."""

    rounds: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def rent(number: int) -> str:
    """Return what a document says."""
    return (
        f"The rent of the {PLACES[number]} is {2399 + 137 * number} pounds a month. "
        f"It was built in {1850 + 7 * number} and has {12 + number} rooms."
    )


def question(number: int) -> str:
    """Return what is asked of a document."""
    return f"What is the rent of the {PLACES[number]}?"


def make(place: Path, model: Embedder, reader: Reader) -> Made:
    """Make files of several formats, their index, and conversations about them."""
    files, folder = place / "files", place / "index"
    files.mkdir()
    for number, name in enumerate(PLACES):
        if number < 2:
            pdf = new_pdf()
            pdf.add_page()
            pdf_heading(pdf, f"About the {name}", 16)
            pdf_lines(pdf, *rent(number).split(". "))
            (files / f"{name}.pdf").write_bytes(pdf_bytes(pdf))
        else:
            text = f"# About the {name}\n\n{rent(number)}\n\n- one\n- *two*\n"
            (files / f"{name}.md").write_text(text * (1 + number % 3), encoding="utf-8")
    with PassageIndex.open(folder, create=True, embedder=model) as index:
        index.add(files)
        index.search("rent")  # loads the vectors, which are kept when it is closed
        documents = dict(index.documents)
        kept = {}
        with Conversations.open(folder, create=True) as conversations:
            for number in range(len(PLACES)):
                answer = Assistant(index, reader).ask(question(number))
                now = datetime(2026, 1, 1, tzinfo=UTC)
                conversation = conversations.create(question(number), at=now)
                conversations.add_turn(conversation, question(number), answer, index, at=now)
                kept[conversation] = answer
        index._store.keep_vectors(model.dimension)
        for name in (FILE_NAME, LOG):  # as a kill would leave them
            shutil.copy(folder / name, place / name)
    return Made(folder, documents, kept, model, reader)


def damage(folder: Path, rng: random.Random) -> tuple[str, str]:
    """Damage a file; return its name and what was done."""
    names = [name for name in FILES if (folder / name).exists()]
    name = rng.choices(names, [FILES[name] for name in names])[0]
    (kind,) = rng.choices(list(KINDS), list(KINDS.values()))
    data = bytearray((folder / name).read_bytes())
    place = rng.randrange(len(data))
    if kind == "flip":
        data[place] ^= 1 << rng.randrange(8)
    elif kind == "page":
        start = place - place % PAGE
        data[start : start + PAGE] = bytes(len(data[start : start + PAGE]))
    else:
        del data[place:]
    (folder / name).write_bytes(data)
    return name, f"{kind} at {place} of {name}"


def round_of(made: Made, number: int, place: Path, counts: Counts) -> None:
    """Damage a copy, and count what it leads to."""
    rng = random.Random(number)
    folder = place / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made.folder, folder)
    if is_open := rng.random() < 0.3:
        for name in (FILE_NAME, LOG):
            shutil.copy(made.folder.parent / name, folder / name)
    name, what = damage(folder, rng)
    counts.rounds += 1
    counts.seen[f"{what.split()[0]} of {name}"] += 1
    asked = rng.randrange(len(PLACES))
    step = _Step(counts, f"round {number}, {what}")
    is_changed = _cited(folder) != _cited(made.folder)
    for told in ("before", "after"):
        step.run(f"ask {told} repair", lambda: _ask(made, folder, asked))
        step.run(f"search {told} repair", lambda: _search(made, folder, asked))
        step.run(f"list {told} repair", lambda: _list(made, folder))
        step.run(f"conversations {told} repair", lambda: _read(made, folder))
        sound = step.run("doctor", lambda: _doctor(folder)) == []
        if told == "before":
            if is_changed and sound and name != LOG:
                step.count("not found by doctor")
            copied = step.run("backup", lambda: _back_up(folder, place)) == []
            if copied and is_changed and name != LOG:
                step.count("copied with its damage")
            step.run("repair", lambda: _repair(made, folder))
            counts.seen["damage of what is cited"] += is_changed
        else:
            counts.seen["sound after repair"] += sound
            if not sound:
                counts.seen["told after repair"] += 1
    if is_open and name == LOG:
        counts.seen["newest changes gone with the log"] += is_changed


@dataclass(frozen=True, slots=True)
class _Step:
    """Runs steps of a round, and counts what is wrong in them."""

    counts: Counts
    where: str

    def run(self, name: str, step: Callable[[], list[str]]) -> list[str] | None:
        """Return what a step found wrong; None where it was refused with a sentence."""
        try:
            with _in_time():
                found = step()
        except LoccitError as error:
            self.counts.seen[f"refused: {name}"] += 1
            logger.info("%s: refused: %s: %s", self.where, name, error)
            if "\n" in str(error):
                self.count(f"told in several lines by {name}: {error}")
            return None
        except Exception:  # noqa: BLE001 - it is what is counted
            self.count(f"traceback in {name}: {traceback.format_exc()}")
            return None
        if name != "doctor":
            for wrong in found:
                self.count(f"wrong in {name}: {wrong}")
        return found

    def count(self, what: str) -> None:
        """Count something that is wrong."""
        self.counts.wrong.append(f"{self.where}: {what}")


@contextmanager
def _in_time() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"it took {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _ask(made: Made, folder: Path, number: int) -> list[str]:
    with PassageIndex.open(folder, embedder=made.model) as index:
        answer = Assistant(index, made.reader).ask(question(number))
    return _wrong(answer, made)


def _search(made: Made, folder: Path, number: int) -> list[str]:
    with PassageIndex.open(folder, embedder=made.model) as index:
        return _wrong_hits(index.search(question(number), 9), made)


def _list(made: Made, folder: Path) -> list[str]:
    with PassageIndex.open(folder, embedder=made.model) as index:
        index.summaries()
        index.failures()
    return []


def _read(made: Made, folder: Path) -> list[str]:
    """Compare the conversations with what was said."""
    wrong = []
    with (
        PassageIndex.open(folder, embedder=made.model) as index,
        Conversations.open(folder) as kept,
    ):
        there = {summary.conversation_id for summary in kept.summaries()}
        for conversation in made.kept.keys() & there:
            for turn in kept.read(conversation, index).turns:
                said = made.kept[conversation]
                if turn.answer is None:
                    continue
                wrong += _wrong_citations(turn.answer, made)
                if turn.answer.sentences != said.sentences:
                    wrong.append(f"said {turn.answer.text!r}, not {said.text!r}")
    return wrong


def _doctor(folder: Path) -> list[str]:
    """Return what is found, in all files."""
    found = [f"{f.name}: {f.detail}" for f in check_index(folder) if not f.is_sound]
    try:
        with Conversations.open(folder) as kept:
            problem = kept.problem()
    except LoccitError as error:
        problem = str(error)
    return found + ([problem] if problem else [])


def _back_up(folder: Path, place: Path) -> list[str]:
    copy = place / "copy"
    copy.unlink(missing_ok=True)
    if any(line for line in _doctor_of_conversations(folder)):
        raise LoccitError("as the command does")
    back_up(folder, copy, beside=[CONVERSATIONS])
    return []


def _doctor_of_conversations(folder: Path) -> list[str]:
    with Conversations.open(folder) as kept:
        problem = kept.problem()
    return [problem] if problem else []


def _repair(made: Made, folder: Path) -> list[str]:
    findings = check_index(folder)
    if not all(finding.is_sound for finding in findings):
        repair_index(folder, findings, made.model)
    return []


def _wrong(answer: Answer, made: Made) -> list[str]:
    quotes = {c.marker: c.quote for c in answer.citations if c.support is Support.EXACT}
    wrong = [
        f"a sentence without an exact quote: {sentence.text!r}"
        for sentence in answer.sentences
        if sentence.text != quotes.get(sentence.markers[0])
    ]
    return wrong + _wrong_citations(answer, made) + _wrong_hits(answer.hits, made)


def _wrong_citations(answer: Answer, made: Made) -> list[str]:
    wrong = []
    for citation in answer.citations:
        document = made.documents.get(citation.doc_id)
        if citation.support is not Support.EXACT:
            continue
        span = citation.span
        at = citation.answer or span
        if document is None or (
            (citation.quote, citation.title, citation.source, citation.page)
            != (
                document.text[span.start : span.end],
                document.title,
                document.source,
                document.page_of(at.start),
            )
        ):
            wrong.append(f"an exact quote: {citation}")
    return wrong


def _wrong_hits(hits: Sequence[Hit], made: Made) -> list[str]:
    wrong = []
    for hit in hits:
        passage, document = hit.passage, made.documents.get(hit.passage.doc_id)
        if document is None or (passage.text, passage.title) != (
            document.text[passage.span.start : passage.span.end],
            document.title,
        ):
            wrong.append(f"a passage: {passage}")
    return wrong


def _cited(folder: Path) -> list[Any]:
    """Return all that can be cited, byte for byte, as far as it can be read."""
    rows: list[Any] = []
    with tempfile.TemporaryDirectory() as place:
        for name, statements in ((FILE_NAME, CITED), (CONVERSATIONS, KEPT)):
            for part in (name, f"{name}-wal"):
                if (folder / part).exists():
                    shutil.copy(folder / part, place)
            for statement in statements:
                with closing(sqlite3.connect(Path(place) / name)) as connection:
                    connection.text_factory = bytes
                    try:
                        rows.append(connection.execute(statement).fetchall())
                    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                        rows.append(str(error))
    return rows


def run(rounds: Sequence[int], place: Path, model: Embedder, reader: Reader) -> Counts:
    """Make an index, and do some rounds."""
    made = make(place, model, reader)
    counts = Counts()
    for number in rounds:
        before = len(counts.wrong)
        round_of(made, number, place, counts)
        for wrong in counts.wrong[before:]:
            print(wrong, flush=True)
        if counts.rounds % 50 == 0:
            print(f"{number}: {counts.rounds} rounds, {len(counts.wrong)} wrong", flush=True)
    return counts


def main() -> None:
    """Do the rounds and tell the counts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first round")
    parser.add_argument("--log", help="a file for all that was told")
    options = parser.parse_args()
    logging.basicConfig(filename=options.log, level=logging.INFO if options.log else logging.ERROR)
    model = DefaultEmbedder()
    numbers = range(options.first, options.first + options.rounds)
    with tempfile.TemporaryDirectory() as place:
        counts = run(numbers, Path(place), model, open_reader(model))
    print(json.dumps(dict(sorted(counts.seen.items())), indent=1))
    print(f"{counts.rounds} rounds, {len(counts.wrong)} wrong")
    sys.exit(bool(counts.wrong))


if __name__ == "__main__":
    main()
