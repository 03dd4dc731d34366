"""The web chat's layout and the wiring of its events; what they do is in ``handlers``.

The HTML components are given ``${value}`` as their template and nothing else: Gradio evaluates a
template as code, so a document's text may only ever be the value of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from index.parsing import SUPPORTED_SUFFIXES
from ui import handlers, history
from ui.handlers import Desk
from ui.turns import Talk

ASSETS = Path(__file__).parent
CACHE_SECONDS = (600, 600)  # how often Gradio's upload cache is emptied, and of what age
LINK = "c"  # names the conversation in the page's address
POLL_SECONDS = 1.0  # while the model loads
SIDEBAR_PIXELS = 300
# Asking goes on while files are indexed, and the other way round.
ASKING: dict[str, Any] = {"concurrency_id": "asking", "concurrency_limit": 2}
INDEXING: dict[str, Any] = {"concurrency_id": "indexing", "concurrency_limit": 1}
LOOKING: dict[str, Any] = {"concurrency_id": "looking", "concurrency_limit": None}
# No overlay of Gradio's on the parts that change, and no entry in its API page.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True, slots=True)
class Page:
    """The components that events read and write."""

    documents: gr.HTML
    upload: gr.UploadButton
    report: gr.HTML
    status: gr.HTML
    find: gr.Textbox
    past: gr.HTML
    download: gr.HTML
    conversation: gr.HTML
    question: gr.Textbox
    afresh: gr.Button
    source: gr.HTML
    talk: gr.State
    excluded: gr.State
    seen: gr.State
    timer: gr.Timer


def build(desk: Desk) -> gr.Blocks:
    """Return the web chat for an index; ``ui.serve`` launches it."""
    blocks: gr.Blocks = gr.Blocks(
        title="loccit",
        analytics_enabled=False,
        delete_cache=CACHE_SECONDS,
        fill_height=True,
        fill_width=True,
    )
    with blocks:
        page = _lay_out()
        _wire_loading(blocks, page, desk)
        _wire_asking(page, desk)
        _wire_source(page, desk)
        _wire_documents(page, desk)
        _wire_past(page, desk)
    return blocks


def _lay_out() -> Page:
    with gr.Sidebar(open=True, width=SIDEBAR_PIXELS, elem_id="lc-sidebar"):
        gr.HTML('<h1 class="lc-brand">loccit</h1>', apply_default_css=False)
        with gr.Tabs(elem_id="lc-tabs"):
            with gr.Tab("Documents"):
                upload = gr.UploadButton(
                    "Add files",
                    # Without file_types: Gradio would refuse the good files of a mixed choice as
                    # well. The page's script narrows the dialogue, and the report names what
                    # can't be read.
                    file_count="multiple",
                    size="md",
                    elem_id="lc-upload",
                )
                report = _html("lc-report-slot", "report.js")
                accept = ",".join(SUPPORTED_SUFFIXES)
                documents = _html("lc-documents", "documents.js", accept=accept)
                status = _html("lc-status-slot")
            with gr.Tab("Conversations"):
                find = gr.Textbox(
                    placeholder="Find a conversation",
                    label="Find a conversation",
                    show_label=False,
                    container=False,
                    elem_id="lc-past-find",
                )
                past = _html("lc-past-slot", "past.js")
        download = _html("lc-download", "download.js")
        _html("lc-naming", "naming.js")
    with gr.Row(elem_id="lc-main"):
        with gr.Column(elem_id="lc-talk", min_width=0):
            conversation = _html("lc-conversation", "conversation.js")
            with gr.Row(elem_id="lc-composer"):
                question = gr.Textbox(
                    placeholder="Ask your documents; @name asks one alone",
                    label="Your question",
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                    submit_btn=True,
                    autofocus=True,
                    elem_id="lc-question",
                )
                afresh = gr.Button("New", size="md", elem_id="lc-new", min_width=0, scale=0)
        with gr.Column(elem_id="lc-pane", min_width=0):
            source = _html("lc-source", "source.js", handlers.nothing_open())
    return Page(
        documents,
        upload,
        report,
        status,
        find,
        past,
        download,
        conversation,
        question,
        afresh,
        source,
        talk=gr.State(Talk()),
        excluded=gr.State(frozenset()),
        seen=gr.State(0),
        timer=gr.Timer(POLL_SECONDS),
    )


def _html(elem_id: str, script: str | None = None, value: str = "", **constants: str) -> gr.HTML:
    """Return an HTML component; its script sees the constants in capital letters."""
    code = (ASSETS / script).read_text(encoding="utf-8") if script else None
    for name, constant in constants.items():
        code = f"const {name.upper()} = {json.dumps(constant)};\n{code}"
    return gr.HTML(value, js_on_load=code, apply_default_css=False, elem_id=elem_id)


def _wire_loading(blocks: gr.Blocks, page: Page, desk: Desk) -> None:
    def load(excluded: frozenset[str], request: gr.Request) -> tuple[Any, ...]:
        talk = history.reopen(desk, request.query_params.get(LINK, ""))
        return (
            handlers.show_documents(desk, excluded),
            handlers.show_conversation(desk, talk),
            talk,
            history.show_past(desk, "", talk.conversation_id),
        )

    def tick(seen: int, talk: Talk, excluded: frozenset[str]) -> tuple[Any, ...]:
        state = handlers.state(desk)
        is_new = state.number != seen
        return (
            handlers.show_status(desk.warm),
            gr.Timer(active=state.is_busy),
            handlers.show_indexing(desk),
            state.number,
            *(_lists(desk, talk, excluded) if is_new else (gr.skip(), gr.skip())),
        )

    lists = [page.documents, page.conversation]
    loaded: list[Component] = [*lists, page.talk, page.past]
    opened = blocks.load(load, [page.excluded], loaded, **QUIET, **LOOKING)
    state: list[Component] = [page.seen, page.talk, page.excluded]
    outputs: list[Component] = [page.status, page.timer, page.report, page.seen, *lists]
    opened.then(tick, state, outputs, **QUIET, **LOOKING)  # which shows what is loaded by then
    page.timer.tick(tick, state, outputs, **QUIET, **LOOKING)


def _wire_asking(page: Page, desk: Desk) -> None:
    def ask(
        question: str, talk: Talk, excluded: frozenset[str], request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        yield from ask_one(question, talk, excluded, request)

    def ask_one(
        question: str,
        talk: Talk,
        excluded: frozenset[str],
        request: gr.Request,
        *,
        as_typed: bool = False,
    ) -> Iterator[tuple[Any, ...]]:
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip()
            return
        waiting = handlers.asked(question, talk, desk.warm, as_typed=as_typed)
        yield waiting, handlers.show_conversation(desk, waiting), _composer(is_busy=True, value="")
        for done in handlers.answered(desk, waiting, excluded, session_of(request)):
            composer = gr.skip() if done.turns[-1].is_open else _composer(is_busy=False)
            yield done, handlers.show_conversation(desk, done), composer
            waiting = done
        if waiting.turns[-1].is_open:  # left: Gradio sends what was last yielded once more
            yield gr.skip(), gr.skip(), gr.skip()

    def ask_example(
        event: gr.EventData, talk: Talk, excluded: frozenset[str], request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        as_typed = bool(getattr(event, "typed", False))
        yield from ask_one(str(event.question), talk, excluded, request, as_typed=as_typed)

    def stop(request: gr.Request) -> None:
        desk.waiting.stop(session_of(request))

    state = [page.talk, page.excluded]
    outputs = [page.talk, page.conversation, page.question]
    page.question.submit(ask, [page.question, *state], outputs, **QUIET, **ASKING)
    page.conversation.example(ask_example, state, outputs, **QUIET, **ASKING)
    page.question.stop(stop, None, None, **QUIET, **LOOKING)


def session_of(request: gr.Request) -> str:
    """Return what tells one open page from another."""
    return request.session_hash or ""


def _composer(*, is_busy: bool, **values: Any) -> gr.Textbox:
    """Return the box for questions, with what sends one or stops its answer."""
    return gr.Textbox(submit_btn=not is_busy, stop_btn=is_busy, **values)


def _wire_source(page: Page, desk: Desk) -> None:
    def show(event: gr.EventData) -> str:
        return handlers.open_source(desk, event.where)

    latest: dict[str, Any] = {"trigger_mode": "always_last", **QUIET, **LOOKING}
    page.conversation.cite(show, None, page.source, **latest)
    page.source.extend(show, None, page.source, **latest)
    page.source.shut(handlers.nothing_open, None, page.source, **latest)


def _wire_documents(page: Page, desk: Desk) -> None:
    def upload(cached: list[str] | None) -> tuple[str, gr.Timer]:
        return handlers.add_files(desk, cached or []), gr.Timer(active=True)

    def run_job(event: gr.EventData) -> tuple[str, gr.Timer]:
        handlers.run_job(desk, event.job)
        return handlers.show_indexing(desk), gr.Timer(active=True)

    def choose(event: gr.EventData) -> frozenset[str]:
        return frozenset(map(str, event.excluded))

    def remove(event: gr.EventData, talk: Talk, excluded: frozenset[str]) -> tuple[Any, ...]:
        return handlers.remove(desk, str(event.doc)), *_lists(desk, talk, excluded)

    outputs = [page.report, page.timer]
    page.upload.upload(upload, [page.upload], outputs, **QUIET, **LOOKING)
    page.report.job(run_job, None, outputs, **QUIET, **LOOKING)
    state = [page.talk, page.excluded]
    outputs = [page.report, page.documents, page.conversation]
    page.documents.remove(remove, state, outputs, **QUIET, **INDEXING)
    latest: dict[str, Any] = {"trigger_mode": "always_last", **QUIET, **LOOKING}
    page.documents.scope(choose, None, page.excluded, **latest)


def _wire_past(page: Page, desk: Desk) -> None:
    def show(words: str | None, talk: Talk) -> str:
        return history.show_past(desk, words, talk.conversation_id)

    def open_talk(talk: Talk, words: str | None, request: gr.Request) -> tuple[Any, ...]:
        desk.waiting.leave(session_of(request))
        return (
            talk,
            handlers.show_conversation(desk, talk),
            handlers.nothing_open(),
            _composer(is_busy=False),
            history.show_past(desk, words, talk.conversation_id),
        )

    def start_afresh(words: str | None, request: gr.Request) -> tuple[Any, ...]:
        return open_talk(Talk(), words, request)

    def reopen(event: gr.EventData, words: str | None, request: gr.Request) -> tuple[Any, ...]:
        return open_talk(history.reopen(desk, event.id), words, request)

    def change(
        event: gr.EventData, words: str | None, talk: Talk, request: gr.Request
    ) -> tuple[Any, ...]:
        history.change(desk, event)
        is_gone = event.do == "delete" and str(event.id) == talk.conversation_id
        return (
            open_talk(Talk(), words, request) if is_gone else (*[gr.skip()] * 4, show(words, talk))
        )

    def rate(event: gr.EventData, talk: Talk) -> tuple[Talk, str]:
        rated = history.rate(desk, talk, event)
        return rated, handlers.show_conversation(desk, rated)

    def export(event: gr.EventData) -> str:
        return history.export(desk, event)

    opened: list[Component] = [
        *(page.talk, page.conversation, page.source, page.question, page.past),
    ]
    page.afresh.click(start_afresh, [page.find], opened, **QUIET, **LOOKING)
    page.past.reopen(reopen, [page.find], opened, **QUIET, **LOOKING)
    page.past.alter(change, [page.find, page.talk], opened, **QUIET, **LOOKING)
    page.find.change(show, [page.find, page.talk], page.past, **QUIET, **LOOKING)
    page.conversation.kept(show, [page.find, page.talk], page.past, **QUIET, **LOOKING)
    page.conversation.rate(rate, [page.talk], [page.talk, page.conversation], **QUIET, **LOOKING)
    page.conversation.export(export, None, page.download, **QUIET, **LOOKING)
    page.past.export(export, None, page.download, **QUIET, **LOOKING)


def _lists(desk: Desk, talk: Talk, excluded: frozenset[str]) -> tuple[Any, Any]:
    """Return what shows the documents: their list, and the words before the first question."""
    conversation = gr.skip() if talk.turns else handlers.show_conversation(desk, talk)
    return handlers.show_documents(desk, excluded), conversation
