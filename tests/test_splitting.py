"""Passages are exact slices; nothing but white space is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loccit.index.datatypes import Block, Document, Span
from loccit.index.ingestion.splitting import sentence_spans, split
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.parsing import parse_bytes

EMBEDDER = DefaultEmbedder()


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def make(text: str, *headings: tuple[str, int]) -> Document:
    found = []
    for title, level in headings:
        start = text.index(title)
        found.append(Block(Span(start, start + len(title)), "heading", level))
    return Document("d", text, "Title", "source", blocks=tuple(found))


def texts_of(document: Document, max_tokens: int) -> list[tuple[str, str]]:
    return [(p.heading, p.text) for p in split(document, count_words, max_tokens=max_tokens)]


def sentences_in(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentence_spans(text, Span(0, len(text)))]


def test_passages_are_whole_sentences_that_overlap_by_one() -> None:
    text = "One two three. Four five six. Seven eight nine. Ten eleven twelve."
    assert texts_of(make(text), 6) == [
        ("", "One two three. Four five six."),
        ("", "Four five six. Seven eight nine."),
        ("", "Seven eight nine. Ten eleven twelve."),
    ]


def test_headings_open_sections_and_their_path_is_kept() -> None:
    text = "Terms\n\nPayment\n\nPay in 30 days.\n\nDelivery\n\nBy ship.\n\nAnnex\n\nNone."
    document = make(text, ("Terms", 1), ("Payment", 2), ("Delivery", 2), ("Annex", 1))
    assert texts_of(document, 20) == [
        ("Terms > Payment", "Terms\n\nPayment\n\nPay in 30 days."),
        ("Terms > Delivery", "Delivery\n\nBy ship."),
        ("Annex", "Annex\n\nNone."),
    ]


def test_text_before_the_first_heading_has_no_heading() -> None:
    document = make("Before it.\n\nPart\n\nAfter it.", ("Part", 1))
    assert texts_of(document, 20) == [("", "Before it."), ("Part", "Part\n\nAfter it.")]


def test_a_long_sentence_is_cut_at_a_semicolon_then_a_comma_then_a_space() -> None:
    assert texts_of(make("a b c; d e f g h"), 5) == [("", "a b c;"), ("", "d e f g h")]
    assert texts_of(make("a b c, d e f g h"), 5) == [("", "a b c,"), ("", "d e f g h")]
    assert texts_of(make("a b c d e f g h"), 5) == [("", "a b c d e"), ("", "f g h")]


def test_passages_of_a_section_are_of_similar_size() -> None:
    text = " ".join(f"Word{i} and more." for i in range(11))
    sizes = [len(passage.split()) for _, passage in texts_of(make(text), 30)]
    assert min(sizes) >= 15


def test_a_line_without_spaces_is_cut_by_characters() -> None:
    passages = split(make("x" * 10_000), EMBEDDER.count_tokens)
    assert all(len(passage.text) <= 2_000 for passage in passages)
    assert "".join(passage.text for passage in passages) == "x" * 10_000


def test_sentence_boundaries_of_many_kinds() -> None:
    assert sentences_in("Dr. Smith paid $4.2 billion, e.g. in Jan. 2020. He left.") == [
        "Dr. Smith paid $4.2 billion, e.g. in Jan. 2020.",
        "He left.",
    ]
    assert sentences_in("今天天气很好。我们去公园吧。") == ["今天天气很好。", "我们去公园吧。"]
    assert sentences_in("Steps:\n- open it\n- close it\n2. wait") == [
        "Steps:",
        "- open it",
        "- close it",
        "2. wait",
    ]
    assert sentences_in("Name | Age\nAnn | 31\nBob | 40") == ["Name | Age", "Ann | 31", "Bob | 40"]


@pytest.mark.parametrize("max_tokens", [0, -1])
def test_a_passage_needs_room(max_tokens: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        split(make("a"), count_words, max_tokens=max_tokens)


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            [
                "It rained. ",
                "\n\n",
                "\n",
                "- item",
                " | ",
                "Dr. No; ",
                "長い文。",
                "👍🏽 ",
                "a" * 300,
            ]
        ),
    ),
    max_size=30,
).map(lambda parts: re.sub(r"[\ud800-\udfff]", "", "".join(parts)))


@settings(max_examples=150)
@given(TEXTS, st.integers(1, 60), st.integers(0, 5))
@example(".:0:¹02:A0000000000000002:0::0:0:0:!:.:", 30, 0)  # an overlap that filled its passage
def test_invariants(text: str, max_tokens: int, num_headings: int) -> None:
    lines = list(re.finditer(r"\S.*", text))[:num_headings]
    headings = tuple(
        Block(Span(m.start(), m.end()), "heading", i % 3 + 1) for i, m in enumerate(lines)
    )
    document = Document("d", text, "Title", "source", blocks=headings)
    passages = split(document, EMBEDDER.count_tokens, max_tokens=max_tokens)

    covered = set()
    for passage in passages:
        assert passage.text == text[passage.span.start : passage.span.end]
        assert passage.text.strip() == passage.text
        covered.update(range(passage.span.start, passage.span.end))
    assert all(i in covered or character.isspace() for i, character in enumerate(text))

    starts = [passage.span.start for passage in passages]
    ends = [passage.span.end for passage in passages]
    assert starts == sorted(set(starts))
    assert ends == sorted(set(ends))
    assert all(n <= EMBEDDER.window for n in EMBEDDER.count_tokens([p.text for p in passages]))
    in_heading = {i for h in headings for i in range(h.span.start, h.span.end)}
    for passage in passages:
        # Text, then a heading: never in one passage.
        seen_text = False
        for i in range(passage.span.start, passage.span.end):
            assert not (seen_text and i in in_heading)
            seen_text = seen_text or (i not in in_heading and not text[i].isspace())


@pytest.mark.parametrize(
    "page",
    [
        "".join(f"<tr><th>name {n}</th><th>price</th></tr>" for n in range(500)),
        "<tr>" + "".join(f"<td>place {n}</td>" for n in range(2_000)) + "</tr>",
        "<tr>" + "<th>a name</th>" * 50 + "</tr>" + ("<tr>" + "<td>4.5</td>" * 50 + "</tr>") * 50,
    ],
    ids=["headers alone", "one wide row", "a grid"],
)
def test_passages_share_the_cells_of_a_table(page: str) -> None:
    """Not each passage has all of them: an index would grow with the square of the table."""
    document = parse_bytes(f"<table>{page}</table>".encode(), "a.html")
    passages = split(document, EMBEDDER.count_tokens, max_tokens=60)
    num_cells = sum(len(block.cells) for passage in passages for block in passage.blocks)
    (table,) = document.blocks
    assert len(passages) > 20
    assert num_cells < 3 * len(table.cells)


def test_a_passage_knows_the_names_of_its_columns() -> None:
    rows = "".join(f"<tr><td>Pump {n}</td><td>{n} litres</td></tr>" for n in range(60))
    page = f"<table><tr><th>Part</th><th>Volume</th></tr>{rows}</table>"
    document = parse_bytes(page.encode(), "a.html")
    last = split(document, EMBEDDER.count_tokens, max_tokens=40)[-1]
    (table,) = last.blocks
    said = [document.text[cell.span.start : cell.span.end] for cell in table.cells if cell.span]
    assert said[:2] == ["Part", "Volume"]
    assert said[-2:] == ["Pump 59", "59 litres"]
    assert all(words in last.text for words in said[2:])
