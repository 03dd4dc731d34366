"""The formats that a conversation, or one of its answers, is exported in: one table for all doors.

To add a format, write a function like those below and name it in ``FORMATS``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loccit.index.datatypes import Document
    from loccit.qa.conversation.records import KeptConversation


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``label`` names it on a button, in English, and ``media`` is its media type.

    ``write`` takes a conversation and the documents that the index holds now.
    """

    label: str
    media: str
    write: Callable[[KeptConversation, Mapping[str, Document]], str]


def _markdown(conversation: KeptConversation, documents: Mapping[str, Document]) -> str:
    from loccit.ui.exports.conversation import conversation_markdown

    return conversation_markdown(conversation, documents)


def _json(conversation: KeptConversation, documents: Mapping[str, Document]) -> str:
    from loccit.ui.exports.conversation import conversation_json

    values = conversation_json(conversation, documents)
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def _web_page(conversation: KeptConversation, documents: Mapping[str, Document]) -> str:
    from loccit.ui.exports.page import conversation_page

    return conversation_page(conversation, documents)


# By name, which is also the suffix of the file.
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "md": Format("Markdown", "text/markdown", _markdown),
        "html": Format("Web page", "text/html", _web_page),
        "json": Format("JSON", "application/json", _json),
    }
)
