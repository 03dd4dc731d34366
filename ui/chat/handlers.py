"""What the web chat does at each event: values in, values out, without a line of Gradio."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loccit.index.datatypes import Document, Hit, Span
from loccit.index.errors import LoccitError
from loccit.index.parsing.normalizing import encodable
from loccit.index.parsing.page_images import PageImages
from loccit.index.parsing.pdf.lines import boxes_of, spans_by_page
from loccit.qa.conversation.cited_before import documents_before, turns_away
from loccit.qa.conversation.follow_ups.completing import Exchange, complete
from loccit.qa.conversation.store import Conversations
from loccit.qa.datatypes import Answer
from loccit.ui.chat.history import keep
from loccit.ui.chat.indexing import Indexing
from loccit.ui.chat.scoping import names_documents, scope_of
from loccit.ui.chat.suggesting import Ask, Suggestions
from loccit.ui.chat.turns import Talk, Turn
from loccit.ui.chat.uploads import remove_document
from loccit.ui.chat.views.answers import conversation_html, empty_html, message_html
from loccit.ui.chat.views.documents import documents_html, indexing_html, note_html
from loccit.ui.chat.views.page import PAGE_PIXELS, page_html
from loccit.ui.chat.views.source import (
    SourceRequest,
    gone_html,
    nothing_open_html,
    source_html,
    widen,
)
from loccit.ui.chat.waiting import Left, Stopped, Ticket, Waiting, steps_while_wanted
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import counted, tr

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

logger = logging.getLogger(__name__)

NO_SCOPE = "No document is ticked: tick at least one in the list, then ask again."
MAX_ALSO = 50  # further marks in the source pane
SEARCHING = "Searching your documents …"
STOPPED = "Stopped."
GONE = "The uploaded file is gone: choose it again."
BROKEN = "This did not work, and the fault is loccit’s: the terminal it runs in shows the details."


@dataclass(frozen=True, slots=True)
class Desk:
    """What the handlers work with: the index, what adds to it and asks it, the model's loading."""

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
    return documents_html(desk.index.summaries(), excluded)


def show_conversation(desk: Desk, talk: Talk) -> str:
    """Return the conversation, or the words before the first question."""
    examples = desk.suggestions.questions if desk.suggestions else ()
    empty = "" if talk.turns else empty_html(len(desk.index.documents), examples)
    return conversation_html(talk, desk.index.documents, empty=empty)


@dataclass(frozen=True, slots=True)
class DeskState:
    """Whether anything is going on, and a number that is another whenever a list is."""

    is_busy: bool
    number: int


def state(desk: Desk) -> DeskState:
    """Return how the desk stands; questions to suggest are made when nothing else is going on."""
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
        words = tr("Loading the model …")
        return f'<p class="lc-status lc-loading" role="status">{words}</p>'
    if warm.exception() is not None:
        words = escape(tr("The model could not be loaded: {reason}", reason=warm.exception()))
        return f'<p class="lc-status lc-failed" role="alert">{words}</p>'
    words = tr("Ready. Works without the network.")
    return f'<p class="lc-status lc-ready" role="status">{words}</p>'


def asked(question: str, talk: Talk, warm: Future[None], *, as_typed: bool = False) -> Talk:
    """Return the conversation with a question that waits for its answer.

    A follow-up is completed from the turns before it, and asked of the documents that were cited
    before it first, unless it is to be asked ``as_typed``.
    """
    words = tr(SEARCHING) if warm.done() else tr("Loading the model, then answering …")
    question = encodable(question).strip()
    earlier = [_exchange(turn, turn.answer) for turn in talk.turns if turn.answer]
    turn = Turn(question, waiting=words)
    if not as_typed:
        found = complete(question, earlier)
        completed = None if found is None else found.question
        first = documents_before(question, completed or question, earlier)
        turn = replace(turn, completed=completed, first=first)
    return replace(talk, turns=(*talk.turns, turn))


def _exchange(turn: Turn, answer: Answer) -> Exchange:
    return Exchange(
        turn.completed or turn.question,
        answer.short,
        tuple(sentence.text for sentence in answer.sentences),
        tuple(citation.title for citation in answer.citations),
        tuple(citation.doc_id for citation in answer.citations),
    )


def answered(
    desk: Desk, talk: Talk, excluded: Collection[str], session: str = ""
) -> Iterator[Talk]:
    """Yield the conversation as its last question is answered, or with why it could not be.

    Nothing more where the visitor's page shows another one by then.
    """
    with desk.waiting.ticket(session) as ticket:
        try:
            yield from _answering(desk, talk, excluded, ticket)
        except Left:
            return
        except Stopped:
            yield _with_last(talk, message=tr(STOPPED))


