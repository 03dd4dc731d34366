"""Answers that take long, in a real Chromium: stopped, and left for another conversation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from browser_fixtures import Visit, find_browser, running_chat, visit, window
from test_browser import ask

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["visit", "window"]

pytestmark = pytest.mark.browser

SLOW = "Is it slow?"
PROGRAM = f"""
import sys, time
from loccit.qa.assistant import Assistant
from loccit.ui.command_line.main import main
quick = Assistant.ask_in_steps
def ask_in_steps(self, question, **options):
    for step in quick(self, question, **options):
        yield step
        time.sleep(3 if question == {SLOW!r} else 0)
Assistant.ask_in_steps = ask_in_steps
main()
"""


@pytest.fixture(scope="session")
def chat_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a chat that takes three seconds after it has found its passages."""
    find_browser()
    folder = tmp_path_factory.mktemp("slow")
    (folder / "mill.txt").write_text("The keeper of the mill is Ada.", encoding="utf-8")
    with running_chat(folder / "i", str(folder / "mill.txt"), program=("-c", PROGRAM)) as port:
        yield f"http://localhost:{port}/"


def begin(page: Page) -> None:
    box = page.locator("#lc-question textarea")
    box.fill(SLOW)
    box.press("Enter")
    page.get_by_text("Found 1 passage in 1 document. Reading …").wait_for()


def test_an_answer_can_be_stopped(visit: Visit) -> None:
    page = visit.page
    begin(page)
    page.locator("#lc-question .stop-button").click()
    page.get_by_text("Stopped.").wait_for(timeout=1_500)  # sooner than the step at hand ends
    page.locator("#lc-question .submit-button").wait_for()
    assert "Ada" in ask(page, "Who is the keeper of the mill?").inner_text()


def test_a_conversation_that_was_left_does_not_come_back(visit: Visit) -> None:
    page = visit.page
    begin(page)
    page.get_by_role("button", name="New").click()
    page.wait_for_selector(".lc-empty")
    turn = ask(page, "Who is the keeper of the mill?")
    page.wait_for_timeout(3_500)
    assert "Ada" in turn.inner_text()
    assert page.locator(".lc-turn").count() == 1
