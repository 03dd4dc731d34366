"""The web chat without a browser: its handlers as functions, its settings, and what it refuses."""

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_fixtures import running_chat
from conftest import SEEDS
from patience import PATIENCE_SECONDS, wait_until

from loccit.index.errors import EmptyIndex
from loccit.index.ingestion.reporting import AddResult
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer
from loccit.ui.chat import handlers
from loccit.ui.chat.guarding import allowed_hosts, is_loopback
from loccit.ui.chat.handlers import Desk
from loccit.ui.chat.indexing import Indexing
from loccit.ui.chat.server import Address, PortTaken, check_port, launch_settings
from loccit.ui.chat.turns import Talk, Turn
from loccit.ui.chat.uploads import MAX_NAME_BYTES, keep_upload, safe_name
from loccit.ui.chat.views.talk import turn_html

QUESTION = "What would a large-scale IPO provide the company with?"
LOADED: Future[None] = Future()
LOADED.set_result(None)


@pytest.fixture
def desk(tmp_path: Path, embedder: DefaultEmbedder) -> Iterator[Desk]:
    folder = tmp_path / "index"
    with PassageIndex.open(folder, create=True, embedder=embedder) as index:
        yield desk_of(index)


@pytest.fixture
def seed_desk(seed_index: PassageIndex) -> Desk:
    return desk_of(seed_index)


def desk_of(index: PassageIndex) -> Desk:
    assistant = Assistant(index)
    return Desk(index, Indexing(index), assistant.ask_in_steps, LOADED)


def turn_of(desk: Desk, question: str, excluded: Collection[str] = ()) -> Turn:
    waiting = handlers.asked(question, Talk(), desk.warm)
    assert "lc-pending" in turn_html(waiting.turns[-1], desk.index.documents)
    *_, done = handlers.answered(desk, waiting, excluded)
    return done.turns[-1]


