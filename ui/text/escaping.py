"""HTML that escapes whatever is put into it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from markupsafe import Markup


class Html(Markup):
    """HTML: ``Html("<p>{}</p>").format(text)`` escapes the text, and keeps what is Html already.

    It differs from `markupsafe.Markup` in one thing: a carriage return becomes a reference, because
    HTML parsers turn a bare one into a line feed, and a quote must be shown as it is stored.
    """

    __slots__ = ()

    @classmethod
    def escape(cls, s: Any, /) -> Self:
        """Return a text as HTML that shows these very characters."""
        return cls(str(super().escape(s)).replace("\r", "&#13;"))


def joined(parts: Iterable[str]) -> Html:
    """Return the parts one after another, each escaped unless it is Html already."""
    return Html("").join(parts)
