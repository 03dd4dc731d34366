"""The values of answering: evidence, citations and the answer itself.

Spans are half-open and count code points of the stored ``Document.text``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from textwrap import shorten

from loccit.index.datatypes import Hit, Span

REPR_CHARS = 80  # of a question and of what was answered, in an answer's repr


class Support(StrEnum):
    """How well a citation's quote agrees with its source.

    It is DAMAGED where the index does not hold any more what it stored of the source.
    """

    EXACT = "exact"
    NORMALIZED = "normalized"
    FUZZY = "fuzzy"
    MISATTRIBUTED = "misattributed"
    STITCHED = "stitched"
    MISSING = "missing"
    STALE = "stale"
    GONE = "gone"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that a reader picked from a hit, with the words in it that answer, if any do.

    ``score`` is the chance that the sentence is right, and ``no_answer`` the chance that nothing
    here answers the question. Both are the reader's, in [0, 1]; the retrieval score stays on
    ``hit``. ``answer`` lies inside ``span``.
    """

    doc_id: str
    span: Span
    text: str
    score: float
    hit: Hit
    no_answer: float = 0.0
    answer: Span | None = None

    @property
    def short(self) -> str | None:
        """The words that answer, or None."""
        if self.answer is None:
            return None
        return self.text[self.answer.start - self.span.start : self.answer.end - self.span.start]


@dataclass(frozen=True, slots=True)
class Citation:
    """The place where a sentence of the answer is written.

    ``marker`` counts from 1. ``quote`` is the text at ``span``, verbatim. ``answer`` is the part of
    ``span`` with the short answer, or None. ``page`` is the page where the short answer begins, or
    where the quote does if there is none; it counts from 1, and is None for a format without pages.
    ``score`` is the chance, in [0, 1], that the reader gives this to be right.
    """

    marker: int
    doc_id: str
    span: Span
    quote: str
    title: str
    source: str
    page: int | None
    support: Support
    answer: Span | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the answer, and the markers of the citations that support it.

    ``text`` is the quote of the first citation. The other citations give the same short answer in
    other places.
    """

    text: str
    markers: tuple[int, ...]
    short: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What loccit says to a question. ``answered=False`` is a normal result.

    ``confidence`` is the chance, in [0, 1], that the answer given is right; without an answer it
    is 0. ``hits`` are the passages that were read, best first; they are the nearest ones if the
    question is not answered.
    """

    question: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    answered: bool
    confidence: float

    def __repr__(self) -> str:
        """Return one line: the question, what was answered, and how much stands behind it."""
        question = shorten(self.question, REPR_CHARS, placeholder=" …")
        hits = f"{len(self.hits)} hits"
        if not self.answered:
            return f"<Answer to {question!r}: not answered, {hits}>"
        said = shorten(self.short or self.text, REPR_CHARS, placeholder=" …")
        return (
            f"<Answer to {question!r}: {said!r}, confidence {self.confidence:.2f}, "
            f"{len(self.citations)} citations, {hits}>"
        )

    def hit_of(self, citation: Citation) -> Hit | None:
        """Return the passage in which a citation was read, or None."""
        return next(
            (
                hit
                for hit in self.hits
                if hit.passage.doc_id == citation.doc_id
                and hit.passage.span.contains(citation.span)
            ),
            None,
        )

    @property
    def short(self) -> str | None:
        """The few words that answer, or None if only whole sentences do."""
        return next((sentence.short for sentence in self.sentences if sentence.short), None)

    @property
    def text(self) -> str:
        """The answer's sentences with their markers, as plain text; "" when not answered."""
        return " ".join(
            sentence.text + "".join(f" [{marker}]" for marker in sentence.markers)
            for sentence in self.sentences
        )
