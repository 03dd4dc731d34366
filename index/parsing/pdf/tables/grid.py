"""The cells of a table, from its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from loccit.index.parsing.pdf.segments import CELL_GAP_EMS
from loccit.index.parsing.pdf.tables.columns import (
    Band,
    columns_of,
    covered,
    is_value,
    with_signs,
)
from loccit.index.parsing.pdf.tables.headers import header_rows, num_header_lines
from loccit.index.parsing.pdf.tables.pieces import Line, Piece, joined

MIN_ROWS = 2  # that hold several cells
MAX_HEADER_LINES = 7
NUMERIC_SHARE = 0.75  # of a column's cells are numbers: its first line may be its name
MAX_CROSSED = 0.2  # of the lines may have words that stand in two columns
PROSE_CHARACTERS = 90  # on average in a cell: two columns of running text are no table
INDENT_EMS = 0.4  # a label that begins so much further right stands under another
TIGHT_EMS = 1.55  # from line to line of one cell


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell: its words line by line, and where it stands; ``depth`` is its label's indent."""

    lines: tuple[Piece, ...]
    row: int
    column: int
    columns: int = 1
    is_header: bool = False
    depth: int = 0

    @property
    def text(self) -> str:
        """Its words on one line."""
        return " ".join(piece.text for piece in self.lines)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its cells by row and column, its bands of columns, how many rows are headers."""

    cells: tuple[GridCell, ...]
    bands: tuple[Band, ...]
    num_headers: int


_NUMBERED = re.compile(r"\(\d{1,3}(?:\.\d{1,3})?[a-z]?\)")
_Row = dict[int, tuple[list[Piece], int]]
"""The pieces of each cell of a row by column, and the last column that the cell covers."""


def grid_of(lines: Sequence[Line]) -> Grid | None:
    """Return the table that these lines are; None where they are none."""
    lines = [with_signs(line) for line in lines]
    num_headers = num_header_lines(lines)
    bands = columns_of([line for line in lines[num_headers:] if len(line) > 1])
    if num_headers and not _names_columns(lines[:num_headers], lines[num_headers:], bands):
        num_headers = 0
        bands = columns_of([line for line in lines if len(line) > 1])
    body = lines[num_headers:]
    several = sum(len(line) > 1 for line in lines)
    if len(bands) < 2 or several < MIN_ROWS or not any(len(line) > 1 for line in body):
        return None
    rows = [_row(line, bands) for line in body]
    crossed = sum(
        len(line) > 1 and _is_crossed(line, row) for line, row in zip(body, rows, strict=True)
    )
    if crossed > MAX_CROSSED * len(rows) or not _is_table(rows):
        return None
    headers = header_rows(lines[:num_headers], bands)
    cells = [
        GridCell(heading.lines, number, heading.first, 1 + heading.last - heading.first, True)
        for number, row in enumerate(headers)
        for heading in row
    ]
    whole = _unwrapped(rows)
    depths = _depths(whole)
    named = _names_rows(whole)
    for number, (row, depth) in enumerate(zip(whole, depths, strict=True), len(headers)):
        for column, (pieces, last) in sorted(row.items()):
            is_name = column == 0 and named
            cells.append(
                GridCell(
                    tuple(pieces),
                    number,
                    column,
                    1 + last - column,
                    is_name,
                    depth if column == 0 else 0,
                )
            )
    return Grid(tuple(cells), tuple(bands), len(headers))


def _names_columns(headers: Sequence[Line], body: Sequence[Line], bands: Sequence[Band]) -> bool:
    """Tell whether the first lines name the columns: numbers stand below, or other type."""
    if len(headers) > MAX_HEADER_LINES or len(bands) < 2:
        return False
    if all(p.bold for line in headers for p in line) and not all(p.bold for p in body[0]):
        return True
    counts = [[0, 0] for _ in bands]
    for line in body:
        for piece in line:
            first, last = covered(piece, bands)
            counts[last][0] += is_value(piece.text)
            counts[last][1] += first == last
    if sum(covered(line[0], bands)[1] == 0 and len(line) > 1 for line in headers) > 1:
        return False  # rows of words: what is stacked above labels is one line
    numeric = sum(values >= NUMERIC_SHARE * cells > 0 for values, cells in counts[1:])
    return 2 * numeric >= len(counts) - 1


def _row(line: Line, bands: Sequence[Band]) -> _Row:
    """Put the pieces of a line into their columns."""
    row: dict[int, tuple[list[Piece], int]] = {}
    for piece in line:
        first, last = covered(piece, bands)
        if is_value(piece.text) and last > first:
            first = last  # a number is set to the right
        same = next((column for column, (_, end) in row.items() if column <= first <= end), None)
        if same is None:
            row[first] = [piece], last
        else:
            pieces, end = row[same]
            row[same] = [joined([*pieces, piece])], max(end, last)
    return row


def _is_crossed(line: Line, row: _Row) -> bool:
    """Tell whether a line has words below two columns, or two cells below one."""
    if any(last > first for first, (_, last) in row.items()):
        return True
    wide = sum(
        after.left - piece.right > CELL_GAP_EMS * max(piece.size, after.size)
        for piece, after in pairwise(line)
    )
    return len(row) < 1 + wide


def _is_table(rows: Sequence[_Row]) -> bool:
    """Tell a table from text set in two columns."""
    several = [row for row in rows if len(row) > 1]
    last = [row[1][0][0].text for row in several if set(row) == {0, 1}]
    if len(last) == len(several) and all(_NUMBERED.fullmatch(text) for text in last):
        return False  # formulas with their numbers
    cells = [piece for row in several for pieces, _ in row.values() for piece in pieces]
    values = sum(is_value(piece.text) for piece in cells)
    length = sum(len(piece.text) for piece in cells) / max(len(cells), 1)
    return values > 0.2 * len(cells) or length < PROSE_CHARACTERS / 2


def _unwrapped(rows: Sequence[_Row]) -> list[_Row]:
    """Join the lines of one row: a label or a cell that goes on in the next line."""
    whole: list[_Row] = []
    for row in rows:
        if whole and _goes_on(whole[-1], row):
            before = whole[-1]
            for column, (pieces, last) in row.items():
                above, end = before.get(column, ([], last))
                before[column] = [*above, *pieces], max(end, last)
        else:
            whole.append({column: (list(pieces), last) for column, (pieces, last) in row.items()})
    return whole


def _goes_on(before: _Row, row: _Row) -> bool:
    """Tell whether a line goes on with the row before it."""
    upper = min((p for pieces, _ in before.values() for p in pieces), key=lambda p: p.baseline)
    lower = next(iter(row.values()))[0][0]
    if upper.baseline - lower.baseline > TIGHT_EMS * max(upper.size, lower.size):
        return False
    has_values = any(is_value(pieces[0].text) for c, (pieces, _) in row.items() if c > 0)
    had_values = any(is_value(pieces[-1].text) for c, (pieces, _) in before.items() if c > 0)
    label, label_before = row.get(0), before.get(0)
    if set(before) == {0} and label is not None and label_before is not None:
        # A label of two lines, whose values stand beside the second.
        ended = label_before[0][-1].text.endswith((":", "."))
        return not ended and label[0][0].text[:1].islower() and not label[0][0].bold
    if set(row) == {0} and label is not None and label_before is not None:
        return label[0][0].text[:1].islower() or label_before[0][-1].text.endswith(
            (",", "-", "and")
        )
    if 0 not in row and not has_values:
        return not had_values or set(row) <= set(before)
    return False


def _names_rows(rows: Sequence[_Row]) -> bool:
    """Tell whether the first column names the rows: it holds words, and the others are shorter."""
    first = [row[0][0][0].text for row in rows if 0 in row]
    return bool(first) and sum(is_value(text) for text in first) <= 0.2 * len(first)


def _depths(rows: Sequence[_Row]) -> list[int]:
    """Return how deep each row's label is indented under those above it."""
    labels = [row[0][0][0] for row in rows if 0 in row]
    if _spread([p.left + p.right for p in labels]) < _spread([2 * p.left for p in labels]):
        return [0] * len(rows)  # the labels are centred
    depths: list[int] = []
    open_: list[float] = []
    for row in rows:
        if 0 not in row:
            depths.append(len(open_) - 1 if open_ else 0)
            continue
        piece = row[0][0][0]
        step = INDENT_EMS * piece.size
        while open_ and open_[-1] > piece.left + step:
            open_.pop()
        if not open_ or open_[-1] < piece.left - step:
            open_.append(piece.left)
        depths.append(len(open_) - 1)
    return depths


def _spread(values: Sequence[float]) -> float:
    return max(values, default=0.0) - min(values, default=0.0)
