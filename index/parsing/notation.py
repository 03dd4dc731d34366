"""How plain text writes what a page shows by placing: cells of a table, raised figures."""

from __future__ import annotations

import re

CELL_GAP = " | "
"""Stands between the cells of a table's row."""

_RAISABLE = re.compile(r"[0-9+\-−()n]+")
_RAISED = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")


def raised(text: str) -> str:
    """Return ``text`` in superscript where Unicode has it, else unchanged.

    "10" and a raised "6" must not become 106.
    """
    return text.translate(_RAISED) if _RAISABLE.fullmatch(text) else text
