"""The chat in a browser that asks for German: every word of the page, and none of a document's."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import Visit, chat_url, visit
from test_browser import ask, nothing_leaves_and_nothing_breaks
from test_reading_room import write_pdf

from loccit.ui.text.language import translations

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["chat_url", "nothing_leaves_and_nothing_breaks", "visit"]

pytestmark = pytest.mark.browser

PAIRS = translations()["de"].words
# The same in both languages, or a part of what a document says.
NUMBERS = {"number", "count", "rank", "page", "part", "start", "end", "total"}
SAME = {english for english, german in PAIRS.items() if english == german}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("Unterlagen")
    (folder / "miete.md").write_text(
        "# Old mill\n\nThe monthly rent of the old mill is 1,200 euros. The keeper of the mill is "
        "Ada Byron.\n\n## Garden\n\nThe garden of the mill is open on Sundays.",
        encoding="utf-8",
    )
    (folder / "nachtrag.md").write_text(
        "# Amendment\n\nThe monthly rent of the old mill is 1,450 euros.", encoding="utf-8"
    )
    write_pdf(folder / "manual.pdf")
    return folder


@pytest.fixture
def window() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}, "locale": "de-DE"}


def words_on(page: Page) -> set[str]:
    """Return what the page says and calls its parts, without what stands in the documents."""
    found: list[str] = page.evaluate(
        """() => {
          const said = [];
          const foreign = 'bdi, blockquote, .lc-source-text, .lc-sentences, .lc-short, '
            + '.lc-question, .lc-example, .lc-preview, script, style';
          for (const node of document.querySelectorAll('body *')) {
            if (node.closest(foreign)) continue;
            for (const child of node.childNodes) {
              if (child.nodeType === 3) said.push(child.textContent.trim());
            }
            for (const name of ['aria-label', 'title', 'placeholder', 'data-words']) {
              if (node.hasAttribute(name)) said.push(node.getAttribute(name).trim());
            }
          }
          return said;
        }"""
    )
    return {words for words in found if words}


def english_on(page: Page) -> list[str]:
    """Return the English words of the interface that the page shows."""
    patterns = [_pattern(english) for english in PAIRS if english not in SAME]
    return [words for words in sorted(words_on(page)) if any(p.fullmatch(words) for p in patterns)]


def _pattern(english: str) -> re.Pattern[str]:
    """Return what finds the words with any values in them."""
    parts = (
        (r"[\d.,]+" if name in NUMBERS else ".+") if name is not None else ""
        for _, name, _, _ in Formatter().parse(english)
    )
    fixed = (re.escape(text) for text, _, _, _ in Formatter().parse(english))
    return re.compile("".join(f"{text}{part}" for text, part in zip(fixed, parts, strict=True)))


def test_asking_and_reading_in_german(visit: Visit) -> None:
    page = visit.page
    assert page.evaluate("document.documentElement.lang") in ("de", "de-DE")
    page.get_by_text("Was möchten Sie wissen?").wait_for()
    page.get_by_text("Bereit. Arbeitet ohne Netz.").wait_for()
    page.get_by_role("button", name="Dateien hinzufügen").wait_for()
    page.get_by_placeholder(
        "Stellen Sie eine Frage – @Name beschränkt sie auf ein Dokument"
    ).wait_for()
    assert page.locator(".lc-docs-asked").inner_text() == "3 ausgewählt"
    assert english_on(page) == []

    turn = ask(page, "What is the monthly rent of the old mill?")
    assert "Ihre Dokumente geben verschiedene Antworten:" in turn.inner_text()
    assert "wörtliches Zitat" in turn.inner_text()
    mark = turn.locator(".lc-mark").first
    assert re.fullmatch(r"Beleg 1, .+", mark.get_attribute("aria-label") or "")
    mark.click()
    page.wait_for_function("document.activeElement.id === 'lc-cited'")
    head = page.locator(".lc-source-head").inner_text()
    assert re.search(r"Zeichen \d+–\d+", head)
    assert re.search(r"[12] von 2", head)
    assert english_on(page) == []


@pytest.mark.parametrize("window", [{"locale": "fr-FR"}, {"locale": "en-GB"}], ids=str)
def test_any_other_language_gets_english(visit: Visit) -> None:
    page = visit.page
    page.get_by_text("What would you like to know?").wait_for()
    page.get_by_role("button", name="Add files").wait_for()
    assert page.locator(".lc-docs-asked").inner_text() == "3 selected"
    assert page.evaluate("document.documentElement.lang") == "en"


def test_pages_lists_and_ratings_in_german(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, "What is the highest pressure of the boiler when it is warm?")
    turn.locator(".lc-mark").first.click()
    page.get_by_text("Seite 2 von 3", exact=True).wait_for()
    turn.get_by_role("button", name="Falsche Antwort").click()
    turn.get_by_placeholder("Was wäre richtig? (freiwillig)").wait_for()
    turn.get_by_text("Warum diese Passage?").first.click()
    why = turn.locator(".lc-why p").first.inner_text()
    assert re.search(r"Passage \d+ von \d+: .+ \(Ähnlichkeit 0,\d\d\)\. .+ stimmt: \d+\u00a0%", why)
    page.get_by_role("button", name="miete entfernen").or_(
        page.get_by_role("button", name="Old mill entfernen")
    ).click()
    page.get_by_text(re.compile(r"aus dem Index entfernen\?")).wait_for()
    page.get_by_role("button", name="Abbrechen").click()
    page.get_by_role("tab", name="Gespräche").click()
    page.locator(".lc-past-more").first.click()
    page.get_by_role("button", name="Umbenennen", exact=True).wait_for()
    assert english_on(page) == []
    serious = [
        (item["id"], [node["html"] for node in item["nodes"]])
        for item in Axe().run(page).response["violations"]
        if item["impact"] in ("serious", "critical")
    ]
    assert serious == []
