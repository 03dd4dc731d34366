"""Rows of PDF pages to paragraphs, lists, tables and headings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from itertools import islice, pairwise
from statistics import median

from loccit.index.datatypes import Span
from loccit.index.parsing.assembling import TextBlock
from loccit.index.parsing.notation import CELL_GAP
from loccit.index.parsing.pdf.blocks import Part, divided
from loccit.index.parsing.pdf.headings import heading_levels
from loccit.index.parsing.pdf.line_ends import (
    BULLET,
    CJK,
    HYPHENS,
    LIST_MARK,
    SENTENCE_END,
    TO_PAGE,
    join_divided,
    vocabulary,
)
from loccit.index.parsing.pdf.rows import Row
from loccit.index.parsing.pdf.tables.blocks import (
    PageTable,
    PlacedLine,
    continued,
    page_table,
    table_block,
)
from loccit.index.parsing.pdf.tables.finding import find_tables
from loccit.index.parsing.pdf.tables.pieces import Sides

SAME_SIZE = 1.12  # fonts of one paragraph differ in height by less than this factor
WIDE_PITCH = 1.35  # a distance from line to line beyond this many usual ones divides paragraphs
TITLE_PITCH = 1.8  # in font sizes: large type is set wider
INDENT_EMS = 0.8  # the first line of a paragraph is indented by more than this
SHORT_LINE = 50  # characters on average; running text in columns this narrow is rare
FLOWING_SHARE = 0.25  # of the lines of running text, far more go on with a small letter
SHORT_SHARE = 0.25  # of the column: a line that leaves so much free was ended on purpose


class _Joint(Enum):
    """How a row follows the one before it."""

    SPACE = "in the same paragraph"
    LINE = "on a line of its own in the same block"
    BLOCK = "in a block of its own"


_Joined = tuple[Row, _Joint]


@dataclass(frozen=True, slots=True)
class _Metrics:
    """What is usual in the document: line pitch by font size, right edge by column."""

    pitches: dict[int, float]
    edges: dict[tuple[int, int, int], tuple[float, float]]
    words: Set[str]


@dataclass(frozen=True, slots=True)
class LaidBlock:
    """A block with the lines that its words stand on; their offsets are of the block's text."""

    block: TextBlock
    lines: tuple[PlacedLine, ...]


def layout_blocks(pages: Sequence[Sequence[Row]], sides: Sequence[Sides]) -> list[LaidBlock]:
    """Read the rows of all pages, in reading order, into blocks."""
    stretches = _stretches(pages, sides)
    rows = [row for stretch in stretches if isinstance(stretch, list) for row in stretch]
    metrics = _measure(rows)
    grouped = [
        _groups(stretch, metrics) if isinstance(stretch, list) else [] for stretch in stretches
    ]
    groups = [group for of_stretch in grouped for group in of_stretch]
    levels = heading_levels([[row for row, _ in group] for group in groups])
    parts = divided(
        [[(row, joint is _Joint.LINE) for row, joint in group] for group in groups],
        [level is not None for level in levels],
    )
    numbered = zip(groups, levels, parts, strict=True)
    laid: list[LaidBlock] = []
    for stretch, of_stretch in zip(stretches, grouped, strict=True):
        if isinstance(stretch, PageTable):
            laid.append(LaidBlock(*table_block(stretch)))
        for group, level, of_group in islice(numbered, len(of_stretch)):
            laid += [_block(group, level, part, metrics.words) for part in of_group]
    return laid


def _stretches(
    pages: Sequence[Sequence[Row]], sides: Sequence[Sides]
) -> list[list[Row] | PageTable]:
    """Return the rows between tables, and the tables; one that goes on over pages is one."""
    found: list[list[Row] | PageTable] = []
    for number, (page, of_page) in enumerate(zip(pages, sides, strict=True)):
        start = 0
        for table in find_tables(page, of_page):
            _add_rows(found, page[start : table.start])
            new, last = page_table(table.grid, number), found[-1] if found else None
            longer = continued(last, new) if isinstance(last, PageTable) else None
            if longer is None:
                found.append(new)
            else:
                found[-1] = longer
            start = table.end
        _add_rows(found, page[start:])
    return found


