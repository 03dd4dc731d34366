"""Places on a PDF's page as places on the page that is shown, turned and cropped."""

from __future__ import annotations

import ctypes
from typing import Any

_GRID = 1_000_000  # pdfium gives places on the shown page as whole pixels of a page this large


def shown(page: Any, x: float, y: float) -> tuple[float, float]:
    """Return a point of the page in fractions of the shown page, from its top left corner."""
    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, across, down)
    return across.value / _GRID, down.value / _GRID
