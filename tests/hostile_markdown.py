"""Markdown that nobody writes: signs that open something and never close it, and other nestings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType


def _of(piece: str, begin: str = "", end: str = "") -> Callable[[int], str]:
    return lambda size: begin + piece * (size // len(piece)) + end


def _table(columns: int) -> Callable[[int], str]:
    def rows(size: int) -> str:
        row = "|" + "b|" * columns + "\n"
        rule = "|" + "-|" * columns + "\n"
        return row + rule + row * max(1, size // len(row))

    return rows


def _nested(opening: str, closing: str) -> Callable[[int], str]:
    return lambda size: "".join(
        (opening * (size // len(opening) // 2), "a", closing * (size // len(closing) // 2))
    )


_REPEATED = (
    *("[", "![", "![[", "[a](", "[a][", "](", "[]", "[^", "[*a](b) ", "[![a](b)](c) ", "*[", "`["),
    *("<[", "*", "*a ", "**a ", "*a**", "_a ", "a**b", "*_", "a_", "**a *", "***a", "~~a ", "~"),
    *("a~~", "**x**", "a*b_c~~", "`", "`a", "` ``", "|", "| a ", "<", "<a ", '<a b="', "a <!-- "),
    *("a <?", "a <![CDATA[", "a <!A ", "a<b>", "a</b>", "<http:a", "a<b></i>", "a<script>", "&#x"),
    *("&amp", "\\", "\\[", "[a](<", '[a](b "', "[a](b ", "http://a.b ", ">", "- ", "# ", "a\n"),
    *("<div>\n", "<!--\n", "<pre\n", "- a\n", "- a\n\n", "# h\n", "a\n==\n", "* * *\n"),
    *("a  \n", "\ta\n", "```\n", "    a\n\n", "> a\n\n", '[a]: u\n"b\n', "<b>", "<sup>", "1. "),
)
SHAPES: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        **{repr(piece): _of(piece) for piece in _REPEATED},
        "a link without an end": _of("(", "[a](("),
        "a reference used again": _of("[a] ", "[a]: u\n\n"),
        "many references": lambda size: "".join(f"[a{n}]: /u\n" for n in range(size // 12)),
        "code spans of all lengths": lambda size: "".join(
            "`" * (n % 300 + 1) + "a" for n in range(size // 150)
        ),
        "links in links": _nested("[", "](b)"),
        "images in images": _nested("![", "](b)"),
        "emphasis in emphasis": _nested("*a ", "b*"),
        "strong in strong": _nested("**a ", "b**"),
        "lines after a deep quote": _of("b\n", "> " * 90 + "a\n"),
        "lines after a deep list": _of("b\n", "- > " * 24 + "a\n"),
        "a table of a column": _table(1),
        "a table of 1,000 columns": _table(1_000),
        "a table of 10,000 columns": _table(10_000),
        "short rows of 1,000 columns": lambda size: (
            "|" + "a|" * 1_000 + "\n|" + "-|" * 1_000 + "\n" + "|b\n" * (size // 3)
        ),
        "front matter without an end": _of("a: b\n", "---\n"),
    }
)
"""Markdown of about so many characters, by what it is made of."""
