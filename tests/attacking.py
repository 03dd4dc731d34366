"""A visitor who speaks the web chat's protocol by hand, for ``test_attacks``."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
from patience import PATIENCE_SECONDS

JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A session with the chat and the events its page has."""

    client: httpx.Client
    session: str
    config: dict[str, Any]

    def events(self) -> dict[str, tuple[int, int]]:
        """Return each event's number and the component that sends it, by kind."""
        return {
            kind: (event["id"], component)
            for event in self.config["dependencies"]
            for component, kind in event["targets"]
        }

    def send(
        self, kind: str, data: object, *, event_data: object = None, session: object = None
    ) -> tuple[int, list[dict[str, Any]]]:
        """Send an event as the page does; return the status and the messages that came of it."""
        event, component = self.events()[kind]
        body = {
            "data": data,
            "event_data": event_data,
            "fn_index": event,
            "session_hash": self.session if session is None else session,
            "trigger_id": component,
        }
        joined = self.client.post("/gradio_api/queue/join", content=json.dumps(body), headers=JSON)
        if joined.status_code != 200:
            return joined.status_code, [{"text": joined.text}]
        messages = []
        with self.client.stream(
            "GET", "/gradio_api/queue/data", params={"session_hash": self.session}
        ) as lines:
            for line in lines.iter_lines():
                if line.startswith("data:"):
                    messages.append(json.loads(line[5:]))
                    if messages[-1]["msg"] in ("close_stream", "unexpected_error"):
                        break
        return 200, messages

    def upload(self, name: str, data: bytes) -> str:
        """Upload a file as the page does; return the path that the server gives."""
        response = self.client.post("/gradio_api/upload", files={"files": (name, data)})
        response.raise_for_status()
        (path,) = response.json()
        return str(path)


def visit(url: str) -> Visitor:
    """Open the page."""
    client = httpx.Client(base_url=url, timeout=PATIENCE_SECONDS)
    config = client.get("/config").raise_for_status().json()
    return Visitor(client, secrets.token_hex(8), config)


def file_data(path: str, **more: object) -> dict[str, object]:
    """Return what the page sends for an uploaded file."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}
