"""The blocks of a document by where they stand, and those that a passage takes along."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from loccit.index.datatypes import Block, Cell, Document, Passage, Span
from loccit.index.parsing.plain_text import blocks_of_text


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
        {n: _rows_of(document.text, block) for n, block in enumerate(blocks) if block.cells},
    )


def blocks_within(layout: Layout, span: Span) -> Sequence[Block]:
    """Return the blocks that a span holds all or a part of."""
    numbers = _numbers(layout, span)
    return layout.blocks[numbers.start : numbers.stop]


def passage_blocks(layout: Layout, span: Span) -> tuple[Block, ...]:
    """Return the blocks that a passage holds all or a part of, in the document's offsets.

    Of a table's cells those of the passage's rows are kept, and above them those that name the
    columns or reach down into these rows.
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
    """The cells of a table by row: ``starts`` are where the rows begin in the text.

    ``names`` are the cells that name the columns, ``tall`` those that cover rows below.
    """

    cells: tuple[Cell, ...]
    starts: tuple[int, ...]
    names: tuple[Cell, ...]
    tall: tuple[Cell, ...]


def _cells_of(table: _Rows, span: Span) -> tuple[Cell, ...]:
    first = max(0, bisect_right(table.starts, span.start) - 1)
    last = bisect_left(table.starts, span.end)
    above = [cell for cell in table.names if cell.row < first]
    above += [cell for cell in table.tall if cell.row < first < cell.row + cell.rows]
    begin = bisect_left(table.cells, first, key=_row)
    end = bisect_left(table.cells, last, key=_row)
    in_order = sorted(dict.fromkeys(above), key=lambda cell: (cell.row, cell.column))
    return (*in_order, *table.cells[begin:end])


def _rows_of(text: str, table: Block) -> _Rows:
    """Lay out a table; its first rows name its columns as long as they hold headers alone."""
    starts = [table.span.start]
    line_end = text.find("\n", table.span.start, table.span.end)
    while line_end >= 0:
        starts.append(line_end + 1)
        line_end = text.find("\n", line_end + 1, table.span.end)
    first = next((c.row for c in table.cells if c.span and not c.is_header), len(starts))
    names = tuple(cell for cell in table.cells if cell.row < first and cell.is_header)
    tall = tuple(cell for cell in table.cells if cell.rows > 1)
    return _Rows(table.cells, tuple(starts), names, tall)


def _row(cell: Cell) -> int:
    return cell.row
