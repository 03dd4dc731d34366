"""Documents with lists, tables and emphasis in a real Chromium: shown as their authors had them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import docx
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import Visit, chat_url, settled, visit, window
from test_browser import ask, in_view, nothing_leaves_and_nothing_breaks

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["chat_url", "nothing_leaves_and_nothing_breaks", "visit", "window"]

pytestmark = pytest.mark.browser

MARKDOWN = """# Duties of the miller

The miller has these **duties**:

- keep the mill *in good order*
  - oil the wheel of the mill every spring
- sweep the yard

Filler. {filler}
"""
PAGE = """<h1>Fees of the harbour</h1><p>Fees are due <b>at once</b>.</p><table><tr><th>Ship<th>Fee
<tr><td>A barge with barley<td>40 crowns<tr><td>A <em>tanker</em> with oil<td>90 crowns</table>"""
LANTERN = "The lantern of the lighthouse is lit at six in the evening."


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formatted")
    filler = "\n\n".join(f"- entry {number} of a long list" for number in range(80))
    (folder / "duties.md").write_text(MARKDOWN.format(filler=f"\n\n{filler}"), encoding="utf-8")
    (folder / "fees.html").write_text(PAGE, encoding="utf-8")
    word = docx.Document()
    word.add_heading("Lighthouse", 1)
    paragraph = word.add_paragraph("Keepers come ")
    paragraph.add_run("by boat").bold = True
    paragraph.add_run(".")
    word.add_paragraph(LANTERN, style="List Bullet")
    word.save(str(folder / "lighthouse.docx"))
    wide = docx.Document()
    wide.add_paragraph("The tariff of the quay is below.")
    table = wide.add_table(rows=2, cols=12)
    for number, cell in enumerate(table._cells):
        cell.text = f"Administration{number}"
    wide.save(str(folder / "quay.docx"))
    return folder


def open_source(page: Page, question: str) -> str:
    """Ask, press the first mark, and return the quote that it stands for."""
    turn = ask(page, question)
    quote = turn.locator("blockquote").first.inner_text()
    turn.locator(".lc-mark").first.click()
    page.wait_for_function("document.activeElement.id === 'lc-cited'")
    assert page.locator("#lc-cited").text_content() == quote
    assert in_view(page, "#lc-cited", ".lc-source-body")
    return quote


def test_a_list_and_its_emphasis(visit: Visit) -> None:
    page = visit.page
    assert "oil the wheel" in open_source(page, "How often is the wheel of the mill oiled?")
    item = page.locator(".lc-item", has=page.locator("#lc-cited"))
    other = page.locator(".lc-item", has_text="sweep the yard")
    inner, outer = item.bounding_box(), other.bounding_box()
    assert inner is not None
    assert outer is not None
    assert inner["x"] > outer["x"]  # one level deeper
    assert outer["y"] - inner["y"] < 2 * inner["height"]  # and no empty line between them
    assert page.locator(".lc-source-text strong:not(.lc-h1)").all_inner_texts() == ["duties"]
    assert page.locator(".lc-source-text em").inner_text() == "in good order"


def test_a_row_of_a_table(visit: Visit) -> None:
    page = visit.page
    assert "tanker" in open_source(page, "What is the fee for a tanker with oil?")
    assert page.locator(".lc-source-text .lc-table tr").count() == 3
    cells = page.locator("#lc-cited td") if page.locator("#lc-cited td").count() else None
    assert cells is not None
    assert cells.all_inner_texts() == ["A tanker with oil", "90 crowns"]
    assert (
        page.locator(".lc-source-text b, .lc-source-text strong", has_text="at once").count() == 1
    )
    serious = [
        (item["id"], [node["html"] for node in item["nodes"]])
        for item in Axe().run(page).response["violations"]
        if item["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_a_shadow_tells_that_a_table_goes_on(visit: Visit) -> None:
    page = visit.page
    page.locator(".lc-doc-open", has_text="quay.docx").click()
    page.wait_for_selector(".lc-table")
    box = page.locator(".lc-source-body").bounding_box()
    assert box is not None

    def picture(right: int) -> bytes:
        """Return the empty part of the pane, this far from its right edge."""
        settled(page)
        x, y = box["x"] + box["width"] - right, box["y"] + box["height"] - 100
        return page.screenshot(clip={"x": x, "y": y, "width": 4, "height": 20})

    empty = picture(100)
    assert picture(4) != empty
    page.locator(".lc-source-body").evaluate("body => { body.scrollLeft = body.scrollWidth; }")
    assert picture(4) == empty


def test_a_word_document(visit: Visit) -> None:
    page = visit.page
    assert open_source(page, "When is the lantern of the lighthouse lit?") == LANTERN
    assert page.locator(".lc-source-text strong", has_text="by boat").count() == 1
    assert page.locator(".lc-item", has_text=LANTERN).locator(".lc-bullet").count() == 1
