"""Search by words: SQLite's FTS5 ranks passages by BM25 for those words of a question that tell.

A word that stands in very many passages tells little and costs most: full text ranks every
passage with any of the words. So common words are left out, by how many passages have them and
not by a list, as the language and the documents are the user's.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.schema import TOKENIZER, Run, scope_condition

MAX_QUERY_WORDS = 64  # distinct words of a question that are looked for
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
# Passages that BM25 is worked out for, those whose words' idf sums highest: summing takes a tenth
# of the time. On the 2,000 questions above full text and hybrid search find as many with it, within
# 0.2 points; of 100,000 made-up passages it misses one in 2,000 of the first ten of ranking all.
SHORTLIST = 500
_KEPT_WORDS = 256  # whose passages are remembered: at most 8 * MAX_RANKED bytes each

_WORD = re.compile(r"[^\W_]+")


class FullText:
    """Search by words on a catalogue's connection; may be shared by threads."""

    def __init__(self, run: Run) -> None:
        """Store ``run``, which executes a statement on the catalogue and returns all rows."""
        self._run = run
        self._tokenizer = _Tokenizer()
        self._lock = threading.Lock()
        self._generation = -1
        self._num_passages = 0
        self._frequencies: dict[str, int] = {}  # of terms, in the passages of the generation
        self._keys_with = lru_cache(_KEPT_WORDS)(self._find_keys_with)

    def close(self) -> None:
        """Free what the tokenizer holds."""
        self._tokenizer.close()

    def search(
        self, question: str, depth: int, documents: Collection[str] | None = None
    ) -> list[int]:
        """Return the keys of passages with words of the question, best BM25 first."""
        words = words_of(question)
        if not words:
            return []
        frequencies, num_passages, generation = self._count(words)
        words = telling_words(frequencies, num_passages)
        # "+" keeps SQLite from asking FTS5 for each row of the scope in turn.
        scope, parameters = scope_condition("+rowid", documents)
        if not scope and sum(frequencies[word] for word in words) > SHORTLIST:
            weights = {word: _idf(frequencies[word], num_passages) for word in words}
            scope = "AND +rowid IN (SELECT value FROM json_each(?))"
            parameters = (json.dumps(self._shortlist(weights, generation)),)
        rows = self._run(
            f"""SELECT rowid FROM fulltext WHERE fulltext MATCH ? {scope}
                ORDER BY bm25(fulltext, 1.0, {CONTEXT_WEIGHT}), rowid LIMIT ?""",
            (" OR ".join(f'"{word}"' for word in words), *parameters, depth),
        )
        return [row[0] for row in rows]

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
        except sqlite3.DatabaseError as error:
            return str(error)
        return f"{count} passages are missing or too many" if count else None

    def _shortlist(self, weights: Mapping[str, float], generation: int) -> list[int]:
        """Return the keys of the `SHORTLIST` passages whose words weigh most together."""
        found = {word: self._keys_with(word, generation) for word in weights}
        last = max((int(keys[-1]) for keys in found.values() if len(keys)), default=0)
        sums = np.zeros(last + 1, dtype=np.float32)
        for word, keys in found.items():
            sums[keys] += weights[word]
        candidates = np.flatnonzero(sums)
        if len(candidates) > SHORTLIST:
            best = np.argpartition(-sums[candidates], SHORTLIST)[:SHORTLIST]
            candidates = np.sort(candidates[best])
        shortlist: list[int] = candidates.tolist()
        return shortlist

    def _find_keys_with(self, word: str, generation: int) -> NDArray[np.int64]:
        """Return the ascending keys of the passages with a word; ``generation`` ages the memory."""
        # As one text: a row for each key takes four times as long, and holds other threads up.
        ((keys,),) = self._run(
            "SELECT group_concat(rowid) FROM fulltext WHERE fulltext MATCH ?", (f'"{word}"',)
        )
        return np.fromstring(keys or "", dtype=np.int64, sep=",")

    def _count(self, words: Sequence[str]) -> tuple[dict[str, int], int, int]:
        """Return the number of passages that have each word, and of all, and the generation."""
        terms = self._tokenizer.terms(words)
        with self._lock:
            ((generation,),) = self._run("SELECT value FROM meta WHERE name = 'generation'", ())
            if generation != self._generation:
                self._frequencies.clear()
                ((self._num_passages,),) = self._run("SELECT count(*) FROM passages", ())
                self._generation = generation
            for term in {term for found in terms for term in found} - self._frequencies.keys():
                rows = self._run("SELECT doc FROM temp.words WHERE term = ?", (term,))
                self._frequencies[term] = rows[0][0] if rows else 0
            # Terms of one word stand side by side, so it is no commoner than the rarest of them.
            counts = {
                word: min((self._frequencies[term] for term in found), default=0)
                for word, found in zip(words, terms, strict=True)
            }
            return counts, self._num_passages, self._generation


def words_of(question: str) -> list[str]:
    """Return the distinct words to look for.

    A question is words and nothing else: quotes, stars, NEAR and brackets have no meaning.
    """
    words = dict.fromkeys(word.lower() for word in _WORD.findall(question))
    return list(words)[:MAX_QUERY_WORDS]


def telling_words(frequencies: Mapping[str, int], num_passages: int) -> list[str]:
    """Return the words to look for, the rarest first; always at least one.

    Args:
        frequencies: in how many passages each word stands.
        num_passages: how many there are.
    """
    common = max(COMMON * num_passages, ALWAYS_RANKED)
    kept: list[str] = []
    ranked = 0
    for word in sorted(frequencies, key=lambda word: frequencies[word]):
        ranked += frequencies[word]
        if kept and (frequencies[word] > common or ranked > MAX_RANKED):
            break
        kept.append(word)
    return kept


def _idf(frequency: int, num_passages: int) -> float:
    """Return a word's weight in FTS5's bm25, which is never quite nothing."""
    return max(1e-6, math.log((num_passages - frequency + 0.5) / (frequency + 0.5)))


class _Tokenizer:
    """Makes terms of words as the catalogue's full text does: by an FTS5 table of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.executescript(
            f"""CREATE VIRTUAL TABLE words USING fts5(word, tokenize = '{TOKENIZER}');
                CREATE VIRTUAL TABLE terms USING fts5vocab(words, instance);"""
        )

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def terms(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the terms of each word; none where no letter of it counts."""
        found: list[list[str]] = [[] for _ in words]
        with self._lock:
            self._connection.executemany(
                "INSERT INTO words (rowid, word) VALUES (?, ?)", enumerate(words)
            )
            for number, term in self._connection.execute("SELECT doc, term FROM terms"):
                found[number].append(term)
            self._connection.execute("DELETE FROM words")
        return [tuple(terms) for terms in found]
