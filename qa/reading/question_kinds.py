"""What kind of answer a question asks for."""

from __future__ import annotations

import re

# "Why" and "how", but not "how many", "how long", "how does one call", which a few words answer.
_EXPLAINS = re.compile(
    r"\W*(?:why|how come|how(?: (?:do|does|did|is|are|was|were|can|could|should|would|will|has|have"
    r"|to)\b)|for what reasons?|what (?:is|was|are|were) the reasons?|in what ways?)\b",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"\W*(?:is|are|was|were|am|do|does|did|can|could|may|might|must|shall|should|will|would|has"
    r"|have|had|isn['’]t|aren['’]t|doesn['’]t|don['’]t|didn['’]t)\s+\w+\s+\w+",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(
    r"\W*(?:please\s+)?(?:describe|explain|summari[sz]e|discuss|compare|contrast|outline"
    r"|list|tell me|give (?:me )?(?:an overview|a summary|details)|what (?:is|are) the differences?"
    r"|what happens|what happened|what is said|what does .{1,60} say)\b|.*\b(?:pros and cons)\b",
    re.IGNORECASE,
)


def wants_sentences(question: str) -> bool:
    """Tell whether a few words alone would not answer: why, how, describe, list, yes or no."""
    return bool(_EXPLAINS.match(question)) or not wants_words(question)


def wants_words(question: str) -> bool:
    """Tell whether a few words of a document can stand first in the answer."""
    return not (_YES_OR_NO.match(question) or _DESCRIBES.match(question))
