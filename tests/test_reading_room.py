"""The reading room in a real Chromium: conversations, ratings, links, and that all can use it."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import Visit, chat_url, settled, visit, window
from fpdf import FPDF
from PIL import Image
from test_browser import ask, in_view, nothing_leaves_and_nothing_breaks

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["chat_url", "nothing_leaves_and_nothing_breaks", "visit", "window"]

pytestmark = pytest.mark.browser

RENT = "What is the monthly rent of the old mill?"
AT_ONCE = 400  # documents beside the others
OTHERS = 3
PRESSURE = (
    "The highest pressure of the boiler is 2.5 bar when it is warm, and the valve at the back of "
    "the boiler opens by itself when the pressure is higher than that."
)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two that contradict each other, one with two answers, and very many."""
    folder = tmp_path_factory.mktemp("room")
    (folder / "law").mkdir()
    (folder / "law" / "lease.md").write_text(
        "# Lease\n\nThe monthly rent of the old mill is 1,200 euros.\n\nThe keeper of the mill "
        "is Ada Byron. The garden of the mill is open on Sundays.\n\n## Opening hours of the office"
        "\n\nThe opening hours of the office are from nine to five.",
        encoding="utf-8",
    )
    (folder / "law" / "amendment.md").write_text(
        "# Amendment\n\nThe monthly rent of the old mill is 1,450 euros.", encoding="utf-8"
    )
    write_pdf(folder / "manual.pdf")
    (folder / "many").mkdir()
    for number in range(AT_ONCE):
        text = f"Ship {number} carries a cargo of barley to harbour {number % 7}."
        (folder / "many" / f"ship-{number:03}.txt").write_text(text, encoding="utf-8")
    return folder


def write_pdf(file: Path) -> None:
    """A manual of three pages; what is asked stands on the second, over two lines."""
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    for number in (1, 2, 3):
        pdf.add_page()
        pdf.multi_cell(0, 6, " ".join(f"Part {number * 7 + n} is made of iron." for n in range(9)))
        pdf.ln(20)
        pdf.multi_cell(0, 6, PRESSURE if number == 2 else f"The part list goes on, {number}.")
    pdf.output(str(file))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_suggested_questions_are_answered(visit: Visit) -> None:
    page = visit.page
    page.locator(".lc-example", has_text="opening hours of the office").click()
    page.locator(".lc-answer", has_text="from nine to five").wait_for()


def test_answers_that_differ_stand_side_by_side_and_are_walked(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, RENT)
    shorts = turn.locator(".lc-rivals li .lc-short").all_inner_texts()
    assert sorted(re.sub(r"\s*\d$", "", short) for short in shorts) == [
        "1,200 euros",
        "1,450 euros",
    ]
    turn.locator(".lc-mark").first.click()
    page.wait_for_selector("#lc-cited")
    assert page.locator(".lc-walk-at").inner_text() == "1 of 2"
    first = page.locator("#lc-cited").text_content()
    press(page, "Next citation")
    page.wait_for_function("document.querySelector('.lc-walk-at').textContent === '2 of 2'")
    assert page.locator("#lc-cited").text_content() != first
    page.keyboard.press("p")
    page.wait_for_function("document.querySelector('.lc-walk-at').textContent === '1 of 2'")
    assert page.locator("#lc-cited").text_content() == first


def test_a_mark_is_previewed_to_pointer_and_keyboard(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, "Who is the keeper of the mill?")
    mark = turn.locator(".lc-mark").first
    preview = page.locator("#lc-preview")
    mark.hover()
    preview.wait_for()
    assert preview.locator("mark").inner_text() == "The keeper of the mill is Ada Byron."
    assert "1,200 euros. The keeper" in " ".join(preview.inner_text().split())  # its passage
    assert "The garden of the mill is open" in preview.inner_text()
    page.locator("#lc-question textarea").hover()
    preview.wait_for(state="hidden")
    mark.focus()
    preview.wait_for()
    assert mark.get_attribute("aria-describedby") == "lc-preview"
    page.keyboard.press("Escape")
    preview.wait_for(state="hidden")


def test_why_a_passage_was_found(visit: Visit) -> None:
    turn = ask(visit.page, "Who is the keeper of the mill?")
    turn.locator(".lc-why summary").first.click()
    words = turn.locator(".lc-why p").first.inner_text()
    assert re.search(r"number \d+ by keywords, number \d+ by meaning", words)
    assert re.search(r"Estimated chance that this answer is right: \d+%", words)


def test_not_in_the_documents_says_what_was_searched(visit: Visit) -> None:
    turn = ask(visit.page, "Who invented the telephone in Boston?")
    assert "I found no answer in your documents." in turn.inner_text()
    assert f"Searched {AT_ONCE + OTHERS} documents (keywords and meaning)." in turn.inner_text()
    assert turn.locator("ul.lc-quotes .lc-open").count() == 3


