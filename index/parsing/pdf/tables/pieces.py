"""The rows of a page as pieces of text with their places, and as the lines that one sees."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loccit.index.parsing.pdf.placed_text import NOWHERE
from loccit.index.parsing.pdf.rows import Row
from loccit.index.parsing.pdf.segments import Segment

PIECE_GAP_EMS = 0.62  # between words of one cell a blank is narrower, but where lines are justified
SIGN_GAP_EMS = 0.3  # the sign of a currency stands apart from the number of the column before
SAME_LINE_EMS = 0.45  # what stands on one line differs in height by less

CURRENCY = re.compile(r"(?:US|C|A|NZ|HK|S|R)?[$€£¥₹₽₩]|CHF|EUR|USD|GBP|JPY|RMB")

Sides = NDArray[np.float32]
"""``(n, 2)``: left and right of each of pdfium's characters, in points, as `Char` has them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a line that no wide blank divides; places and sizes are those of `Segment`."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool
    places: array[int]


Line = list[Piece]
"""What stands at one height, from left to right."""


def pieces_of(row: Row, sides: Sides) -> list[Piece]:
    """Return the pieces of a row: its cells, divided where a blank is wider than between words."""
    return [piece for cell in row.cells for piece in _divided(cell, sides)]


def lines_of(pieces: Sequence[Piece]) -> list[Line]:
    """Return what stands at one height as a line, the highest first."""
    lines: list[Line] = []
    for piece in sorted(pieces, key=lambda piece: -piece.baseline):
        last = lines[-1][0] if lines else None
        if last and last.baseline - piece.baseline <= SAME_LINE_EMS * max(last.size, piece.size):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    for line in lines:
        line.sort(key=lambda piece: piece.left)
    return lines


def joined(pieces: Sequence[Piece], gap: str = " ") -> Piece:
    """Return pieces as one, in their order."""
    first, *others = pieces
    if not others:
        return first
    places = array("i", first.places)
    for piece in others:
        places.extend([NOWHERE] * len(gap))
        places.extend(piece.places)
    return Piece(
        gap.join(piece.text for piece in pieces),
        min(piece.left for piece in pieces),
        max(piece.right for piece in pieces),
        first.baseline,
        first.size,
        all(piece.bold for piece in pieces),
        places,
    )


def _divided(cell: Segment, sides: Sides) -> Iterator[Piece]:
    words = [(m.start(), m.end()) for m in re.finditer(r"\S+", cell.text)]
    edges = [_edges(cell, start, end, sides) for start, end in words]
    begin = 0
    for number in range(1, len(words) + 1):
        if number < len(words):
            (_, before), (after, _) = edges[number - 1], edges[number]
            gap = (after - before) / max(cell.size, 1.0)
            signs = (cell.text[slice(*words[n])] for n in (number - 1, number))
            is_sign = any(CURRENCY.fullmatch(word) for word in signs)
            if not gap > (SIGN_GAP_EMS if is_sign else PIECE_GAP_EMS):  # NaN: not known
                continue
        start, end = words[begin][0], words[number - 1][1]
        left, right = edges[begin][0], edges[number - 1][1]
        if number == len(words) and begin == 0:
            left, right = cell.left, cell.right
        yield Piece(
            cell.text[start:end],
            left,
            right,
            cell.baseline,
            cell.size,
            cell.bold,
            cell.places[start:end],
        )
        begin = number


def _edges(cell: Segment, start: int, end: int, sides: Sides) -> tuple[float, float]:
    """Return left and right of some of a cell's letters; NaN where they are not on the page."""
    places = [place for place in cell.places[start:end] if 0 <= place < len(sides)]
    if not places:
        return float("nan"), float("nan")
    inked = sides[places]
    return float(inked[:, 0].min()), float(inked[:, 1].max())
