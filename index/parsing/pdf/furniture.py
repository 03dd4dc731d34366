"""Running headers, footers and page numbers: what stands on many pages and belongs to none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from loccit.index.parsing.pdf.rows import Row

MARGIN_ROWS = 3  # running headers and footers take at most this many rows of a page
REPEATED_PAGES = 3  # the same words in the same place on fewer pages may be chance
PLACE_POINTS = 4.0  # a header stands at the same height to within this
FOLIO_PAGES = 2  # numbers that count along on this many pages are page numbers

_DIGITS = re.compile(r"\d+")
_FOLIO = re.compile(
    r"(?:\W*(?:page|seite|p\.|página|pagina|стр\.?|第)?\W*)(\d{1,4})\W*(?:页|頁|ページ)?\W*", re.I
)
_ROMAN_FOLIO = re.compile(r"[ivxlc]{1,7}")
_FOLIO_OF = re.compile(
    r"\W*(?:page|seite|p\.|página|pagina|стр\.?)?\s*\d{1,4}\s*(?:/|of|von|de|di|sur|из)\s*\d{1,4}\W*",
    re.I,
)


def without_furniture(pages: Sequence[Sequence[Row]]) -> list[list[Row]]:
    """Return the pages without the rows that repeat at their head or foot."""
    margins = [list(_margin_rows(page)) for page in pages]
    repeated = _repeated_keys(margins)
    shift = _folio_shift(margins)
    kept: list[list[Row]] = []
    for page, margin in zip(pages, margins, strict=True):
        dropped = {
            id(row)
            for row, edge in margin
            if _key(row, edge) in repeated
            or _FOLIO_OF.fullmatch(row.text)
            or (len(pages) >= REPEATED_PAGES and _ROMAN_FOLIO.fullmatch(row.text))
            or (shift is not None and shift in _folio_shifts(row))
        }
        kept.append([row for row in page if id(row) not in dropped])
    return kept


def _margin_rows(page: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """Yield the outermost rows with "head" or "foot"; a row of a short page may come with both."""
    by_height = sorted(page, key=lambda row: -row.baseline)
    yield from ((row, "head") for row in by_height[:MARGIN_ROWS])
    yield from ((row, "foot") for row in by_height[-MARGIN_ROWS:])


def _repeated_keys(margins: Sequence[Sequence[tuple[Row, str]]]) -> set[tuple[str, str, int]]:
    """Return the keys that stand on enough pages."""
    counts = Counter(key for margin in margins for key in {_key(row, edge) for row, edge in margin})
    return {key for key, count in counts.items() if count >= REPEATED_PAGES}


def _key(row: Row, edge: str) -> tuple[str, str, int]:
    """Return what is equal for a row on every page: its words, its edge and its height."""
    words = _DIGITS.sub("#", row.text.casefold())
    return words, edge, round(row.baseline / PLACE_POINTS)


def _folio_shift(margins: Sequence[Sequence[tuple[Row, str]]]) -> int | None:
    """Return the printed page number less the page's index, when the pages agree on it."""
    counts = Counter(
        shift
        for margin in margins
        for shift in {shift for row, _ in margin for shift in _folio_shifts(row)}
    )
    if not counts:
        return None
    shift, count = counts.most_common(1)[0]
    return shift if count >= FOLIO_PAGES and 2 * count >= len(margins) else None


def _folio_shifts(row: Row) -> set[int]:
    """Return the possible shifts of a row, of which a cell is but a number.

    A row of many numbers is one of a table.
    """
    if len(row.cells) > 3:
        return set()
    numbers = (_FOLIO.fullmatch(cell.text) for cell in row.cells)
    return {int(number.group(1)) - row.page for number in numbers if number}
