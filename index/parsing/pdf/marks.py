"""How lines begin and end: list marks, sentence ends, leaders of a table of contents."""

from __future__ import annotations

import re

SENTENCE_END = re.compile(r"[.!?:;…。！？؟।]['\"’”)\]»]*[⁰¹²³⁴⁵⁶⁷⁸⁹]*$")
LIST_MARK = re.compile(
    r"(?:[•‣▪●◦■□–—*·○\-]\s+|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]\s+|\[\d{1,3}\]\s)(?=\S)"
)
BULLET = re.compile(r"[•‣▪●◦■□–—*·○\-]\s")
TO_PAGE = re.compile(r"… ?\S{1,6}$")  # the end of a line in a table of contents
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u30ff]")
