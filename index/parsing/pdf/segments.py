"""The characters of a PDF page as runs of text with their place and size."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from loccit.index.parsing.pdf.characters import Char
from loccit.index.parsing.pdf.placed_text import read_text

CELL_GAP_EMS = 1.5  # a wider blank than this, in font sizes, divides cells or columns
SAME_LINE_EMS = 0.55  # superscripts rise less than this above their line
RAISED_SIZE, RAISED_EMS = 0.85, 0.15  # smaller and higher than its line: a superscript

SPACE = 0x20
PDFIUM_HYPHENS = (0x02, 0xFFFE)  # what pdfium gives for a hyphen at the end of a line


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of characters of one line, in points from the lower left corner of the page.

    ``size`` is the height of the font; ``hyphen`` says that the run ends in a hyphen that pdfium
    takes for one that only divides a word; that hyphen is not part of ``text``. ``places`` holds
    pdfium's index of the character of each code point of ``text``, and of that hyphen.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool = False
    hyphen: bool = False
    places: array[int] = field(default_factory=lambda: array("i"))


def segments_of(chars: Sequence[Char]) -> list[Segment]:
    """Return the segments of a page in the order of its content."""
    segments: list[Segment] = []
    run: list[Char] = []
    for char in chars:
        if char.code in (0x0D, 0x0A):
            _flush(run, segments)
        elif char.code in PDFIUM_HYPHENS:
            _flush(run, segments, hyphen=char.place)
        else:
            if run and char.code != SPACE and _is_apart(run, char):
                _flush(run, segments)
            run.append(char)
    _flush(run, segments)
    return segments


def _is_apart(run: Sequence[Char], char: Char) -> bool:
    """Tell whether ``char`` begins a new line or a new cell."""
    last = next((one for one in reversed(run) if one.code != SPACE), run[-1])
    size = max(last.size, char.size, 1.0)
    if abs(char.baseline - last.baseline) > SAME_LINE_EMS * size:
        return True
    gap = char.left - last.right
    return gap > CELL_GAP_EMS * size or gap < -CELL_GAP_EMS * size


def _flush(run: list[Char], segments: list[Segment], *, hyphen: int | None = None) -> None:
    """Add the run of characters, and the index of the hyphen behind it, as a segment; empty it."""
    inked = [char for char in run if char.code != SPACE]
    if inked:
        # The median: a raised or lowered figure does not move its line.
        size = sorted(char.size for char in inked)[len(inked) // 2]
        baseline = sorted(char.baseline for char in inked)[len(inked) // 2]
        smallest, highest = RAISED_SIZE * size, baseline + RAISED_EMS * size
        placed = read_text(
            [char.code for char in run],
            [char.place for char in run],
            [char.size < smallest and char.baseline > highest for char in run],
        )
        bold = 2 * sum(char.bold for char in inked) > len(inked)
        left, right = min(char.left for char in inked), max(char.right for char in inked)
        if placed.text:
            divided = hyphen is not None
            places = placed.places if hyphen is None else placed.places + array("i", [hyphen])
            segments.append(
                Segment(placed.text, left, right, baseline, size, bold, divided, places)
            )
    run.clear()