def _add_rows(found: list[list[Row] | PageTable], rows: Sequence[Row]) -> None:
    if not rows:
        return
    if found and isinstance(found[-1], list):
        found[-1].extend(rows)
    else:
        found.append(list(rows))


def _groups(rows: Sequence[Row], metrics: _Metrics) -> list[list[_Joined]]:
    """Return the rows of each block."""
    groups: list[list[_Joined]] = []
    for index, row in enumerate(rows):
        joint = _joint(rows[index - 1], row, metrics) if index else _Joint.BLOCK
        if joint is _Joint.BLOCK:
            groups.append([])
        groups[-1].append((row, joint))
    return _with_lists_joined([_with_lines_kept(group) for group in groups])


def _with_lines_kept(group: Sequence[_Joined]) -> list[_Joined]:
    """Keep the line breaks of a receipt, an address or a poem.

    Lines that nearly all begin with a capital, a figure or a sign are no running text.
    """
    joined = [row for row, joint in group if joint is _Joint.SPACE]
    flowing = sum(row.text[:1].isalpha() and not row.text[:1].isupper() for row in joined)
    mean = sum(len(row.text) for row, _ in group) / len(group)
    if len(joined) < 2 or mean > SHORT_LINE or flowing > FLOWING_SHARE * len(joined):
        return list(group)
    return [(row, _Joint.LINE if joint is _Joint.SPACE else joint) for row, joint in group]


def _with_lists_joined(groups: Sequence[Sequence[_Joined]]) -> list[list[_Joined]]:
    """Make one block of list items that only a little more than a line's distance parts."""
    joined: list[list[_Joined]] = []
    for group in groups:
        first = group[0][0]
        last = joined[-1] if joined else []
        if (
            last
            and BULLET.match(first.text)
            and first.text[0] == last[0][0].text[0]
            and abs(first.left - last[0][0].left) < first.size
            and len(last[0][0].cells) == len(first.cells) == 1
        ):
            last.extend([(first, _Joint.LINE), *group[1:]])
        else:
            joined.append(list(group))
    return joined


def _measure(rows: Sequence[Row]) -> _Metrics:
    """Find what is usual in the document."""
    pitches: defaultdict[int, list[float]] = defaultdict(list)
    edges: dict[tuple[int, int, int], tuple[float, float]] = {}
    for before, row in pairwise(rows):
        pitch = before.baseline - row.baseline
        if before.page == row.page and _same_size(before, row) and 0 < pitch < 3 * row.size:
            pitches[round(row.size)].append(pitch)
    for row in rows:
        key = _column(row)
        left, right = edges.get(key, (row.left, row.right))
        edges[key] = (min(left, row.left), max(right, row.right))
    usual = {size: median(values) for size, values in pitches.items() if len(values) >= 3}
    return _Metrics(usual, edges, vocabulary(row.text for row in rows))


def _column(row: Row) -> tuple[int, int, int]:
    """Return a key that rows of the same column, page and size share, give or take an indent."""
    return row.page, round(row.left / (4 * max(row.size, 4.0))), round(row.size)


def _same_size(one: Row, other: Row) -> bool:
    """Tell whether two rows are set in type of the same height."""
    return max(one.size, other.size) <= SAME_SIZE * min(one.size, other.size)


def _joint(before: Row, row: Row, metrics: _Metrics) -> _Joint:
    """Decide how ``row`` follows ``before``."""
    divided = before.hyphen or before.text.endswith(tuple(HYPHENS))
    pitch = before.baseline - row.baseline
    if _same_size(before, row) and (before.page != row.page or pitch <= 0):
        return _Joint.SPACE if _flows_on(before, row) else _Joint.BLOCK
    if not _same_size(before, row) or _stand_apart(before, row, metrics):
        return _Joint.BLOCK
    if len(before.cells) > 1 or len(row.cells) > 1:
        return _Joint.LINE
    if divided and row.text[:1].islower():
        return _Joint.SPACE
    return _joint_in_column(before, row, metrics)


