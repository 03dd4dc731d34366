"""Questions offered before the first one: about the documents' headings, and asked beforehand.

Only what the documents do answer is offered.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice, pairwise, zip_longest
from textwrap import shorten
from typing import TYPE_CHECKING

from loccit.index.datatypes import Document, Hit
from loccit.index.errors import LoccitError
from loccit.qa.datatypes import Answer
from loccit.qa.reading.words import word_set

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

logger = logging.getLogger(__name__)

NUM_SUGGESTED = 4
NUM_DOCUMENTS = 12  # whose headings are looked at
AMONG = 500  # of the newest, those with headings first
TRIED = 30  # headings, some seconds' work
LEAST_CONFIDENCE = 0.3  # of an answer: its question is worth offering
HEADING_CHARS = 60
LOOKED_AT = 3_000  # characters, for the language
ENGLISH_SHARE = 0.08  # of words that only English has as often
_ENGLISH = word_set("the of and to is are was were with for by that this which from")
# What papers, reports and contracts all have says nothing of this one.
_COMMON = re.compile(
    r"(abstract|introduction|contents|table of contents|references|bibliography|conclusions?|"
    r"discussion|results|methods?|appendix.*|acknowledge?ments|preface|foreword|index|notes?|"
    r"summary|overview|background|general|miscellaneous|definitions?|chapter.*|section.*|part .*)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:who|whom|whose|what|when|where|why|how|which|is|are|do|does|did|can|may|must|should)\s",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^(?:[\dIVX]+[.):]?)+\s+|^[A-Z][.)]\s+")

_PHRASE = re.compile(r"[a-z’'-]+(?: [a-z’'-]+)*")
_NO_PHRASE = word_set(
    "a an the this that my our your how to in on at for from by with about of not"
)
_JOINING = word_set("of for to in on at from by with under between")

# `Assistant.ask_in_steps`, or what stands in for it.
Ask = Callable[..., Iterator[tuple[Hit, ...] | Answer]]


class _Closed(Exception):
    """The program ends."""


class Suggestions:
    """The questions to offer, made anew in a thread; may be shared by threads."""

    def __init__(self, index: PassageIndex, ask: Ask) -> None:
        self._index = index
        self._ask = ask
        self._lock = threading.Lock()
        self._made_for = -1
        self._running = False
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self.questions: tuple[str, ...] = ()
        self.num_made = 0

    def is_running(self) -> bool:
        """Tell whether questions are being tried."""
        return self._running

    def refresh(self, state: int) -> None:
        """Make them anew if they are of another state of the index, behind the caller."""
        with self._lock:
            if self._running or state == self._made_for:
                return
            self._made_for, self._running = state, True
            self._thread = threading.Thread(target=self._make, name="suggesting", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop after the question at hand, before the index is closed."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _make(self) -> None:
        try:
            self.questions = tuple(suggest(newest(self._index), self._ask_while_open))
            self.num_made += 1
        except _Closed:
            pass
        except LoccitError as error:
            logger.info("no questions are suggested: %s", error)
        except Exception:
            logger.exception("suggesting failed")
        finally:
            self._running = False

    def _ask_while_open(
        self, question: str, documents: Collection[str] | None
    ) -> Iterator[tuple[Hit, ...] | Answer]:
        if self._closed.is_set():
            raise _Closed
        return self._ask(question, documents=documents)


def newest(index: PassageIndex) -> list[Document]:
    """Return documents that were added last, those with headings first, the latest first."""
    ids = list(index.documents)[: -AMONG - 1 : -1]
    found = (document for doc_id in ids if (document := index.documents.get(doc_id)))
    plain: list[Document] = []
    telling: list[Document] = []
    for document in found:
        (telling if len(document.headings) > 1 else plain).append(document)
        if len(telling) == NUM_DOCUMENTS:
            break
    return [*telling, *plain][:NUM_DOCUMENTS]


def suggest(documents: Sequence[Document], ask: Ask, count: int = NUM_SUGGESTED) -> list[str]:
    """Return questions that the documents answer, the first of each document before the second."""
    each = [
        [(document, asked) for asked in questions_about(document)]
        for document in documents
        if _is_english(document)
    ]
    headings = (pair for row in zip_longest(*each) for pair in row if pair is not None)
    chosen: list[str] = []
    for document, alternatives in islice(headings, TRIED):
        answered = (q for q in alternatives if _is_answered(q, document, ask))
        question = next(answered, None)
        if question is not None and question not in chosen:
            chosen.append(question)
        if len(chosen) == count:
            break
    return chosen


def questions_about(document: Document) -> Iterator[tuple[str, ...]]:
    """Yield the questions that each heading of a document raises, the more telling ones first.

    At last the one that its title raises.
    """
    for heading in document.headings:
        text = " ".join(document.text[heading.span.start : heading.span.end].split())
        words = _NUMBER.sub("", text).strip(" .:")
        if text.endswith("?"):
            if _QUESTION.match(text) and len(text) <= 2 * HEADING_CHARS:
                yield (text,)
        elif 3 <= len(words) <= HEADING_CHARS and not (
            _COMMON.fullmatch(words) or words == document.title
        ):
            phrased = _asked_for(words)
            yield (*([phrased] if phrased else []), f"What is said about “{words}”?")
    yield (f"What is said about “{shorten(document.title, HEADING_CHARS, placeholder=' …')}”?",)


def _is_answered(question: str, document: Document, ask: Ask) -> bool:
    """Tell whether the document answers, and with more than the words of a heading."""
    *_, answer = ask(question, documents=(document.doc_id,))
    return (
        isinstance(answer, Answer)
        and answer.answered
        and answer.confidence >= LEAST_CONFIDENCE
        and not any(h.span.overlaps(answer.citations[0].span) for h in document.headings)
    )


def _is_english(document: Document) -> bool:
    """Tell whether a document seems to be in the language that the questions are made in."""
    words = re.findall(r"\w+", document.text[:LOOKED_AT].lower())
    return sum(word in _ENGLISH for word in words) > ENGLISH_SHARE * len(words)


def _asked_for(words: str) -> str | None:
    """Return "What are the duties of the tenant?" for a heading that is such a phrase.

    None for one in capitals, with a name or a mark in it, or that is no phrase to ask for.
    """
    small = words[:1].lower() + words[1:]
    if not _PHRASE.fullmatch(small):
        return None
    first, *others = small.split()
    if first in _NO_PHRASE or first.endswith("ing"):
        return None
    head = next((a for a, b in pairwise([first, *others]) if b in _JOINING), small.split()[-1])
    are = "are" if head.endswith("s") and not head.endswith(("ss", "us", "is")) else "is"
    return f"What {are} the {small}?"
