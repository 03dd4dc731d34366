"""What people do with the page in a real Chromium: open, copy, widen, go back, undo, remove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import Visit, chat_url, settled, visit
from test_browser import ask, nothing_leaves_and_nothing_breaks
from test_reading_room import write_pdf

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["chat_url", "nothing_leaves_and_nothing_breaks", "visit"]

pytestmark = pytest.mark.browser

RENT = "The monthly rent of the old mill is 1,200 euros."
QUESTION = "What is the monthly rent of the old mill?"


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    (folder / "lease.md").write_text(f"# Lease\n\n{RENT}\n", encoding="utf-8")
    (folder / "garden.txt").write_text("The garden opens on Sundays.\n", encoding="utf-8")
    (folder / "table.xyz").write_text("x", encoding="utf-8")
    write_pdf(folder / "manual.pdf")
    return folder


@pytest.fixture
def window() -> dict[str, Any]:
    return {
        "viewport": {"width": 1366, "height": 850},
        "permissions": ["clipboard-read", "clipboard-write"],
    }


def copied(page: Page) -> str:
    """Return the clipboard's text, once there is some."""
    page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
    text = str(page.evaluate("navigator.clipboard.readText()"))
    page.evaluate("navigator.clipboard.writeText('')")
    return text


def test_a_title_opens_its_document_and_its_box_stays_ticked(visit: Visit) -> None:
    page = visit.page
    assert page.locator("#lc-pane").is_hidden()  # all room is the conversation's until then
    page.locator(".lc-doc-open", has_text="lease.md").click()
    page.wait_for_function("document.activeElement.className === 'lc-source-body'")
    assert page.locator(".lc-source-text").text_content() == f"Lease\n\n{RENT}"
    assert page.locator("#lc-cited").count() == 0
    assert page.locator(".lc-docs-asked").inner_text() == "3 selected"
    page.locator(".lc-doc-open", has_text="manual.pdf").click()
    page.get_by_text("Page 1 of 3", exact=True).wait_for()
    page.get_by_role("button", name="Next page").click()
    page.get_by_text("Page 2 of 3", exact=True).wait_for()
    page.get_by_role("button", name="Show the text").click()
    page.locator(".lc-source-text").wait_for()
    page.keyboard.press("Escape")
    page.locator("#lc-pane").wait_for(state="hidden")
    assert "manual.pdf" in str(page.evaluate("document.activeElement.textContent"))


def test_the_pane_is_widened_by_keys_and_pointer_and_stays_so(visit: Visit) -> None:
    page = visit.page
    page.locator(".lc-doc-open", has_text="lease.md").click()
    page.wait_for_selector(".lc-source")

    def width() -> float:
        box = page.locator("#lc-pane").bounding_box()
        assert box is not None
        return box["width"]

    first = width()
    handle = page.get_by_role("separator", name="Width of the source")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    second = width()
    assert second > first
    box = handle.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, 400)
    page.mouse.down()
    page.mouse.move(box["x"] - 96, 400)
    page.mouse.up()
    third = width()
    assert 90 < third - second < 110
    visit.reload()
    page.locator(".lc-doc-open", has_text="lease.md").click()
    page.wait_for_selector(".lc-source")
    assert abs(width() - third) < 2


def test_copying_takes_each_sentence_once(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, QUESTION)
    turn.locator("[data-copy=answer]").click()
    assert copied(page) == f"{RENT} [1]\n\n[1] Lease, lease.md"
    turn.locator("[data-copy=quote]").click()
    assert copied(page) == f"“{RENT}” (Lease, lease.md)"
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.lc-answer'))")
    page.keyboard.press("Control+C")
    text = copied(page)
    assert text.count(RENT) == 1
    assert text.splitlines()[0] == "1,200 euros"
    assert f"{RENT} [1]" in text
    assert "exact quote" not in text


def test_back_leads_to_the_conversation_before_and_a_deleted_one_comes_back(visit: Visit) -> None:
    page = visit.page
    ask(page, QUESTION)
    page.wait_for_function("new URL(location.href).searchParams.has('c')")
    address = page.url
    page.locator("#lc-new").click()
    page.wait_for_selector(".lc-empty")
    page.wait_for_function("!new URL(location.href).searchParams.has('c')")
    page.go_back()
    page.locator(".lc-turn", has_text=RENT).wait_for()
    assert page.url == address

    page.get_by_role("tab", name="Conversations").click()
    rows = page.locator(".lc-past-row")
    before = rows.count()
    rows.filter(has=page.locator("[aria-current]")).locator(".lc-past-more").click()
    page.locator(".lc-danger").click()
    page.get_by_text("Deleted.").wait_for()
    assert rows.count() == before - 1
    visit.go_to(address)
    page.get_by_text("This conversation does not exist any more.").wait_for()