def _stand_apart(before: Row, row: Row, metrics: _Metrics) -> bool:
    """Tell whether more than a line's distance, or the gutter, lies between two rows of a page."""
    pitch = before.baseline - row.baseline
    usual = metrics.pitches.get(round(row.size), 1.2 * row.size)
    if pitch > WIDE_PITCH * usual and pitch > WIDE_PITCH * row.size:
        return True
    return before.left > row.right or row.left > before.right


def _joint_in_column(before: Row, row: Row, metrics: _Metrics) -> _Joint:
    """Decide for two rows of one column that stand as close as lines do."""
    ended = SENTENCE_END.search(before.text) is not None
    indent = row.left - before.left
    left, right = metrics.edges[_column(before)]
    free = right - before.right
    if LIST_MARK.match(row.text) or TO_PAGE.search(before.text):
        return _Joint.LINE
    if before.bold != row.bold and (ended or free > SHORT_SHARE * (right - left)):
        return _Joint.BLOCK
    if ended and abs(indent) > INDENT_EMS * row.size and (indent > 0 or free > row.size):
        return _Joint.BLOCK
    first_word = row.text.split(" ", 1)[0]
    width = (len(first_word) + 2) * (row.right - row.left) / max(1, len(row.text))
    if ended and free > width and not row.text[:1].islower():
        return _Joint.BLOCK if len(before.text) > 40 else _Joint.LINE
    if free > SHORT_SHARE * (right - left) and free > width and not row.text[:1].islower():
        return _Joint.LINE
    return _Joint.SPACE


def _flows_on(before: Row, row: Row) -> bool:
    """Tell whether a sentence goes on over the end of a column or page."""
    if len(before.cells) > 1 or len(row.cells) > 1 or LIST_MARK.match(row.text):
        return False
    if before.hyphen:
        return row.text[:1].islower()
    return row.text[:1].islower() and SENTENCE_END.search(before.text) is None


def _block(group: Sequence[_Joined], level: int | None, part: Part, words: Set[str]) -> LaidBlock:
    """Join the rows of a part of a group, noting where each row and where a page begins inside."""
    group = group[part.start : part.end]
    first = group[0][0]
    text, page = first.text, first.page
    breaks: list[tuple[int, int]] = []
    starts = [0]
    before = first
    for row, joint in group[1:]:
        joined = _joined(text, before, row, joint if level is None else _Joint.SPACE, words)
        starts.append(len(joined) - len(row.text))
        if row.page != page:
            breaks.append((starts[-1], row.page))
            page = row.page
        text, before = joined, row
    if before.hyphen:
        text += "-"
    block = TextBlock(
        text,
        level=level,
        page=first.page,
        page_breaks=tuple(breaks),
        kind=part.kind,
        depth=part.depth,
        mark=Span(0, len(part.mark)) if part.mark else None,
        ordinal=part.ordinal,
        tight=part.start > 0,
        flush=True,
    )
    ends = (*starts[1:], len(text))
    lines = [
        line
        for (row, _), start, end in zip(group, starts, ends, strict=True)
        for line in _placed_lines(row, start, end)
    ]
    return LaidBlock(block, tuple(lines))


def _placed_lines(row: Row, start: int, end: int) -> Iterator[PlacedLine]:
    """Yield the cells of a row that stands from ``start`` to ``end`` of its block.

    Of the hyphen at the end of the row, the block's text may have kept nothing.
    """
    for cell in row.cells:
        places = cell.places[: end - start]
        yield PlacedLine(row.page, start, cell.text[: len(places)].rstrip(HYPHENS), places)
        start += len(cell.text) + len(CELL_GAP)


def _joined(text: str, before: Row, row: Row, joint: _Joint, words: Set[str]) -> str:
    """Return ``text``, which ends with ``before``, with ``row`` behind it."""
    if joint is _Joint.LINE:
        return f"{text}{'-' if before.hyphen else ''}\n{row.text}"
    if before.hyphen:
        return join_divided(text, row.text, words)
    if text.endswith(tuple(HYPHENS)) and text[-2:-1].isalpha():
        return join_divided(text[:-1], row.text, words)
    if text.endswith("—") or (CJK.match(text[-1:]) and CJK.match(row.text[:1])):
        return text + row.text
    return f"{text} {row.text}"
