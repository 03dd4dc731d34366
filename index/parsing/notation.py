"""How plain text writes what a page shows by placing: items, cells of a table, raised figures."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from loccit.index.datatypes import Cell, Emphasis, HiddenText, Span
from loccit.index.parsing.assembling import TextBlock
from loccit.index.parsing.normalizing import normalise, one_line
from loccit.index.parsing.rich_text import (
    RichText,
    carried,
    joined,
    lines,
    moved,
    moved_hidden,
    stripped,
)

BULLET = "-"
CELL_GAP = " | "
"""Stands between the cells of a table's row."""

REPEATED_CHARACTERS = 100  # of a cell merged over rows; a longer one is no label of each row
MAX_REPEATED = 100_000  # cells of one table; hostile pages claim billions
MAX_CELLS = 100_000  # of one table; a larger one is lines of text alone

_RAISABLE = re.compile(r"[0-9+\-−()n]+")
_RAISED = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")


@dataclass(frozen=True, slots=True)
class RichCell:
    """A cell as its parser met it: ``rows`` and ``columns`` are how many of each it covers."""

    rich: RichText
    is_header: bool = False
    rows: int = 1
    columns: int = 1


def raised(text: str) -> str:
    """Return ``text`` in superscript where Unicode has it, else unchanged.

    "10" and a raised "6" must not become 106.
    """
    return text.translate(_RAISED) if _RAISABLE.fullmatch(text) else text


def item_block(rich: RichText, sign: str, depth: int, *, tight: bool) -> TextBlock:
    """Return the block of a list item, its sign before its words and its lines indented alike.

    Args:
        rich: the item's own words, without those of lists inside it.
        sign: "-" for a bullet, else what counts it, such as "2." or "(b)".
        depth: how deep its list is nested, from 0.
        tight: whether it stands right below the block before it.
    """
    if depth:
        rich = joined(lines(rich), "\n" + "  " * depth)
    words = normalise(rich.text)
    kept = carried(rich, words)
    if not words:
        return TextBlock("", hidden=kept.hidden)
    by = len(sign) + 1
    return TextBlock(
        f"{sign} {words}",
        kind="item",
        depth=depth,
        mark=Span(0, len(sign)),
        ordinal="" if sign == BULLET else sign,
        tight=tight,
        emphasis=tuple(moved(kept.emphasis, by)),
        hidden=tuple(moved_hidden(kept.hidden, by)),
    )


def table_block(rows: Sequence[Sequence[RichCell]], *, tight: bool = False) -> TextBlock:
    """Return the block of a table: one line a row, a gap between cells, empty rows left out.

    The words of a cell that is merged over rows stand in each of them, as cells of their own, so
    that each row is whole; where they are many they stand in the first alone, and that cell covers
    the others. The words of a cell that is merged over columns stand in the first, with empty
    places below the next, so that what follows stays in its column. Words hidden in an empty row
    end the row before it.
    """
    texts: list[str] = []
    cells: list[Cell] = []
    emphasis: list[Emphasis] = []
    rows, hidden = _without_hidden_rows(rows)
    offset = 0
    for number, row in enumerate(_full_rows(rows)):
        last = max(row)
        places: list[RichText] = []
        for column, cell in row.items():
            places += [cell.rich, *[RichText("")] * (cell.columns - 1 if column < last else 0)]
        line = joined(places, CELL_GAP)
        text = line.text.strip()
        start = offset - (len(line.text) - len(line.text.lstrip()))
        emphasis += moved(line.emphasis, start)
        hidden += moved_hidden(stripped(line, None).hidden, offset)
        for column, cell in row.items():
            words = cell.rich.text
            if cell.rows:
                span = Span(start, start + len(words)) if words else None
                cells.append(Cell(number, column, span, cell.is_header, cell.rows, cell.columns))
            start += len(words) + len(CELL_GAP) * cell.columns
        texts.append(text)
        offset += len(text) + 1
    return TextBlock(
        "\n".join(texts),
        kind="table",
        cells=tuple(cells) if len(cells) <= MAX_CELLS else (),
        tight=tight,
        emphasis=tuple(emphasis),
        hidden=tuple(hidden),
    )


