"""The real web chat, with the real index, in a real Chromium, on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from browser_fixtures import Visit, chat_url, settled, visit, window
from conftest import SEEDS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["chat_url", "visit", "window"]  # fixtures that pytest finds by name

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

QUESTION = "What would a large-scale IPO provide the company with?"
LOCAL_SCHEMES = {"data", "blob", "about"}
HOSTILE_NAME = "<img src=x onerror=window.ran=1>.txt"
HOSTILE_TEXT = (
    '<img src=x onerror="window.ran=2"> <script>window.ran=3</script> ${window.ran=4} '
    "{{constructor}} `${window.ran=5}` The zebra keeper of the northern zoo is Ada 🦓 Lovelace."
)
# Each is markup of its own, or becomes it when the references are read.
ATTACKS = (
    '<img src="http://192.0.2.1/a.png" onerror="window.ran=6"><img src=x onerror="window.ran=7">'
    "<script>window.ran=8</script><script src=http://192.0.2.1/a.js></script>"
    '<svg onload="window.ran=9"></svg><iframe src="http://192.0.2.1/"></iframe>'
    '<link rel=stylesheet href="http://192.0.2.1/a.css"><style>@import "http://192.0.2.1/b.css";'
    "body{background:url(http://192.0.2.1/c.png)}</style>"
    '<meta http-equiv=refresh content="0;url=http://192.0.2.1/"><base href="http://192.0.2.1/">'
    '<a href="javascript:window.ran=10">press</a><p onmouseover="window.ran=11" '
    'style="background:url(http://192.0.2.1/d.png)">hover</p>'
    "<form action=http://192.0.2.1/><input autofocus onfocus=window.ran=12></form>"
)
MARKUP = f"{ATTACKS}<p>{escape(ATTACKS)}</p>"
LIGHTHOUSE = "The lighthouse of Oleander was painted turquoise in 1931."


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seed, a hostile document and a long one."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "cxmt-ipo.txt").write_bytes((SEEDS / "cxmt-ipo.txt").read_bytes())
    (folder / HOSTILE_NAME).write_text(HOSTILE_TEXT, encoding="utf-8")
    (folder / "attack.html").write_text(
        f"<h1>{escape(ATTACKS)}</h1><p>The walrus keeper of the southern zoo is Ada Byron.</p>"
        f"{MARKUP}",
        encoding="utf-8",
    )
    (folder / "attack.md").write_text(
        f"# The <b onclick=window.ran=13>otters</b> ![x](http://192.0.2.1/e.png)\n\n"
        "The otter keeper of the western zoo is Emmy Noether. "
        f"[press](javascript:window.ran=14) {escape(ATTACKS)}\n\n"
        f"```\n{ATTACKS}\n```\n\n{ATTACKS}\n",
        encoding="utf-8",
    )
    filler = [f"Entry {number} of the log: calm sea and light wind. " * 4 for number in range(300)]
    filler[200] = LIGHTHOUSE
    (folder / "log.txt").write_text("\n\n".join(filler), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def nothing_leaves_and_nothing_breaks(visit: Visit) -> Iterator[None]:
    yield
    away = [
        url
        for url in visit.requests
        if urlsplit(url).scheme not in LOCAL_SCHEMES
        and urlsplit(url).hostname not in ("localhost", "127.0.0.1")
    ]
    assert len(visit.requests) > 10
    assert away == []
    assert visit.errors == []
    assert visit.page.evaluate("window.ran") is None


def ask(page: Page, question: str) -> Locator:
    """Ask and return the turn with its answer."""
    turns = page.locator(".lc-turn").count()
    box = page.locator("#lc-question textarea")
    box.fill(question)
    box.press("Enter")
    turn = page.locator(".lc-turn").nth(turns)
    turn.locator(".lc-answer, .lc-message").wait_for()
    return turn


def in_view(page: Page, inner: str, outer: str) -> bool:
    """Tell whether one element comes to lie wholly in the other, which may scroll there."""
    script = """([inner, outer]) => {
      const a = document.querySelector(inner).getBoundingClientRect();
      const b = document.querySelector(outer).getBoundingClientRect();
      const bottom = Math.min(b.bottom, innerHeight);
      return a.height > 0 && a.top >= b.top && a.bottom <= bottom && a.right <= innerWidth;
    }"""
    try:
        page.wait_for_function(script, arg=[inner, outer])
    except sync_api.TimeoutError:
        return False
    return True


def test_ask_and_read_the_quote_where_it_is_written(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, QUESTION)
    assert "long-term funding flexibility" in turn.locator(".lc-sentences").inner_text()
    quote = turn.locator("blockquote").first.inner_text()
    mark = turn.locator(".lc-mark").first
    assert re.fullmatch(r"Citation 1, .+", mark.get_attribute("aria-label") or "")
    mark.click()
    page.wait_for_selector("#lc-cited")
    page.wait_for_function("document.activeElement.id === 'lc-cited'")
    assert page.locator("#lc-cited").text_content() == quote
    assert in_view(page, "#lc-cited", ".lc-source-body")
    assert "cxmt-ipo.txt" in page.locator(".lc-source-head").inner_text()


def test_a_span_deep_in_a_long_document_is_in_view(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, "When was the lighthouse of Oleander painted turquoise?")
    turn.locator(".lc-mark").first.click()
    page.wait_for_function("document.activeElement.id === 'lc-cited'")
    assert page.locator("#lc-cited").text_content() == LIGHTHOUSE
    assert in_view(page, "#lc-cited", ".lc-source-body")
    body = page.locator(".lc-source-body")
    shown_from = int(page.locator(".lc-source").get_attribute("data-from") or "")
    before = page.locator("#lc-cited").bounding_box()
    body.locator('[data-side="earlier"]').evaluate("button => button.click()")
    page.wait_for_function(f"document.querySelector('.lc-source').dataset.from < {shown_from}")
    page.wait_for_function("document.activeElement.className === 'lc-source-body'")
    after = page.locator("#lc-cited").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 60  # the reader's place stays


def test_the_keyboard_reaches_a_mark_and_comes_back(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, QUESTION)
    quote = turn.locator("blockquote").first.inner_text()
    mark = turn.locator(".lc-mark").first
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if mark.evaluate("mark => mark === document.activeElement"):
            break
    for key in ("Enter", "Space"):
        assert mark.evaluate("mark => mark === document.activeElement")
        assert page.locator("#lc-cited").count() == 0
        page.keyboard.press(key)
        page.wait_for_function("document.activeElement.id === 'lc-cited'")
        assert page.locator("#lc-cited").text_content() == quote
        assert in_view(page, "#lc-cited", ".lc-source-body")
        assert "cxmt-ipo.txt" in page.locator(".lc-source-head").inner_text()
        assert mark.get_attribute("aria-current") == "true"
        page.keyboard.press("Escape")
        page.wait_for_selector("#lc-cited", state="detached")
        page.wait_for_function("document.activeElement.classList.contains('lc-mark')")
    page.keyboard.press("Tab")
    assert not mark.evaluate("mark => mark === document.activeElement")  # it holds nobody


def test_a_hostile_document_is_shown_and_never_run(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, "Who is the zebra keeper of the northern zoo?")
    assert "Lovelace" in turn.inner_text()
    turn.locator(".lc-mark, .lc-open").first.click()
    page.wait_for_selector("#lc-cited")
    assert page.locator(".lc-source-text").text_content() == HOSTILE_TEXT
    assert HOSTILE_NAME in page.locator(".lc-source-head").inner_text()
    assert HOSTILE_NAME in page.locator(".lc-docs").inner_text()
    assert page.locator("#lc-main img, #lc-sidebar img, #lc-main script").count() == 0


@pytest.mark.parametrize(
    ("question", "name", "keeper"),
    [
        ("Who is the walrus keeper of the southern zoo?", "attack.html", "Ada Byron"),
        ("Who is the otter keeper of the western zoo?", "attack.md", "Emmy Noether"),
    ],
)
def test_markup_of_a_document_is_text(visit: Visit, question: str, name: str, keeper: str) -> None:
    page = visit.page
    turn = ask(page, question)
    assert keeper in turn.inner_text()
    turn.locator(".lc-mark, .lc-open").first.click()
    page.wait_for_selector("#lc-cited")
    assert name in page.locator(".lc-source-head").inner_text()
    shown = page.locator(".lc-source-text")
    assert '<img src="http://192.0.2.1/a.png" onerror="window.ran=6">' in str(shown.text_content())
    shown.hover()
    settled(page)
    inside = "img, script, svg, iframe, link, style, meta, base, a, form, input, [onclick]"
    assert shown.locator(inside).count() == 0
    assert page.url.startswith(visit.url)


def test_upload_ask_remove_reload(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    file = tmp_path / "menu (final) – été.txt"
    file.write_text("The soup of the harbour café is bouillabaisse.", encoding="utf-8")
    bad = tmp_path / "empty.txt"
    bad.write_bytes(b"")
    page.locator("#lc-sidebar input[type=file]").set_input_files([file, bad])
    page.locator(".lc-outcome.lc-failed", has_text=bad.name).wait_for()
    report = page.locator(".lc-report").inner_text()
    assert f"{file.name} added" in report
    assert "the file is empty" in report
    row = page.locator(".lc-doc", has_text=file.name)
    row.wait_for()

    turn = ask(page, "What is the soup of the harbour café?")
    turn.locator(".lc-mark").first.click()
    page.wait_for_selector("#lc-cited")
    assert "bouillabaisse" in str(page.locator("#lc-cited").text_content())

    visit.reload()
    page.locator(".lc-turn", has_text="bouillabaisse").wait_for()  # the conversation is kept
    row.wait_for()
    row.locator(".lc-remove").click()
    row.get_by_role("button", name="Cancel").click()
    assert row.count() == 1
    row.locator(".lc-remove").click()
    row.locator(".lc-danger").click()
    row.wait_for(state="detached")
    assert "bouillabaisse" not in ask(page, "What is the soup of the harbour café?").inner_text()


def test_files_dropped_anywhere_are_added(visit: Visit) -> None:
    page = visit.page
    with page.expect_file_chooser() as chooser:
        page.locator("#lc-upload").click()
    assert ".docx" in str(chooser.value.element.get_attribute("accept")).split(",")
    carried = page.evaluate_handle(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(['The ferry leaves at noon.'], 'ferry.md'));
          carried.items.add(new File(['x'], 'table.xyz'));
          return carried;
        }"""
    )
    page.locator("#lc-sidebar .toggle-button").click()
    page.dispatch_event("#lc-talk", "dragover", {"dataTransfer": carried})
    assert "lc-dropping" in page.locator("body").evaluate("body => body.className")
    page.dispatch_event("#lc-talk", "drop", {"dataTransfer": carried})
    page.locator(".lc-outcome.lc-failed", has_text="table.xyz").wait_for()
    assert "lc-dropping" not in page.locator("body").evaluate("body => body.className")
    report = page.locator(".lc-report").inner_text()
    assert "ferry.md added" in report
    assert "table.xyz failed: .xyz files are not supported" in report
    row = page.locator(".lc-doc", has_text="ferry.md")
    assert "noon" in ask(page, "When does the ferry leave?").inner_text()
    row.locator(".lc-remove").click()
    row.locator(".lc-danger").click()
    row.wait_for(state="detached")


