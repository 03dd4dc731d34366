"""A real Chromium and the real web chat on loopback, for ``test_browser``."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = "LOCCIT_REQUIRE_BROWSER"
# A browser of its own accord looks for updates and the like: those are not the page's requests,
# and there is no network in a test.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """An open page, and all that was requested, logged and thrown while it was open."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def reload(self) -> None:
        """Load the page again."""
        self.go_to(self.page.url)

    def go_to(self, address: str) -> None:
        """Leave the page for an address; what it logs as its streams are cut off is not kept."""
        before = len(self.errors)
        self.page.goto(address, wait_until="commit")
        del self.errors[before:]


def find_browser() -> str:
    """Return the path of an installed Chromium; skip the test, or fail it if one is required."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path is not None:
            return path
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"no Chromium is installed, and {REQUIRED} is 1")
    pytest.skip(f"no Chromium is installed: none of {', '.join(BROWSERS)} is on the PATH")


def free_port() -> int:
    """Return a port on which nothing listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser; each test opens a page of its own."""
    path = find_browser()
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            headless=True,
            args=list(ARGUMENTS),
            timeout=1_000 * PATIENCE_SECONDS,
        )
        yield browser
        browser.close()


@contextmanager
def running_chat(
    index: Path,
    *arguments: str,
    program: Sequence[str] = ("-m", "loccit"),
    attacked: bool = False,
) -> Iterator[int]:
    """Run ``loccit chat`` in a process of its own; yield its port once the page can be opened.

    Nothing may go wrong behind the page, unless it is ``attacked``.

    Within the test's process Gradio would leave sockets and event loops behind.
    """
    port = free_port()
    command = [sys.executable, *program, "chat", *arguments, "--port", str(port)]
    log = index.with_name(f"{index.name}-log.txt")
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [*command, "--index", str(index)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        ) as server,
    ):
        net = threading.Timer(PATIENCE_SECONDS, server.kill)
        net.start()
        try:
            assert server.stdout is not None
            started = any(line.startswith("loccit is at") for line in server.stdout)
            assert started, f"the chat did not start:\n{log.read_text(encoding='utf-8')}"
            if arguments and not arguments[0].startswith("-"):  # the folder is added behind it
                assert any(re.match(r"\d+ (added,|files?:)", line) for line in server.stdout)
            net.cancel()
            yield port
        finally:
            net.cancel()
            server.terminate()
    assert attacked or "Traceback" not in log.read_text(encoding="utf-8")


def settled(page: Page) -> None:
    """Return once the page has been drawn anew and nothing on it moves, but for what never ends."""
    page.evaluate("() => new Promise(f => requestAnimationFrame(() => requestAnimationFrame(f)))")
    page.wait_for_function(
        """() => document.getAnimations().every((one) =>
          one.playState !== 'running' || one.effect.getTiming().iterations === Infinity)"""
    )


@pytest.fixture(scope="module")
def chat_url(tmp_path_factory: pytest.TempPathFactory, documents: Path) -> Iterator[str]:
    """The address of the chat over a file's documents."""
    find_browser()
    index = tmp_path_factory.mktemp("chat") / "index"
    with running_chat(index, str(documents)) as port:
        yield f"http://localhost:{port}/"


@pytest.fixture
def window() -> dict[str, Any]:
    """What a page is opened with; a test may have it otherwise by its parameters."""
    return {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def visit(chromium: Browser, chat_url: str, window: dict[str, Any]) -> Iterator[Visit]:
    """Open the page in a context of its own and record what it does."""
    context = chromium.new_context(**window)
    context.set_default_timeout(1_000 * PATIENCE_SECONDS)
    visit = Visit(context.new_page(), chat_url)
    page = visit.page
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("websocket", lambda socket: visit.requests.append(socket.url))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on(
        "console",
        lambda message: message.type == "error" and visit.errors.append(message.text),
    )
    page.goto(chat_url)
    page.wait_for_selector("#lc-conversation .lc-empty")
    page.wait_for_selector(".lc-ready")
    yield visit
    context.close()
