"""Text made safe to stand in HTML: whatever a document or a person wrote goes through here."""

from __future__ import annotations

import html


def escape(text: str) -> str:
    """Escape text for HTML content and quoted attributes.

    A carriage return is written as a reference, since HTML parsers turn a bare one into a line
    feed, and a quote must be shown as it is stored.
    """
    return html.escape(text, quote=True).replace("\r", "&#13;")
