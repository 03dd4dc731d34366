"""The web chat's events: which function of ``handlers`` answers each, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.components import Component

from loccit.ui.chat import handlers, history
from loccit.ui.chat.events import ASKING, INDEXING, LOOKING, listen
from loccit.ui.chat.handlers import Desk
from loccit.ui.chat.layout import Page, lay_out
from loccit.ui.chat.turns import Talk
from loccit.ui.text.wording import too_long_words

CACHE_SECONDS = (600, 600)  # how often Gradio's upload cache is emptied, and of files how old
NOTHING_OPEN = ""  # the source pane without a source
LINK = "c"  # the parameter of the page's address that names the conversation


def build(desk: Desk) -> gr.Blocks:
    """Return the web chat for an index; ``loccit.ui.chat.server`` launches it."""
    blocks: gr.Blocks = gr.Blocks(
        title="loccit",
        analytics_enabled=False,
        delete_cache=CACHE_SECONDS,
        fill_height=True,
        fill_width=True,
    )
    with blocks:
        page = lay_out()
        _wire_loading(blocks, page, desk)
        _wire_asking(page, desk)
        _wire_source(page, desk)
        _wire_documents(page, desk)
        _wire_past(page, desk)
    return blocks


def _wire_loading(blocks: gr.Blocks, page: Page, desk: Desk) -> None:
    def load(excluded: frozenset[str], request: gr.Request) -> tuple[Any, ...]:
        talk = history.reopen(desk, request.query_params.get(LINK, ""))
        return (
            handlers.show_documents(desk, excluded),
            handlers.show_conversation(desk, talk),
            talk,
            history.show_past(desk, "", talk.conversation_id),
            NOTHING_OPEN,
        )

    def tick(seen: int, talk: Talk, excluded: frozenset[str]) -> tuple[Any, ...]:
        state = handlers.state(desk)
        is_new = state.number != seen
        return (
            handlers.show_status(desk.warm),
            gr.Timer(active=state.is_busy),
            handlers.show_indexing(desk),
            state.number,
            *(_lists(desk, talk, excluded) if is_new else [gr.skip()] * 3),
        )

    lists = [page.documents, page.conversation]
    loaded: list[Component] = [*lists, page.talk, page.past, page.source]
    opened = listen(blocks.load, load, [page.excluded], loaded, **LOOKING)
    state: list[Component] = [page.seen, page.talk, page.excluded]
    outputs: list[Component] = [page.status, page.timer, page.report, page.seen, *lists, page.talk]
    listen(opened.then, tick, state, outputs, **LOOKING)  # which shows what is loaded by then
    listen(page.timer.tick, tick, state, outputs, **LOOKING)


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
        if why := too_long_words(question):  # it stays in the box, to be shortened there
            told = replace(talk, notice=why)
            yield gr.skip(), handlers.show_conversation(desk, told), gr.skip()
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
    # What is sent while an answer is on its way is asked next, not dropped.
    in_turn: dict[str, Any] = {"trigger_mode": "always_last", **ASKING}
    listen(page.question.submit, ask, [page.question, *state], outputs, **in_turn)
    listen(page.conversation.example, ask_example, state, outputs, **ASKING)
    listen(page.question.stop, stop, None, None, **LOOKING)


def session_of(request: gr.Request) -> str:
    """Return the id by which Gradio tells one open page from another."""
    return request.session_hash or ""


def _composer(*, is_busy: bool, **values: Any) -> gr.Textbox:
    """Return the question box, with the button that sends a question or stops its answer."""
    return gr.Textbox(submit_btn=not is_busy, stop_btn=is_busy, **values)


def _wire_source(page: Page, desk: Desk) -> None:
    def show(event: gr.EventData) -> str:
        return handlers.open_source(desk, event.where)

    latest: dict[str, Any] = {"trigger_mode": "always_last", **LOOKING}
    listen(page.conversation.cite, show, None, page.source, **latest)
    listen(page.source.extend, show, None, page.source, **latest)
    listen(page.documents.open, show, None, page.source, **latest)
    listen(page.source.shut, lambda: NOTHING_OPEN, None, page.source, **latest)


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
    listen(page.upload.upload, upload, [page.upload], outputs, **LOOKING)
    listen(page.report.job, run_job, None, outputs, **LOOKING)
    listen(page.documents.job, run_job, None, outputs, **LOOKING)
    state = [page.talk, page.excluded]
    outputs = [page.report, page.documents, page.conversation, page.talk]
    listen(page.documents.remove, remove, state, outputs, **INDEXING)
    latest: dict[str, Any] = {"trigger_mode": "always_last", **LOOKING}
    listen(page.documents.scope, choose, None, page.excluded, **latest)


def _wire_past(page: Page, desk: Desk) -> None:
    def show(words: str | None, talk: Talk) -> str:
        return history.show_past(desk, words, talk.conversation_id)

    def open_talk(talk: Talk, words: str | None, request: gr.Request) -> tuple[Any, ...]:
        desk.waiting.leave(session_of(request))
        return (
            talk,
            handlers.show_conversation(desk, talk),
            NOTHING_OPEN,
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
        deleted = str(event.id) if event.do == "delete" else ""
        past = history.show_past(desk, words, talk.conversation_id, deleted=deleted)
        if deleted and deleted == talk.conversation_id:
            return (*open_talk(Talk(), words, request)[:-1], past)
        if event.do == "restore" and event.open and not talk.turns:
            return reopen(event, words, request)
        return (*[gr.skip()] * 4, past)

    def rate(event: gr.EventData, talk: Talk) -> tuple[Talk, str]:
        rated = history.rate(desk, talk, event)
        return rated, handlers.show_conversation(desk, rated)

    def export(event: gr.EventData) -> str:
        return history.export(desk, event)

    opened: list[Component] = [
        *(page.talk, page.conversation, page.source, page.question, page.past),
    ]
    listen(page.afresh.click, start_afresh, [page.find], opened, **LOOKING)
    listen(page.past.reopen, reopen, [page.find], opened, **LOOKING)
    listen(page.conversation.visit, reopen, [page.find], opened, **LOOKING)
    listen(page.past.alter, change, [page.find, page.talk], opened, **LOOKING)
    listen(page.find.change, show, [page.find, page.talk], page.past, **LOOKING)
    listen(page.conversation.kept, show, [page.find, page.talk], page.past, **LOOKING)
    listen(page.conversation.rate, rate, [page.talk], [page.talk, page.conversation], **LOOKING)
    listen(page.conversation.export, export, None, page.download, **LOOKING)
    listen(page.past.export, export, None, page.download, **LOOKING)


def _lists(desk: Desk, talk: Talk, excluded: frozenset[str]) -> tuple[Any, Any, Any]:
    """Return the list of documents, the conversation and its value, after documents have changed.

    The conversation is left alone where nothing of it changes, or an answer is on its way.
    """
    documents = handlers.show_documents(desk, excluded)
    if not talk.turns:
        return documents, handlers.show_conversation(desk, talk), gr.skip()
    now = history.with_present_citations(desk, talk)
    if talk.turns[-1].is_open or now == talk:
        return documents, gr.skip(), gr.skip()
    return documents, handlers.show_conversation(desk, now), now
