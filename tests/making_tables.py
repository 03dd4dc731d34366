"""Makes PDFs with tables whose every cell is known, in the styles that filings and letters have.

    python tests/making_tables.py            how many cells are read right, by style

A cell is right where its words, row, column and header flag are. Every table stands between two
paragraphs. The tables are the same each time; ``tests/test_tables.py`` asks a few of them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from fpdf import FPDF

from loccit.index.datatypes import Block, Document
from loccit.index.parsing import parse_bytes

PROSE = (
    "The following table shows what the society has received and spent in the periods that are "
    "named above its columns, and where it has kept the rest of its money since the last meeting. "
    "All amounts have been checked by two members who were chosen for it."
)
LABELS = (
    "Products", "Services", "Cost of sales", "Research and development", "Net income",
    "Selling, general and administrative", "Interest on loans", "Income taxes", "Rent and heating",
    "Repairs of the roof", "Insurance", "Wages of the keepers", "Gifts received", "Payables",
    "Deferred revenue", "Inventories", "Other current assets", "Term debt", "Retained earnings",
)  # fmt: skip
WORDS = (
    "boiler", "pump", "valve", "filter", "cable", "housing", "motor", "switch", "lamp", "hinge",
    "steel", "copper", "brass", "weekly", "yearly", "north", "south", "manual", "spare", "sealed",
)  # fmt: skip
NAMES = ("Ada Lindqvist", "Noor Haddad", "Piet de Vries", "Maria Rossi", "Tom Okafor", "Eva Horn")


@dataclass(frozen=True, slots=True)
class KnownCell:
    """A cell that was written: its words, where it stands, whether it names rows or columns."""

    row: int
    column: int
    text: str
    is_header: bool
    columns: int = 1


@dataclass(slots=True)
class Drawn:
    """A PDF under way, and the tables that were written to it."""

    pdf: FPDF
    tables: list[list[KnownCell]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Look:
    """How a table is drawn: widths in millimetres, sizes in points."""

    widths: tuple[float, ...]
    size: float = 9
    pitch: float = 4.5
    lines: str = "none"  # "none", "rows", "grid", "header"
    bold_header: bool = True
    centred_header: bool = False
    right_numbers: bool = True


def styles() -> dict[str, Callable[[random.Random], tuple[bytes, list[list[KnownCell]]]]]:
    """Return what makes a PDF of each style from a source of chance."""
    return {
        "statement": _statement,
        "statement with groups of years": _spanned,
        "signs apart": _signs_apart,
        "invoice": _invoice,
        "narrow gaps": _narrow,
        "labels on two lines": _wrapped_labels,
        "words in cells of several lines": _wrapped_words,
        "grid of words": _grid,
        "many columns": _many,
        "over two pages": _over_pages,
        "over two pages, header again": _over_pages_again,
        "empty cells": _empty,
        "centred": _centred,
        "two columns": _two_columns,
        "without header": _without_header,
    }


def score(document: Document, known: Sequence[Sequence[KnownCell]]) -> Counter[str]:
    """Return how many cells were written, and how many were read right, by what is asked of them.

    The tables of a document are matched in their order with those that share most words.
    """
    tables = [block for block in document.blocks if block.kind == "table"]
    counts: Counter[str] = Counter()
    for cells in known:
        best: Counter[str] = Counter()
        for table in tables:
            found = _score(document, table, cells)
            best = max(best, found, key=lambda one: (one["right"], one["text"]))
        counts += best
        counts["cells"] += len(cells)
    return counts


def _score(document: Document, table: Block, cells: Sequence[KnownCell]) -> Counter[str]:
    read = {
        (cell.row, cell.column): (
            document.text[cell.span.start : cell.span.end],
            cell.is_header,
            cell.columns,
        )
        for cell in table.cells
        if cell.span is not None
    }
    texts = Counter(text for text, _, _ in read.values())
    counts: Counter[str] = Counter()
    for cell in cells:
        text, is_header, columns = read.get((cell.row, cell.column), ("", False, 1))
        counts["text"] += texts[cell.text] > 0
        counts["place"] += text == cell.text
        counts["right"] += (text, is_header, columns) == (cell.text, cell.is_header, cell.columns)
    return counts


def _money(chance: random.Random, most: int = 99_999) -> str:
    value = chance.choice((chance.randint(1, 999), chance.randint(1_000, most)))
    kind = chance.random()
    return f"({value:,})" if kind < 0.2 else "-" if kind < 0.25 else f"{value:,}"


def _begin(chance: random.Random, down: float = 0) -> Drawn:
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    if down:
        pdf.set_y(down)
    _paragraph(pdf, chance)
    return Drawn(pdf)


def _paragraph(pdf: FPDF, chance: random.Random) -> None:
    pdf.set_font("helvetica", size=10)
    pdf.set_x(20)
    pdf.multi_cell(170, 5, PROSE)
    pdf.ln(chance.choice((3, 5, 8)))


def _end(drawn: Drawn, chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn.pdf.ln(chance.choice((5, 8)))
    _paragraph(drawn.pdf, chance)
    return bytes(drawn.pdf.output()), drawn.tables


Rows = Sequence[Sequence[str]]


def _write(
    drawn: Drawn,
    look: Look,
    headers: Rows,
    rows: Rows,
    *,
    indents: Sequence[int] = (),
    number: int = 0,
    spans: Sequence[Sequence[int]] = (),
    again: bool = False,
    bottom: float = 280,
) -> None:
    """Draw rows one below the other; cells of several lines are written line by line.

    ``spans`` says how many columns each cell of the first header covers.
    """
    pdf, known = drawn.pdf, []
    left = 20.0
    edges = [left + sum(look.widths[:n]) for n in range(len(look.widths) + 1)]

    def draw(row: Sequence[str], *, is_header: bool, indent: int, wide: Sequence[int]) -> None:
        nonlocal number
        bold = is_header and look.bold_header
        pdf.set_font("helvetica", "B" if bold else "", look.size)
        top, column = pdf.get_y(), 0
        most = max(text.count("\n") + 1 for text in row)
        for at, text in enumerate(row):
            covers = wide[at] if wide else 1
            begin, end = edges[column], edges[column + covers]
            is_number = column > 0 and (is_header or _is_number(text)) and look.right_numbers
            align = "R" if is_number else "L"
            if look.centred_header and is_header and column > 0:
                align = "C"
            if covers > 1:
                align = "C"
            lines = text.split("\n")
            first = most - len(lines) if is_header else 0
            for offset, line in enumerate(lines, first):
                pdf.set_xy(begin + (indent if column == 0 else 0), top + offset * look.pitch)
                pdf.cell(
                    end - begin - (indent if column == 0 else 0), look.pitch, line, align=align
                )
            if text:
                flag = is_header or (column == 0 and look.right_numbers)
                known.append(KnownCell(number, column, " ".join(lines), flag, covers))
            column += covers
        below = top + most * look.pitch
        if look.lines in ("rows", "grid") or (look.lines == "header" and is_header):
            pdf.line(edges[0], below, edges[-1], below)
        if look.lines == "grid":
            for edge in edges:
                pdf.line(edge, top, edge, below)
        pdf.set_xy(left, below)
        number += 1

    for at, row in enumerate(headers):
        draw(row, is_header=True, indent=0, wide=spans[at] if at < len(spans) else ())
    for at, row in enumerate(rows):
        if pdf.get_y() + 3 * look.pitch > bottom:
            pdf.add_page()
            pdf.set_y(20)
            if again:
                for header in headers:
                    draw(header, is_header=True, indent=0, wide=())
        draw(row, is_header=False, indent=indents[at] if indents else 0, wide=())
    drawn.tables.append(known)


def _is_number(text: str) -> bool:
    return any(char.isdigit() for char in text) or text in ("-",)


def _years(chance: random.Random, count: int) -> list[str]:
    last = chance.randint(2012, 2025)
    return [str(last - n) for n in range(count)]


def _statement(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    count = chance.randint(2, 4)
    labels = chance.sample(LABELS, chance.randint(6, 12))
    indents = [chance.choice((0, 4)) if n else 0 for n in range(len(labels))]
    look = Look((70.0, *[25.0] * count), lines=chance.choice(("none", "header")))
    rows = [[label, *[_money(chance) for _ in range(count)]] for label in labels]
    _write(drawn, look, [["", *_years(chance, count)]], rows, indents=indents)
    return _end(drawn, chance)


def _spanned(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    years = _years(chance, 2)
    labels = chance.sample(LABELS, chance.randint(5, 9))
    look = Look((66.0, 26.0, 26.0, 26.0, 26.0), centred_header=False)
    first = ["", "Three months ended", "Six months ended"]
    second = [
        "",
        *[f"{chance.choice(('June', 'July'))} {chance.randint(1, 30)},\n{y}" for y in years * 2],
    ]
    rows = [[label, *[_money(chance) for _ in range(4)]] for label in labels]
    _write(drawn, look, [first, second], rows, spans=[[1, 2, 2]])
    return _end(drawn, chance)


def _signs_apart(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    pdf, known = drawn.pdf, []
    years = _years(chance, 2)
    pdf.set_font("helvetica", "B", 9)
    for number, year in enumerate(years):
        pdf.set_x(100 + 40 * number)
        pdf.cell(30, 4.5, year, align="R")
        known.append(KnownCell(0, 1 + number, year, True))
    pdf.ln(4.5)
    pdf.set_font("helvetica", "", 9)
    labels = chance.sample(LABELS, 7)
    for row, label in enumerate(labels, 1):
        pdf.set_x(20)
        pdf.cell(70, 4.5, label)
        known.append(KnownCell(row, 0, label, True))
        for number in range(2):
            sign = row in (1, len(labels))
            value = f"{chance.randint(10, 99_999):,}"
            if sign:
                pdf.set_x(100 + 40 * number)
                pdf.cell(5, 4.5, "$")
            pdf.set_x(105 + 40 * number)
            pdf.cell(25, 4.5, value, align="R")
            known.append(KnownCell(row, 1 + number, f"$ {value}" if sign else value, False))
        pdf.ln(4.5)
    drawn.tables.append(known)
    return _end(drawn, chance)


def _invoice(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    look = Look(
        (12.0, 78.0, 20.0, 28.0, 30.0),
        size=10,
        pitch=6,
        lines=chance.choice(("none", "rows", "grid")),
    )
    rows = []
    for number in range(1, chance.randint(4, 8)):
        price, many = chance.randint(3, 900), chance.randint(1, 12)
        name = f"{chance.choice(WORDS).title()} {chance.choice(WORDS)}, {chance.choice(WORDS)}"
        rows.append([str(number), name, str(many), f"{price}.00", f"{price * many:,}.00"])
    _write(drawn, look, [["No.", "Description", "Qty", "Unit price", "Amount"]], rows)
    drawn.tables[0] = [
        KnownCell(c.row, c.column, c.text, c.row == 0, c.columns) for c in drawn.tables[0]
    ]
    return _end(drawn, chance)


def _narrow(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    count = 6
    look = Look((52.0, *[13.5] * count), size=8, pitch=4)
    labels = chance.sample([label for label in LABELS if len(label) < 26], 8)
    rows = [
        [label, *[f"{chance.randint(1_000, 99_999):,}" for _ in range(count)]] for label in labels
    ]
    _write(drawn, look, [["", *_years(chance, count)]], rows)
    return _end(drawn, chance)


def _wrapped_labels(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    labels = list(chance.sample(LABELS, 7))
    for at in chance.sample(range(len(labels)), 3):
        labels[at] = f"{labels[at]} after the costs of\nwhat was sold in the period"
    pdf, known = drawn.pdf, []
    years = _years(chance, 3)
    pdf.set_font("helvetica", "B", 9)
    for number, year in enumerate(years):
        pdf.set_x(110 + 25 * number)
        pdf.cell(22, 4.5, year, align="R")
        known.append(KnownCell(0, 1 + number, year, True))
    pdf.ln(5)
    pdf.set_font("helvetica", "", 9)
    for row, label in enumerate(labels, 1):
        for line in label.split("\n"):
            pdf.set_x(20)
            pdf.cell(80, 4, line, new_x="LMARGIN", new_y="NEXT")
        known.append(KnownCell(row, 0, label.replace("\n", " "), True))
        pdf.set_y(pdf.get_y() - 4)
        for number in range(3):
            value = _money(chance)
            pdf.set_x(110 + 25 * number)
            pdf.cell(22, 4, value, align="R")
            known.append(KnownCell(row, 1 + number, value, False))
        pdf.ln(5.2)
    drawn.tables.append(known)
    return _end(drawn, chance)


def _phrase(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words))


def _wrapped_words(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    look = Look(
        (35.0, 75.0, 50.0), pitch=4.2, right_numbers=False, lines=chance.choice(("grid", "rows"))
    )
    rows = []
    for _ in range(chance.randint(4, 6)):
        second = f"{_phrase(chance, 5)}\n{_phrase(chance, 4)}".capitalize()
        third = chance.choice((_phrase(chance, 3), f"{_phrase(chance, 3)}\n{_phrase(chance, 2)}"))
        rows.append([chance.choice(WORDS).title(), second, third.capitalize()])
    _write(drawn, look, [["Part", "What it does", "Material"]], rows)
    drawn.tables[0] = [
        KnownCell(c.row, c.column, c.text, c.row == 0 or c.column == 0, c.columns)
        for c in drawn.tables[0]
    ]
    return _end(drawn, chance)


def _grid(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    look = Look(
        (45.0, 45.0, 40.0, 40.0),
        lines=chance.choice(("grid", "header")),
        pitch=5.5,
        right_numbers=False,
    )
    rows = [
        [
            chance.choice(NAMES),
            _phrase(chance, 2).capitalize(),
            chance.choice(("Yes", "No")),
            _phrase(chance, 1),
        ]
        for _ in range(chance.randint(4, 8))
    ]
    _write(drawn, look, [["Name", "Task", "Paid", "Place"]], rows)
    drawn.tables[0] = [
        KnownCell(c.row, c.column, c.text, c.row == 0 or c.column == 0, c.columns)
        for c in drawn.tables[0]
    ]
    return _end(drawn, chance)


def _many(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    count = 11
    look = Look((32.0, *[12.5] * count), size=7, pitch=4, bold_header=chance.random() < 0.5)
    labels = chance.sample([label for label in LABELS if len(label) < 18], 8)
    rows = [
        [label, *[f"{chance.randint(0, 999) / 10:.1f}" for _ in range(count)]] for label in labels
    ]
    _write(drawn, look, [["", *_years(chance, count)]], rows)
    return _end(drawn, chance)


def _over_pages(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    return _long(chance, again=False)


def _over_pages_again(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    return _long(chance, again=True)


def _long(chance: random.Random, *, again: bool) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance, down=chance.randint(190, 220))
    look = Look((70.0, 30.0, 30.0, 30.0), lines=chance.choice(("none", "rows")))
    rows = [
        [f"{label} {number}", *[_money(chance) for _ in range(3)]]
        for number, label in enumerate(chance.sample(LABELS, 16), 1)
    ]
    _write(drawn, look, [["Item", "Spring", "Summer", "Autumn"]], rows, again=again)
    return _end(drawn, chance)


def _empty(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    look = Look((60.0, 27.0, 27.0, 27.0, 27.0))
    labels = chance.sample(LABELS, 9)
    rows = [
        [label, *[_money(chance) if chance.random() > 0.35 else "" for _ in range(4)]]
        for label in labels
    ]
    rows[0] = [labels[0], *[_money(chance) for _ in range(4)]]
    _write(drawn, look, [["", "North", "South", "East", "West"]], rows)
    return _end(drawn, chance)


def _centred(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    pdf, known = drawn.pdf, []
    heads = ["Method", "Precision", "Recall", "F1"]
    rows = [
        [
            f"{chance.choice(WORDS).title()}-{n}",
            *[f"{chance.randint(300, 999) / 10:.1f}" for _ in range(3)],
        ]
        for n in range(chance.randint(4, 8))
    ]
    for number, row in enumerate([heads, *rows]):
        pdf.set_font("helvetica", "B" if number == 0 else "", 9)
        for column, text in enumerate(row):
            pdf.set_x(30 + 36 * column)
            pdf.cell(36, 5, text, align="C")
            known.append(KnownCell(number, column, text, number == 0 or column == 0))
        pdf.ln(5)
    drawn.tables.append(known)
    return _end(drawn, chance)


def _two_columns(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    pdf, known = drawn.pdf, []
    pdf.set_font("helvetica", "", 10)
    for number, label in enumerate(chance.sample(LABELS, 6)):
        value = chance.choice(
            (f"{chance.randint(1, 999)} mm", f"{chance.randint(1, 99)}%", _phrase(chance, 2))
        )
        pdf.set_x(25)
        pdf.cell(75, 6, label)
        pdf.cell(60, 6, value)
        pdf.ln(6)
        known += [KnownCell(number, 0, label, True), KnownCell(number, 1, value, False)]
    drawn.tables.append(known)
    return _end(drawn, chance)


def _without_header(chance: random.Random) -> tuple[bytes, list[list[KnownCell]]]:
    drawn = _begin(chance)
    look = Look((70.0, 30.0, 30.0), lines="rows", pitch=5.5)
    rows = [[label, _money(chance), _money(chance)] for label in chance.sample(LABELS, 6)]
    _write(drawn, look, [], rows)
    return _end(drawn, chance)


def made(per_style: int) -> Iterator[tuple[str, bytes, list[list[KnownCell]]]]:
    """Yield the style, the PDF and the known tables of ``per_style`` documents of each style."""
    for name, make in styles().items():
        for number in range(per_style):
            data, tables = make(random.Random(f"{name} {number}"))
            yield name, data, tables


def main() -> None:
    """Print the shares of cells read right."""
    by_style: dict[str, Counter[str]] = {}
    for name, data, tables in made(5):
        document = parse_bytes(data, "made.pdf")
        by_style.setdefault(name, Counter()).update(score(document, tables))
    total: Counter[str] = Counter()
    print(f"{'style':36}{'cells':>7}{'words':>8}{'place':>8}{'right':>8}")
    for name, counts in [*by_style.items(), ("all", total)]:
        if name != "all":
            total += counts
        shares = "".join(
            f"{counts[key] / counts['cells']:8.3f}" for key in ("text", "place", "right")
        )
        print(f"{name:36}{counts['cells']:7}{shares}")


if __name__ == "__main__":
    main()