def test_a_name_in_the_question_asks_one_document(visit: Visit) -> None:
    turn = ask(visit.page, f"@amendment.md {RENT}")
    assert turn.locator(".lc-short").all_inner_texts() == ["1,450 euros"]
    assert "is called “nobody”" in ask(visit.page, "@nobody Why?").inner_text()


def test_names_are_offered_after_an_at(visit: Visit) -> None:
    page = visit.page
    box = page.locator("#lc-question textarea")
    box.press_sequentially("@ship-01")
    offered = page.get_by_role("listbox", name="Documents to choose from").get_by_role("option")
    offered.first.wait_for()
    assert offered.all_inner_texts()[:2] == ["ship-010.txt · ship-010", "ship-011.txt · ship-011"]
    box.press("ArrowDown")
    box.press("Enter")
    assert box.input_value() == "@ship-011.txt "
    assert page.locator(".lc-turn").count() == 0
    box.press_sequentially("What is the cargo?")
    box.press("Enter")
    page.locator(".lc-answer", has_text="Ship 11 carries a cargo of barley").wait_for()


def test_a_follow_up_is_completed_and_can_be_asked_as_typed(visit: Visit) -> None:
    page = visit.page
    ask(page, "Who is the keeper of the mill?")
    turn = ask(page, "And when is its garden open?")
    assert "mill" in turn.locator(".lc-completed").inner_text()
    assert "Sundays" in turn.locator(".lc-answer").inner_text()
    turn.get_by_role("button", name="Ask as typed").click()
    page.locator(".lc-turn").nth(2).locator(".lc-answer, .lc-message").wait_for()
    assert page.locator(".lc-turn").nth(2).locator(".lc-completed").count() == 0


