"""Questions offered before the first one: about what the documents say, and asked beforehand.

Only questions that the documents answer are offered. The cheapest are tried first, and each is
shown as soon as it is answered.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain, islice, pairwise, zip_longest
from pathlib import PurePath
from textwrap import shorten
from typing import TYPE_CHECKING

from loccit.index.datatypes import Document, Hit
from loccit.index.errors import LoccitError
from loccit.qa.datatypes import Answer
from loccit.qa.reading.words import word_set
from loccit.ui.text.wording import sound_document

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

logger = logging.getLogger(__name__)

NUM_SUGGESTED = 4
NUM_DOCUMENTS = 8  # that questions are made about
AMONG = 500  # of the newest documents, from which these are taken
TRIED = 16  # headings, names or dates; each costs one or two questions
LEAST_CONFIDENCE = 0.3  # an answer's chance to be right, from which its question is offered
HEADING_CHARS = 60
TITLE_CHARS = 40  # of a title that a question names
LOOKED_AT = 3_000  # characters of a document, for its language, names and dates
NUM_NAMES = 3  # of a document without headings
ENGLISH_SHARE = 0.08  # of such words, which only English has as often
_ENGLISH = word_set("the of and to is are was were with for by that this which from")
# Headings that any paper, report or contract has say nothing about this one.
_COMMON = re.compile(
    r"(abstract|introduction|contents|table of contents|references|bibliography|conclusions?|"
    r"discussion|results|methods?|appendix.*|acknowledge?ments|preface|foreword|index|notes?|"
    r"summary|overview|background|general|miscellaneous|definitions?|chapter.*|section.*|part .*|"
    r"links|present|attendees|participants|agenda|see also|usage|example|examples)",
    re.IGNORECASE,
)
_NO_WORDS = re.compile(r"[/@<>\\{}\[\]|]")  # of paths, addresses and markup
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

# What letters and notes without headings are asked about.
_SUBJECT = re.compile(r"^(?:subject|re|concerning)\s*:\s*(?:re:\s*)?(\S[^\n]{2,59})$", re.I | re.M)
# Only a title tells a person from a place or a heading.
_NAME = re.compile(r"\b((?:Mr|Mrs|Ms|Dr|Prof|Professor)\.? [A-Z][a-z]+(?: [A-Z][a-z]+)?)\b")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"\b(?:\d{{1,2}} (?:{_MONTHS})|(?:{_MONTHS}) \d{{1,2}},) \d{{4}}\b")

# `Assistant.ask_in_steps`, or a function like it.
Ask = Callable[..., Iterator[tuple[Hit, ...] | Answer]]


class _Closed(Exception):
    """The program ends."""


class Suggestions:
    """The questions to offer, made in a thread when documents change; threads may share it.

    ``num_made`` counts how often ``questions`` have changed.
    """

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
        """Tell whether questions are being tried now."""
        return self._running

    def refresh(self, state: int) -> None:
        """Make the questions in a thread, unless they are made for this state of the index."""
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
            found: tuple[str, ...] = ()
            for question in suggest(newest(self._index), self._ask_while_open):
                found = (*found, question)
                self._show(found)
            self._show(found)  # none, where the documents answer nothing any more
        except _Closed:
            pass
        except LoccitError as error:
            logger.info("no questions are suggested: %s", error)
        except Exception:
            logger.exception("suggesting failed")
        finally:
            self._running = False

    def _show(self, found: tuple[str, ...]) -> None:
        if found != self.questions:
            self.questions = found
            self.num_made += 1

    def _ask_while_open(
        self, question: str, documents: Collection[str] | None
    ) -> Iterator[tuple[Hit, ...] | Answer]:
        if self._closed.is_set():
            raise _Closed
        return self._ask(question, documents=documents)


def newest(index: PassageIndex) -> list[Document]:
    """Return documents that were added last, those with and without headings by turns."""
    ids = list(index.documents)[: -AMONG - 1 : -1]
    found = (document for doc_id in ids if (document := sound_document(index.documents, doc_id)))
    plain: list[Document] = []
    telling: list[Document] = []
    for document in found:
        kind = telling if len(document.headings) > 1 else plain
        if len(kind) < NUM_DOCUMENTS:
            kind.append(document)
        if len(telling) == NUM_DOCUMENTS:
            break
    pairs = zip_longest(telling, plain)
    return [d for d in chain.from_iterable(pairs) if d is not None][:NUM_DOCUMENTS]


def suggest(documents: Sequence[Document], ask: Ask, count: int = NUM_SUGGESTED) -> Iterator[str]:
    """Yield questions that the documents answer, one of each document before the second of any."""
    each = [
        [(document, asked) for asked in questions_about(document)]
        for document in documents
        if _is_english(document)
    ]
    by_turns = (pair for row in zip_longest(*each) for pair in row if pair is not None)
    chosen: list[str] = []
    for document, alternatives in islice(by_turns, TRIED):
        answered = (q for q in alternatives if _is_answered(q, document, ask))
        question = next(answered, None)
        if question is not None and question not in chosen:
            chosen.append(question)
            yield question
        if len(chosen) == count:
            return


def questions_about(document: Document) -> Iterator[tuple[str, ...]]:
    """Yield the questions that a document raises, each with its other wordings, the best first.

    They are about its headings. Of a document with fewer than two headings they are about its
    subject, names and dates as well.
    """
    if len(document.headings) < 2:
        yield from _questions_without_headings(document)
    for heading in document.headings:
        text = " ".join(document.text[heading.span.start : heading.span.end].split())
        words = _NUMBER.sub("", text).strip(" .:")
        if text.endswith("?"):
            if _QUESTION.match(text) and len(text) <= 2 * HEADING_CHARS:
                yield (text,)
        elif 3 <= len(words) <= HEADING_CHARS and not (
            _COMMON.fullmatch(words) or _NO_WORDS.search(words) or words == document.title
        ):
            phrased = _asked_for(words)
            yield (*([phrased] if phrased else []), _asked_about(document, words))


def _questions_without_headings(document: Document) -> Iterator[tuple[str, ...]]:
    text = document.text[:LOOKED_AT]
    for subject in _SUBJECT.findall(text)[:1]:
        yield (f"What does it say about “{subject.strip(' .')}”?",)
    names = Counter(_NAME.findall(text))
    dates = dict.fromkeys(_DATE.findall(text))
    for name, date in zip_longest((n for n, _ in names.most_common(NUM_NAMES)), list(dates)[:2]):
        if name is not None:
            yield (f"Who is {name}?",)
        if date is not None:
            yield (f"What happened on {date.strip(',')}?",)
    if document.title != PurePath(document.source).stem:  # a file name is no subject
        title = shorten(document.title, HEADING_CHARS, placeholder=" …")
        yield (f"What does it say about “{title}”?",)


def _asked_about(document: Document, words: str) -> str:
    """Return "What does the lease say about “Deposit”?", with the title where it is short."""
    title = document.title
    is_named = 0 < len(title) <= TITLE_CHARS and title.lower() not in words.lower()
    return f"What does {f'“{title}”' if is_named else 'it'} say about “{words}”?"


def _is_answered(question: str, document: Document, ask: Ask) -> bool:
    """Tell whether the document answers a question, with more than the words of a heading."""
    *_, answer = ask(question, documents=(document.doc_id,))
    return (
        isinstance(answer, Answer)
        and answer.answered
        and answer.confidence >= LEAST_CONFIDENCE
        and not any(h.span.overlaps(answer.citations[0].span) for h in document.headings)
    )


def _is_english(document: Document) -> bool:
    """Tell whether a document seems to be in English, as the questions are."""
    words = re.findall(r"\w+", document.text[:LOOKED_AT].lower())
    return sum(word in _ENGLISH for word in words) > ENGLISH_SHARE * len(words)


def _asked_for(words: str) -> str | None:
    """Return "What are the duties of the tenant?" for a heading that is such a phrase, else None.

    None for a heading in capitals, or with a name or a sign in it; and for a single word, since
    "What are the operations?" asks about nothing in particular.
    """
    small = words[:1].lower() + words[1:]
    if not _PHRASE.fullmatch(small):
        return None
    first, *others = small.split()
    if not others or first in _NO_PHRASE or first.endswith("ing"):
        return None
    head = next((a for a, b in pairwise([first, *others]) if b in _JOINING), small.split()[-1])
    is_plural = head.endswith("s") and not head.endswith(("ss", "us", "is"))
    return f"What {'are' if is_plural else 'is'} the {small}?"
