"""What the elements of a table say: whether it holds data, and what a cell of it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loccit.index.parsing.notation import RichCell
from loccit.index.parsing.rich_text import RichText

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_ROWS, MAX_COLUMNS = 65_534, 1_000  # that a cell may cover, by the HTML standard

_LAYOUT_SIGNS = "h1, h2, h3, h4, h5, h6, pre"  # a table that holds these is no table of data


def new_cell(tag: str, node: LexborNode) -> RichCell:
    """Return a cell without its words yet."""
    attributes = node.attributes
    row = node.parent
    section = row.parent if row is not None else None
    in_head = section is not None and section.tag == "thead"
    return RichCell(
        RichText(""),
        is_header=tag == "th" or in_head or bool(attributes.get("scope")),
        rows=_count(attributes.get("rowspan"), MAX_ROWS),
        columns=_count(attributes.get("colspan"), MAX_COLUMNS),
    )


def _count(value: str | None, most: int) -> int:
    """Return how many rows or columns a cell covers; 0 rows are all that follow."""
    value = (value or "1").strip()
    if not (value.isascii() and value.isdecimal()):
        return 1
    number = int(value[:9])
    return most if number == 0 and most == MAX_ROWS else min(max(number, 1), most)


def holds_data(table: LexborNode) -> bool:
    """Tell a table of data from one that only places things on the page."""
    role = (table.attributes.get("role") or "").lower()
    if role in ("presentation", "none") or table.css_first(_LAYOUT_SIGNS) is not None:
        return False
    return table.css_first("table table") is None or table.css_first("th") is not None
