"""The values of answering: evidence, citations and the answer itself.

Spans are half-open and count code points of the stored ``Document.text``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loccit.index.datatypes import Hit, Span


class Support(StrEnum):
    """How a citation's quote stands in its source."""

    EXACT = "exact"
    NORMALIZED = "normalized"
    FUZZY = "fuzzy"
    MISATTRIBUTED = "misattributed"
    STITCHED = "stitched"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that a reader picked from a hit, with the words in it that answer, if it can tell.

    ``score`` is the chance that it is right and ``no_answer`` that the question is not answered
    here at all, both the reader's and in [0, 1]; the retrieval score stays on ``hit``. ``answer``
    lies inside ``span``.
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
        """The words that answer."""
        if self.answer is None:
            return None
        return self.text[self.answer.start - self.span.start : self.answer.end - self.span.start]


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence of the answer is written: ``quote`` is verbatim, ``marker`` from 1.

    ``answer`` is where the short answer stands inside ``span``, or None.

    ``page`` counts from 1, or is None for a format without pages. ``score`` is the reader's chance,
    in [0, 1], that this is right.
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
    """One sentence of the answer and the markers of the citations that support it.

    ``text`` is the first citation's; the others say the same ``short`` elsewhere.
    """

    text: str
    markers: tuple[int, ...]
    short: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What loccit says to a question. ``answered=False`` is a normal result.

    ``confidence`` is the chance, in [0, 1], that the answer is right. ``hits`` are the passages
    that were read, best first; when the question is not answered they are the nearest ones.
    """

    question: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    answered: bool
    confidence: float

    def hit_of(self, citation: Citation) -> Hit | None:
        """Return the passage that a citation was read in."""
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
        """The few words that answer, or None where only sentences do."""
        return next((sentence.short for sentence in self.sentences if sentence.short), None)

    @property
    def text(self) -> str:
        """The answer's sentences with their markers, as plain text; "" when not answered."""
        return " ".join(
            sentence.text + "".join(f" [{marker}]" for marker in sentence.markers)
            for sentence in self.sentences
        )
