"""Kills a process that changes an index, again and again, and compares what is left with what it
was told is stored.

    python tests/crashing.py --kills 300

The tests do 30 of them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loccit.index.datatypes import Document
from loccit.index.ingestion.identity import doc_id_of_bytes
from loccit.index.ingestion.splitting import split
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.integrity import check_index

DIMENSION = 16
SOURCES = 12  # names that documents come under
CHANGES = 20  # fewer are made before the kill
LONGEST = 0.02  # seconds into what follows them
_WORDS = ["lease", "rent", "clause", "notice", "term", "party", "court", "letter", "price", "day"]

State = dict[str, str]  # texts by source


class Hashing:
    """An embedder that takes no time, so that the kills fall on the writing."""

    name = "hashing"
    fingerprint = "test:hashing"
    dimension = DIMENSION
    window = 200

    def embed(self, texts: Sequence[str], kind: Any) -> NDArray[np.float32]:
        """Return unit rows that follow from the texts."""
        seeds = [int(hashlib.sha256(text.encode()).hexdigest()[:16], 16) for text in texts]
        rows = [np.random.default_rng(seed).normal(size=DIMENSION) for seed in seeds]
        rows = [row / np.linalg.norm(row) for row in rows]
        return np.array(rows, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words."""
        return [len(text.split()) for text in texts]


def document(source: str, text: str) -> Document:
    """Return a document whose id follows from its text and its name."""
    return Document(doc_id_of_bytes(f"{source}\n{text}".encode()), text, source, source)


def change(folder: Path, seed: int) -> None:
    """Change an index for ever; says each change before it is made and after."""
    rng = random.Random(seed)
    with PassageIndex.open(folder, create=True, embedder=Hashing()) as index:
        print("ready", flush=True)
        while True:
            source = f"source {rng.randrange(SOURCES)}"
            text = " ".join(rng.choices(_WORDS, k=rng.randrange(5, 600)))
            stored = {d.source: d.doc_id for d in index.documents.values()}
            is_removal = source in stored and rng.random() < 0.4
            print(json.dumps([source, None if is_removal else text]), flush=True)
            if is_removal:
                index.remove(stored[source])
            else:
                index.add(document(source, text))
            if rng.random() < 0.2:
                index.search("lease", 3)  # loads the vectors
            if rng.random() < 0.1:
                index._store.derived(DIMENSION).keep()
            print("done", flush=True)


def kill_once(folder: Path, state: State, seed: int) -> State:
    """Start a process, kill it, and return the state after it, which was checked."""
    rng = random.Random(seed)
    command = [sys.executable, __file__, "--child", str(folder), "--seed", str(seed)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n", "the process did not start"
    lines = []
    for _ in range(rng.randrange(CHANGES)):  # in whatever time that takes
        lines += [child.stdout.readline(), child.stdout.readline()]
    time.sleep(rng.random() * LONGEST)
    child.send_signal(signal.SIGKILL)
    lines += child.communicate()[0].splitlines(keepends=True)
    lines = [line for line in lines if line.endswith("\n")]
    before = dict(state)
    for number, line in enumerate(lines):
        if line == "done\n":
            continue
        source, text = json.loads(line)
        acknowledged = lines[number + 1 : number + 2] == ["done\n"]
        before = dict(state)
        if text is None:
            state.pop(source)
        else:
            state[source] = text
        if acknowledged:
            before = dict(state)
    return check(folder, before, state)


def check(folder: Path, before: State, after: State) -> State:
    """Return which of two states the index is in; fails if it is in neither or not sound."""
    wrong = [finding for finding in check_index(folder) if not finding.is_sound]
    assert not wrong, wrong
    model = Hashing()
    with PassageIndex.open(folder, embedder=model) as index:
        documents = list(index.documents.values())
        found = {d.source: d.text for d in documents}
        assert found in (before, after), "neither what was acknowledged nor one change more"
        assert len(found) == len(documents)
        assert [d.doc_id for d in documents] == [document(s, found[s]).doc_id for s in found]
        for stored in documents:
            passages = index.passages(stored.doc_id)
            assert passages == split(stored, model.count_tokens, max_tokens=160)
            rows = model.embed([p.text_in_context for p in passages], "passage")
            hits = index.search(passages[0].text, 1, mode="lexical", documents=[stored.doc_id])
            assert [hit.passage.doc_id for hit in hits] == [stored.doc_id]
            keys = index._store.keys_of([stored.doc_id])
            _, saved = index._store.vectors.of_keys(DIMENSION, keys)
            assert np.array_equal(np.sort(rows, axis=0), np.sort(saved, axis=0))
        derived = index._store.derived(DIMENSION).current()
        assert sorted(derived.keys()) == index._store.vectors.keys().tolist()
    return found


def main() -> None:
    """Kill, or be the one that is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", type=Path)
    options = parser.parse_args()
    if options.child:
        change(options.child, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        state: State = {}
        for number in range(options.kills):
            state = kill_once(Path(folder) / "i", state, options.seed + number)
        print(f"{options.kills} kills, nothing lost, {len(state)} documents at the end")


if __name__ == "__main__":
    main()