def test_a_dropped_folder_is_added_with_all_that_can_be_read(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    folder = tmp_path / "boats"
    (folder / "old").mkdir(parents=True)
    (folder / ".hidden.md").write_text("Hidden.", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"x")
    (folder / "log.md").write_text("The tender is called Puffin.", encoding="utf-8")
    (folder / "old" / "log.md").write_text("The schooner is called Gannet.", encoding="utf-8")
    carried = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 700, "y": 300, "data": carried})
    page.locator(".lc-report", has_text="2 added").wait_for()
    report = page.locator(".lc-report").inner_text()
    assert "boats - log.md added" in report
    assert "boats - old - log.md added" in report
    for name in ("boats - log.md", "boats - old - log.md"):
        row = page.locator(".lc-doc", has_text=name)
        row.locator(".lc-remove").click()
        row.locator(".lc-danger").click()
        row.wait_for(state="detached")


def test_a_pressed_mark_stays_in_view_beside_the_source(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 1024, "height": 768})
    for question in (QUESTION, "Who won the chess tournament in Reykjavik?"):
        ask(page, question)
    ask(page, QUESTION).locator(".lc-mark").click()
    page.wait_for_function("document.activeElement.id === 'lc-cited'")
    assert in_view(page, ".lc-mark[aria-current]", "#lc-conversation")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.classList.contains('lc-mark')")
    assert in_view(page, ".lc-mark[aria-current]", "#lc-conversation")


