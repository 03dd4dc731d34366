"""What the web chat does at each event, as functions that know nothing of Gradio."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loccit.index.datatypes import Document, Hit, Scope, Span
from loccit.index.errors import DamagedIndex, LoccitError, UnknownDocument
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.parsing.normalizing import encodable
from loccit.index.parsing.page_images import PageImages
from loccit.index.parsing.pdf.lines import boxes_of, spans_by_page
from loccit.index.retrieval.scope import ALL_NAMES
from loccit.qa.conversation.conversation import Conversation, answer_in_steps, kept, with_question
from loccit.qa.conversation.scoping import names_documents
from loccit.qa.conversation.store import Conversations
from loccit.qa.datatypes import Answer, Support
from loccit.ui.chat.indexing import Indexing
from loccit.ui.chat.suggesting import Ask, Suggestions
from loccit.ui.chat.turns import Talk, shown, with_last
from loccit.ui.chat.uploads import remove_document
from loccit.ui.chat.views.adding import indexing_html
from loccit.ui.chat.views.documents import documents_html
from loccit.ui.chat.views.messages import message_html, note_html, status_html
from loccit.ui.chat.views.page import PAGE_PIXELS, page_html
from loccit.ui.chat.views.source import (
    SourceRequest,
    gone_html,
    source_html,
    widen,
)
from loccit.ui.chat.views.talk import conversation_html, empty_html
from loccit.ui.chat.waiting import Left, Stopped, Ticket, Waiting, steps_while_wanted
from loccit.ui.text.language import counted, tr
from loccit.ui.text.wording import searched_words, support_words

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

logger = logging.getLogger(__name__)

NO_SCOPE = "No document is selected. Select at least one in the list, then ask again."
MAX_ALSO = 50  # faint marks in the source pane
SEARCHING = "Searching your documents …"
STOPPED = "Stopped."
GONE = "The uploaded file is gone. Choose it again."
BROKEN = "Something went wrong in loccit. Details are in its terminal."


@dataclass(frozen=True, slots=True)
class Desk:
    """What the handlers work with; ``warm`` is done when the model is loaded."""

    index: PassageIndex
    indexing: Indexing
    ask: Ask
    warm: Future[None]
    conversations: Conversations | None = None
    suggestions: Suggestions | None = None
    pages: PageImages | None = None
    waiting: Waiting = field(default_factory=Waiting)


def show_documents(desk: Desk, excluded: Collection[str]) -> str:
    """Return the list of documents."""
    return documents_html(desk.index.summaries(), excluded, desk.index.failures())


def show_conversation(desk: Desk, talk: Talk) -> str:
    """Return the conversation, or the words before the first question."""
    examples = desk.suggestions.questions if desk.suggestions else ()
    empty = "" if talk.turns else empty_html(len(desk.index.documents), examples)
    unread = len(desk.index.failures())
    return conversation_html(talk, desk.index.documents, empty=empty, num_unread=unread)


@dataclass(frozen=True, slots=True)
class DeskState:
    """Whether anything is going on, and a number that changes whenever a list does."""

    is_busy: bool
    number: int


def state(desk: Desk) -> DeskState:
    """Return what is going on; if nothing is, questions to suggest are made."""
    indexing, suggestions = desk.indexing.state(), desk.suggestions
    is_busy, number = indexing.is_running or not desk.warm.done(), indexing.num_ended
    if suggestions is not None:
        if not is_busy:
            suggestions.refresh(indexing.num_ended)
        is_busy, number = is_busy or suggestions.is_running(), number + suggestions.num_made
    return DeskState(is_busy, number)


def show_status(warm: Future[None]) -> str:
    """Say whether the model is loaded."""
    if not warm.done():
        return status_html(tr("Loading the model …"), "loading")
    if warm.exception() is not None:
        words = tr("The model could not be loaded: {reason}", reason=warm.exception())
        return status_html(words, "failed")
    return status_html(tr("Ready. Works without the network."), "ready")


def asked(question: str, talk: Talk, warm: Future[None], *, as_typed: bool = False) -> Talk:
    """Return the conversation with a question that waits for its answer.

    A follow-up is completed from the turns before it, and the documents that these cited are asked
    first, unless it is to be asked ``as_typed``.
    """
    words = tr(SEARCHING) if warm.done() else tr("Loading the model, then answering …")
    waiting = with_question(talk.said, question, as_typed=as_typed)
    return with_last(shown(waiting, talk.turns[: len(waiting.turns) - 1]), waiting=words)


def answered(
    desk: Desk, talk: Talk, excluded: Collection[str], session: str = ""
) -> Iterator[Talk]:
    """Yield the conversation as its last question is answered, or with why that failed.

    Nothing more is yielded once the visitor's page shows another one.
    """
    with desk.waiting.ticket(session) as ticket:
        latest = talk
        try:
            for latest in _answering(desk, talk, excluded, ticket):
                yield latest
        except Left:
            return
        except Stopped:
            yield with_last(latest, message=tr(STOPPED))


def _answering(desk: Desk, talk: Talk, excluded: Collection[str], ticket: Ticket) -> Iterator[Talk]:
    at = datetime.now(UTC)
    try:
        summaries = desk.index.summaries()
        scope = ticked(summaries, excluded)
        if scope.documents == () and not names_documents(talk.turns[-1].question):
            # An empty list of ids would find nothing, and look as if there were no answer.
            yield _refused(desk, talk, at, tr(NO_SCOPE))
            return
        ask = partial(_ask_when_loaded, desk)
        steps = answer_in_steps(
            talk.said, ask, desk.index, at=at, store=desk.conversations, scope=scope
        )
        for step in steps_while_wanted(steps, ticket):
            if isinstance(step, Answer):
                continue  # it is shown when it is kept
            if not isinstance(step, Conversation):
                talk = with_last(talk, waiting=_reading_words(step))
            elif step.turns[-1].answer is not None:
                talk = with_last(shown(step, talk.turns), waiting="")
            else:
                words = searched_words(Scope(step.turns[-1].documents), len(summaries))
                talk = with_last(shown(step, talk.turns), scope=words)
            yield talk
    except (Stopped, Left):
        raise
    except LoccitError as error:
        # The page has a list of its own; the shell is no help here.
        words = str(error).replace(ALL_NAMES, "The list of documents shows all names.")
        yield _refused(desk, talk, at, words)
    except Exception:
        # The edge of the program: the visitor is told, the terminal gets the traceback.
        logger.exception("answering failed")
        yield with_last(talk, message=tr(BROKEN))


def _refused(desk: Desk, talk: Talk, at: datetime, why: str) -> Talk:
    """Return the talk with why its last question has no answer; the question is kept as well."""
    said = talk.said
    if desk.conversations is not None and said.turns[-1].number is None and desk.index.documents:
        said = kept(said, desk.conversations, desk.index, at)
    return with_last(shown(said, talk.turns), message=why)


def ticked(summaries: Sequence[DocumentSummary], excluded: Collection[str]) -> Scope:
    """Return the documents that are ticked: all but those that a visitor has excluded."""
    ids = tuple(summary.doc_id for summary in summaries if summary.doc_id not in excluded)
    return Scope(None if len(ids) == len(summaries) else ids)


def _ask_when_loaded(desk: Desk, question: str, **scope: Any) -> Iterator[tuple[Hit, ...] | Answer]:
    desk.warm.exception()  # waits for the model; its own failure is shown in the list's status
    yield from desk.ask(question, **scope)


def _reading_words(hits: Sequence[Hit]) -> str:
    documents = {hit.passage.doc_id for hit in hits}
    return tr(
        "Found {passages} in {documents}. Reading …",
        passages=counted(len(hits), "passage"),
        documents=counted(len(documents), "document"),
    )


def open_source(desk: Desk, where: object) -> str:
    """Return the source pane that a button asks for; ``where`` comes from the browser."""
    request = source_request(where)
    try:
        document = desk.index.documents.get(request.doc_id) if request else None
    except DamagedIndex:
        return gone_html(support_words(Support.DAMAGED))
    if request is None or document is None:
        return gone_html()
    if request.span is not None and request.span.end > len(document.text):
        return gone_html()
    also = [span for span in request.also if span.end <= len(document.text)]
    request = replace(request, also=tuple(also))
    has_pages = desk.pages is not None and bool(document.page_starts)
    if has_pages and request.view != "text" and (shown := _page(desk, document, request)):
        return shown
    return source_html(
        document,
        request.span,
        _window(document, request),
        also=request.also,
        has_pages=has_pages and request.view == "text",
        is_undrawn=desk.pages is not None and desk.pages.has_failed(document),
    )


def _page(desk: Desk, document: Document, request: SourceRequest) -> str | None:
    """Return the source pane with a page; None where page or cited place can't be shown."""
    pages = desk.pages
    assert pages is not None  # the caller has looked
    spans = (*([request.span] if request.span else []), *request.also)
    numbers = [number for span in spans for number, _ in spans_by_page(document, span)]
    lines = desk.index.page_lines(document.doc_id, numbers)
    cited = (boxes_of(document, request.span, lines) if request.span else None) or ()
    if request.span and not cited:
        return None
    page = request.page or (cited[0].page if cited else 1)
    picture = pages.image(document, page, PAGE_PIXELS)
    if picture is None:
        return None
    others = [found for span in request.also if (found := boxes_of(document, span, lines))]
    return page_html(
        document,
        request.span,
        page,
        picture,
        boxes=[box for on in cited if on.page == page for box in on.boxes],
        faint=[box for found in others for on in found if on.page == page for box in on.boxes],
        also=request.also,
    )