def cached(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / "cache" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_an_answer_has_marks_and_opens_its_source(seed_desk: Desk) -> None:
    turn = turn_of(seed_desk, f"  {QUESTION} ")
    assert turn.question == QUESTION
    assert 'class="lc-mark lc-exact" data-marker="1"' in turn_html(turn, {})
    answer = turn.answer
    assert answer is not None
    cited = answer.citations[0]
    where = {"doc": cited.doc_id, "start": str(cited.span.start), "end": str(cited.span.end)}
    pane = handlers.open_source(seed_desk, where)
    assert f'tabindex="-1">{cited.quote}</mark>' in pane


@pytest.mark.parametrize(
    "where",
    [
        None,
        "text",
        {},
        {"doc": "nobody"},
        {"doc": "nobody", "start": 0, "end": 5},
        {"doc": "SEED", "start": 0, "end": 10**9},
        {"doc": "SEED", "start": -5, "end": 5},
        {"doc": "SEED", "start": "x", "end": 5},
        {"doc": "SEED", "start": 0, "end": 5, "from": "y", "to": 3},
        {"doc": "SEED", "start": 5, "end": 5},
    ],
)
def test_what_a_browser_sends_is_not_trusted(seed_desk: Desk, where: Any) -> None:
    (doc_id,) = seed_desk.index.documents
    if isinstance(where, dict) and where.get("doc") == "SEED":
        where = {**where, "doc": doc_id}
    assert "no longer in the index" in handlers.open_source(seed_desk, where)


def test_a_window_always_holds_the_cited_span(seed_desk: Desk) -> None:
    (doc_id,) = seed_desk.index.documents
    where = {"doc": doc_id, "start": 100, "end": 110, "from": 5, "to": 7, "side": "later"}
    pane = handlers.open_source(seed_desk, where)
    text = seed_desk.index.documents[doc_id].text
    assert f'tabindex="-1">{text[100:110]}</mark>' in pane


def test_an_empty_index_is_a_message(desk: Desk) -> None:
    assert "Add your documents first" in handlers.show_conversation(desk, Talk())
    turn = turn_of(desk, "Who?")
    assert 'role="alert"' in turn_html(turn, {})
    assert "Add a document first, then ask." in turn.message


def test_no_ticked_document_is_a_message(seed_desk: Desk) -> None:
    (doc_id,) = seed_desk.index.documents
    assert "Select at least one" in turn_of(seed_desk, QUESTION, {doc_id}).message


def test_an_unknown_name_is_a_message_that_a_page_can_follow(seed_desk: Desk) -> None:
    turn = turn_of(seed_desk, "@nosuchdoc how long?")
    assert turn.message == (
        "no document and no folder is called “nosuchdoc”: The list of documents shows all names."
    )
    assert "</span> No document and no folder" in turn_html(turn, {})


def test_a_fault_is_a_message_and_not_a_crash(
    seed_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(question: str, **scope: Any) -> Iterator[Answer]:
        raise RuntimeError("a secret path")

    turn = turn_of(Desk(seed_desk.index, seed_desk.indexing, broken, LOADED), "Who?")
    assert "Something went wrong in loccit." in turn.message
    assert "a secret path" not in turn.message
    assert "a secret path" in caplog.text


def test_a_very_long_question(seed_desk: Desk) -> None:
    turn = turn_of(seed_desk, "What would it provide? " * 450)
    assert turn.answer is not None


def test_status_of_the_model() -> None:
    loading: Future[None] = Future()
    assert "Loading the model" in handlers.show_status(loading)
    loading.set_exception(EmptyIndex("<b>"))
    assert "could not be loaded: &lt;b&gt;" in handlers.show_status(loading)
    assert "Ready" in handlers.show_status(LOADED)


def ended(desk: Desk) -> str:
    """Return the report once nothing is being added any more."""
    wait_until(lambda: not desk.indexing.state().is_running)
    return handlers.show_indexing(desk)


def test_uploads_are_moved_added_replaced_and_removed(desk: Desk, tmp_path: Path) -> None:
    first = cached(tmp_path, "tea.txt", "Tea is at four in the garden.")
    bad = cached(tmp_path, "bad.txt", "")
    handlers.add_files(desk, [first, bad])
    report = ended(desk)
    assert "<p>1 added, 1 failed</p>" in report
    assert "tea.txt</bdi> <span>added" in report
    assert "bad.txt</bdi> <span>failed: " in report
    assert report.index("bad.txt") < report.index("tea.txt")  # what failed comes first
    kept = desk.index.folder / "uploads"
    assert not Path(first).exists()

    (kept / "bad.txt").write_text("Now it is good.", encoding="utf-8")
    handlers.run_job(desk, "retry")
    assert "<p>1 added</p>" in ended(desk)
    assert desk.index.failures() == {}

    handlers.add_files(desk, [cached(tmp_path, "tea.txt", "Tea is at five in the garden.")])
    assert "updated" in ended(desk)
    (doc_id,) = [s.doc_id for s in desk.index.summaries() if s.title == "tea"]
    assert desk.index.documents[doc_id].text.startswith("Tea is at five")

    assert "Removed" in handlers.remove(desk, doc_id)
    assert [path.name for path in kept.iterdir()] == ["bad.txt"]
    assert "This document is no longer in the index." in handlers.remove(desk, doc_id)
    handlers.run_job(desk, "what?")


def test_a_folder_is_mirrored_from_the_page_and_can_be_stopped(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"It is number {number}.", encoding="utf-8")
    told: list[AddResult] = []
    mirroring = replace(desk, indexing=Indexing(desk.index, folder, told.append))
    monkeypatch.setattr("loccit.index.ingestion.adding.POOLED_FILES", 1)
    holds, goes_on = threading.Event(), threading.Event()
    embed = DefaultEmbedder.embed

    def embed_some(model: DefaultEmbedder, texts: Sequence[str], kind: Any) -> Any:
        if len(desk.index.documents) == 3:
            holds.set()
            assert goes_on.wait(PATIENCE_SECONDS)
        return embed(model, texts, kind)

    with monkeypatch.context() as patch:
        patch.setattr(DefaultEmbedder, "embed", embed_some)
        mirroring.indexing.mirror()
        assert holds.wait(PATIENCE_SECONDS)
        assert "Stop</button>" in handlers.show_indexing(mirroring)
        handlers.run_job(mirroring, "cancel")
        assert "Stopping …" in handlers.show_indexing(mirroring)
        goes_on.set()
        words = "Stopped after 4 of 20 files. What was added so far is kept."
        assert words in ended(mirroring)
        handlers.run_job(mirroring, "close")
        assert words not in handlers.show_indexing(mirroring)
    assert len(desk.index.documents) == 4  # the one at hand was written as well
    assert told == []

    handlers.run_job(mirroring, "mirror")
    assert "added" in ended(mirroring)
    assert len(desk.index.documents) == 20
    (folder / "0.txt").unlink()
    handlers.run_job(mirroring, "mirror")
    assert "19 skipped, 1 removed" in ended(mirroring)
    assert [len(result.outcomes) for result in told] == [20, 19]
    assert handlers.show_indexing(desk) == ""  # another's jobs are its own
    mirroring.indexing.close()


def test_a_stop_tells_which_uploads_were_not_added(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loccit.index.ingestion.adding.POOLED_FILES", 1)
    files = [cached(tmp_path, f"{n}.txt", f"It is number {n}.") for n in range(3)]
    embed = DefaultEmbedder.embed

    def stop_and_embed(model: DefaultEmbedder, texts: Sequence[str], kind: Any) -> Any:
        desk.indexing.cancel()
        return embed(model, texts, kind)

    with monkeypatch.context() as patch:
        patch.setattr(DefaultEmbedder, "embed", stop_and_embed)
        handlers.add_files(desk, files)
        report = ended(desk)
    assert "Stopped after 1 of 3 files." in report
    assert "Not added: 2 files</summary><ul><li><bdi>1.txt</bdi></li><li><bdi>2.txt" in report
    assert [document.title for document in desk.index.documents.values()] == ["0"]
    handlers.add_files(desk, [cached(tmp_path, "1.txt", "It is number 1.")])
    assert "<p>1 added</p>" in ended(desk)


def test_removal_leaves_a_persons_own_file(desk: Desk, tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("Mine.", encoding="utf-8")
    desk.index.add(own)
    (summary,) = desk.index.summaries()
    handlers.remove(desk, summary.doc_id)
    assert own.exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report (final) – été 🦓.pdf", "report (final) – été 🦓.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "document"),
        (".hidden.txt", "hidden.txt"),
        ("", "document"),
        ('a<b>:"c|d?*.txt', "a_b___c_d__.txt"),
        ("line\nbreak\x00.txt", "line_break_.txt"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_suffix(tmp_path: Path) -> None:
    name = safe_name("é" * 300 + ".txt")
    assert name.endswith("é.txt")
    assert len(name.encode()) <= MAX_NAME_BYTES
    source = Path(cached(tmp_path, "x.txt", "text"))
    assert keep_upload(source, tmp_path) == tmp_path / "uploads" / "x.txt"


def test_launch_settings_are_closed() -> None:
    settings = launch_settings(Address("127.0.0.1", 7860))
    closed = ("share", "run_history", "enable_monitoring", "mcp_server", "pwa", "ssr_mode")
    assert [settings[name] for name in closed] == [False] * len(closed)
    assert settings["allowed_paths"] == []
    assert settings["footer_links"] == []
    assert settings["max_file_size"] == 100 * 1024 * 1024
    assert settings["state_session_capacity"] == 500
    assert settings["app_kwargs"]["docs_url"] is settings["app_kwargs"]["openapi_url"] is None
    assert Path(settings["favicon_path"]).is_file()
    assert all(Path(path).is_file() for path in settings["css_paths"])


def test_hosts() -> None:
    assert allowed_hosts("127.0.0.1") == ["localhost", "127.0.0.1", "::1", "[::1]", "127.0.0.1"]
    assert "evil.example" not in allowed_hosts("0.0.0.0")
    assert is_loopback("127.0.0.1")
    assert not is_loopback("0.0.0.0")


def test_a_taken_port_is_an_error_with_a_next_step() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken, match="Choose another port with --port"):
            check_port("127.0.0.1", taken.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "index"


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    """The address of the real app over an empty index."""
    with running_chat(folder) as port:
        yield f"http://127.0.0.1:{port}"


def get(url: str, host: str | None = None) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE_SECONDS) as response:
            return response.status, dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers)


def test_another_sites_host_is_refused(served: str) -> None:
    assert get(served)[0] == 200
    assert get(served, "localhost")[0] == 200
    assert get(served, "evil.example")[0] == 400
    assert get(f"{served}/config", "evil.example:7860")[0] == 400


@pytest.mark.slow
def test_a_named_proxy_is_answered_under_its_path(tmp_path: Path) -> None:
    proxy = ("--allowed-host", "docs.example", "--root-path", "/papers")
    with running_chat(tmp_path / "index", *proxy) as port:
        url = f"http://127.0.0.1:{port}"
        assert get(url, "docs.example")[0] == 200
        assert get(url, "evil.example")[0] == 400
        request = urllib.request.Request(url, headers={"Host": "docs.example"})
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
            assert "/papers" in response.read().decode()
        for site, status in (("docs.example:8080", 200), ("evil.example", 403)):
            # A proxy that passes on no Host header, reached by plain HTTP: no Sec-Fetch-Site.
            sent = urllib.request.Request(
                f"{url}/gradio_api/queue/join",
                data=b"{}",
                headers={"Origin": f"http://{site}", "Content-Type": "application/json"},
            )
            try:
                with urllib.request.urlopen(sent, timeout=PATIENCE_SECONDS) as response:
                    found = response.status
            except urllib.error.HTTPError as error:
                with error:
                    found = error.code
            assert (found == 403) == (status == 403), site


def test_the_page_may_load_from_nowhere_else(served: str) -> None:
    policy = get(served)[1]["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/docs", 404),
        ("/openapi.json", 404),
        ("/redoc", 404),
        ("/gradio_api/file=https://example.org/", 403),
        ("/gradio_api/proxy=https://example.org/", 403),
        (f"/gradio_api/file={SEEDS / 'cxmt-ipo.txt'}", 403),
        ("/favicon.ico", 200),
    ],
)
def test_what_is_served(served: str, path: str, code: int) -> None:
    assert get(served + path)[0] == code


def test_the_index_is_not_served(served: str, folder: Path) -> None:
    files = list(folder.iterdir())
    assert files
    for file in files:
        assert get(f"{served}/gradio_api/file={file}")[0] in (403, 404)
