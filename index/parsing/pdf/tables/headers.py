"""The lines above a table's values: which columns each of their words names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loccit.index.parsing.pdf.tables.columns import Band, covered, is_value, is_year
from loccit.index.parsing.pdf.tables.pieces import Line, Piece, joined

STACKED_EMS = 1.9  # from line to line of one header
ALIGNED_EMS = 0.9  # words above a column begin, end or have their middle so near to its own
CENTRED_SHARE = 0.15  # of the values' width: what stands so near their middle names them all


@dataclass(frozen=True, slots=True)
class Heading:
    """Words that name the columns from ``first`` to ``last``, in lines one below the other."""

    lines: tuple[Piece, ...]
    first: int
    last: int


def num_header_lines(lines: Sequence[Line]) -> int:
    """Return how many of the first lines name columns: those before the first line of values.

    A line that holds but a label at the left begins the rows. A table of words alone has a header
    where its first line is bold and the next is not.
    """
    left = min(piece.left for line in lines for piece in line)
    body = next((n for n, line in enumerate(lines) if _has_values(line)), None)
    if body is None:
        is_bold = [all(piece.bold for piece in line) for line in lines]
        bold = next((n for n, it_is in enumerate(is_bold) if not it_is), 0)
        return bold if 0 < bold <= 3 and any(len(line) > 1 for line in lines[:bold]) else 0
    while body and len(lines[body - 1]) == 1 and _is_label(lines[body - 1][0], left):
        body -= 1
    return body


def header_rows(lines: Sequence[Line], bands: Sequence[Band]) -> list[list[Heading]]:
    """Return the rows of a header: what stands stacked above one column is one cell of the last."""
    rows: list[list[Heading]] = []
    below: Line = []
    for number, line in enumerate(lines):
        under = lines[number + 1] if number + 1 < len(lines) else below
        row = _placed(line, bands, under)
        if rows and _is_stacked(rows[-1], row):
            rows[-1] = _stacked(rows[-1], row)
        else:
            rows.append(row)
    return rows


def _has_values(line: Line) -> bool:
    """Tell whether a line has a value that is no year."""
    values = [is_value(piece.text) and not is_year(piece.text) for piece in line]
    return any(values[1:]) or (len(line) > 2 and values[0])


def _is_label(piece: Piece, left: float) -> bool:
    return piece.left - left < 3 * piece.size


def _placed(line: Line, bands: Sequence[Band], under: Line) -> list[Heading]:
    """Return the words of a line with the columns that each names."""
    placed = [(piece, *covered(piece, bands)) for piece in line]
    values = range(1, len(bands))
    above = [(piece, first, last) for piece, first, last in placed if last > 0]
    if len(bands) > 2 and above and len(under) > len(line):
        if 1 < len(above) < len(values) and not all(_is_own(p, bands) for p, *_ in above):
            placed = [p for p in placed if p[2] == 0] + _shared([p for p, *_ in above], bands)
        elif len(above) == 1 and _is_centred(above[0][0], bands):
            placed = [p for p in placed if p[2] == 0] + [(above[0][0], 1, len(bands) - 1)]
    found: list[Heading] = []
    for piece, first, last in placed:
        if len(found) > 0 and _is_free_before(found, first, last, bands):
            found[-1] = Heading(found[-1].lines, first - 1, first - 1)
        if found and found[-1].last >= first:  # two pieces above one column
            found[-1] = Heading(
                (joined([*found[-1].lines, piece]),), found[-1].first, max(found[-1].last, last)
            )
        else:
            found.append(Heading((piece,), first, last))
    return found


def _is_free_before(found: Sequence[Heading], first: int, last: int, bands: Sequence[Band]) -> bool:
    """Tell whether the words before belong to the column before: theirs has its own words."""
    before = found[-1]
    is_beside = before.lines[0].right < bands[first][0]
    is_free = first > 0 and (len(found) < 2 or found[-2].last < first - 1)
    return before.first == before.last == first == last and is_beside and is_free


def _shared(pieces: Sequence[Piece], bands: Sequence[Band]) -> list[tuple[Piece, int, int]]:
    """Share out the columns of values among the pieces above them, each to the nearest."""
    owners = []
    for left, right in bands[1:]:
        middle = (left + right) / 2
        distances = [max(p.left - middle, middle - p.right, 0.0) for p in pieces]
        owners.append(distances.index(min(distances)))
    shared = []
    for number, piece in enumerate(pieces):
        own = [column for column, owner in enumerate(owners, 1) if owner == number]
        if own:
            shared.append((piece, own[0], own[-1]))
        else:
            first, last = covered(piece, bands)
            shared.append((piece, first, last))
    return shared


def _is_own(piece: Piece, bands: Sequence[Band]) -> bool:
    """Tell whether words stand right above one column: no wider, and in line with it."""
    first, last = covered(piece, bands)
    left, right = bands[first]
    near = ALIGNED_EMS * piece.size
    is_aligned = (
        abs(piece.right - right) < near
        or abs(piece.left - left) < near
        or abs(piece.left + piece.right - left - right) < 2 * near
    )
    return first == last and is_aligned and piece.right - piece.left < right - left + near


def _is_centred(piece: Piece, bands: Sequence[Band]) -> bool:
    left, right = bands[1][0], bands[-1][1]
    off = abs((piece.left + piece.right) / 2 - (left + right) / 2)
    return off < CENTRED_SHARE * (right - left)


def _is_stacked(above: Sequence[Heading], row: Sequence[Heading]) -> bool:
    """Tell whether a row goes on with the words of the one above, each above its own column."""
    taken = {(heading.first, heading.last): heading for heading in above}
    for heading in row:
        same = taken.get((heading.first, heading.last))
        if same is None:
            if any(h.first <= heading.last and heading.first <= h.last for h in above):
                return False
            continue
        last, piece = same.lines[-1], heading.lines[0]
        if last.baseline - piece.baseline > STACKED_EMS * max(last.size, piece.size):
            return False
    return True


def _stacked(above: Sequence[Heading], row: Sequence[Heading]) -> list[Heading]:
    found = {heading.first: heading for heading in above}
    for heading in row:
        same = found.get(heading.first)
        lines = heading.lines if same is None else (*same.lines, *heading.lines)
        found[heading.first] = Heading(lines, heading.first, heading.last)
    return [found[first] for first in sorted(found)]
