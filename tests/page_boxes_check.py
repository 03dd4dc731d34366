"""Are the boxes of a citation right? The words inside them, read off the page, are the quote's.

    python tests/page_boxes_check.py FOLDER

measures it on every PDF below FOLDER: spans of a sentence, of part of a line, over a line's end
and over a page's end.
"""

from __future__ import annotations

import random
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from loccit.index.datatypes import Box, Document, PageBoxes, Span
from loccit.index.errors import UnreadableDocument
from loccit.index.ingestion.splitting import sentence_spans
from loccit.index.parsing import parse_bytes
from loccit.index.parsing.pdf.lines import boxes_of

SPANS = 12  # of each kind and file
GRID = 1_000_000  # pdfium gives places on the shown page as whole pixels of a page this large

# Signs between cells, hyphens, leaders, accents on their own: a page has them otherwise than text.
_PASSED_OVER = set("|-‐\u00ad.…·‥_´¨ˇˆ˜¸˚•\ufffd\x02\ufffe")
_LETTERS = {"ı": "i", "−": ""}


def words_on(data: bytes, pages: Sequence[PageBoxes]) -> str:
    """Read the words inside the boxes of all pages."""
    import pypdfium2

    words = ""
    with closing(pypdfium2.PdfDocument(data)) as document:
        for one in pages:
            with closing(document[one.page - 1]) as page, closing(page.get_textpage()) as textpage:
                words += words_inside(page, textpage, one.boxes)
    return words


def same_words(one: str, other: str) -> bool:
    """Compare without white space, signs between cells, hyphens, leaders, accents, letter forms."""
    return _bare(one) == _bare(other)


def words_inside(page: Any, textpage: Any, boxes: Sequence[Box]) -> str:
    """Read the characters whose middle lies in the boxes of an open page, box by box."""
    middles = list(_middles(page, textpage))
    words: list[str] = []
    for box in boxes:
        inside = [middle for middle in middles if _holds(box, *middle[1:])]
        words.extend(char for char, _, _ in inside)
        middles = [middle for middle in middles if not _holds(box, *middle[1:])]
    # Some platforms give a character beyond U+FFFF as its two UTF-16 halves.
    return "".join(words).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def spans_of(document: Document, chance: random.Random) -> Iterator[tuple[str, Span]]:
    """Yield spans of several kinds, some of each."""
    text = document.text
    sentences = sentence_spans(text, Span(0, len(text)))
    for span in chance.sample(sentences, min(SPANS, len(sentences))):
        yield "sentence", span
        if span.end - span.start > 8:
            third = (span.end - span.start) // 3
            yield "part", _whole_words(text, span.start + third, span.end - third)
        yield "long", Span(span.start, min(len(text), span.end + 400))
    turns = [start for start in document.page_starts if 0 < start < len(text)]
    for start in chance.sample(turns, min(SPANS, len(turns))):
        yield "over pages", _whole_words(text, max(0, start - 60), min(len(text), start + 60))


def _whole_words(text: str, start: int, end: int) -> Span:
    """Widen a span to whole words: a ligature has one box."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return Span(start, end)


def check(
    data: bytes, document: Document, chance: random.Random
) -> Iterator[tuple[str, str, Span]]:
    """Yield (kind, "exact" or what is wrong, span)."""
    lines = {one.page: one for one in document.page_lines}
    for kind, span in spans_of(document, chance):
        quote = document.text[span.start : span.end]
        pages = boxes_of(document, span, lines)
        if pages is None:
            yield kind, "not found", span
        elif not same_words(words_on(data, pages), quote):
            yield kind, "differs", span
        else:
            yield kind, "exact", span


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFKD", "".join(c for c in text if c not in _PASSED_OVER))
    return "".join(
        _LETTERS.get(letter, letter)
        for letter in letters
        if unicodedata.category(letter)[0] not in "MCZ" and letter not in _PASSED_OVER
    )


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _middles(page: Any, textpage: Any) -> Iterator[tuple[str, float, float]]:
    """Yield every character with its middle in fractions of the shown page."""
    import pypdfium2.raw as pdfium

    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        left, bottom, right, top = textpage.get_charbox(index)
        if not code or code in (10, 13, 32):
            continue
        if left == right or top == bottom:
            left, bottom, right, top = textpage.get_charbox(index, loose=True)
        yield chr(code), *_shown(page, (left + right) / 2, (bottom + top) / 2)


def _shown(page: Any, x: float, y: float) -> tuple[float, float]:
    """Return a point of the page in fractions of the shown page, from its top left corner."""
    import ctypes

    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, GRID, GRID, 0, x, y, across, down)
    return across.value / GRID, down.value / GRID


def main(folder: Path) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    files: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.pdf")):
        data = path.read_bytes()
        try:
            document = parse_bytes(data, str(path))
        except UnreadableDocument:
            files["not parsed"] += 1
            continue
        wrong: Counter[str] = Counter()
        for kind, outcome, span in check(data, document, random.Random(7)):
            counts[kind, outcome] += 1
            if outcome != "exact":
                if not wrong[outcome]:
                    print(f"{path}: {outcome}: {document.text[span.start : span.end]!r}"[:300])
                wrong[outcome] += 1
        files["with failures" if wrong else "exact"] += 1
    print(dict(files))
    for kind in sorted({kind for kind, _ in counts}):
        of_kind = {outcome: count for (one, outcome), count in counts.items() if one == kind}
        total = sum(of_kind.values())
        print(f"{kind}: {of_kind.get('exact', 0)} of {total} exact; {of_kind}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
