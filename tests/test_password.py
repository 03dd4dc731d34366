"""The web chat behind a password: nothing is told to who doesn't know it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from browser_fixtures import running_chat
from patience import PATIENCE_SECONDS
from typer.testing import CliRunner

from loccit.ui.chat.guarding import FAILURE_SECONDS
from loccit.ui.command_line import main as cli
from loccit.ui.command_line.options_and_exits import ExitCode

PASSWORD = "pässword of the tests"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("password")
    (folder / "secret.txt").write_text("The secret is 41 plums.", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCCIT_PASSWORD", PASSWORD)
        with running_chat(folder / "index", str(folder / "secret.txt"), "--auth") as port:
            yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/config"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/queue/data?session_hash=x"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/run/predict"),
        ("GET", "/gradio_api/file=secret.txt"),
        ("GET", "/gradio_api/file/secret.txt"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/upload_progress?upload_id=x"),
        ("GET", "/gradio_api/queue/status"),
        ("GET", "/gradio_api/deep_link?session_hash=x"),
        ("GET", "/gradio_api/call/predict/x"),
        ("GET", "/gradio_api/stream/x/0/1/playlist.m3u8"),
        ("POST", "/gradio_api/call/predict"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/api/predict"),
    ],
)
def test_nothing_is_open(url: str, method: str, path: str) -> None:
    sent = {"data": []} if method == "POST" else None
    response = httpx.request(method, url + path, json=sent, timeout=PATIENCE_SECONDS)
    assert response.status_code in (401, 403, 404)
    assert "secret" not in response.text


def test_the_page_asks_for_the_password(url: str) -> None:
    with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as client:
        assert "secret" not in client.get("/").text
        for wrong in ("", "password", PASSWORD + " "):
            began = time.monotonic()
            refused = client.post("/login", data={"username": "me", "password": wrong or " "})
            assert refused.status_code == 400
            # Never sooner; how much later says nothing.
            assert time.monotonic() - began >= FAILURE_SECONDS
            assert client.get("/config").status_code == 401
        entered = client.post("/login", data={"username": "me", "password": PASSWORD})
        assert entered.status_code == 200
        assert client.get("/config").status_code == 200


def test_others_are_not_served_without_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["chat", "--host", "0.0.0.0", "--index", str(tmp_path)])
    assert result.exit_code == ExitCode.ERROR
    assert "--auth" in result.stderr
