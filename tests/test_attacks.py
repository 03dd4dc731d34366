"""Attacks on the real web chat, on loopback: what a visitor, or a visitor's browser, may not do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from attacking import JSON, Visitor, file_data, visit
from browser_fixtures import running_chat
from patience import PATIENCE_SECONDS, wait_until

from loccit.ui.chat.guarding import HEADERS

SECRET = "The secret of the server is 41 plums."
BARE_ERROR = '[{"text": "failed"}]'  # instead of the framework's, of a number that is none
LONE = "\ud800"


@dataclass(frozen=True, slots=True)
class Site:
    """A running chat, and the folder it must not give away."""

    url: str
    folder: Path

    @property
    def index(self) -> Path:
        """The index's folder."""
        return self.folder / "index"

    def log(self) -> str:
        """Return what the chat has written to its terminal."""
        return (self.folder / "index-log.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "server.txt").write_text(SECRET, encoding="utf-8")
    (folder / "public").mkdir()
    (folder / "public" / "lease.txt").write_text("The rent is 900 euros.", encoding="utf-8")
    with running_chat(folder / "index", str(folder / "public"), attacked=True) as port:
        yield Site(f"http://127.0.0.1:{port}", folder)


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    found = visit(site.url)
    yield found
    found.client.close()


def documents(visitor: Visitor) -> str:
    """Return the list of documents, as the page shows it."""
    _, messages = visitor.send("load", [None])
    (done,) = [message for message in messages if message["msg"] == "process_completed"]
    return str(done["output"]["data"])


def get(site: Site, path: str) -> httpx.Response:
    """Ask for a path exactly as it is written, dots and all."""
    with httpx.Client(timeout=PATIENCE_SECONDS) as client:
        request = client.build_request("GET", site.url)
        request.url = request.url.copy_with(raw_path=path.encode())
        return client.send(request)


PATHS = [
    "/gradio_api/file={folder}/server.txt",
    "/gradio_api/file={folder}/public/lease.txt",
    "/gradio_api/file={folder}/index/catalogue.sqlite3",
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=../../../../../../../../etc/passwd",
    "/gradio_api/file=%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/gradio_api/file=file:///etc/passwd",
    "/gradio_api/file=pyproject.toml",
    "/gradio_api/file//etc/passwd",
    "/gradio_api/file={folder}/public/../server.txt",
    "/gradio_api/file=\\\\host\\share",
    "/gradio_api/file=%00/etc/passwd",
    "/gradio_api/file=http://example.com/",
    "/gradio_api/file=HTTPS://example.com/",
    "/gradio_api/file=%68ttp://example.com/",
    "/gradio_api/file/http://example.com/",
    "/gradio_api/proxy=http://example.com/",
    "/file=/etc/passwd",
    "/static/../../../../../../../../etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "/svelte/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "/docs",
    "/nothing",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_the_disk_or_the_network_is_served(site: Site, path: str) -> None:
    response = get(site, path.replace("{folder}", str(site.folder)))
    assert response.status_code in (400, 403, 404, 422, 500)
    assert "root:" not in response.text
    assert "plums" not in response.text
    assert "Traceback" not in response.text
    for name, value in HEADERS.items():
        assert response.headers[name] == value


def test_other_hosts_and_origins(site: Site) -> None:
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""):
        response = httpx.get(f"{site.url}/config", headers={"Host": host}, timeout=PATIENCE_SECONDS)
        assert response.status_code == 400
        assert response.headers["x-content-type-options"] == "nosniff"
    origin = {"Origin": "http://evil.example"}
    for response in (
        httpx.get(f"{site.url}/config", headers=origin, timeout=PATIENCE_SECONDS),
        httpx.options(
            f"{site.url}/gradio_api/queue/join",
            headers={**origin, "Access-Control-Request-Method": "POST"},
            timeout=PATIENCE_SECONDS,
        ),
    ):
        assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),  # of a sandboxed frame
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "{url}"}, 403),  # another port of this machine
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.example"}, 200),  # a proxy
        ({"Origin": "{url}"}, 200),
        ({}, 200),  # a program
    ],
)
def test_another_sites_page_sends_nothing(site: Site, headers: dict[str, str], status: int) -> None:
    sent = {name: value.replace("{url}", site.url) for name, value in headers.items()}
    # All that such a page may send without being asked first.
    files = {"files": ("planted.txt", b"The rent is 1 euro.")}
    uploaded = httpx.post(
        f"{site.url}/gradio_api/upload", headers=sent, files=files, timeout=PATIENCE_SECONDS
    )
    assert uploaded.status_code == status
    joined = httpx.post(
        f"{site.url}/gradio_api/queue/join",
        headers=sent,
        content='{"data": [], "fn_index": 1, "session_hash": "x"}',
        timeout=PATIENCE_SECONDS,
    )
    assert joined.status_code == (422 if status == 200 else status)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("HEAD", "/"),
        ("GET", "/config"),
        ("GET", "/favicon.ico"),
        ("GET", "/theme.css"),
        ("OPTIONS", "/config"),
        ("POST", "/nothing"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/queue/join"),
        ("GET", "/gradio_api/queue/data?session_hash=unknown"),
        ("DELETE", "/config"),
    ],
)
def test_every_response_has_the_headers(site: Site, method: str, path: str) -> None:
    with httpx.stream(method, site.url + path, timeout=PATIENCE_SECONDS) as response:
        for name, value in HEADERS.items():
            assert response.headers[name] == value


