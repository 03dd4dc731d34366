"""Are the boxes of a citation right? The words inside them, read off the page, are the quote's.

    python tests/page_boxes_check.py FOLDER

measures it on every PDF below FOLDER: spans of a sentence, of part of a line, over a line's end
and over a page's end.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from loccit.index.datatypes import Document, PageBoxes, Span
from loccit.index.errors import UnreadableDocument
from loccit.index.ingestion.splitting import sentence_spans
from loccit.index.parsing import parse_bytes
from loccit.index.parsing.pdf.pages import OpenPdf, span_on_pages
from loccit.index.parsing.pdf.reading_back import same_words, words_inside

SPANS = 12  # of each kind and file


def words_on(data: bytes, pages: Sequence[PageBoxes]) -> str:
    """Read the words inside the boxes of all pages."""
    import pypdfium2

    words = ""
    with closing(pypdfium2.PdfDocument(data)) as document:
        for one in pages:
            with closing(document[one.page - 1]) as page, closing(page.get_textpage()) as textpage:
                words += words_inside(page, textpage, one.boxes)
    return words


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
    with OpenPdf(data) as pdf:
        for kind, span in spans_of(document, chance):
            quote = document.text[span.start : span.end]
            pages = pdf.boxes(span_on_pages(document, span))
            if pages is None:
                yield kind, "not found", span
            elif not same_words(words_on(data, pages), quote):
                yield kind, "differs", span
            else:
                yield kind, "exact", span


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
