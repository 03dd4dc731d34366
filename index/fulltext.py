"""Search by words: SQLite's FTS5 ranks passages by BM25 for those words of a question that tell.

A word that stands in very many passages tells little and costs most: full text ranks every
passage with any of the words. So common words are left out, by how many passages have them and
not by a list, as the language and the documents are the user's.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence

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

    def close(self) -> None:
        """Free what the tokenizer holds."""
        self._tokenizer.close()

    def search(self, question: str, depth: int, documents: Collection[str] | None) -> list[int]:
        """Return the keys of passages with words of the question, best BM25 first."""
        words = words_of(question)
        if not words:
            return []
        frequencies, num_passages = self._count(words)
        query = " OR ".join(f'"{word}"' for word in telling_words(frequencies, num_passages))
        # "+" keeps SQLite from asking FTS5 for each row of the scope in turn.
        scope, parameters = scope_condition("+rowid", documents)
        rows = self._run(
            f"""SELECT rowid FROM fulltext WHERE fulltext MATCH ? {scope}
                ORDER BY bm25(fulltext, 1.0, {CONTEXT_WEIGHT}), rowid LIMIT ?""",
            (query, *parameters, depth),
        )
        return [row[0] for row in rows]

    def _count(self, words: Sequence[str]) -> tuple[dict[str, int], int]:
        """Return the number of passages that have each word, and of all."""
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
            return counts, self._num_passages


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
