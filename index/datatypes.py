"""The values that travel between the rooms: spans, documents, passages, hits.

Every offset counts Unicode code points of ``Document.text`` (what ``str`` slicing counts), and
every span is half-open.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

HEADING_SEPARATOR = " > "

# Of the title and headings that are read with a passage: more would push its end out of the
# default model's window of 254 word pieces.
CONTEXT_CHARACTERS = 90


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points: ``0 <= start < end``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, got {self.start}, {self.end}")

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two spans share at least one code point."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Tell whether all code points of the other span are in this one."""
        return self.start <= other.start and other.end <= self.end


BlockKind = Literal["heading", "paragraph", "item", "table", "code", "caption", "furniture"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; rows and columns count from 0.

    ``rows`` and ``columns`` are how many of each the cell covers, more than 1 where it is merged.
    ``span`` is where its words stand in ``Document.text``, None for an empty cell. ``is_header``
    is what the parser knows: a cell of a header row, or one that names its row. ``depth`` is how
    deep a cell that names its row is indented under those above it, from 0.
    """

    row: int
    column: int
    span: Span | None
    is_header: bool = False
    rows: int = 1
    columns: int = 1
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document that stands apart from its neighbours; blocks never overlap.

    ``level`` of a heading counts from 1, the highest; ``level`` of a list item is how deep its
    list is nested, from 0; of all else it is 0. ``mark`` is where the sign of a list item stands
    ("-", "2.", "(b)"), and ``ordinal`` the sign itself where it counts ("2.", "(b)"), "" for a
    bullet. ``cells`` are those of a table, by row and column; a table's text has one line a row.
    """

    span: Span
    kind: BlockKind
    level: int = 0
    mark: Span | None = None
    ordinal: str = ""
    cells: tuple[Cell, ...] = ()


EmphasisKind = Literal["strong", "em", "code"]


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What its author made stand out: in bold, in italics, or as code."""

    span: Span
    kind: EmphasisKind


HiddenReason = Literal[
    "struck", "invisible", "faint", "tiny", "outside", "covered", "clipped", "layer", "altered"
]
"""Why a reader does not see words, or sees that they do not hold.

- struck: a line goes through them, or they are marked as deleted;
- invisible: they are not drawn, or wholly transparent;
- faint: their colour is that of what is behind them;
- tiny: they are too small to be read;
- outside: they stand outside of what is shown;
- covered: something opaque is drawn over them;
- clipped: they are cut away;
- layer: they are on a layer that is off;
- altered: the stored characters are not those that are drawn.
"""


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Words of a source that a reader does not see, or sees struck out.

    They are never part of ``Document.text``, so nothing finds, reads or cites them. ``at`` is the
    offset in ``Document.text`` before which they stand, up to its length. ``text`` is normalised
    and one line, without blanks at its ends.
    """

    at: int
    text: str
    reason: HiddenReason


@dataclass(frozen=True, slots=True)
class PageLines:
    """Where the characters of a page's lines stand: kept from parsing, so that spans can be boxed.

    ``page`` counts from 1; ``width`` and ``height`` are those of the page as it is shown, turned
    and cropped, in points. ``packed`` holds the lines as the parser of the format has packed them.
    """

    page: int
    width: float
    height: float
    packed: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """One source as text: normalised once at parsing and never again.

    ``doc_id`` is derived from the source's bytes. ``blocks`` rise in order and never overlap.
    ``page_starts`` holds the offset at which each page begins (the first is 0), or nothing for
    a format without pages. ``emphasis`` rises in order; of one kind it never overlaps.
    ``page_lines`` are there right after parsing alone: an index keeps them apart from the document.
    ``hidden`` rises by where it stands. ``recognised_pages`` are those pages, counted from 1 and
    rising, whose text is not drawn but was recognised in a picture of the page (OCR).
    """

    doc_id: str
    text: str
    title: str
    source: str
    page_starts: tuple[int, ...] = ()
    blocks: tuple[Block, ...] = ()
    emphasis: tuple[Emphasis, ...] = ()
    page_lines: tuple[PageLines, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    recognised_pages: tuple[int, ...] = ()

    @property
    def headings(self) -> tuple[Block, ...]:
        """The blocks that are headings, in order."""
        return tuple(block for block in self.blocks if block.kind == "heading")

    def page_of(self, offset: int) -> int | None:
        """Return the page, counted from 1, on which ``offset`` stands; None without pages."""
        return _page_of(self.page_starts, offset)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What citing a document needs, read without its text; the fields are those of `Document`."""

    doc_id: str
    title: str
    source: str
    page_starts: tuple[int, ...] = ()

    def page_of(self, offset: int) -> int | None:
        """Return the page, counted from 1, on which ``offset`` stands; None without pages."""
        return _page_of(self.page_starts, offset)


def _page_of(page_starts: tuple[int, ...], offset: int) -> int | None:
    return max(1, bisect_right(page_starts, offset)) if page_starts else None


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of a document: ``text == document.text[span.start:span.end]``.

    ``title`` is the document's, and ``heading`` the path of headings above the passage ("Terms >
    Payment"), or "". They help finding and reading and are not part of the span. ``blocks`` are
    those blocks of the document that the passage holds all or a part of, in document offsets; of a
    table's cells those of the passage's rows are there, and those above that name the columns.
    """

    passage_id: str
    doc_id: str
    span: Span
    text: str
    heading: str = ""
    title: str = ""
    blocks: tuple[Block, ...] = ()

    @property
    def context(self) -> str:
        """What stands above the passage, the title first, cut to its nearest end."""
        steps = [step for step in (self.title, *self.heading.split(HEADING_SEPARATOR)) if step]
        return HEADING_SEPARATOR.join(dict.fromkeys(steps))[-CONTEXT_CHARACTERS:]

    @property
    def text_in_context(self) -> str:
        """What is embedded: the text below its context."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked: the documents with these ids, or all documents where ``documents`` is None.

    An id that the index does not hold (any more) matches nothing.
    """

    documents: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question. A higher score is better; ranks count from 1.

    ``similarity`` is the cosine of question and passage, also of one that was found by its words;
    0 where the search was by words alone. ``dense_rank`` and ``lexical_rank`` are where it stands
    by meaning and by words, None where it is not among the first there.
    """

    passage: Passage
    score: float
    rank: int
    similarity: float = 0.0
    dense_rank: int | None = None
    lexical_rank: int | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in fractions of its width and height from its top left corner.

    ``0 <= left < right <= 1`` and ``0 <= top < bottom <= 1``.
    """

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageBoxes:
    """Where the words of a span stand on one page: a box for each line, in reading order.

    ``page`` counts from 1; ``width`` and ``height`` are those of the page as it is shown, turned
    and cropped, in points. ``boxes`` is never empty.
    """

    page: int
    width: float
    height: float
    boxes: tuple[Box, ...]
