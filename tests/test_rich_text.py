"""Emphasis follows its words through normalisation, and no character is another for it."""

from __future__ import annotations

import random
import re
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from docx.document import Document as WordDocument
from hypothesis import example, given
from hypothesis import strategies as st
from parsing_fixtures import docx_bytes, parse

from loccit.index.datatypes import Document, Emphasis, EmphasisKind, Span
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.parsing import assembling
from loccit.index.parsing.normalizing import normalise, one_line
from loccit.index.parsing.rich_text import (
    RichText,
    carried,
    from_runs,
    joined,
    lines,
    merged,
    stripped,
)
from loccit.index.passage_index import PassageIndex

KINDS: tuple[EmphasisKind, ...] = get_args(EmphasisKind)
ALPHABET = "ab  \t\n\u00a0\u00ad\u200bé\u0301\ufb01½;-"
TEXT = st.text(alphabet=ALPHABET, max_size=40) | st.text(max_size=30)


@st.composite
def rich_texts(draw: st.DrawFn) -> RichText:
    runs = draw(st.lists(st.tuples(TEXT, st.lists(st.sampled_from(KINDS), unique=True).map(tuple))))
    return from_runs(runs)


def solid(text: str) -> str:
    return "".join(normalise(text).split())


def words(rich: RichText) -> list[tuple[str, str]]:
    return [(item.kind, rich.text[item.span.start : item.span.end]) for item in rich.emphasis]


def emphasised(document: Document) -> list[tuple[str, str]]:
    """Return (kind, words) of all emphasis of a document."""
    return words(RichText(document.text, document.emphasis))


@given(rich_texts())
@example(from_runs([("a ", ()), (" b ", ("strong",)), (" c", ())]))
@example(from_runs([("e", ("em",)), ("\u0301", ())]))  # one letter once it is composed
@example(from_runs([(" \u200b ", ("em",)), ("x", ())]))  # nothing is left of it
def test_it_is_carried_onto_the_same_words(rich: RichText) -> None:
    for change in (normalise, one_line, str.strip, lambda text: text):
        text = change(rich.text)
        result = carried(rich, text)
        assert result.text == text
        asked = {
            (item.kind, solid(rich.text[item.span.start : item.span.end])) for item in rich.emphasis
        }
        for item in result.emphasis:
            assert 0 <= item.span.start < item.span.end <= len(text)
            assert (item.kind, solid(text[item.span.start : item.span.end])) in asked


@given(
    st.lists(st.tuples(st.text("abc .", max_size=6), st.sampled_from(((), *((k,) for k in KINDS)))))
)
def test_of_plain_words_none_is_lost(runs: list[tuple[str, tuple[EmphasisKind, ...]]]) -> None:
    rich = from_runs(runs)
    expected = [(kind, " ".join(text.split())) for kind, text in words(rich) if text.strip()]
    assert words(carried(rich, one_line(rich.text))) == expected


@given(rich_texts(), st.sampled_from(["", ";", "ab", None]))
def test_parts_and_wholes(rich: RichText, characters: str | None) -> None:
    parts = lines(rich)
    assert joined(parts, "\n").text == rich.text
    for kind in KINDS:
        inside = [found for part in parts for k, found in words(part) if k == kind]
        whole = [found for k, found in words(rich) if k == kind]
        assert "".join("".join(inside).split()) == "".join("".join(whole).split())
    less = stripped(rich, characters)
    assert less.text == rich.text.strip(characters)
    assert all(item.span.end <= len(less.text) for item in less.emphasis)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from(KINDS))))
def test_merged_is_the_same_characters_without_overlaps(
    items: list[tuple[int, int, EmphasisKind]],
) -> None:
    found = merged(Emphasis(Span(start, start + size), kind) for start, size, kind in items)
    for kind in KINDS:
        wanted = {at for start, size, k in items if k == kind for at in range(start, start + size)}
        spans = [item.span for item in found if item.kind == kind]
        assert [at for span in spans for at in range(span.start, span.end)] == sorted(wanted)
        assert all(a.end < b.start for a, b in pairwise(spans))
    assert [item.span.start for item in found] == sorted(item.span.start for item in found)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>The <b>fee</b> is <i>40</i>.</p>", [("strong", "fee"), ("em", "40")]),
        ("<p>The <b> fee </b> is 40.</p>", [("strong", "fee")]),
        ("<p>a<b>b</b>c un<em>believ</em>able</p>", [("strong", "b"), ("em", "believ")]),
        ("<p><b>one <i>two</i></b></p>", [("strong", "one two"), ("em", "two")]),
        ("<p><b>one</b> <strong>two</strong></p>", [("strong", "one"), ("strong", "two")]),
        ("<p><b>one</b><strong> two</strong></p>", [("strong", "one two")]),
        ("<p><b>one<br>two</b> three</p>", [("strong", "one"), ("strong", "two")]),
        ("<b><p>one</p><p>two</p></b><p>three</p>", [("strong", "one"), ("strong", "two")]),
        ("<h2>The <b>fee</b></h2><p>is 40</p>", []),
        ("<ul><li><b>x</b> y<li>z <code>w</code></ul>", [("strong", "x"), ("code", "w")]),
        ("<table><tr><td>; <b>a</b><td>b <i>c</i></table>", [("strong", "a"), ("em", "c")]),
        ("<p>10<sup><b>6</b></sup> <a href=x><em>y</em></a></p>", [("strong", "⁶"), ("em", "y")]),
        ("<pre>  a = 1\n  b</pre>", [("code", "a = 1\nb")]),
        ("<p><kbd>a &amp; b</kbd> <cite>ﬁve ½</cite></p>", [("code", "a & b"), ("em", "five ½")]),
        ("<p><b></b>a<b> </b>b</p>", []),
    ],
)
def test_html(body: str, expected: list[tuple[str, str]]) -> None:
    document = parse(f"<html><body>{body}</body></html>".encode(), "a.html")
    assert emphasised(document) == expected


