"""A question may name the documents that it asks: ``@lease.pdf who pays the rent?``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from loccit.index.datatypes import Scope
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.retrieval.scope import documents_named, find_named

# A mention does not begin within a word, as in an e-mail address.
_MENTION = re.compile(r'(?<!\w)@(?:"([^"]+)"|“([^”]+)”|(\S*\w\S*))')
_GAP = re.compile(r"\s+([.,;:!?)\]])")  # that a name leaves
_AFTER_NAME = ".,;:!?)]»”’'"  # ends a sentence or a quotation, and seldom a name
_POSSESSIVES = ("'s", "’s")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without the names of documents, and the documents that it asks."""

    question: str
    scope: Scope


def asked_of(
    question: str, summaries: Sequence[DocumentSummary], otherwise: Scope | None = None
) -> Asked:
    """Return what a question asks, and of which documents.

    ``@name`` asks a document by any of its names, all documents of a folder, or all whose name
    begins so; see `loccit.index.retrieval.scope`. A name with spaces stands in quotation marks.
    Within a question the words of a name stay, since they are part of what is asked.

    Args:
        question: as it was typed.
        summaries: of all documents there are.
        otherwise: what a question asks that names no document; None is all.

    Raises:
        UnknownDocument: a name means no document, or several that have the very same name.
    """
    named: dict[str, None] = {}

    def take(match: re.Match[str]) -> str:
        name, after = _name_in(match, summaries)
        named.update(dict.fromkeys(documents_named(name, summaries, beginnings=True)))
        before = _MENTION.sub("", question[: match.start()])
        is_inside = before.strip() and question[match.end() :].strip(" ?.!")
        return (PurePath(name).stem if is_inside else "") + after

    asked = _MENTION.sub(take, question)
    if not named:
        return Asked(question, otherwise or Scope())
    return Asked(_tidied(asked) or question, Scope(tuple(named)))


def names_documents(question: str) -> bool:
    """Tell whether a question names documents with @."""
    return bool(_MENTION.search(question))


def without_names(question: str) -> str:
    """Return a question without the documents that it names with @."""
    return _tidied(_MENTION.sub("", question)) or question


def _name_in(match: re.Match[str], summaries: Sequence[DocumentSummary]) -> tuple[str, str]:
    """Return the name of a mention, and the punctuation after it that is no part of the name."""
    quoted = match[1] or match[2]
    if quoted:
        return quoted, ""
    words = match[3]
    names = list(_readings(words))
    name = next((name for name in names if find_named(name, summaries)), names[-1])
    return name, words[len(name) :]


def _readings(words: str) -> Iterator[str]:
    """Yield the words without more and more of the punctuation at their end."""
    yield words
    while words and words[-1] in _AFTER_NAME:
        words = words[:-1]
        if words:
            yield words
    if words.endswith(_POSSESSIVES) and len(words) > 2:
        yield words[:-2]


def _tidied(question: str) -> str:
    return " ".join(_GAP.sub(r"\1", question).split()).lstrip(",;: ")
