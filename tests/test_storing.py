"""What an index keeps of a document, and what can be read of it without its text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from loccit.index.datatypes import (
    Block,
    Cell,
    Document,
    DocumentInfo,
    Emphasis,
    HiddenText,
    PageLines,
    Passage,
    Span,
)
from loccit.index.errors import DamagedIndex
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.packing import CHUNK_CHARS
from loccit.index.storage.sqlite.catalogue import FILE_NAME
from loccit.index.storage.store import NewDocument

TEXT = "Fees\nThe fee is 5 €.\n2. Rent \U0001f3e0\nDue | May\n\x00 end"
PAGES = (0, 21)
BLOCKS = (
    Block(Span(0, 4), "heading", 1),
    Block(Span(5, 20), "paragraph"),
    Block(Span(21, 30), "item", 2, mark=Span(21, 23), ordinal="2."),
    Block(
        Span(31, 40),
        "table",
        cells=(Cell(0, 0, Span(31, 34), is_header=True, rows=2), Cell(0, 1, None, columns=3)),
    ),
)
EMPHASIS = (Emphasis(Span(9, 12), "strong"),)
HIDDEN = (HiddenText(0, "not to be seen", "covered"), HiddenText(5, "struck", "struck"))
LINES = (PageLines(1, 595.0, 842.5, b"first"), PageLines(2, 842.5, 595.0, b"\x00second"))


@pytest.fixture
def index(tmp_path: Path, embedder: DefaultEmbedder) -> Iterator[PassageIndex]:
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as opened:
        opened.add(Document("a" * 32, TEXT, "Fees", "b.txt", PAGES, BLOCKS, EMPHASIS, LINES))
        opened.add(Document("a" * 32, TEXT, "Fees", "a.txt"))
        opened.add(Document("b" * 32, "Rent is due.", "Rent", "c.txt"))
        opened.add(
            Document("c" * 32, "Seen.", "Hidden", "h.txt", hidden=HIDDEN, recognised_pages=(2, 5))
        )
        yield opened


def test_a_document_comes_back_as_it_was_stored(index: PassageIndex) -> None:
    stored = index.documents["a" * 32]
    assert stored == Document("a" * 32, TEXT, "Fees", "a.txt", PAGES, BLOCKS, EMPHASIS)


def test_hidden_text_and_recognised_pages_come_back_and_are_counted(index: PassageIndex) -> None:
    stored = index.documents["c" * 32]
    assert (stored.hidden, stored.recognised_pages) == (HIDDEN, (2, 5))
    counted = [(s.num_hidden_words, s.num_recognised_pages) for s in index.summaries()]
    assert counted == [(0, 0), (0, 0), (5, 2)]


def test_a_slice_is_checked_by_the_chunk_that_it_stands_in(index: PassageIndex) -> None:
    text = "".join(f"{number:07} " for number in range(3 * CHUNK_CHARS // 8 + 5))
    index.add(Document("e" * 32, text, "Long", "long.txt"))
    edges = [Span(CHUNK_CHARS - 3, CHUNK_CHARS + 3), Span(3 * CHUNK_CHARS, len(text) + 9)]
    spans = [*edges, Span(0, 8), Span(CHUNK_CHARS, CHUNK_CHARS + 1)]
    places = [("e" * 32, span) for span in spans]
    assert index.slices(places) == [text[span.start : span.end] for span in spans]
    with closing(sqlite3.connect(index.folder / FILE_NAME)) as connection, connection:
        connection.execute(
            "UPDATE documents SET text = replace(text, '0000100 ', '0000700 ') WHERE title = 'Long'"
        )
    assert index.slices([("e" * 32, edges[1])]) == [text[3 * CHUNK_CHARS :]]
    with pytest.raises(DamagedIndex, match="run `loccit doctor"):
        index.slices([("e" * 32, Span(0, 8))])


def test_title_source_and_pages_are_read_of_those_that_are_there(index: PassageIndex) -> None:
    infos = index.infos(["b" * 32, "a" * 32, "gone"])
    assert infos == {
        "a" * 32: DocumentInfo("a" * 32, "Fees", "a.txt", PAGES),
        "b" * 32: DocumentInfo("b" * 32, "Rent", "c.txt", ()),
    }
    info = infos["a" * 32]
    assert [info.page_of(offset) for offset in (0, 20, 21, 99)] == [1, 1, 2, 2]
    assert infos["b" * 32].page_of(3) is None


def test_slices_are_those_of_the_text_in_the_order_asked_for(index: PassageIndex) -> None:
    spans = [Span(0, 4), Span(29, 34), Span(16, 19), Span(38, 44), Span(41, 43), Span(44, 99)]
    spans += [Span(99, 100), Span(0, 500)]
    places = [("a" * 32, span) for span in spans]
    assert index.slices(places) == [TEXT[span.start : span.end] for span in spans]
    assert index.slices([("gone", Span(0, 4)), ("b" * 32, Span(0, 4))]) == [None, "Rent"]
    assert index.slices([]) == []


def test_the_lines_of_pages_are_kept_apart_and_go_with_the_document(index: PassageIndex) -> None:
    assert index.page_lines("a" * 32, [2, 1, 7]) == {1: LINES[0], 2: LINES[1]}
    assert index.page_lines("b" * 32, [1]) == {}
    index.remove("a" * 32)
    assert index.page_lines("a" * 32, [1, 2]) == {}


def test_passages_keep_their_blocks(index: PassageIndex) -> None:
    passage = Passage("p-0", "p", Span(0, 4), TEXT[:4], blocks=BLOCKS[:1])
    document = Document("p", TEXT[:20], "Fees", "p.txt", blocks=BLOCKS[:2])
    rows = index.embedder.embed([passage.text_in_context], "passage")
    index._store.put([NewDocument(document, [passage], rows)])
    assert [found.blocks for found in index.passages("p")] == [BLOCKS[:1]]