def test_a_deleted_conversation_is_brought_back(visit: Visit) -> None:
    page = visit.page
    ask(page, QUESTION)
    page.wait_for_function("new URL(location.href).searchParams.has('c')")
    page.get_by_role("tab", name="Conversations").click()
    row = page.locator(".lc-past-row", has=page.locator("[aria-current]"))
    key = row.get_attribute("data-id")
    row.locator(".lc-past-more").click()
    page.locator(".lc-danger").click()
    page.wait_for_selector(".lc-empty")
    page.get_by_role("button", name="Undo").click()
    page.locator(".lc-turn", has_text=RENT).wait_for()  # it was open, so it is open again
    page.locator(f".lc-past-row[data-id='{key}'] .lc-past-open[aria-current]").wait_for()
    page.wait_for_function(f"new URL(location.href).searchParams.get('c') === '{key}'")

    page.locator("#lc-new").click()
    page.wait_for_selector(".lc-empty")
    page.locator(f".lc-past-row[data-id='{key}'] .lc-past-more").click()
    page.locator(".lc-danger").click()
    page.get_by_role("button", name="Undo").click()
    page.locator(f".lc-past-row[data-id='{key}']").wait_for()
    assert page.locator(".lc-turn").count() == 0  # it was not open


def test_a_new_question_closes_what_the_answer_before_cites(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, QUESTION)
    turn.locator(".lc-mark").first.click()
    page.wait_for_selector("#lc-cited")
    turn.locator("[data-rate=right]").click()
    turn.locator("[data-rate=right][aria-pressed=true]").wait_for()
    assert turn.locator(".lc-mark[aria-current]").count() == 1  # a rating changes nothing there
    ask(page, "When does the garden open?")
    page.locator("#lc-pane").wait_for(state="hidden")
    page.locator(".lc-turn").first.locator(".lc-mark").first.click()  # the same as before
    page.wait_for_function("document.activeElement.id === 'lc-cited'")

    page.locator(".lc-doc-open", has_text="lease.md").click()
    page.locator("#lc-cited").wait_for(state="detached")
    ask(page, "What is the rent?")
    assert page.locator(".lc-source").is_visible()  # opened to be read


def test_a_box_is_no_taller_for_its_placeholder_and_does_not_look_filled(visit: Visit) -> None:
    page = visit.page
    box = page.locator("#lc-question textarea")
    height = "element => element.clientHeight"
    one_line = box.evaluate(height)
    page.set_viewport_size({"width": 780, "height": 850})
    page.locator(".lc-doc-open", has_text="lease.md").click()
    page.wait_for_selector(".lc-source")
    box.fill("x")
    box.fill("")
    settled(page)
    assert box.evaluate(height) == one_line

    turn = ask(page, QUESTION)
    turn.locator("[data-rate='wrong answer']").click()
    note = turn.locator(".lc-note input")
    note.wait_for()
    colours = note.evaluate(
        """element => ['', '::placeholder'].map(part => getComputedStyle(element, part).color)"""
    )
    assert colours[0] != colours[1]


def test_a_refusal_leads_to_the_files_that_could_not_be_read(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, "Who won the chess tournament in Reykjavik?")
    assert "1 file could not be read. The answer may be there." in turn.inner_text()
    page.get_by_role("tab", name="Conversations").click()
    turn.get_by_role("button", name="Show which").click()
    page.locator(".lc-unread li", has_text="table.xyz").wait_for()
    page.wait_for_function("document.activeElement.tagName === 'SUMMARY'")
    serious = [
        (item["id"], [node["html"] for node in item["nodes"]])
        for item in Axe().run(page).response["violations"]
        if item["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_a_removed_document_leaves_the_report_and_marks_its_quotes(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    (tmp_path / "boat.txt").write_text("The boat is called Puffin.", encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"")
    files = [tmp_path / "boat.txt", tmp_path / "bad.txt"]
    page.locator("#lc-sidebar input[type=file]").set_input_files(files)
    page.locator(".lc-outcome.lc-failed", has_text="bad.txt").wait_for()
    row = page.locator(".lc-doc", has_text="boat.txt")
    row.wait_for()
    turn = ask(page, "What is the boat called?")
    assert "exact quote" in turn.inner_text()
    row.locator(".lc-remove").click()
    row.locator(".lc-danger").click()
    row.wait_for(state="detached")
    page.locator(".lc-report", has_text="Removed boat.").wait_for()
    assert page.locator("#lc-report-slot [data-job=retry]").count() == 0  # it would still be empty
    page.get_by_role("button", name="Close the report").click()
    page.locator(".lc-outcome").first.wait_for(state="detached")
    turn.get_by_text("the source is no longer in the index").wait_for()
    assert "exact quote" not in turn.inner_text()
