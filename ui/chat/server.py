"""Starts the web chat: on loopback, without telemetry, and closed to other sites' pages."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loccit.index.errors import LoccitError
from loccit.ui.command_line import console

if TYPE_CHECKING:
    import gradio as gr

    from loccit.index.passage_index import PassageIndex
    from loccit.ui.chat.handlers import Desk

ASSETS = Path(__file__).with_name("assets")
# Read by gradio and huggingface_hub when they are imported.
PRIVACY = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
}
FONTS = ("ui-sans-serif", "system-ui", "sans-serif")
# How many pages' conversations the server holds, also of closed pages: 0.2 MB each after eight
# questions. An older page goes on with a new conversation; its old one is among those kept.
PAGES_HELD = 500
PASSWORD = "LOCCIT_PASSWORD"
TEMPORARY = "GRADIO_TEMP_DIR"


class PortTaken(LoccitError):
    """Another program listens on the port."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is served.

    ``names`` are the host names of a proxy in front of it, and ``root_path`` is the path under
    which that proxy serves the page.
    """

    host: str
    port: int
    names: tuple[str, ...] = ()
    root_path: str = ""


def serve(
    index_path: Path,
    address: Address,
    *,
    add: Path | None = None,
    model: str | None = None,
    reader: str | None = None,
    open_browser: bool = False,
    auth: bool = False,
) -> None:
    """Serve the web chat until interrupted; mirror a folder or add a file if one is given.

    With ``auth`` visitors are asked for a password: that of the environment, or a new one.

    Raises:
        LoccitError: others can reach the host, and ``auth`` is not set.
        PortTaken: another program listens on the port.
    """
    host, port = address.host, address.port
    from loccit.ui.chat.guarding import is_loopback

    if not auth and not is_loopback(host):
        raise LoccitError(
            f"Anyone who can reach {host} could read these documents. Add --auth, which asks for a "
            f"password (the value of {PASSWORD}, or a new one)."
        )
    password = _password() if auth else None
    check_port(host, port)
    from loccit.index.passage_index import PassageIndex

    # Uploads pass through a folder that other users of this machine can't read.
    with (
        tempfile.TemporaryDirectory(prefix="loccit-") as temporary,
        PassageIndex.open(index_path, create=True, embedder=model, upgrade=False) as index,
    ):
        os.environ.update({**PRIVACY, TEMPORARY: temporary})
        desk = make_desk(index, reader, mirrored=add)
        blocks, settings = prepare(desk, address, password)
        blocks.launch(**settings)
        url = f"http://{'localhost' if is_loopback(host) else host}:{port}"
        console.print_line(f"loccit is at {url} (Ctrl-C stops it)")
        if not is_loopback(host):
            console.print_error("warning: the password and the documents are sent unencrypted")
        if address.names and not auth:
            console.print_error("warning: whoever reaches the proxy can read these documents")
        if open_browser:
            webbrowser.open(url)
        desk.indexing.upgrade()
        desk.indexing.mirror()
        try:
            _wait()
        finally:
            blocks.close(verbose=False)
            for part in (desk.indexing, desk.suggestions, desk.pages, desk.conversations):
                if part is not None:
                    part.close()


def prepare(
    desk: Desk, address: Address, password: str | None = None
) -> tuple[gr.Blocks, dict[str, Any]]:
    """Return the web chat and the arguments to launch it with."""
    os.environ.update(PRIVACY)
    from loccit.ui.chat.guarding import refuse_downloads
    from loccit.ui.chat.wiring import build

    refuse_downloads()
    return build(desk), launch_settings(address, password)


def launch_settings(address: Address, password: str | None = None) -> dict[str, Any]:
    """Return the arguments of ``gradio.Blocks.launch``; whatever is not needed is closed."""
    import gradio as gr
    from gradio.themes.utils.fonts import LocalFont
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from loccit.index.parsing import MAX_FILE_BYTES
    from loccit.ui.chat.guarding import Guard, allowed_hosts, password_check
    from loccit.ui.chat.layout import WORDS

    # Gradio bundles the semibold of this font without most of its letters; the bold is whole.
    font = LocalFont("Source Sans Pro", weights=(400, 700))
    return {
        "server_name": address.host,
        "server_port": address.port,
        "root_path": address.root_path or None,
        "share": False,
        "auth": None if password is None else password_check(password),
        "auth_message": "Enter any name, and the password that loccit was started with.",
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "footer_links": [],
        "allowed_paths": [],
        "max_file_size": MAX_FILE_BYTES,
        "state_session_capacity": PAGES_HELD,
        "favicon_path": ASSETS / "favicon.svg",
        "css_paths": [ASSETS / "chat.css"],
        "theme": gr.themes.Default(primary_hue="teal", neutral_hue="stone", font=[font, *FONTS]),
        "quiet": True,
        "i18n": WORDS,
        "show_error": False,
        "prevent_thread_lock": True,
        "app_kwargs": {
            "middleware": [
                Middleware(
                    Guard, named=address.names
                ),  # first, so that refusals carry its headers as well
                Middleware(
                    TrustedHostMiddleware, allowed_hosts=allowed_hosts(address.host, address.names)
                ),
            ],
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
        },
    }


def make_desk(index: PassageIndex, reader: str | None = None, mirrored: Path | None = None) -> Desk:
    """Return what the handlers work with, and begin to load the model in the background."""
    from loccit.index.parsing.page_images import PageImages
    from loccit.qa.assistant import Assistant
    from loccit.qa.conversation.store import Conversations
    from loccit.ui.chat.handlers import Desk
    from loccit.ui.chat.indexing import Indexing
    from loccit.ui.chat.suggesting import Suggestions

    assistant = Assistant(index, reader)
    indexing = Indexing(index, mirrored, console.print_report)
    try:
        conversations = Conversations.open(index.folder, create=True)
        conversations.purge()  # what was deleted in an earlier session can't be restored
    except LoccitError as error:
        console.print_error(f"conversations are not kept: {error}")
        conversations = None
    warm, suggestions = (
        _in_background(assistant.warm_up),
        Suggestions(index, assistant.ask_in_steps),
    )
    return Desk(
        index, indexing, assistant.ask_in_steps, warm, conversations, suggestions, PageImages()
    )


def _password() -> str:
    """Return the password of the environment, or a new one, which is printed."""
    password = os.environ.get(PASSWORD)
    if not password:
        password = secrets.token_urlsafe(12)
        console.print_line(f"the password is {password}")
    return password


def check_port(host: str, port: int) -> None:
    """Raise ``PortTaken`` if nothing can listen on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # As the server does; on Windows the option would let two servers share a port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"can't listen on {host}, port {port} ({error.strerror}). "
                f"Choose another port with --port, or stop the program that uses this one."
            ) from None


def _in_background(warm_up: Callable[[], None]) -> Future[None]:
    """Load the model in a thread that does not delay the end of the program."""
    done: Future[None] = Future()

    def load() -> None:
        try:
            warm_up()
        except Exception as error:  # noqa: BLE001 - the page shows it
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=load, name="loading the model", daemon=True).start()
    return done


def _wait() -> None:
    while True:
        time.sleep(3600)
