"""The interface in another language: every word is translated, and none of a document's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import gradio as gr
import pytest

from loccit.index.ingestion.reporting import AddResult, FileOutcome
from loccit.ui.chat import handlers, history, indexing
from loccit.ui.chat.events import in_visitors_language
from loccit.ui.chat.views import source
from loccit.ui.chat.views.adding import report_html
from loccit.ui.chat.views.talk import RATINGS
from loccit.ui.exports.formats import FORMATS
from loccit.ui.text import language, wording
from loccit.ui.text.language import (
    counted,
    date,
    number,
    percent,
    preferred,
    speaking,
    tr,
    translations,
)

UI = Path(language.__file__).parent.parent
# What goes through `tr` by a name, in place of standing in the call.
NAMED = [
    *(words for _, words in wording.SUPPORT_WORDS.values()),
    *wording.REASON_WORDS.values(),
    *RATINGS.values(),
    *(rating.value for rating in RATINGS),
    *(form.label for form in FORMATS.values()),
    wording.NOT_ANSWERED,
    wording.DAMAGED,
    wording.NEAREST,
    wording.RIVALS,
    wording.RIVALS_IN_ONE,
    wording.WHY,
    wording.SUPPORTED,
    wording.NO_ANSWER_YET,
    history.GONE,
    handlers.NO_SCOPE,
    handlers.SEARCHING,
    handlers.STOPPED,
    handlers.GONE,
    handlers.BROKEN,
    source.UNDRAWN,
    indexing.CANCELLED,
    indexing.BROKEN,
    *("added", "updated", "skipped", "failed", "removed"),
]


def calls(function: str) -> Iterator[ast.Call]:
    """Yield the calls of a function in the interface's modules."""
    for file in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == function:
                yield node


def literals(function: str, position: int) -> set[str]:
    """Return what stands in a function's calls as this argument."""
    arguments = (call.args[position] for call in calls(function) if len(call.args) > position)
    return {a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str)}


def in_scripts() -> set[str]:
    code = "".join(file.read_text(encoding="utf-8") for file in sorted(UI.rglob("*.js")))
    return set(re.findall(r"\btr\('([^']+)'\)", code))


def names_in(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("tag", sorted(translations()))
def test_all_words_are_translated_and_no_others(tag: str) -> None:
    found = translations()[tag]
    assert set(found.words) == {*literals("tr", 0), *literals("WORDS", 0), *in_scripts(), *NAMED}
    assert set(found.counts) == literals("counted", 1)


@pytest.mark.parametrize("tag", sorted(translations()))
def test_a_translation_names_the_same_values(tag: str) -> None:
    for english, words in translations()[tag].words.items():
        assert names_in(words) == names_in(english), english
        assert words.strip() == words
        assert not set(english + words) & set("<>&\"'"), words  # put into markup as they are


def test_the_values_of_each_call_are_those_of_its_words() -> None:
    for call in calls("tr"):
        words = call.args[0]
        if isinstance(words, ast.Constant):
            given = {keyword.arg for keyword in call.keywords}
            # A script replaces the names itself where the call has none.
            assert given in (names_in(words.value), set()), words.value


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("de", "de"),
        ("DE-AT", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,de;q=0.5", "en"),
        ("den", "en"),
        ("*", "en"),
        ("", "en"),
        (";;,,q=", "en"),
        ("../de", "en"),
    ],
)
def test_the_first_language_of_the_browser_is_taken(header: str, expected: str) -> None:
    assert preferred(header) == expected


def test_words_and_numbers_follow_the_language() -> None:
    time = datetime(2026, 11, 24, tzinfo=UTC)
    assert (tr("Stop"), number(1234567), number(0.634, 2)) == ("Stop", "1,234,567", "0.63")
    assert (percent(0.634), counted(1, "passage"), date(time)) == (
        "63%",
        "1 passage",
        "24 Nov 2026",
    )
    assert counted(1234, "document") == "1,234 documents"
    with speaking("de"):
        assert tr("Citation {number}", number=3) == "Beleg 3"
        assert (number(1234567), number(0.634, 2)) == ("1.234.567", "0,63")
        assert (percent(0.634), date(time)) == ("63\u00a0%", "24.11.2026")
        assert counted(1234, "passage") == "1.234 Passagen"
        assert tr("a file’s own reason: {x}") == "a file’s own reason: {x}"
    with speaking("xx"):
        assert counted(2, "page") == "2 pages"
    assert language.current() == "en"


def test_values_are_not_read_as_words() -> None:
    with speaking("de"):
        shown = tr("Asked as “{question}”", question="{0.__class__} {number} Stop")
        assert shown == "Gefragt als „{0.__class__} {number} Stop“"


def request(accept: str) -> gr.Request:
    return gr.Request(headers={"accept-language": accept})


def test_each_step_of_an_event_is_in_the_visitors_language() -> None:
    def steps(words: str, request: gr.Request) -> Iterator[str]:
        yield tr(words)
        yield language.current()

    german = in_visitors_language(steps)(request("de"), "Stop", None)
    english = in_visitors_language(steps)(request("en"), "Stop", None)
    shown = []
    for one, other in zip(german, english, strict=True):
        shown.append((one, other))
        assert language.current() == "en"
    assert shown == [("Anhalten", "Stop"), ("de", "en")]
    assert in_visitors_language(tr)(request("de-CH"), "Stop") == "Anhalten"


def test_a_report_is_in_the_language_and_its_reasons_are_as_the_index_gives_them() -> None:
    reason = "the file is empty"
    result = AddResult((FileOutcome("a.txt", "failed", reason=reason),))
    with speaking("de"):
        html = report_html(result)
    assert "1 fehlgeschlagen" in html
    assert f"fehlgeschlagen: {reason}" in html
    assert "Fehlgeschlagene Dateien erneut versuchen" in html