def test_a_document_is_found_and_a_folder_asked(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("searchbox", name="Find a document").fill("ship 017")
    rows = page.locator(".lc-doc:visible")
    assert rows.count() == 1
    page.get_by_role("searchbox", name="Find a document").fill("")
    page.locator(".lc-folder", has_text="law").locator("input").uncheck()
    page.get_by_text(f"{AT_ONCE + 1} of {AT_ONCE + OTHERS} selected").wait_for()
    assert "1,200" not in ask(page, RENT).inner_text()


def test_a_conversation_is_kept_reopened_rated_and_deleted(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    turn = ask(page, "Who is the keeper of the mill?")
    page.wait_for_function("location.search.includes('c=')")
    turn.get_by_role("button", name="Wrong evidence").click()
    page.locator('[data-rate="wrong evidence"][aria-pressed="true"]').wait_for()
    note = page.get_by_role("textbox", name="What is wrong")
    note.fill("It is the other mill.")
    press(page, "Save note")
    page.locator('.lc-note input[value="It is the other mill."]').wait_for()  # drawn anew

    press(page, "New")
    page.wait_for_selector(".lc-empty")
    assert "c=" not in page.url
    page.get_by_role("tab", name="Conversations").click()
    page.get_by_role("textbox", name="Find a conversation").fill("ada byron keeper")
    row = page.locator(".lc-past-row", has_text="Who is the keeper of the mill?").first
    row.locator(".lc-past-open").click()
    turn = page.locator(".lc-turn")
    turn.wait_for()
    assert note.input_value() == "It is the other mill."

    turn.get_by_text("Export").click()
    with page.expect_download() as saving:
        turn.get_by_role("button", name="JSON").click()
    saved = tmp_path / "saved.json"
    saving.value.save_as(saved)
    kept = json.loads(saved.read_text(encoding="utf-8"))
    assert kept["turns"][0]["feedback"]["note"] == "It is the other mill."

    row.locator(".lc-past-more").click()
    title = row.get_by_role("textbox", name="Title of the conversation")
    title.fill("The keeper")
    title.press("Enter")
    page.get_by_role("textbox", name="Find a conversation").fill("the keeper")
    row = page.locator(".lc-past-row", has_text="The keeper").first
    row.wait_for()
    row.locator(".lc-past-more").click()
    row.get_by_role("button", name="Delete").click()
    page.wait_for_selector(".lc-empty")


def test_a_link_opens_at_its_citation(visit: Visit) -> None:
    page = visit.page
    ask(page, "Who is the keeper of the mill?")
    ask(page, "When is the garden of the mill open?")
    page.wait_for_function("location.search.includes('c=')")
    visit.go_to(f"{page.url}&t=1&m=1")
    page.wait_for_selector("#lc-cited")
    assert page.locator("#lc-cited").text_content() == "The keeper of the mill is Ada Byron."
    assert in_view(page, '[data-turn="1"] .lc-mark', "#lc-conversation")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_shuts_anyone_out(visit: Visit, scheme: str) -> None:
    page = visit.page
    if scheme == "dark":
        page.emulate_media(color_scheme="dark")
        visit.go_to(f"{visit.url}?__theme=dark")
        page.wait_for_selector("#lc-conversation .lc-empty")
    turn = ask(page, RENT)
    turn.locator(".lc-mark").first.click()
    page.wait_for_selector("#lc-cited")
    ask(page, "Who invented the telephone in Boston?")
    for name in ("Documents", "Conversations"):
        page.get_by_role("tab", name=name).click()
        settled(page)
        found = Axe().run(page).response["violations"]
        serious = [
            (item["id"], [node["target"] for node in item["nodes"]][:3])
            for item in found
            if item["impact"] in ("serious", "critical")
        ]
        assert serious == []


def test_twice_the_size_and_half_the_width(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 720, "height": 450})  # 1440 by 900 at 200%
    turn = ask(page, RENT)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    turn.locator(".lc-mark").first.click()
    page.wait_for_selector("#lc-cited")
    assert in_view(page, "#lc-cited", ".lc-source-body")


def words_in_boxes(page: Page, file: Path, number: int) -> str:
    """Return what the file says where the page shows boxes on its page ``number``, from 1."""
    places = page.locator(".lc-sheet .lc-box").evaluate_all(
        """boxes => boxes.map((box) => {
          const on = box.closest('.lc-sheet').querySelector('img').getBoundingClientRect();
          const at = box.getBoundingClientRect();
          return [(at.left - on.left) / on.width, (at.top - on.top) / on.height,
            (at.right - on.left) / on.width, (at.bottom - on.top) / on.height];
        })"""
    )
    with pypdfium2.PdfDocument(file) as pdf:
        width, height = pdf[number - 1].get_size()
        text = pdf[number - 1].get_textpage()
        found = [
            text.get_text_bounded(
                left * width, (1 - bottom) * height, right * width, (1 - top) * height
            )
            for left, top, right, bottom in places
        ]
    return " ".join(" ".join(found).split())


def page_in_picture(page: Page, file: Path) -> int:
    """Return which page of the file, from 1, the picture that is shown is most like."""
    source = page.locator(".lc-sheet img").get_attribute("src") or ""
    shown = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("L")
    with pypdfium2.PdfDocument(file) as pdf:
        drawn = [
            one.render(scale=shown.width / one.get_width()).to_pil().convert("L") for one in pdf
        ]
    apart = [
        float(np.abs(np.asarray(one.resize(shown.size), float) - np.asarray(shown, float)).mean())
        for one in drawn
    ]
    assert min(apart) < 1.0  # of 255
    return apart.index(min(apart)) + 1


def test_a_pdf_is_shown_as_its_page_with_boxes_and_as_text(visit: Visit, documents: Path) -> None:
    manual = documents / "manual.pdf"
    page = visit.page
    turn = ask(page, "What is the highest pressure of the boiler?")
    turn.locator(".lc-mark").first.click()
    page.locator(".lc-sheet #lc-cited").wait_for()
    page.wait_for_function("document.querySelector('.lc-sheet img').naturalWidth > 1000")
    assert page.locator(".lc-sheet .lc-box").count() == 2  # a line each
    assert words_in_boxes(page, manual, 2) == PRESSURE
    assert page_in_picture(page, manual) == 2
    assert page.locator("#lc-cited").get_attribute("aria-label") == PRESSURE
    assert "Page 2 of 3" in page.locator(".lc-turning").inner_text()
    assert in_view(page, "#lc-cited", ".lc-source-body")
    width = page.locator(".lc-sheet").evaluate("sheet => sheet.clientWidth")
    press(page, "Larger")
    assert page.locator(".lc-sheet").evaluate("sheet => sheet.clientWidth") > 1.5 * width
    assert words_in_boxes(page, manual, 2) == PRESSURE  # they have grown with it
    press(page, "Next page")
    page.get_by_text("Page 3 of 3").wait_for()
    assert page.locator(".lc-sheet .lc-box").count() == 0
    assert page_in_picture(page, manual) == 3
    assert page.get_by_role("button", name="Next page").is_disabled()
    press(page, "Previous page")
    page.locator(".lc-sheet #lc-cited").wait_for()
    press(page, "Previous page")
    page.get_by_text("Page 1 of 3").wait_for()
    assert page_in_picture(page, manual) == 1
    assert page.get_by_role("button", name="Previous page").is_disabled()
    press(page, "Show the text")
    page.locator(".lc-source-text #lc-cited").wait_for()
    assert page.locator("#lc-cited").text_content() == PRESSURE
    assert page.locator(".lc-sheet").count() == 0
    press(page, "Show the page")
    page.locator(".lc-sheet #lc-cited").wait_for()
    assert words_in_boxes(page, manual, 2) == PRESSURE
