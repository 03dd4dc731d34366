"""Full text: which words of a question are looked for, and that leaving some out loses nothing."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loccit.index.datatypes import Document
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.sqlite import full_text as fulltext
from loccit.index.storage.sqlite.full_text import CONTEXT_WEIGHT, FullText, telling_terms
from loccit.index.storage.sqlite.schema import SCHEMA, VOCABULARY

ITEMS = ["pear", "plum", "quince", "medlar", "lemon"]


@pytest.fixture
def table() -> Iterator[sqlite3.Connection]:
    """A catalogue's tables, empty, in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(";".join((*SCHEMA, VOCABULARY)))
        yield connection


def put(table: sqlite3.Connection, rows: Mapping[int, tuple[str, str]]) -> None:
    """Make the passages' texts and contexts by key what is given, as one change."""
    table.execute("DELETE FROM fulltext")
    table.executemany(
        "INSERT INTO fulltext (rowid, text, context) VALUES (?, ?, ?)",
        [(key, *row) for key, row in rows.items()],
    )
    table.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")


def full_text(table: sqlite3.Connection) -> FullText:
    return FullText(lambda statement, values: table.execute(statement, values).fetchall())


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ('Who wrote "Émile" AND NEAR(the, book) the book*?', [1, 2]),
        ("EMILES", [1]),
        ("e\u0301mile", [1]),  # decomposed
        ("\ud800 book:notes^2", [2]),
        ("?! —", []),
        ("zebra", []),
        (" ".join(map(str, range(100))) + " notes", []),  # too late in the question
    ],
)
def test_a_question_is_words_and_nothing_else(
    table: sqlite3.Connection, question: str, found: list[int]
) -> None:
    put(table, {1: ("Émile is long.", ""), 2: ("Notes on books.", ""), 3: ("A tree.", "")})
    with closing(full_text(table)) as full:
        assert sorted(full.search(question, 9)) == found


WORDS = st.sampled_from(["pear", "pears", "plum", "lemon", "the", "of"])
TEXTS = st.lists(WORDS, max_size=200).map(" ".join)
ROWS = st.dictionaries(st.integers(1, 40), st.tuples(TEXTS, TEXTS), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ROWS,
    ROWS,
    st.lists(st.sampled_from(["pear", "plum", "lemon", "fig", "of"]), unique=True, min_size=1),
)
def test_ranks_are_those_of_bm25_in_sqlite(
    table: sqlite3.Connection,
    before: dict[int, tuple[str, str]],
    after: dict[int, tuple[str, str]],
    terms: list[str],
) -> None:
    with closing(full_text(table)) as full:
        for rows in (before, after):  # the second time postings are remembered
            put(table, rows)
            frequencies = {
                term: sum(
                    term in " ".join(row).replace("pears", "pear").split() for row in rows.values()
                )
                for term in terms
            }
            query = " OR ".join(telling_terms(frequencies, len(rows)))
            expected = [
                key
                for (key,) in table.execute(
                    """SELECT rowid FROM fulltext WHERE fulltext MATCH ?
                       ORDER BY bm25(fulltext, 1, ?), rowid""",
                    (query, CONTEXT_WEIGHT),
                )
            ]
            question = " ".join(terms)
            assert full.search(question, 100) == expected
            assert full.search(question, 2) == expected[:2]
            only = [7, *range(20, 99)]
            assert full.search(question, 100, only) == [key for key in expected if key in only]
            assert full.search(question, 100, []) == []


@pytest.mark.parametrize(
    ("frequencies", "num_passages", "expected"),
    [
        ({"the": 900, "cell": 3, "of": 800}, 1_000, ["cell", "of", "the"]),  # a small index
        ({"the": 90_000, "cell": 3, "hooke": 2}, 100_000, ["hooke", "cell"]),
        ({"the": 90_000, "of": 80_000}, 100_000, ["of"]),  # rather one than none
        ({"a": 8_000, "b": 11_000, "c": 12_000}, 1_000_000, ["a", "b"]),  # together too many
        ({"unknown": 0, "the": 90_000}, 100_000, ["unknown"]),
        ({}, 10, []),
    ],
)
def test_rare_words_come_first_and_common_ones_are_left_out(
    frequencies: dict[str, int], num_passages: int, expected: list[str]
) -> None:
    assert telling_terms(frequencies, num_passages) == expected


def test_common_words_change_no_ranking(
    tmp_path: Path, embedder: DefaultEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [
        Document(f"d{i}", f"The tree number {i} bears a {ITEMS[i % 5]}.", "", f"d{i}.txt")
        for i in range(60)
    ]
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        for document in documents:
            index.add(document)
        question = "Which is the tree that bears the médlars?"
        full = index.search(question, 60, mode="lexical")
        assert len(full) == 60  # "the" is in all of them
        monkeypatch.setattr(fulltext, "ALWAYS_RANKED", 0)
        found = index.search(question, 60, mode="lexical")
        assert [hit.passage for hit in found] == [hit.passage for hit in full[:12]]
        # What is asked next sees what was added meanwhile.
        index.add(Document("new", "A medlar, again.", "", "new.txt"))
        assert len(index.search(question, 60, mode="lexical")) == 13


def test_a_shortlist_has_what_ranking_all_finds_first(
    tmp_path: Path, embedder: DefaultEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        for i in range(60):
            text = f"The tree number {i} bears a {ITEMS[i % 5]}" + " and a leaf" * (i % 7)
            index.add(Document(f"d{i}", text, "", f"d{i}.txt"))
        question = "Which tree bears a medlar and a leaf?"
        full = [hit.passage for hit in index.search(question, 10, mode="lexical")]
        monkeypatch.setattr(fulltext, "SHORTLIST", 15)
        assert [hit.passage for hit in index.search(question, 10, mode="lexical")] == full
        # A document that is removed, and one that comes, are noticed.
        index.remove(full[0].doc_id)
        index.add(Document("new", "A medlar and a leaf, a medlar.", "", "new.txt"))
        found = [hit.passage for hit in index.search(question, 10, mode="lexical")]
        assert found[0].doc_id == "new"
        assert found[1:] == full[1:]
