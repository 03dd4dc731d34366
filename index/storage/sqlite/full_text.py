"""Search by words: BM25 over SQLite's FTS5, for those words of a question that tell.

A word that stands in very many passages tells little and costs most: full text ranks every
passage with any of the words. So common words are left out, by how many passages have them and
not by a list, as the language and the documents are the user's.

FTS5 makes terms of words and keeps where they stand. Scores are worked out here, by the formula of
its own `bm25`, from postings that are remembered: 2,000 questions of 100,000 passages took three
quarters of the time, and half where their words had been asked for before.
"""

from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from loccit.index.errors import DamagedIndex
from loccit.index.storage.packing import generation_from
from loccit.index.storage.sqlite.schema import TOKENIZER, Run

MAX_QUERY_TERMS = 64  # distinct terms of a question that are looked for
# Of a word in the title or a heading against one in the text. 0 to 4 were tried on validation
# questions: SQuAD's did not mind, search logs (QED) found 12 points more at rank 1 with 4.
CONTEXT_WEIGHT = 4.0
# Share of the passages in which a word is too common to be looked for. On squad_validation and a
# tenth of QED 0.3 moves recall@1 by -0.3 and 0.1 points, 0.2 by -1.2 and 0.1, 0.1 by -2.4 and -0.5.
COMMON = 0.3
ALWAYS_RANKED = 1_000  # passages that are ranked in no time, however common their word
# Passages that all words together may have: the rarest words come first. Of 55,000 passages and
# 2,000 questions of four sets, hybrid search finds as many in the first ten with 20,000 as with
# 50,000 (within 0.2 points on each), in three quarters of the time; 10,000 loses 1.2 on one.
MAX_RANKED = 20_000
# Passages whose lengths are looked up, those that score best if all are of average length. Of
# 100,000 made-up passages and 1,000 questions the first ten are those that ranking all finds, and
# 99.8% of the first hundred; with 300 all but one of the 10,000, and 99.3%.
SHORTLIST = 500
K1 = 1.2  # of BM25, as FTS5 has them: how soon a further occurrence adds nothing,
B = 0.75  # and how much a passage's length counts
NEWER = 1 << 20  # keys by which one may be higher than the last of a moment before
_KEPT_TERMS = 512  # whose postings are remembered: at most 12 * MAX_RANKED bytes each


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages with a term: ascending keys ``(n,) int64``, weighted counts ``(n,) float32``."""

    keys: NDArray[np.int64]
    counts: NDArray[np.float32]

    def counts_in(self, keys: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the counts in the passages of some keys, 0 where the term is missing."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.float32)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, self.counts[places], np.float32(0))


@dataclass(frozen=True, slots=True)
class _Statistics:
    """Of the passages of a generation: how many have each term, how many there are, how long."""

    generation: int
    num_passages: int
    average_length: float  # terms
    last_key: int  # that any passage has had
    frequencies: dict[str, int]  # grows as terms are asked for


class FullText:
    """Search by words on a catalogue's connection; may be shared by threads."""

    def __init__(self, run: Run) -> None:
        """Store ``run``, which executes a statement on the catalogue and returns all rows."""
        self._run = run
        self._tokenizer = _Tokenizer()
        self._lock = threading.Lock()
        self._statistics = _Statistics(-1, 0, 1.0, 0, {})
        self._postings = lru_cache(_KEPT_TERMS)(self._find_postings)

    def close(self) -> None:
        """Free what the tokenizer holds."""
        self._tokenizer.close()

    def search(self, question: str, depth: int, only: Sequence[int] | None = None) -> list[int]:
        """Return the keys of passages with words of the question, best BM25 first.

        A question is words and nothing else: quotes, stars, NEAR and brackets have no meaning.

        Args:
            question: what is asked.
            depth: the most keys to return.
            only: the keys that may be returned; None is all.
        """
        terms = self._tokenizer.terms(question)[:MAX_QUERY_TERMS]
        try:
            return self._best(terms, depth, only) if terms else []
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            raise DamagedIndex(
                f"the index is damaged here (full text: {error}): run `loccit doctor --repair`"
            ) from error

    def _best(self, terms: Collection[str], depth: int, only: Sequence[int] | None) -> list[int]:
        statistics, frequencies = self._count(terms)
        found = [
            (
                _idf(frequencies[term], statistics.num_passages),
                self._postings(term, statistics.generation),
            )
            for term in telling_terms(frequencies, statistics.num_passages)
        ]
        limit = statistics.last_key + NEWER
        if any(len(p.keys) and not 0 < p.keys[0] <= p.keys[-1] < limit for _, p in found):
            raise ValueError("it names passages that never were")
        keys, lengths = self._lengths(_shortlist(found, max(depth, SHORTLIST), only))
        norms = K1 * (1 - B + B * lengths / statistics.average_length)
        scores = np.zeros(len(keys))
        for idf, postings in found:
            counts = postings.counts_in(keys).astype(float)
            scores += idf * (counts * (K1 + 1) / (counts + norms))
        best: list[int] = keys[np.lexsort((keys, -scores))[:depth]].tolist()
        return best

    def problem(self) -> str | None:
        """Return what is wrong with the full text, or None."""
        try:
            self._run("INSERT INTO fulltext (fulltext) VALUES ('integrity-check')", ())
            ((count,),) = self._run(
                """SELECT count(*) FROM (SELECT key FROM passages EXCEPT SELECT rowid FROM fulltext)
                   UNION ALL
                   SELECT count(*) FROM (SELECT rowid FROM fulltext EXCEPT SELECT key FROM passages)
                   ORDER BY 1 DESC LIMIT 1""",
                (),
            )
        except DamagedIndex as error:
            return str(error)
        return f"{count} passages are missing or too many" if count else None

    def _find_postings(self, term: str, generation: int) -> Postings:
        """Return where a term stands; ``generation`` ages the memory."""
        # As one text: a row for each place takes three times as long, and holds other threads up.
        ((places,),) = self._run(
            "SELECT group_concat(2 * doc + (col = 'context')) FROM temp.instances WHERE term = ?",
            (term,),
        )
        keys, in_context = np.divmod(np.fromstring(places or "", dtype=np.int64, sep=","), 2)
        starts = np.flatnonzero(np.diff(keys, prepend=-1))  # places come in the order of keys
        if not len(starts):
            return Postings(keys, np.empty(0, dtype=np.float32))
        weights = np.where(in_context, np.float32(CONTEXT_WEIGHT), np.float32(1))
        return Postings(keys[starts], np.add.reduceat(weights, starts))

    def _lengths(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the passages' keys and lengths in terms; those that are gone are left out."""
        rows = self._run(
            """SELECT id, sz FROM fulltext_docsize
               WHERE id IN (SELECT value FROM json_each(?))""",
            (json.dumps(keys.tolist()),),
        )
        lengths = [sum(_varints(sizes)) for _, sizes in rows]
        return np.array([key for key, _ in rows], dtype=np.int64), np.array(lengths, dtype=float)

    def _count(self, terms: Collection[str]) -> tuple[_Statistics, dict[str, int]]:
        """Return the statistics of all passages, and how many have each of the terms."""
        with self._lock:
            ((stored,),) = self._run("SELECT value FROM meta WHERE name = 'generation'", ())
            generation = generation_from(stored)
            if generation != self._statistics.generation:
                self._statistics = self._read_statistics(generation)
            frequencies = self._statistics.frequencies
            if missing := [term for term in terms if term not in frequencies]:
                rows = self._run(
                    """SELECT term, doc FROM temp.words
                       WHERE term IN (SELECT value FROM json_each(?))""",
                    (json.dumps(missing),),
                )
                frequencies.update({**dict.fromkeys(missing, 0), **dict(rows)})
            return self._statistics, {term: frequencies[term] for term in terms}

    def _read_statistics(self, generation: int) -> _Statistics:
        # FTS5's record of totals: the number of rows, then of terms in each column.
        ((block, last_key),) = self._run(
            """SELECT block, (SELECT seq FROM sqlite_sequence WHERE name = 'passages')
               FROM fulltext_data WHERE id = 1""",
            (),
        )
        num_passages, *lengths = _varints(block) or [0]
        return _Statistics(
            generation,
            num_passages,
            max(1, sum(lengths)) / max(1, num_passages),
            int(last_key or 0),
            {},
        )


def telling_terms(frequencies: Mapping[str, int], num_passages: int) -> list[str]:
    """Return the terms to look for, the rarest first; always at least one.

    Args:
        frequencies: in how many passages each term stands.
        num_passages: how many there are.
    """
    common = max(COMMON * num_passages, ALWAYS_RANKED)
    kept: list[str] = []
    ranked = 0
    for term in sorted(frequencies, key=lambda term: frequencies[term]):
        ranked += frequencies[term]
        if kept and (frequencies[term] > common or ranked > MAX_RANKED):
            break
        kept.append(term)
    return kept


def _shortlist(
    found: Collection[tuple[float, Postings]], size: int, only: Sequence[int] | None
) -> NDArray[np.int64]:
    """Return the keys of the passages that score best, each as if of average length, in no order.

    ``found`` are the terms' idf and postings.
    """
    last = max((int(p.keys[-1]) for _, p in found if len(p.keys)), default=0)
    sums = np.zeros(last + 1, dtype=np.float32)
    for idf, postings in found:
        sums[postings.keys] += idf * postings.counts / (postings.counts + np.float32(K1))
    if only is not None:
        allowed = np.asarray(only, dtype=np.int64)
        allowed = allowed[allowed <= last]
        candidates = allowed[sums[allowed] > 0]
    else:
        candidates = np.flatnonzero(sums)
    if len(candidates) > size:
        candidates = candidates[np.argpartition(-sums[candidates], size)[:size]]
    return candidates


def _idf(frequency: int, num_passages: int) -> float:
    """Return a term's weight in FTS5's bm25, which is never quite nothing."""
    without = max(0, num_passages - frequency)  # fewer than none where one was added meanwhile
    return max(1e-6, math.log((without + 0.5) / (frequency + 0.5)))


def _varints(block: bytes) -> list[int]:
    """Read SQLite's integers of up to eight bytes: seven bits each, the high one says "more"."""
    numbers = []
    number = 0
    for byte in block:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(number)
            number = 0
    return numbers


class _Tokenizer:
    """Makes terms of a text as the catalogue's full text does: by an FTS5 table of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.executescript(
            f"""CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = '{TOKENIZER}');
                CREATE VIRTUAL TABLE terms USING fts5vocab(texts, instance);"""
        )

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def terms(self, text: str) -> list[str]:
        """Return the distinct terms of a text in order."""
        whole = text.encode("utf-8", "replace").decode("utf-8")  # without lone surrogates
        with self._lock:
            self._connection.execute("INSERT INTO texts VALUES (?)", (whole,))
            rows = self._connection.execute("SELECT term FROM terms ORDER BY offset").fetchall()
            self._connection.execute("DELETE FROM texts")
        return list(dict.fromkeys(term for (term,) in rows))
