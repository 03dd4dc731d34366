"""The blocks of a document by where they stand, and those that a passage takes along."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from loccit.index.datatypes import Block, Cell, Document, Passage, Span
from loccit.index.parsing.plain_text import blocks_of_text

MAX_NAMING_ROWS = 4  # of a table; a page may mark all of its rows as headers


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks of a document with where each starts and ends, and its tables by block number."""

    blocks: tuple[Block, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    tables: Mapping[int, _Rows]


def layout_of(document: Document) -> Layout:
    """Lay out a document; one of which only the headings are known is read for signs."""
    blocks = document.blocks
    if all(block.kind == "heading" for block in blocks):
        blocks = blocks_of_text(document.text, blocks)
    return Layout(
        blocks,
        tuple(block.span.start for block in blocks),
        tuple(block.span.end for block in blocks),
        {n: _rows_of(block) for n, block in enumerate(blocks) if block.cells},
    )


def blocks_within(layout: Layout, span: Span) -> Sequence[Block]:
    """Return the blocks that a span holds all or a part of."""
    numbers = _numbers(layout, span)
    return layout.blocks[numbers.start : numbers.stop]


def passage_blocks(layout: Layout, span: Span) -> tuple[Block, ...]:
    """Return the blocks that a passage holds all or a part of, in the document's offsets.

    Of a table's cells those are kept whose words the passage holds, and above them those that name
    their columns or reach down into their first row.
    """
    return tuple(
        replace(layout.blocks[n], cells=_cells_of(layout.tables[n], span))
        if n in layout.tables
        else layout.blocks[n]
        for n in _numbers(layout, span)
    )


def own_blocks(passage: Passage) -> tuple[Block, ...]:
    """Return a passage's blocks in the offsets of its text and cut to it, without their cells.

    One that was made without blocks is read for signs, as plain text is.
    """
    if not passage.blocks:
        return blocks_of_text(passage.text, ())
    first, size = passage.span.start, len(passage.text)
    found = []
    for block in passage.blocks:
        span = Span(max(0, block.span.start - first), min(size, block.span.end - first))
        mark = block.mark
        if mark is not None:
            inside = first <= mark.start and mark.end <= passage.span.end
            mark = Span(mark.start - first, mark.end - first) if inside else None
        found.append(replace(block, span=span, mark=mark, cells=()))
    return tuple(found)


def _numbers(layout: Layout, span: Span) -> range:
    return range(bisect_right(layout.ends, span.start), bisect_left(layout.starts, span.end))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The cells of a table: ``inked`` are those with words, ``starts`` are where these begin.

    ``names`` are the first rows as far as they name the columns; ``tall`` are the cells that cover
    rows below their own.
    """

    inked: tuple[Cell, ...]
    starts: tuple[int, ...]
    names: tuple[tuple[Cell, ...], ...]
    tall: tuple[Cell, ...]


def _cells_of(table: _Rows, span: Span) -> tuple[Cell, ...]:
    begin = max(0, bisect_right(table.starts, span.start) - 1)
    inside = table.inked[begin : bisect_left(table.starts, span.end)]
    own = [cell for cell in inside if cell.span is not None and cell.span.overlaps(span)]
    if not own:
        return ()
    first, left = own[0].row, min(cell.column for cell in own)
    right = max(cell.column + cell.columns for cell in own)
    above = [cell for row in table.names for cell in _between(row, left, right) if cell.row < first]
    above += [cell for cell in table.tall if cell.row < first < cell.row + cell.rows]
    return (*sorted(dict.fromkeys(above), key=_place), *own)


def _between(row: Sequence[Cell], left: int, right: int) -> Sequence[Cell]:
    """Return the cells of a row that stand in the columns from ``left`` to ``right``."""
    begin = max(0, bisect_right(row, left, key=lambda cell: cell.column) - 1)
    return row[begin : bisect_left(row, right, key=lambda cell: cell.column)]


def _rows_of(table: Block) -> _Rows:
    """Lay out a table; its first rows name its columns as long as they hold headers alone."""
    inked = tuple(cell for cell in table.cells if cell.span is not None)
    names: list[tuple[Cell, ...]] = []
    for row, cells in groupby(table.cells, key=lambda cell: cell.row):
        in_row = tuple(cells)
        if row >= MAX_NAMING_ROWS or not all(c.is_header for c in in_row if c.span is not None):
            break
        names.append(tuple(cell for cell in in_row if cell.is_header))
    return _Rows(
        inked,
        tuple(cell.span.start for cell in inked if cell.span is not None),
        tuple(names),
        tuple(cell for cell in inked if cell.rows > 1),
    )


def _place(cell: Cell) -> tuple[int, int]:
    return cell.row, cell.column
