"""The web chat's layout: its components, where they are, and the scripts they run.

An HTML component's template is ``${value}`` and nothing else: Gradio evaluates a template as code,
so a document's text must never be part of a template.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from loccit.index.parsing import SUPPORTED_SUFFIXES
from loccit.ui.chat.turns import Talk
from loccit.ui.exports.formats import FORMATS
from loccit.ui.text.language import translations

ASSETS = Path(__file__).with_name("assets")
POLL_SECONDS = 1.0  # while the model loads
SIDEBAR_PIXELS = 300
# The words of Gradio's components, which the browser translates. All other words are translated by
# the server, see ``loccit.ui.text.language``.
WORDS = gr.I18n(en={}, **{tag: dict(found.words) for tag, found in translations().items()})
_TRANSLATED = re.compile(r"\btr\('([^']+)'\)")  # the words that a script translates


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


def lay_out() -> Page:
    """Make the components, inside a ``gradio.Blocks``; ``loccit.ui.chat.wiring`` connects them."""
    with gr.Sidebar(open=True, width=SIDEBAR_PIXELS, elem_id="lc-sidebar"):
        gr.HTML('<h1 class="lc-brand">loccit</h1>', apply_default_css=False)
        with gr.Tabs(elem_id="lc-tabs"):
            with gr.Tab(WORDS("Documents")):
                upload = _upload_button()
                report = _html("lc-report-slot", "report.js")
                accept = ",".join(SUPPORTED_SUFFIXES)
                documents = _html("lc-documents", "documents.js", accept=accept)
                status = _html("lc-status-slot")
            with gr.Tab(WORDS("Conversations")):
                find = _find_box()
                forms = {name: form.label for name, form in FORMATS.items()}
                past = _html("lc-past-slot", "past.js", forms=forms)
        download = _html("lc-download", "download.js")
        _html("lc-naming", "naming.js")
    with gr.Row(elem_id="lc-main"):
        with gr.Column(elem_id="lc-talk", min_width=0):
            conversation = _html("lc-conversation", "conversation.js")
            with gr.Row(elem_id="lc-composer"):
                question = _question_box()
                afresh = gr.Button(WORDS("New"), size="md", elem_id="lc-new", min_width=0, scale=0)
        with gr.Column(elem_id="lc-pane", min_width=0):
            source = _html("lc-source", "source.js")
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


def _upload_button() -> gr.UploadButton:
    return gr.UploadButton(
        str(WORDS("Add files")),
        # Without file_types, since Gradio would refuse all files of a choice because of a bad one.
        # The page's script filters the dialogue, and the report names what can't be read.
        file_count="multiple",
        size="md",
        elem_id="lc-upload",
    )


def _find_box() -> gr.Textbox:
    return gr.Textbox(
        placeholder=WORDS("Find a conversation"),
        label=WORDS("Find a conversation"),
        show_label=False,
        container=False,
        elem_id="lc-past-find",
    )


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        placeholder=WORDS("Ask a question – @name limits it to one document"),
        label=WORDS("Your question"),
        show_label=False,
        container=False,
        lines=1,
        max_lines=6,
        submit_btn=True,
        autofocus=True,
        elem_id="lc-question",
    )


def _html(elem_id: str, script: str | None = None, **constants: object) -> gr.HTML:
    """Return an HTML component; its script can use the constants, in capital letters."""
    code = _script(script, constants) if script else None
    return gr.HTML("", js_on_load=code, apply_default_css=False, elem_id=elem_id)


def _script(name: str, constants: Mapping[str, object]) -> str:
    """Return a script with the constants, in capital letters, and with ``tr`` as in Python."""
    code = (ASSETS / name).read_text(encoding="utf-8")
    used = set(_TRANSLATED.findall(code))
    for value in constants.values():
        used |= set(value.values()) if isinstance(value, Mapping) else set()
    words = {
        tag: {english: found.words[english] for english in sorted(used & found.words.keys())}
        for tag, found in translations().items()
    }
    lines = [f"const {name.upper()} = {json.dumps(value)};" for name, value in constants.items()]
    if used:
        lines += [
            "const tag = navigator.language.split('-')[0].toLowerCase();",
            f"const words = {json.dumps(words)}[tag];",
            "const tr = (english) => words?.[english] ?? english;",
        ]
    return "\n".join([*lines, code])
