"""Which characters of a PDF page a slice of the document's text was made from.

The text of a page is made of its rows, verbatim and in their order, less the running headers and
footers; a row's text is made of its characters. Both are found again here without the rest of the
document: a row has to stand where the text goes on, and its characters have to spell it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from loccit.index.parsing.normalizing import normalise
from loccit.index.parsing.notation import CELL_GAP
from loccit.index.parsing.pdf.furniture import margin_rows
from loccit.index.parsing.pdf.hyphens import HYPHENS
from loccit.index.parsing.pdf.rows import Row
from loccit.index.parsing.pdf.segments import COMBINING, PDFIUM_HYPHENS, PRIVATE, TO_BULLET, Segment

_BLANKS = re.compile(r"\s*")
_LEADER = frozenset(".·_")
_FOLDED = {"−": "-", "ı": "i"}  # what raising a minus and composing an accent do
_SILENT = ("C", "Z")  # the Unicode categories of what can't be seen


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell of a row, and where its text begins in the text of the page."""

    cell: Segment
    offset: int


def place_rows(text: str, rows: Sequence[Row]) -> list[list[PlacedCell]] | None:
    """Return the rows that ``text``, all of the document's text of their page, is made of.

    None when the rows do not make up the text to its end.
    """
    edges = {id(row): edge for row, edge in margin_rows(rows)}
    layers = _reached(text, rows, edges)
    at = len(text)
    if at not in layers[-1]:
        return None
    placed: list[list[PlacedCell]] = []
    for row, before in zip(reversed(rows), reversed(layers[:-1]), strict=True):
        edge = edges.get(id(row))
        starts = [start for start in before if at in _ends(text, row, start)]
        # Of two equal rows, the outer one is the running header or footer.
        if at in before and (edge == "foot" or (edge == "head" and not starts)):
            continue
        at = starts[0]
        placed.append(_placed_cells(row, at))
    placed.reverse()
    return placed


def _reached(text: str, rows: Sequence[Row], droppable: Iterable[int]) -> list[set[int]]:
    """Return the offsets at which the text may go on before each row and behind the last."""
    droppable = set(droppable)
    layers = [{_skip_blanks(text, 0)}]
    for row in rows:
        ends = {end for start in layers[-1] for end in _ends(text, row, start)}
        layers.append(ends | layers[-1] if id(row) in droppable else ends)
    return layers


def _ends(text: str, row: Row, start: int) -> set[int]:
    """Return where the text may go on behind ``row`` if that stands at ``start``."""
    ends: set[int] = set()
    stems = [row.text, row.text[:-1]] if row.text.endswith(tuple(HYPHENS)) else [row.text]
    for stem in stems:
        if stem and text.startswith(stem, start):
            end = start + len(stem)
            ends.add(_skip_blanks(text, end))
            if row.hyphen and text.startswith("-", end):
                ends.add(_skip_blanks(text, end + 1))
    return ends


def _skip_blanks(text: str, start: int) -> int:
    """Return the first offset from ``start`` on that holds no white space."""
    found = _BLANKS.match(text, start)
    return found.end() if found else start


def _placed_cells(row: Row, start: int) -> list[PlacedCell]:
    """Return the cells of a row that begins at ``start``."""
    placed: list[PlacedCell] = []
    for cell in row.cells:
        placed.append(PlacedCell(cell, start))
        start += len(cell.text) + len(CELL_GAP)
    return placed


def spelling(text: str) -> list[tuple[str, list[int]]]:
    """Return the letters that ``text`` is read by, each with the indices it comes from.

    White space, accents and invisible characters have no letter, a ligature has several; a run of
    leaders is one letter, for parsing shortens it.
    """
    letters = [(letter, index) for index, char in enumerate(text) for letter in _letters(char)]
    spelt: list[tuple[str, list[int]]] = []
    for is_leader, group in groupby(letters, key=lambda pair: pair[0] in _LEADER):
        run = list(group)
        if is_leader:
            spelt.append((".", [index for _, index in run]))
        else:
            spelt.extend((letter, [index]) for letter, index in run)
    return spelt


def _letters(char: str) -> str:
    """Return the letters of one character."""
    char = PRIVATE.sub("", char.translate(TO_BULLET))
    if char in COMBINING or not char or ord(char) in PDFIUM_HYPHENS:
        return ""
    return "".join(
        _FOLDED.get(letter, letter)
        for letter in unicodedata.normalize("NFKD", normalise(char))
        if unicodedata.category(letter)[0] not in _SILENT
        and not unicodedata.combining(letter)  # their order changes when they are composed
    )


def spelt_by(text: str, start: int, end: int, chars: Sequence[str]) -> set[int] | None:
    """Return the indices of ``chars`` that spell ``text[start:end]``.

    ``chars`` spell all of ``text``; where they do not, the result is None.
    """
    made, source = spelling(text), spelling("".join(chars))
    if [letter for letter, _ in made] != [letter for letter, _ in source]:
        return None
    chosen: set[int] = set()
    for (_, offsets), (_, indices) in zip(made, source, strict=True):
        if len(offsets) == len(indices):
            chosen.update(
                index
                for offset, index in zip(offsets, indices, strict=True)
                if start <= offset < end
            )
        elif any(start <= offset < end for offset in offsets):
            chosen.update(indices)
    return chosen | _riders(chars, chosen)


def _riders(chars: Sequence[str], chosen: set[int]) -> set[int]:
    """Return the accents and the hyphens at line ends that belong to the chosen characters."""
    riders: set[int] = set()
    for index, char in enumerate(chars):
        follows = ord(char) in PDFIUM_HYPHENS or unicodedata.combining(char) > 0
        beside = index + 1 if char in COMBINING else index - 1
        if (follows or char in COMBINING) and (beside in chosen or beside in riders):
            riders.add(index)
    return riders
