"""HTML: what a reader sees, in blocks."""

import time

import pytest
from parsing_fixtures import headings, parse

from loccit.index.errors import UnreadableDocument


def text_of(body: str, head: str = "") -> str:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return parse(page.encode(), "page.html").text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
        ("<p>a&nbsp;&amp;&#32;b &eacute;</p>", "a & b é"),
        ("<div>loose <b>bold</b>\n text</div>", "loose bold text"),
        ("<ul><li>a<li>b<ol><li>c<li>d</ol></ul>", "- a\n- b\n  1. c\n  2. d"),
        ("<ol start=3><li><p>x</p><p>y</p></li><li>z</li></ol>", "3. x\ny\n4. z"),
        ("<pre>def f():\n    return 1\n</pre>", "def f():\n    return 1"),
        (
            "<table><caption>Fees</caption><tr><th>Year<th>Fee<tr><td>2023<td><p>5 EUR</p></table>",
            "Fees\nYear | Fee\n2023 | 5 EUR",
        ),
        (
            "<table><tr><td><h2>Left</h2><p>column</p></td><td>right</td></tr></table>",
            "Left\n\ncolumn\n\nright",
        ),
        (
            "<table><tr><th>Who<td><ul><li>Ann<li>Bo</ul></table>",
            "Who | Ann; Bo",
        ),
        ("<p>10<sup>6</sup> m<sup>2</sup></p>", "10⁶ m²"),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", "Term\nMeaning"),
        ("<p>a</p><script>s</script><style>t</style><svg><text>u</text></svg>b", "a\n\nb"),
        ("<p hidden>x</p><p style='display: none'>y</p>Seen", "Seen"),
        ("<a href='#main'>Skip to main content</a><p>Text", "Text"),
        ("<p>so&shy;ft</p>", "soft"),
    ],
)
def test_blocks(body: str, expected: str) -> None:
    assert text_of(body) == expected


def test_furniture_is_dropped() -> None:
    long = "The article itself is much longer than all of the furniture around it. " * 3
    body = (
        "<header>Site <nav>Home</nav></header><nav>Menu</nav><aside>Ads</aside>"
        f"<main><article><header><h1>News</h1></header><p>{long}</p></article></main>"
        "<form>Search</form><footer>Imprint</footer>"
    )
    assert text_of(body) == f"News\n\n{long.strip()}"


@pytest.mark.parametrize("tag", ["form", "header", "aside", "nav"])
def test_content_in_furniture_is_kept(tag: str) -> None:
    assert text_of(f"<{tag}><p>All that this page says.</p></{tag}>") == "All that this page says."


def test_a_page_that_is_hidden_until_a_script_runs() -> None:
    script = "<script>show()</script>"
    assert text_of(f"<body style='visibility:hidden'>{script}<p>Late</p>") == "Late"
    assert text_of(f"<style>body {{ opacity: 0 }}</style>{script}<p>Late</p>") == "Late"
    with pytest.raises(UnreadableDocument, match="hidden from its readers"):
        text_of("<div style='visibility:hidden'><p>Never</p></div>")


def test_headings_and_title() -> None:
    page = "<title>The &amp; Title</title><h1>One</h1>a<h3>Three <em>is</em><br>long</h3>b<h2></h2>"
    document = parse(page.encode(), "page.htm")
    assert document.text == "One\n\na\n\nThree is long\n\nb"
    assert headings(document) == [(1, "One"), (3, "Three is long")]
    assert document.title == "The & Title"
    assert parse(b"<h2>B</h2><h1>A</h1>", "x.html").title == "A"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<meta charset='shift_jis'>", "shift_jis"),
        ("<meta http-equiv=Content-Type content='text/html; charset=EUC-JP'>", "euc_jp"),
        ("<?xml version='1.0' encoding='utf-8'?>", "utf-8"),
        ("<meta charset='utf-8'>", "utf-8"),
        ("<meta charset='utf-8'>", "shift_jis"),  # the declaration lies
        ("", "utf-16"),
    ],
)
def test_encodings(head: str, encoding: str) -> None:
    japanese = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"
    assert parse(f"{head}<p>{japanese}</p>".encode(encoding), "a.html").text == japanese


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1250", "koi8-r"])
def test_a_page_that_is_utf_8_whatever_it_declares(charset: str) -> None:
    page = f"<meta charset={charset}><p>Žluťoučký kůň – 5 €</p>".encode()
    assert parse(page, "a.html").text == "Žluťoučký kůň – 5 €"


@pytest.mark.parametrize(
    "markup",
    [
        "Now <del>340</del> 295 euros",
        "Now <s>340</s> 295 euros",
        "Now <strike>340</strike> 295 euros",
        "Now <span style='color:red;text-decoration:line-through'>340</span> 295 euros",
        "Now <span style='text-decoration-line: underline line-through'>340</span> 295 euros",
    ],
)
def test_what_is_struck_out_is_left_out(markup: str) -> None:
    assert text_of(f"<p>{markup}</p>") == "Now 295 euros"


def test_latin_1_means_windows_1252() -> None:
    page = "<meta charset=iso-8859-1><p>“quoted” – 5 €</p>".encode("cp1252")
    assert parse(page, "a.html").text == "“quoted” – 5 €"


def test_deep_nesting_is_no_recursion() -> None:
    # <span> rather than <div>: for every <div> the HTML standard itself looks through all open
    # elements for a <p>, which makes 100,000 of them take many seconds.
    began = time.process_time()
    deep = "<span>" * 100_000 + "core"
    assert text_of(deep) == "core"
    assert text_of("<div>" * 10_000 + "core") == "core"
    assert time.process_time() - began < 20
