"""The forms that a conversation is exported in, for the command line and the web chat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loccit.index.datatypes import Document
    from loccit.qa.conversation.records import KeptConversation


class Form(StrEnum):
    """What an export is written in; also its suffix."""

    MD = "md"
    JSON = "json"
    HTML = "html"


MEDIA = {Form.MD: "text/markdown", Form.JSON: "application/json", Form.HTML: "text/html"}


def written(conversation: KeptConversation, form: Form, documents: Mapping[str, Document]) -> str:
    """Return a conversation with its evidence; ``documents`` are those of now."""
    from loccit.ui.exports.conversation import conversation_json, conversation_markdown
    from loccit.ui.exports.page import conversation_page

    if form is Form.JSON:
        values = conversation_json(conversation, documents)
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"
    if form is Form.HTML:
        return conversation_page(conversation, documents)
    return conversation_markdown(conversation)