def _answering(desk: Desk, talk: Talk, excluded: Collection[str], ticket: Ticket) -> Iterator[Talk]:
    desk.warm.exception()  # waits for the model; its own failure is shown in the list's status
    try:
        last = talk.turns[-1]
        question = last.completed or last.question
        scope = scope_of(question, desk.index.summaries(), excluded)
        if scope.documents == ():
            # An empty list of ids would find nothing and look like "not in your documents".
            yield _with_last(talk, message=tr(NO_SCOPE))
            return
        first = () if names_documents(question) else last.first
        if (
            first
            and not last.completed
            and turns_away(question, first, desk.index, scope.documents)
        ):
            first = ()
        talk = _with_last(talk, scope=scope.words)
        steps = desk.ask(scope.question, documents=scope.documents, first=first)
        for step in steps_while_wanted(steps, ticket):
            if isinstance(step, Answer):
                documents = _documents_asked(step, scope.documents, first)
                yield keep(desk, _with_last(talk, documents=documents), step)
            else:
                yield _with_last(talk, waiting=_reading_words(step))
    except (Stopped, Left):
        raise
    except LoccitError as error:
        yield _with_last(talk, message=str(error))
    except Exception:
        # The edge of the program: the visitor is told, the terminal gets the traceback.
        logger.exception("answering failed")
        yield _with_last(talk, message=tr(BROKEN))


def _documents_asked(
    answer: Answer, documents: tuple[str, ...] | None, first: Sequence[str]
) -> tuple[str, ...] | None:
    """Return which documents were asked in the end: those first, if all that was read is theirs."""
    read = {hit.passage.doc_id for hit in answer.hits}
    if not first or not answer.answered or not read <= set(first):
        return documents
    return tuple(doc for doc in first if documents is None or doc in documents)


def _with_last(talk: Talk, **values: Any) -> Talk:
    *earlier, last = talk.turns
    return replace(talk, turns=(*earlier, replace(last, **values)))


def _reading_words(hits: Sequence[Hit]) -> str:
    documents = {hit.passage.doc_id for hit in hits}
    return tr(
        "Found {passages} in {documents}. Reading …",
        passages=counted(len(hits), "passage"),
        documents=counted(len(documents), "document"),
    )


def open_source(desk: Desk, where: object) -> str:
    """Return the source pane for what a pressed button says; ``where`` is not trusted."""
    request = source_request(where)
    document = desk.index.documents.get(request.doc_id) if request else None
    if request is None or document is None or request.span.end > len(document.text):
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
    )


def _page(desk: Desk, document: Document, request: SourceRequest) -> str | None:
    """Return the source pane with a page; None where it can't be shown, or not rightly."""
    pages = desk.pages
    assert pages is not None  # the caller has looked
    spans = (request.span, *request.also)
    numbers = [number for span in spans for number, _ in spans_by_page(document, span)]
    lines = desk.index.page_lines(document.doc_id, numbers)
    cited = boxes_of(document, request.span, lines)
    if not cited:
        return None
    page = request.page or cited[0].page
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
        span = Span(int(where["start"]), int(where["end"]))
        window = Span(int(where["from"]), int(where["to"])) if "from" in where else None
        also = tuple(Span(int(a), int(b)) for a, b in list(where.get("also") or ())[:MAX_ALSO])
        page = int(where["page"]) if where.get("page") else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    doc_id, side = encodable(str(where.get("doc", ""))), str(where.get("side", ""))
    view = "text" if where.get("view") == "text" else ""
    return SourceRequest(doc_id, span, window, side, also, view, page)


def show_indexing(desk: Desk) -> str:
    """Return how the adding of files stands."""
    return indexing_html(desk.indexing.state(), desk.indexing.mirrored)


def add_files(desk: Desk, cached: Sequence[str]) -> str:
    """Begin to add uploaded files; return how that stands, as HTML."""
    try:
        desk.indexing.add_uploads([Path(path) for path in cached])
    except FileNotFoundError:  # asked for twice, or the cache was emptied meanwhile
        return message_html(tr(GONE))
    return show_indexing(desk)


def run_job(desk: Desk, job: object) -> None:
    """Do what a button of the report says; what makes no sense is passed over."""
    if job == "cancel":
        desk.indexing.cancel()
    elif job == "retry":
        desk.indexing.retry()
    elif job == "mirror":
        desk.indexing.mirror()


def remove(desk: Desk, doc_id: str) -> str:
    """Remove a document; return what to say about it."""
    try:
        title = remove_document(desk.index, desk.index.folder, encodable(doc_id))
    except LoccitError as error:
        return message_html(str(error))
    return note_html(tr("Removed {title}.", title=title))


def nothing_open() -> str:
    """Return the source pane before anything is opened."""
    return nothing_open_html()


def _window(document: Document, request: SourceRequest) -> Span | None:
    """Return the widened window, which always holds the cited span."""
    if request.window is None:
        return None
    start = min(request.window.start, request.span.start)
    end = min(max(request.window.end, request.span.end), len(document.text))
    return widen(document.text, Span(start, end), request.side)
