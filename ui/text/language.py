"""The language of the interface: English, or another one that a visitor's browser asks for.

Words are written in English where they are used, and go through `tr`; ``translations/de.json`` maps
them to German. The text of documents, the messages of the index and the command line are not
translated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

ENGLISH = "en"
FOLDER = Path(__file__).with_name("translations")

_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


@dataclass(frozen=True, slots=True)
class Translation:
    """A language's words and ways to write numbers.

    ``words`` maps English to this language; ``counts`` maps the singular of an English noun to
    that of this language and the plural. ``separators`` are those of thousands and of decimals.
    """

    words: Mapping[str, str]
    counts: Mapping[str, tuple[str, str]]
    separators: tuple[str, str] = (",", ".")
    percent: str = "%"
    date: str = "%d %b %Y"


@cache
def translations() -> Mapping[str, Translation]:
    """Return the languages beside English, by their tags: "de"."""
    return {file.stem: _read(file) for file in sorted(FOLDER.glob("*.json"))}


def _read(file: Path) -> Translation:
    values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    thousands, decimals = values["separators"]
    return Translation(
        words=values["words"],
        counts={noun: (one, other) for noun, (one, other) in values["counts"].items()},
        separators=(thousands, decimals),
        percent=values["percent"],
        date=values["date"],
    )


def preferred(accept_language: str) -> str:
    """Return the first language of a browser's Accept-Language header, or English if it is unknown.

    Only the first counts, because Gradio's own words follow only the first.
    """
    first = re.match(r"\s*([a-z]+)", accept_language.lower())
    return first[1] if first and first[1] in translations() else ENGLISH


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use a language inside a ``with`` block; an unknown one means English."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str:
    """Return the language that is used now."""
    return _current.get()


def tr(english: str, **values: object) -> str:
    """Return words in the current language, each ``{name}`` replaced by its value.

    Words without a translation stay English.
    """
    words = _translation().words.get(english, english)
    return words.format(**values) if values else words


def number(value: float, decimals: int = 0) -> str:
    """Return a number as the current language writes it: "1,234" or "0.63"."""
    thousands, point = _translation().separators
    return f"{value:,.{decimals}f}".translate({ord(","): thousands, ord("."): point})


def percent(share: float) -> str:
    """Return a share from 0 to 1 as "63%"."""
    return number(100 * share) + _translation().percent


def counted(count: int, noun: str) -> str:
    """Return "1 passage" or "1,234 passages" for an English noun in the singular."""
    one, other = _translation().counts.get(noun, (noun, f"{noun}s"))
    return f"{number(count)} {one if count == 1 else other}"


def date(time: datetime) -> str:
    """Return a date as the current language writes it: "24 Nov 2026"."""
    return time.strftime(_translation().date)


def _translation() -> Translation:
    return translations().get(current(), _ENGLISH)


_ENGLISH = Translation(words={}, counts={})