PIECES = st.lists(
    st.sampled_from(["one", " two ", "thr", "ee", "<br>", "</p><p>", "&nbsp;", "ﬁ", ";", "<li>x"])
    | st.sampled_from([f"<{slash}{tag}>" for tag in ("b", "i", "code") for slash in ("", "/")]),
    max_size=30,
)


@given(PIECES)
def test_no_character_is_another_for_it(pieces: list[str]) -> None:
    page = f"<p>start {''.join(pieces)}</p><table><tr><td>{''.join(pieces)}</table>"
    # The same tags, of elements that mean nothing.
    plain = re.sub(r"<(/?)(b|i|code)>", r"<\1x-\2>", page)
    rich = parse(page.encode(), "a.html")
    assert rich.text == parse(plain.encode(), "a.html").text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The **fee** is *40*.", [("strong", "fee"), ("em", "40")]),
        ("***both***", [("em", "both"), ("strong", "both")]),
        ("A **long\nname** here", [("strong", "long name")]),
        ("# The **fee**\n\nis `40`", [("code", "40")]),
        ("- **a** b\n  1. *c*", [("strong", "a"), ("em", "c")]),
        ("|a|b|\n|-|-|\n|**c**|`d`|", [("strong", "c"), ("code", "d")]),
        ("```\nx = 1\n\ny\n```", [("code", "x = 1\n\ny")]),
        ("[**x**](http://a.b) ![*p*](q)", [("strong", "x")]),
        ("*a\\*b* 2 * 3 * 4", [("em", "a*b")]),
    ],
)
def test_markdown(text: str, expected: list[tuple[str, str]]) -> None:
    assert sorted(emphasised(parse(text.encode(), "a.md"))) == sorted(expected)


def test_word_files_against_what_was_written() -> None:
    rng = random.Random(7)
    written: list[tuple[str, str]] = []

    def fill(document: WordDocument) -> None:
        document.add_heading("Terms", 1).add_run("x").bold = True
        table = document.add_table(1, 2)
        holders = [document.add_paragraph(), document.add_paragraph(style="List Bullet")]
        holders += [cell.paragraphs[0] for cell in table.rows[0].cells]
        for number, holder in enumerate(holders):
            for part in range(6):
                word = f"{'word' * rng.randint(1, 3)}{number}{part}"
                holder.add_run(f"plain{part} ")
                run = holder.add_run(word)
                bold, italic = rng.choice(
                    [(True, None), (None, True), (False, False), (True, True)]
                )
                run.bold, run.italic = bold, italic
                written.extend([("strong", word)] * bool(bold) + [("em", word)] * bool(italic))
                holder.add_run(" ")
        styled = document.add_paragraph()
        styled.add_run("loud", style="Strong")
        styled.add_run(" and ")
        styled.add_run("fine", style="Emphasis")
        written.extend([("strong", "loud"), ("em", "fine")])

    document = parse(docx_bytes(fill), "a.docx")
    assert sorted(emphasised(document)) == sorted(written)


def test_there_is_a_limit_and_the_text_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "".join(f"<p><b>{escape(str(n))}</b> x</p>" for n in range(300)).encode()
    whole = parse(page, "a.html")
    assert len(whole.emphasis) == 300
    monkeypatch.setattr(assembling, "MAX_EMPHASES", 100)
    cut = parse(page, "a.html")
    assert cut.text == whole.text
    assert cut.emphasis == whole.emphasis[:100]


def test_a_file_that_was_added_is_read_from_the_disk_with_it(
    tmp_path: Path, embedder: DefaultEmbedder
) -> None:
    (tmp_path / "lease.md").write_text("# Lease\n\nThe **rent** is `900`.", encoding="utf-8")
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        index.add(tmp_path / "lease.md")
        index.add(tmp_path / "lease.md")
    with PassageIndex.open(tmp_path / "i", embedder=embedder) as index:
        (document,) = index.documents.values()
    assert emphasised(document) == [("strong", "rent"), ("code", "900")]