def test_a_mark_never_stands_alone_on_a_line(visit: Visit) -> None:
    page = visit.page
    ask(page, QUESTION)
    script = """() => {
      const mark = document.querySelector('.lc-mark').getBoundingClientRect();
      const text = document.querySelector('.lc-last').firstChild;
      const end = document.createRange();
      end.setStart(text, text.length - 1);
      end.setEnd(text, text.length);
      const last = end.getBoundingClientRect();
      return last.top < mark.bottom && mark.top < last.bottom;
    }"""
    for width in range(390, 768, 9):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(script), width


def test_only_ticked_documents_are_asked(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Select no document").click()
    page.get_by_text(re.compile(r"0 of \d selected")).wait_for()
    assert "Select at least one" in ask(page, QUESTION).inner_text()
    page.locator(".lc-doc", has_text="log.txt").locator("input").check()
    page.get_by_text(re.compile(r"1 of \d selected")).wait_for()
    # A question that was refused is asked again in its place.
    page.locator("#lc-question textarea").fill(QUESTION)
    page.locator("#lc-question textarea").press("Enter")
    again = page.locator(".lc-turn")
    again.locator(".lc-answer").wait_for()
    assert again.count() == 1
    cited = again.locator("[data-doc]").all()
    wanted = page.locator(".lc-doc", has_text="log.txt").locator("input").get_attribute("data-doc")
    assert cited
    assert {button.get_attribute("data-doc") for button in cited} == {wanted}
    page.get_by_role("button", name="Select all documents").click()
    page.get_by_text(re.compile(r"^\d selected")).wait_for()


def test_empty_and_very_long_questions(visit: Visit) -> None:
    page = visit.page
    box = page.locator("#lc-question textarea")
    box.fill("   ")
    box.press("Enter")
    turn = ask(page, "What would a large-scale IPO provide? " * 263 + "Pray?")
    assert turn.locator(".lc-message").count() == 0
    assert page.locator(".lc-turn").count() == 1  # the blanks were no question
    page.locator("#lc-new").click()
    page.wait_for_selector(".lc-empty")


@pytest.mark.parametrize(
    "window",
    [
        {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
        for width in (390, 1024)
        for scheme in ("light", "dark")
    ],
    ids=lambda window: f"{window['color_scheme']}-{window['viewport']['width']}",
)
def test_small_windows(visit: Visit) -> None:
    page = visit.page
    turn = ask(page, QUESTION)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert in_view(page, "#lc-composer", "body")
    turn.locator(".lc-mark").first.click()
    page.wait_for_function("document.activeElement.id === 'lc-cited'")
    assert in_view(page, "#lc-cited", ".lc-source-body")
    page.locator(".lc-close").click()
    page.wait_for_selector("#lc-cited", state="detached")


def test_a_question_that_is_too_long_stays_in_its_box(visit: Visit) -> None:
    page = visit.page
    box = page.locator("#lc-question textarea")
    box.fill("w" * 12_001)
    box.press("Enter")
    told = page.locator(".lc-talk .lc-message")
    sync_api.expect(told).to_contain_text("The question has 12,001 characters")
    assert box.input_value() == "w" * 12_001
    assert page.locator(".lc-turn").count() == 0
    ask(page, QUESTION)  # and the next one is answered
    assert told.count() == 0
