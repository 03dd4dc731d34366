"""Full text: which words of a question are looked for, and that leaving some out loses nothing."""

from pathlib import Path

import pytest

from index import fulltext
from index.datatypes import Document
from index.default_model import DefaultEmbedder
from index.fulltext import telling_words, words_of
from index.passage_index import PassageIndex

ITEMS = ["pear", "plum", "quince", "medlar", "lemon"]


def test_a_question_is_words_and_nothing_else() -> None:
    assert words_of('Who wrote "Émile" AND NEAR(the, book) the book*?') == [
        "who", "wrote", "émile", "and", "near", "the", "book",
    ]  # fmt: skip
    assert words_of("?! —") == []
    assert len(words_of(" ".join(map(str, range(100))))) == fulltext.MAX_QUERY_WORDS


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
    assert telling_words(frequencies, num_passages) == expected


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