def _without_hidden_rows(
    rows: Sequence[Sequence[RichCell]],
) -> tuple[list[list[RichCell]], list[HiddenText]]:
    """Take the hidden words out of rows without others: to the end of the row before.

    Return the rows, and the hidden words that stand before any others.
    """
    kept: list[list[RichCell]] = []
    first: list[HiddenText] = []
    last: tuple[int, int] | None = None  # row and place of the last cell with words
    for number, row in enumerate(rows):
        kept.append(list(row))
        written = [place for place, cell in enumerate(row) if one_line(cell.rich.text)]
        if written:
            last = number, written[-1]
            continue
        hidden = [item for cell in row for item in cell.rich.hidden]
        if hidden:
            kept[-1] = [replace(cell, rich=RichText("")) for cell in row]
        if hidden and last is not None:
            rich = kept[last[0]][last[1]].rich
            ends = moved_hidden(hidden, len(rich.text))
            rich = replace(rich, hidden=(*rich.hidden, *ends))
            kept[last[0]][last[1]] = replace(kept[last[0]][last[1]], rich=rich)
        else:
            first += hidden
    return kept, first


_Row = dict[int, RichCell]
"""The cells of a row by column; one that covers 0 rows is a place that a cell above covers."""


def _full_rows(rows: Sequence[Sequence[RichCell]]) -> list[_Row]:
    """Return the rows in which something is written, with the cells that reach down into them."""
    kept: list[_Row] = []
    above: dict[int, tuple[RichCell, int, int]] = {}  # a cell, the row it begins in, rows to come
    widest = max(map(len, rows), default=0)  # pages claim thousands of columns for "all of them"
    repeated = 0
    for row in rows:
        given = [
            replace(cell, rich=_cell_text(cell.rich), columns=min(cell.columns, widest))
            for cell in row
        ]
        is_kept = any(cell.rich.text for cell in given)
        full, below = _with_above(given, above if repeated < MAX_REPEATED else {}, len(kept))
        repeated += len(full) - len(given)
        if is_kept:
            for column in [column for column, cell in full.items() if not cell.rows]:
                first = kept[above[column][1]]
                first[column] = replace(first[column], rows=first[column].rows + 1)
            kept.append(full)
            above = below
        else:
            above = {
                c: (cell, begun, rows)
                for c, (cell, begun, rows) in below.items()
                if begun < len(kept)
            }
    return kept


def _with_above(
    given: Sequence[RichCell], above: Mapping[int, tuple[RichCell, int, int]], number: int
) -> tuple[_Row, dict[int, tuple[RichCell, int, int]]]:
    """Place the cells of a row beside those that reach down; return these for the row below."""
    full: _Row = {}
    below: dict[int, tuple[RichCell, int, int]] = {}
    waiting = deque(given)
    covered = sorted(above)
    column = 0
    while waiting or bisect_left(covered, column) < len(covered):
        if column in above:
            cell, begun, rows = above[column]
            is_label = len(cell.rich.text) <= REPEATED_CHARACTERS
            label = RichText(cell.rich.text, cell.rich.emphasis)  # what it hides is said once
            full[column] = (
                replace(cell, rich=label) if is_label else replace(cell, rich=RichText(""), rows=0)
            )
        elif waiting:
            cell, begun = waiting.popleft(), number
            rows = cell.rows
            cell = full[column] = replace(cell, rows=1)
        else:
            column = covered[bisect_left(covered, column)]
            continue
        if rows > 1:
            below[column] = cell, begun, rows - 1
        column += cell.columns
    return full, below


def _cell_text(rich: RichText) -> RichText:
    """Return the text of a cell on one line."""
    return carried(rich, one_line(rich.text))
