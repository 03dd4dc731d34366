"""The one table of formats: which files can be read, and by what.

A format is a row here and a module with its parser, which is imported with the first file of its
kind: ``parse(data: bytes, source: str) -> Document``, raising `UnreadableDocument`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

from loccit.index.datatypes import Document

Parser = Callable[[bytes, str], Document]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its suffixes, lower case with their dot, and where its parser is."""

    suffixes: tuple[str, ...]
    module: str
    function: str

    def parser(self) -> Parser:
        """Import and return the parser."""
        found: Parser = getattr(import_module(f"loccit.index.parsing.{self.module}"), self.function)
        return found


FORMATS: tuple[Format, ...] = (
    Format((".txt", ".text"), "plain_text", "parse_text"),
    Format((".md", ".markdown"), "markdown", "parse_markdown"),
    Format((".html", ".htm", ".xhtml"), "web.page", "parse_html"),
    Format((".pdf",), "pdf.document", "parse_pdf"),
    Format((".docx",), "word.document", "parse_docx"),
    Format((".csv", ".tsv"), "sheets.delimited", "parse_delimited"),
)

FORMAT_OF = MappingProxyType({suffix: one for one in FORMATS for suffix in one.suffixes})
"""The format by suffix."""

SUPPORTED_SUFFIXES: tuple[str, ...] = tuple(FORMAT_OF)
"""The suffixes that can be read, lower case and with their dot."""
