"""Names of Word's XML, and the values that its elements hold."""

from __future__ import annotations

import re
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
WPS = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

_NUMBER = re.compile(r"-?\d{1,9}")


def is_on(switch: Any) -> bool:
    """Tell whether a property is there and not turned off."""
    return switch is not None and switch.get(W + "val", "true") not in ("false", "0", "off")


def value_of(properties: Any, name: str) -> str:
    """Return the value of an element among properties; "" where there is none."""
    element = properties.find(W + name) if properties is not None else None
    return element.get(W + "val", "") if element is not None else ""


def number_of(element: Any, default: float, name: str = "val") -> float:
    """Return a number that an attribute of an element holds."""
    value = element.get(W + name, "") if element is not None else ""
    return int(value) if _NUMBER.fullmatch(value) else default
