"""What every store must do, whichever database it is kept in: one suite for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loccit.index.datatypes import (
    Block,
    Document,
    DocumentInfo,
    Emphasis,
    PageLines,
    Passage,
    Span,
)
from loccit.index.errors import IndexMismatch
from loccit.index.settings import IndexSettings
from loccit.index.storage.sqlite.catalogue import FILE_NAME, Catalogue
from loccit.index.storage.store import NewDocument, Store

STORES: dict[str, Callable[[Path], Store]] = {
    "sqlite": lambda folder: Catalogue(folder / FILE_NAME)
}
DIMENSION = 4
SETTINGS = IndexSettings("toy", "toy:1", DIMENSION, 100)
OTHER = IndexSettings("toy", "toy:2", DIMENSION, 100)

Opening = Callable[[], Store]


@pytest.fixture(params=STORES)
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """Opens one and the same store as often as it is called."""
    return lambda: STORES[request.param](tmp_path)


@pytest.fixture
def store(opening: Opening) -> Iterator[Store]:
    opened = opening()
    opened.set_meta("settings", SETTINGS.to_json())
    yield opened
    opened.close()


def unit(*numbers: float) -> NDArray[np.float32]:
    row = np.array(numbers, dtype=np.float32)
    return row / np.float32(np.linalg.norm(row))


def new(
    doc_id: str, *sentences: str, source: str = "", rows: Sequence[NDArray[np.float32]] = ()
) -> NewDocument:
    """Return a document with a passage for each sentence."""
    text = " ".join(sentences)
    passages = []
    for number, sentence in enumerate(sentences):
        start = text.index(sentence)
        span = Span(start, start + len(sentence))
        blocks = (Block(span, "paragraph"),)
        passages.append(
            Passage(f"{doc_id}-{number}", doc_id, span, sentence, "Terms", "Title", blocks)
        )
    vectors = rows or [unit(1, number, 0, 0) for number in range(len(sentences))]
    document = Document(
        doc_id,
        text,
        "Title",
        source or f"/files/{doc_id}.txt",
        page_starts=(0, 3),
        blocks=tuple(block for passage in passages for block in passage.blocks),
        emphasis=(Emphasis(Span(0, 2), "em"),),
        page_lines=(PageLines(1, 10.0, 20.5, b"\x00lines"),),
    )
    return NewDocument(document, passages, np.array(vectors, dtype=np.float32))


def texts(store: Store, keys: Sequence[int]) -> list[str]:
    loaded = store.load_passages(keys)
    return [loaded[key][0].text for key in keys]


def words(store: Store, question: str, documents: Sequence[str] | None = None) -> list[str]:
    only = None if documents is None else store.keys_of(documents)
    return texts(store, store.search_words(question, 9, only))


def nearest(
    store: Store, row: NDArray[np.float32], documents: Sequence[str] | None = None
) -> list[str]:
    only = None if documents is None else store.keys_of(documents)
    (found,) = store.search_vectors(row[None], 2, only)
    return texts(store, found)


def test_what_is_put_comes_back(store: Store) -> None:
    assert not store.has_passages()
    item = new("a", "The fee is 5 €.", "Rent \U0001f3e0 is due.")
    store.put([item, new("b", "Slate.")], SETTINGS)
    assert store.has_passages()
    assert list(store.documents) == ["a", "b"]
    assert len(store.documents) == 2
    assert "a" in store.documents and "c" not in store.documents
    document = store.documents["a"]
    assert document.text == item.document.text
    assert document.blocks == item.document.blocks
    assert document.emphasis == item.document.emphasis
    assert document.page_starts == (0, 3)
    assert document.page_lines == ()
    assert store.page_lines("a", [1, 2]) == {1: PageLines(1, 10.0, 20.5, b"\x00lines")}
    assert store.passages_of("a") == list(item.passages)
    assert store.infos(["a", "gone"]) == {"a": DocumentInfo("a", "Title", "/files/a.txt", (0, 3))}
    assert store.slices([("b", Span(0, 3)), ("a", Span(16, 22)), ("gone", Span(0, 1))]) == [
        "Sla",
        "Rent \U0001f3e0",
        None,
    ]
    loaded = store.load_passages(store.keys_of(["a"]))
    assert [passage for passage, _ in loaded.values()] == list(item.passages)
    assert np.array_equal([row for _, row in loaded.values()], item.vectors)
    known = store.vectors_of_texts([item.passages[1].text_in_context, "never seen"])
    assert list(known) == [item.passages[1].text_in_context]
    assert np.array_equal(known[item.passages[1].text_in_context], item.vectors[1])
    (first, _) = store.summaries()
    assert (first.doc_id, first.title, first.sources) == ("a", "Title", ("/files/a.txt",))
    assert (first.num_passages, first.num_pages, first.num_characters) == (2, 2, 30)


def test_a_source_stands_for_what_it_was_given_last(store: Store) -> None:
    store.put([new("a", "Old text.", source="/files/x"), new("b", "Other.", source="/y/b")])
    store.put([new("c", "New text.", source="/files/x")])
    assert list(store.documents) == ["b", "c"]
    assert store.document_of("/files/x") == "c"
    assert words(store, "old") == [] and words(store, "new") == ["New text."]
    store.add_source("/files/z", "c")
    assert store.sources_of("c") == ["/files/x", "/files/z"]
    assert store.sources_in(Path("/files")) == {"/files/x": "c", "/files/z": "c"}
    store.drop_sources(["/files/x", "/never/there"])
    assert store.documents["c"].source == "/files/z"
    store.drop_sources(["/files/z"])
    assert list(store.documents) == ["b"]
    assert store.document_of("/files/z") is None


def test_what_is_removed_is_found_no_more(store: Store) -> None:
    store.put([new("a", "Slate roof."), new("b", "Tin roof.")])
    assert sorted(words(store, "roofs")) == ["Slate roof.", "Tin roof."]
    assert len(nearest(store, unit(1, 0, 0, 0))) == 2
    key = store.keys_of(["a"])
    store.remove("a")
    assert words(store, "roofs") == ["Tin roof."]
    assert nearest(store, unit(1, 0, 0, 0)) == ["Tin roof."]
    assert store.load_passages(key) == {}
    assert store.page_lines("a", [1]) == {}
    store.put([new("a", "Slate roof.")])
    assert not set(key) & set(store.keys_of(["a", "b"]))  # keys are not used twice


def test_words_and_vectors_find_the_best_first_and_in_scope(store: Store) -> None:
    rows = [unit(1, 0, 0, 0), unit(0, 1, 0, 0), unit(1, 1, 0, 0)]
    store.put([new("a", "rent rent rent", "roof", "rent and roof and more words", rows=rows)])
    store.put([new("b", "rent of the barn", rows=[unit(0, 0, 1, 0)])])
    assert words(store, "Rent?!")[0] == "rent rent rent"
    assert words(store, 'NEAR("roof" *)') == ["roof", "rent and roof and more words"]
    assert words(store, "rent", ["b"]) == ["rent of the barn"]
    assert words(store, "rent", []) == []
    assert nearest(store, unit(1, 0.1, 0, 0)) == ["rent rent rent", "rent and roof and more words"]
    assert nearest(store, unit(1, 0, 0, 0), ["b"]) == ["rent of the barn"]
    assert nearest(store, unit(1, 0, 0, 0), ["gone"]) == []
    assert store.search_vectors(np.array([rows[1], rows[0]]), 1) == [
        store.search_words("roof", 1),
        store.search_words("rent", 1),
    ]


def test_a_change_that_fails_leaves_nothing(store: Store) -> None:
    store.put([new("a", "Slate.", source="/files/x")])
    before = store.generation
    broken = new("c", "Tin.", "Lead.")
    broken = NewDocument(broken.document, broken.passages, broken.vectors[:1])
    with pytest.raises(ValueError, match="zip"):
        store.put([new("b", "Wood.", source="/files/x"), broken])
    with pytest.raises(IndexMismatch):
        store.put([new("b", "Wood.", source="/files/x")], OTHER)
    assert store.generation == before
    assert list(store.documents) == ["a"]
    assert words(store, "wood tin slate") == ["Slate."]
    assert store.document_of("/files/x") == "a"


def test_others_see_a_change_at_once_and_read_while_it_is_made(
    store: Store, opening: Opening
) -> None:
    store.put([new("a", "Slate.")])
    other = opening()
    try:
        assert nearest(other, unit(1, 0, 0, 0)) == ["Slate."]
        before = other.generation
        begun, read = threading.Event(), threading.Event()

        class Slow(Sequence[Passage]):
            """Passages that wait, in the midst of the change, until others have read."""

            def __len__(self) -> int:
                return 1

            def __getitem__(self, number: int) -> Passage:  # type: ignore[override]
                if number:
                    raise IndexError
                begun.set()
                assert read.wait(60)
                return item.passages[0]

        item = new("b", "Tin.")
        slow = NewDocument(item.document, Slow(), item.vectors)
        writer = threading.Thread(target=store.put, args=([slow],))
        writer.start()
        assert begun.wait(60)
        assert (list(other.documents), other.generation) == (["a"], before)
        assert words(other, "tin slate") == ["Slate."]
        read.set()
        writer.join()
        assert other.generation > before
        assert list(other.documents) == ["a", "b"]
        assert words(other, "tin") == ["Tin."]
        assert sorted(nearest(other, unit(1, 0, 0, 0))) == ["Slate.", "Tin."]
    finally:
        other.close()


def test_the_generation_rises_with_changes_alone(store: Store) -> None:
    generations = [store.generation]
    for change in (
        lambda: store.put([new("a", "Slate.")]),
        lambda: store.add_source("/files/other", "a"),
        lambda: store.drop_sources(["/files/other"]),
        lambda: store.remove("a"),
    ):
        change()
        generations.append(store.generation)
    assert sorted(set(generations)) == generations
    store.drop_sources([])
    store.set_meta("precision", "f32")
    store.note_failures({"/files/bad": "no text"}, [])
    assert store.generation == generations[-1]


def test_failures_are_remembered_until_the_file_is_read(store: Store) -> None:
    store.note_failures({"/b": "no text", "/a": "a password"}, ["/c"])
    assert store.failures() == {"/a": "a password", "/b": "no text"}
    store.note_failures({"/b": "damaged"}, ["/a"])
    assert store.failures() == {"/b": "damaged"}
    store.forget_failures(["/b", "/never"])
    assert store.failures() == {}


def test_settings_stay(store: Store, opening: Opening) -> None:
    assert store.has_settings(SETTINGS) and not store.has_settings(OTHER)
    assert store.get_meta("never set") is None
    store.put([new("a", "Slate.")], SETTINGS)
    store.keep_vectors(DIMENSION)
    store.close()
    again = opening()
    try:
        assert again.has_settings(SETTINGS)
        assert nearest(again, unit(1, 0, 0, 0)) == ["Slate."]
        again.set_meta("settings", OTHER.to_json())
        assert again.has_settings(OTHER) and not again.has_settings(SETTINGS)
    finally:
        again.close()


def test_a_draft_takes_the_place_of_what_there_is_at_once(store: Store) -> None:
    store.put([new("a", "Slate."), new("b", "Tin.")], SETTINGS)
    assert nearest(store, unit(1, 0, 0, 0)) == ["Slate.", "Tin."]
    with store.draft(OTHER) as draft:
        draft.put([new("a", "Slate.", rows=[unit(0, 0, 0, 1)])], OTHER)
    assert not store.adopt(OTHER)  # it lacks a document
    assert store.has_settings(SETTINGS)
    with store.draft(OTHER) as draft:
        assert list(draft.documents) == ["a"]  # it goes on where it was
        draft.put([new("b", "Tin.", rows=[unit(0, 0, 1, 1)])], OTHER)
    blocks = store.passages_of("a")[0].blocks
    assert store.adopt(OTHER)
    assert store.has_settings(OTHER)
    assert nearest(store, unit(0, 0, 1, 1)) == ["Tin.", "Slate."]
    assert words(store, "slate") == ["Slate."]
    assert store.passages_of("a")[0].blocks == blocks != ()
    store.drop_draft()
    with store.draft(SETTINGS) as draft:
        assert list(draft.documents) == []


def test_nothing_is_older_in_a_new_store(store: Store) -> None:
    item = new("a", "Slate.")
    store.put([item])
    assert store.older_documents() == []
    store.upgrade([new("a", "Tin.")], SETTINGS)
    assert store.documents["a"].text == "Slate."
