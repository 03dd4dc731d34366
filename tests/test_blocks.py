"""The blocks of a document: in order, apart, over all that is written, right to the character."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from parsing_fixtures import check_blocks

from loccit.index.datatypes import Block, Document, Span
from loccit.index.parsing.plain_text import blocks_of_text

Shown = tuple[str, str] | tuple[str, str, int, str]


def shown(text: str, *headings: Block) -> list[Shown]:
    """Return the kind and words of each block, and the level and sign of an item."""
    found: list[Shown] = []
    for block in blocks_of_text(text, headings):
        words = text[block.span.start : block.span.end]
        if block.mark is None:
            found.append((block.kind, words))
        else:
            sign = text[block.mark.start : block.mark.end]
            assert block.ordinal in ("", sign)
            found.append((block.kind, words, block.level, sign))
    return found


def test_lines_without_signs_go_on_with_the_item_above() -> None:
    text = "Take:\n- a pot\n  of clay\n    - glazed\n- soil\n\nThen 2. is no item."
    assert shown(text) == [
        ("paragraph", "Take:"),
        ("item", "- a pot\n  of clay", 0, "-"),
        ("item", "- glazed", 1, "-"),
        ("item", "- soil", 0, "-"),
        ("paragraph", "Then 2. is no item."),
    ]


def test_numbers_and_letters_count_and_initials_do_not() -> None:
    text = "1. open\n2.1. press\n(iv) wait\n\na. oak\nb. elm\n\nJ. Miller wrote it.\n\nb) last"
    assert shown(text) == [
        ("item", "1. open", 0, "1."),
        ("item", "2.1. press", 0, "2.1."),
        ("item", "(iv) wait", 0, "(iv)"),
        ("item", "a. oak", 0, "a."),
        ("item", "b. elm", 0, "b."),
        ("paragraph", "J. Miller wrote it."),
        ("item", "b) last", 0, "b)"),
    ]


def test_rows_with_bars_are_a_table_and_one_alone_is_not() -> None:
    text = "Fees\nage | day | week\n---|---|---\nadult |  | 40\n\n| a | b |\n| c | d |\n\nx | y"
    blocks = blocks_of_text(text, (Block(Span(0, 4), "heading", 1),))
    assert [(block.kind, text[block.span.start : block.span.end]) for block in blocks] == [
        ("heading", "Fees"),
        ("table", "age | day | week\n---|---|---\nadult |  | 40"),
        ("table", "| a | b |\n| c | d |"),
        ("paragraph", "x | y"),
    ]
    cells = [
        (c.row, c.column, c.span and text[c.span.start : c.span.end], c.is_header)
        for block in blocks
        for c in block.cells
    ]
    assert cells == [
        (0, 0, "age", True),
        (0, 1, "day", True),
        (0, 2, "week", True),
        (2, 0, "adult", False),
        (2, 1, None, False),
        (2, 2, "40", False),
        (0, 0, "a", False),
        (0, 1, "b", False),
        (1, 0, "c", False),
        (1, 1, "d", False),
    ]


PIECES = st.lists(
    st.sampled_from(
        ["a", "B", "\n", "\n\n", " | ", "|", "- ", "    ", "\t", "1. ", "a. ", "b. ", "(c) ", "-"]
    )
    | st.text(max_size=3),
    max_size=40,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(PIECES, st.integers(0, 4))
def test_any_text_is_covered_by_its_blocks(text: str, num_headings: int) -> None:
    lines = list(re.finditer(r"\S(?:.*\S)?", text))[:num_headings]
    headings = tuple(Block(Span(m.start(), m.end()), "heading", 1) for m in lines)
    document = Document("d", text, "t", "s.txt", blocks=blocks_of_text(text, headings))
    check_blocks(document)
    assert document.headings == headings
