"""What the web chat refuses: pages of other sites, and requests that would leave the machine."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1", "[::1]")
WILDCARD_HOSTS = ("0.0.0.0", "::", "")

READING = ("GET", "HEAD", "OPTIONS")  # methods that change nothing

FAILURE_SECONDS = 1.0  # of waiting after a wrong password

# Gradio evaluates its templates, hence unsafe-eval. What matters: whatever a document contains,
# nothing may be loaded from another origin or sent to one.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def allowed_hosts(host: str, named: Sequence[str] = ()) -> list[str]:
    """Return the Host headers to answer to when serving on ``host``.

    Without this check a page of another site could rebind its name to this machine and read the
    index (DNS rebinding). ``named`` are the names under which a proxy is reached.
    """
    if host in WILDCARD_HOSTS:
        name = socket.gethostname()
        return [*LOOPBACK_HOSTS, name, f"{name}.local", *_addresses(name), *named]
    return [*LOOPBACK_HOSTS, host, *named]


def refuse_downloads() -> None:
    """Let Gradio download nothing in this process.

    A visitor may name a URL as the "file" of any component, and the server would fetch it.
    """
    from gradio import processing_utils

    async def refuse(url: str, *_: object, **__: object) -> str:
        raise PermissionError(f"refused to fetch what a visitor names: {url}")

    processing_utils.async_ssrf_protected_download = refuse


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach ``host``."""
    return host in LOOPBACK_HOSTS or host.startswith("127.")


def password_check(
    password: str, *, delay: float = FAILURE_SECONDS
) -> Callable[[str, str], Awaitable[bool]]:
    """Return a check of a visitor's password, which accepts any name.

    It compares in constant time. Attempts wait for each other, and each wrong one takes ``delay``
    seconds, so that guessing is slow from any number of machines.
    """
    turn = asyncio.Lock()

    async def check(_name: str, given: str) -> bool:
        async with turn:
            is_right = secrets.compare_digest(given.encode(), password.encode())
            if not is_right:
                await asyncio.sleep(delay)
            return is_right

    return check


class Guard:
    """ASGI middleware that adds ``HEADERS`` to every response and refuses some requests.

    It refuses requests that would make the server fetch a URL, and those of other sites' pages.
    Pages of the ``named`` hosts are its own: a proxy may not pass on the Host header.
    """

    def __init__(self, app: ASGIApp, named: Collection[str] = ()) -> None:
        self.app = app
        self.named = named

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if _fetches_elsewhere(scope["path"]) or _is_of_another_site(scope, self.named):
            await PlainTextResponse("refused", status_code=403)(scope, receive, send_with_headers)
            return
        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            if has_begun:
                raise
            # The framework stumbles over some junk; the terminal gets the traceback.
            logger.exception("a request could not be answered")
            await PlainTextResponse("failed", status_code=500)(scope, receive, send_with_headers)


def _fetches_elsewhere(path: str) -> bool:
    """Tell whether a route of Gradio makes the server fetch a URL."""
    return "/proxy=" in path or "file=http:" in path or "file=https:" in path


def _is_of_another_site(scope: Scope, named: Collection[str]) -> bool:
    """Tell whether a browser sends this for a page of another origin.

    Browsers say so in a header; for older ones the origin is compared with the Host header.
    Programs send neither header.
    """
    if scope["method"] in READING:
        return False
    headers = Headers(scope=scope)
    if (site := headers.get("Sec-Fetch-Site")) is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("Origin")
    if origin is None:
        return False
    site = origin.partition("://")[2]
    return site != headers.get("Host") and site.partition(":")[0] not in named


def _addresses(name: str) -> list[str]:
    try:
        return sorted({str(info[4][0]) for info in socket.getaddrinfo(name, None)})
    except OSError:  # where the name does not resolve, loopback still works
        return []