def source_request(where: object) -> SourceRequest | None:
    """Read a request from a visitor's browser; None if it makes no sense."""
    if not isinstance(where, dict):
        return None
    try:
        span = Span(int(where["start"]), int(where["end"])) if "start" in where else None
        window = Span(int(where["from"]), int(where["to"])) if "from" in where else None
        also = tuple(Span(int(a), int(b)) for a, b in list(where.get("also") or ())[:MAX_ALSO])
        page = int(where["page"]) if where.get("page") else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    doc_id, side = encodable(str(where.get("doc", ""))), str(where.get("side", ""))
    view = "text" if where.get("view") == "text" else ""
    return SourceRequest(doc_id, span, window, side, also, view, page)


def show_indexing(desk: Desk) -> str:
    """Return how far the adding of files has come, as HTML."""
    return indexing_html(desk.indexing.state(), desk.indexing.mirrored)


def add_files(desk: Desk, cached: Sequence[str]) -> str:
    """Begin to add uploaded files; return how far that has come, as HTML."""
    try:
        desk.indexing.add_uploads([Path(path) for path in cached])
    except FileNotFoundError:  # asked for twice, or the cache was emptied meanwhile
        return message_html(tr(GONE))
    return show_indexing(desk)


def run_job(desk: Desk, job: object) -> None:
    """Do what a button of the report says; do nothing where it makes no sense."""
    if job == "cancel":
        desk.indexing.cancel()
    elif job == "retry":
        desk.indexing.retry()
    elif job == "mirror":
        desk.indexing.mirror()
    elif job == "close":
        desk.indexing.dismiss()


def remove(desk: Desk, doc_id: str) -> str:
    """Remove a document; return a note about that above the latest report, as HTML."""
    try:
        title = remove_document(desk.index, desk.index.folder, encodable(doc_id))
    except UnknownDocument:  # removed on another page
        return message_html(tr("This document is no longer in the index."))
    except LoccitError as error:
        return message_html(str(error))
    return note_html(tr("Removed {title}.", title=title)) + show_indexing(desk)


def _window(document: Document, request: SourceRequest) -> Span | None:
    """Return the widened window, which always holds the cited span, if there is one."""
    if request.window is None:
        return None
    span = request.span or request.window
    start = min(request.window.start, span.start, len(document.text) - 1)
    end = min(max(request.window.end, span.end), len(document.text))
    return widen(document.text, Span(start, end), request.side)
