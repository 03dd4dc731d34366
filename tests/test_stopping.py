"""Answers that take long, in a real Chromium: stopped, and left for another conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser_fixtures import Visit, find_browser, running_chat, visit, window
from patience import wait_until
from test_browser import ask

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["visit", "window"]

pytestmark = pytest.mark.browser

SLOW = "Is it slow?"
KEEPER = "Who is the keeper of the mill?"
# loccit, which holds the slow question after its passages are found as long as a file is there.
PROGRAM = """
import sys, time
from pathlib import Path
from loccit.qa.assistant import Assistant
from loccit.ui.command_line.main import main
held, gone_on = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
quick = Assistant.ask_in_steps
def ask_in_steps(self, question, **options):
    for step in quick(self, question, **options):
        yield step
        if question == "Is it slow?":
            while held.exists():
                time.sleep(0.02)
            gone_on.touch()
Assistant.ask_in_steps = ask_in_steps
main()
"""


@dataclass(frozen=True, slots=True)
class Gate:
    """What holds the slow question, and tells that it has gone on."""

    held: Path
    gone_on: Path

    def shut(self) -> None:
        self.gone_on.unlink(missing_ok=True)
        self.held.touch()

    def open(self) -> None:
        """Let the question go on, and return when it has."""
        self.held.unlink()
        wait_until(self.gone_on.exists)


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    folder = tmp_path_factory.mktemp("gate")
    return Gate(folder / "held", folder / "gone-on")


@pytest.fixture(scope="module")
def chat_url(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[str]:
    """The address of a chat that answers the slow question when the gate opens."""
    find_browser()
    folder = tmp_path_factory.mktemp("slow")
    (folder / "mill.txt").write_text("The keeper of the mill is Ada.", encoding="utf-8")
    program = ("-c", PROGRAM, str(gate.held), str(gate.gone_on))
    with running_chat(folder / "i", str(folder / "mill.txt"), program=program) as port:
        yield f"http://localhost:{port}/"


def begin(page: Page, gate: Gate) -> None:
    gate.shut()
    box = page.locator("#lc-question textarea")
    box.fill(SLOW)
    box.press("Enter")
    page.get_by_text("Found 1 passage in 1 document. Reading …").wait_for()


def test_an_answer_can_be_stopped(visit: Visit, gate: Gate) -> None:
    page = visit.page
    begin(page, gate)
    assert page.locator("#lc-question .submit-button").count() == 0
    page.locator("#lc-question .stop-button").click()
    stopped = page.locator(".lc-turn").first
    stopped.get_by_text("Stopped.").wait_for()
    page.locator("#lc-question .submit-button").wait_for()
    assert page.locator("#lc-question .stop-button").count() == 0
    assert not gate.gone_on.exists()  # the step at hand was not waited for
    assert "Ada" in ask(page, KEEPER).inner_text()
    gate.open()
    assert "Ada" in ask(page, KEEPER).inner_text()
    assert "Stopped." in stopped.inner_text()
    assert stopped.locator(".lc-answer, .lc-pending, .lc-mark").count() == 0
    assert page.locator(".lc-turn").count() == 3
    visit.reload()  # what was stopped is kept as a question without an answer
    page.locator(".lc-turn", has_text=KEEPER).nth(1).wait_for()
    unanswered = page.locator(".lc-turn", has_text=SLOW)
    again = unanswered.get_by_role("button", name="Ask again")
    beside = """button => button.getBoundingClientRect().x
      - button.closest('.lc-turn').querySelector('.lc-message').getBoundingClientRect().x"""
    assert abs(again.evaluate(beside)) < 10
    assert unanswered.locator(".lc-answer, .lc-pending, .lc-mark").count() == 0


def test_a_conversation_that_was_left_does_not_come_back(visit: Visit, gate: Gate) -> None:
    page = visit.page
    begin(page, gate)
    page.get_by_role("button", name="New").click()
    page.wait_for_selector(".lc-empty")
    turn = ask(page, KEEPER)
    gate.open()
    assert "Ada" in ask(page, KEEPER).inner_text()
    assert "Ada" in turn.inner_text()
    assert page.locator(".lc-turn").count() == 2
    assert page.locator(".lc-turn", has_text=SLOW).count() == 0
