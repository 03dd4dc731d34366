"""The columns of a table: what no line's words stand between is a gap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from loccit.index.parsing.pdf.tables.pieces import CURRENCY, Line, Piece, joined

MIN_GAP_EMS = 0.55  # between two columns
SPOILT_SHARE = 0.04  # of the lines may cross a gap: a label that is too long for its column
MAX_SUFFIX_EMS = 1.5  # from a number to its sign
NEAR_POINTS = 1.0

VALUE = re.compile(
    r"(?:[$€£¥₹]|CHF|EUR|USD|GBP|US\$)?\s*[(\[+\-–—−~<>≤≥±]*\s*[$€£¥₹]?\s*"
    r"\d[\d.,'’\u00a0 ]*(?:[eE][+\-]?\d+)?\s*[)\]]*\s*"
    r"(?:%|‰|million|billion|€|£|\$|[°µ]?[A-Za-zΩ]{1,4}[²³]?(?:/[a-z]{1,3}[²³]?)?)?"
    r"\s*[)\]]*(?:\s*[*†‡§¹²³⁴⁵⁶⁷⁸⁹⁽⁾]+)*"
)
"""A number as tables write it, with sign, brackets, unit."""

BLANK = re.compile(r"[-–—−]+|n/?[amd]\.?|nm|\*+|\.\.+|…|nil|none|[✓✔✗✘x]", re.I)
"""What stands for no value."""

YEAR = re.compile(
    r"(?:fy|q[1-4])?\s*'?(?:19|20)\d\d[a-z]?(?:\s*[-–/]\s*(?:\d\d|(?:19|20)\d\d))?", re.I
)
_SUFFIX = re.compile(r"[)%‰*†‡§]+|\)%|%\)|\(\d{1,2}\)|\([a-z]\)|[¹²³⁴⁵⁶⁷⁸⁹⁽⁾]+|pts?\.?|bps")

Band = tuple[float, float]
"""Where a column begins and ends, in points."""


def is_value(text: str) -> bool:
    """Tell whether a cell holds a number, or the sign that there is none."""
    return VALUE.fullmatch(text) is not None or BLANK.fullmatch(text) is not None


def is_year(text: str) -> bool:
    """Tell whether a cell is a year or a span of years."""
    return YEAR.fullmatch(text) is not None


def columns_of(lines: Sequence[Line]) -> list[Band]:
    """Return the columns in which the words of these lines stand, from left to right.

    What no line's words but a few stand between is a gap between two columns.
    """
    allowed = int(SPOILT_SHARE * len(lines))
    size = max((piece.size for line in lines for piece in line), default=10.0)
    changes = sorted(
        change
        for line in lines
        for piece in line
        for change in ((piece.left, 1), (piece.right, -1))
        if piece.left < piece.right
    )
    found: list[Band] = []
    depth, begin = 0, 0.0
    for x, step in changes:
        before, depth = depth, depth + step
        if before <= allowed < depth:
            begin = x
        elif depth <= allowed < before:
            found.append((begin, x))
    bands = found[:1]
    for last, after in pairwise(found):
        if after[0] - last[1] < MIN_GAP_EMS * size:
            bands[-1] = bands[-1][0], after[1]
        else:
            bands.append(after)
    return bands


def with_signs(line: Line) -> Line:
    """Return a line in which each number has the signs that stand apart from it.

    The sign of a currency belongs to the number after it; "%", ")" and the marks of footnotes to
    the number before.
    """
    found: Line = []
    for piece in line:
        last = found[-1] if found else None
        if last is not None and (
            (CURRENCY.fullmatch(last.text) and is_value(piece.text))
            or (
                _SUFFIX.fullmatch(piece.text)
                and is_value(last.text)
                and piece.left - last.right < MAX_SUFFIX_EMS * piece.size
            )
        ):
            found[-1] = joined([last, piece], "" if _SUFFIX.fullmatch(piece.text) else " ")
        else:
            found.append(piece)
    return found


def covered(piece: Piece, bands: Sequence[Band]) -> tuple[int, int]:
    """Return the first and the last column that a piece stands in, at least the nearest one."""
    under = [
        number
        for number, (left, right) in enumerate(bands)
        if piece.left < right - NEAR_POINTS and left + NEAR_POINTS < piece.right
    ]
    if under:
        return under[0], under[-1]
    middle = (piece.left + piece.right) / 2
    nearest = min(range(len(bands)), key=lambda n: _distance(bands[n], middle))
    return nearest, nearest


def _distance(band: Band, x: float) -> float:
    return max(band[0] - x, x - band[1], 0.0)
