"""What the web chat does at each event: values in, values out, without a line of Gradio."""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.datatypes import Document, Span
from index.errors import LoccitError
from index.reporting import AddResult
from qa.datatypes import Answer
from ui.listing import documents_html, note_html, progress_html, report_html
from ui.render import (
    Turn,
    answer_html,
    conversation_html,
    empty_html,
    escape,
    message_html,
    pending_html,
)
from ui.source_view import NOTHING_OPEN, SourceRequest, gone_html, source_html, widen
from ui.uploads import add_uploads, remove_document
from ui.wording import sound

if TYPE_CHECKING:
    from index.passage_index import PassageIndex

logger = logging.getLogger(__name__)

NUM_EXAMPLES = 2  # questions offered before the first one, each about one document
EXAMPLE_TITLE_CHARS = 60
NO_SCOPE = "No document is ticked: tick at least one in the list, then ask again."
GONE = "The uploaded file is gone: choose it again."
BROKEN = "This did not work, and the fault is loccit’s: the terminal it runs in shows the details."

Turns = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the handlers work with: the index, how to ask it, and whether the model is loaded."""

    index: PassageIndex
    folder: Path
    ask: Callable[[str, Collection[str] | None], Answer]
    warm: Future[None]


def show_documents(desk: Desk, excluded: Collection[str]) -> str:
    """Return the list of documents."""
    return documents_html(desk.index.summaries(), excluded)


def show_conversation(desk: Desk, turns: Sequence[Turn]) -> str:
    """Return the conversation, or the words before the first question."""
    summaries = desk.index.summaries()
    examples = [example_question(summary.title) for summary in summaries[:NUM_EXAMPLES]]
    return conversation_html(turns, empty=empty_html(len(summaries), examples))


def example_question(title: str) -> str:
    """Return a question that any document can answer."""
    short = textwrap.shorten(title, EXAMPLE_TITLE_CHARS, placeholder=" …")
    return f"What is said about “{short}”?"


def show_status(warm: Future[None]) -> str:
    """Say whether the model is loaded."""
    if not warm.done():
        return '<p class="lc-status lc-loading" role="status">Loading the model …</p>'
    if warm.exception() is not None:
        words = escape(f"The model could not be loaded: {warm.exception()}")
        return f'<p class="lc-status lc-failed" role="alert">{words}</p>'
    return '<p class="lc-status lc-ready" role="status">Ready. Works without the network.</p>'


def asked(question: str, turns: Turns, warm: Future[None]) -> Turns:
    """Return the conversation with a question that waits for its answer."""
    words = "Reading your documents …" if warm.done() else "Loading the model, then answering …"
    return (*turns, Turn(sound(question).strip(), pending_html(words)))


def answered(desk: Desk, turns: Turns, excluded: Collection[str]) -> Turns:
    """Return the conversation with the last question answered, or with why it could not be."""
    *earlier, last = turns
    return (*earlier, Turn(last.question, _body(desk, last.question, excluded)))


def scope(desk: Desk, excluded: Collection[str]) -> list[str] | None:
    """Return the ids of the ticked documents; None when all are, [] when none is."""
    ids = [summary.doc_id for summary in desk.index.summaries()]
    ticked = [doc_id for doc_id in ids if doc_id not in excluded]
    return None if len(ticked) == len(ids) else ticked


def open_source(documents: Mapping[str, Document], where: object) -> str:
    """Return the source pane for what a pressed button says; ``where`` is not trusted."""
    request = source_request(where)
    document = documents.get(request.doc_id) if request else None
    if request is None or document is None or request.span.end > len(document.text):
        return gone_html()
    return source_html(document, request.span, _window(document, request))


def source_request(where: object) -> SourceRequest | None:
    """Read a request from a visitor's browser; None if it makes no sense."""
    if not isinstance(where, dict):
        return None
    try:
        span = Span(int(where["start"]), int(where["end"]))
        window = Span(int(where["from"]), int(where["to"])) if "from" in where else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return SourceRequest(sound(str(where.get("doc", ""))), span, window, str(where.get("side", "")))


def add_files(desk: Desk, cached: Sequence[str]) -> Iterator[str]:
    """Add uploaded files; yield the progress and at last the report, as HTML."""
    try:
        for step in add_uploads(desk.index, desk.folder, [Path(path) for path in cached]):
            yield report_html(step) if isinstance(step, AddResult) else progress_html(step)
    except LoccitError as error:
        yield message_html(str(error))
    except FileNotFoundError:  # asked for twice, or the cache was emptied meanwhile
        yield message_html(GONE)


def remove(desk: Desk, doc_id: str) -> str:
    """Remove a document; return what to say about it."""
    try:
        return note_html(f"Removed {remove_document(desk.index, desk.folder, sound(doc_id))}.")
    except LoccitError as error:
        return message_html(str(error))


def nothing_open() -> str:
    """Return the source pane before anything is opened."""
    return NOTHING_OPEN


def _window(document: Document, request: SourceRequest) -> Span | None:
    """Return the widened window, which always holds the cited span."""
    if request.window is None:
        return None
    start = min(request.window.start, request.span.start)
    end = min(max(request.window.end, request.span.end), len(document.text))
    return widen(document.text, Span(start, end), request.side)


def _body(desk: Desk, question: str, excluded: Collection[str]) -> str:
    ticked = scope(desk, excluded)
    if ticked == []:
        # An empty list of ids would find nothing and look like "not in your documents".
        return message_html(NO_SCOPE)
    desk.warm.exception()  # waits for the model; its own failure is shown in the list's status
    try:
        return answer_html(desk.ask(question, ticked), desk.index.documents)
    except LoccitError as error:
        return message_html(str(error))
    except Exception:
        # The edge of the program: the visitor is told, the terminal gets the traceback.
        logger.exception("answering failed")
        return message_html(BROKEN)
