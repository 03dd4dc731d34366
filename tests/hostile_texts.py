"""Texts that nobody writes: made to take as much time as a text of their length can."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping
from types import MappingProxyType


def _of(piece: str) -> Callable[[int], str]:
    return lambda size: "x" + (piece * (size // len(piece) + 1))[: size - 2] + "x"


def _base64(size: int, line: int | None = None) -> str:
    rng = random.Random(17)
    signs = rng.choices(string.ascii_letters + string.digits + "+/", k=size)
    line = line or size
    return "\n".join("".join(signs[at : at + line]) for at in range(0, size, line))


def _list(size: int) -> str:
    return "\n".join(" " * (number % 200) + "- a" for number in range(size // 104))


SHAPES: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "letters": _of("a. "),
        "links": _of("[a]("),
        "signs": _of("&"),
        "full stops": _of(". "),
        "initials": _of("A. "),
        "titles": _of("Mr. "),
        "questions": _of("a? "),
        "parentheses": _of("("),
        "prose without ends": _of("the tenant shall pay the rent by the third day of each month "),
        "one word": _of("x"),
        "words of 99 letters": _of("x" * 99 + " "),
        "blanks": _of(" "),
        "newlines": _of("\n"),
        "tabs": _of("a\t"),
        "combining marks": _of("\u0301"),
        "Chinese": _of("租金"),
        "Chinese sentences": _of("租金。"),
        "Japanese syllables": _of("かな"),
        "emoji": _of("😀"),
        "digits": _of("7 "),
        "base64 in one line": _base64,
        "base64 in lines": lambda size: _base64(size, 76),
        "numbers": _of("1. "),
        "items": _of("- a\n"),
        "numbered items": _of("1. x\n"),
        "a deep list": _list,
        "lines of signs": _of("&" * 1_000 + "\n\n"),
        "headings": lambda size: "\n\n".join(f"{n} Terms" for n in range(size // 12)),
        "a table of one column": _of("| a |\n"),
        "a table of two columns": _of("| a | b |\n"),
        "a row of many columns": _of("| a "),
        "cells": _of("x | "),
    }
)
"""A text of so many characters, by what it is called."""
