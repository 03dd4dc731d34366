"""Any file is parsed in time that grows with its length, or is refused with the reason."""

import pytest
from hostile_markdown import SHAPES
from measuring import cpu_seconds

from loccit.index.errors import UnreadableDocument
from loccit.index.parsing import parse_bytes

# Four times as long takes four times as long; what grows with the square takes sixteen times.
LINEAR, NOTHING = 9, 0.05  # a ratio, and seconds that are too few to tell
SIZE = 20_000


def parse(data: bytes, name: str) -> None:
    try:
        parse_bytes(data, name)
    except UnreadableDocument as error:
        assert error.reason


@pytest.mark.parametrize("shape", SHAPES)
def test_markdown_takes_time_in_proportion_to_its_length(shape: str) -> None:
    short, long = (SHAPES[shape](size).encode() for size in (SIZE, 4 * SIZE))
    few = cpu_seconds(lambda: parse(short, "hostile.md"), times=2)
    many = cpu_seconds(lambda: parse(long, "hostile.md"))
    assert many <= LINEAR * few + NOTHING


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("![[" * 50_000, "![[![["),
        ("a " + "<![CDATA[" * 50_000, "<![CDATA[<![CDATA["),
        ("**a *" * 30_000, "**a ***a *"),
    ],
)
def test_where_signs_are_too_many_they_are_words(text: str, words: str) -> None:
    assert words in parse_bytes(text.encode(), "signs.md").text


def test_signs_of_a_long_honest_paragraph_are_read() -> None:
    links = "See [clause](https://example.org/terms) *now*. " * 400
    assert parse_bytes(links.encode(), "links.md").text == ("See clause now. " * 400).strip()


def test_deep_quotes_over_very_many_lines_are_refused() -> None:
    with pytest.raises(UnreadableDocument, match=r"nested 90 deep and 50,001 lines, and the limit"):
        parse_bytes(("> " * 90 + "a\n" + "b\n" * 50_000).encode(), "quotes.md")
    mail = "".join("> " * (number % 20) + "word\n\n" for number in range(500))
    assert parse_bytes(mail.encode(), "mail.md").text.count("word") == 500


def test_an_address_that_is_used_again_and_again_takes_no_memory() -> None:
    text = "[a]: https://example.org/" + "x" * 500_000 + ("\n\n" + "[a] " * 100) * 40
    assert parse_bytes(text.encode(), "links.md").text.split() == ["a"] * 4_000


def test_the_title_of_front_matter_is_found_in_one_pass() -> None:
    text = f"---\ntitle: a{' ' * 200_000}b\n---\n\nWords."
    assert cpu_seconds(lambda: parse(text.encode(), "title.md")) < 5
    named = parse_bytes(b'---\ntitle:  "The lease" \t\n---\n\nWords.', "title.md")
    assert named.title == "The lease"