def forged(site: Site, cached: str) -> list[object]:
    secret = str(site.folder / "server.txt")
    catalogue = str(site.index / "catalogue.sqlite3")
    return [
        [file_data(secret)],
        file_data(secret),
        [file_data(secret, is_stream=True)],
        [file_data(secret, url="/gradio_api/file=x.txt", orig_name="x.txt")],
        [{"path": secret}],
        [{"path": secret, "meta": {"_type": "other"}}],
        [secret],
        secret,
        [file_data("/etc/passwd")],
        [file_data(catalogue)],
        [file_data(f"{Path(cached).parent}/../../../../../../../..{secret}")],
        [file_data(f"file://{secret}")],
        [file_data(str(Path(cached).parent))],
        [file_data("\0")],
        [file_data("x" * 5_000)],
        [file_data(LONE)],
    ]


def test_a_forged_upload_is_not_indexed(site: Site, visitor: Visitor) -> None:
    cached = visitor.upload("ferry.txt", b"The ferry leaves at noon.")
    before = documents(visitor)
    for data in forged(site, cached):
        _, messages = visitor.send("upload", [data])
        shown = json.dumps(messages)
        for leak in ("plums", "root:", "Traceback", "site-packages"):
            assert leak not in shown, data
    assert documents(visitor) == before
    assert not any((site.index / "uploads").glob("*"))
    assert (site.folder / "server.txt").read_text(encoding="utf-8") == SECRET
    assert (site.index / "catalogue.sqlite3").is_file()
    visitor.send("upload", [[file_data(cached)]])
    wait_until(lambda: "ferry.txt" in documents(visitor))
    assert get(site, f"/gradio_api/file={cached}").status_code in (403, 404)
    _, again = visitor.send("upload", [[file_data(cached)]])
    assert "Choose it again" in str(again)


@pytest.mark.parametrize("kind", ["upload", "submit"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x.txt", "https://example.com/x.txt"])
def test_the_server_downloads_nothing(site: Site, visitor: Visitor, kind: str, url: str) -> None:
    data = [file_data(url)] if kind == "upload" else file_data(url)
    _, messages = visitor.send(kind, [data])
    assert '"success": true' not in json.dumps(messages)
    assert f"refused to fetch what a visitor names: {url}" in site.log()
    assert "ConnectError" not in site.log()
    assert "x.txt" not in documents(visitor)


def test_too_large_an_upload(site: Site) -> None:
    files = {"files": ("large.txt", b"a" * (100 * 2**20 + 1))}
    response = httpx.post(f"{site.url}/gradio_api/upload", files=files, timeout=PATIENCE_SECONDS)
    assert response.status_code == 413
    assert str(site.folder) not in response.text


@pytest.mark.parametrize("name", ["../../evil.txt", "/etc/evil.txt", "..txt", "NUL", "a" * 400])
def test_names_of_uploads_stay_inside(site: Site, visitor: Visitor, name: str) -> None:
    cached = Path(visitor.upload(name, b"The name of this is hostile."))
    assert cached.parent.parent.name.startswith("loccit-")
    visitor.send("upload", [[file_data(str(cached))]])
    assert not list(site.folder.glob("evil*"))


JUNK: list[object] = [
    None,
    True,
    -1,
    1e308,
    float("inf"),
    float("nan"),
    "",
    LONE,
    "\0",
    "9" * 5_000,
    [],
    {},
    [[[[]]]],
    {"where": {"doc": LONE, "start": 0, "end": 5}},
    {"where": {"doc": ["x"], "start": float("inf"), "end": {}}},
    {"where": {"start": "9" * 5_000, "end": "9" * 5_000}},
    {"where": [1, 2], "excluded": 5, "doc": LONE, "question": LONE},
    {"where": None, "excluded": [LONE, None, {}], "doc": "../..", "question": None},
    {"_data": {}, "target": "x", "__class__": "y"},
]


@pytest.mark.parametrize("kind", ["load", "tick", "submit", "example", "click", "cite", "extend",
                                  "shut", "upload", "remove", "scope", "job", "stop", "reopen",
                                  "alter", "rate", "export", "kept", "change"])  # fmt: skip
def test_junk_of_every_type(site: Site, visitor: Visitor, kind: str) -> None:
    for junk in JUNK:
        for data in ([junk, junk, junk], [], junk):
            status, messages = visitor.send(kind, data, event_data=junk)
            shown = json.dumps(messages)
            assert status in (200, 400, 404, 422) or shown == BARE_ERROR, (kind, data)
            for leak in ("Traceback", "site-packages", "plums", str(site.folder)):
                assert leak not in shown
    assert "lease.txt" in documents(visitor)


def test_requests_that_are_no_requests(site: Site) -> None:
    for body in (
        b"",
        b"[]",
        b"{",
        b"null",
        b'{"data": []}',
        b"[" * 50_000,
        b"\xff\xfe",
        b"1" * 9_999,
    ):
        for path in ("queue/join", "run/predict", "call/predict", "cancel", "component_server"):
            response = httpx.post(
                f"{site.url}/gradio_api/{path}",
                content=body,
                headers=JSON,
                timeout=PATIENCE_SECONDS,
            )
            assert "Traceback" not in response.text
            assert "site-packages" not in response.text
    assert httpx.get(f"{site.url}/config", timeout=PATIENCE_SECONDS).status_code == 200


def test_half_a_character_in_a_question(visitor: Visitor) -> None:
    _, messages = visitor.send("submit", [f"What is {LONE} the rent?", None, None])
    assert messages[-2]["success"] is True
    assert "900" in str(messages)
