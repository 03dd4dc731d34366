"""Which documents a question is about: those that are ticked, or those that it names with @."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from loccit.index.errors import UnknownDocument
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.ui.text.language import counted, number, tr

# Not within a word, as in an address of e-mail.
_MENTION = re.compile(r'(?<!\w)@(?:"([^"]+)"|(\S+))')
_GAP = re.compile(r"\s+([.,;:!?])")  # that a name has left
_AFTER_NAME = ".,;:!?)]»”’"  # ends a sentence, not a name


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked, of which documents (None: all), in words for people."""

    question: str
    documents: tuple[str, ...] | None
    words: str


def scope_of(
    question: str, summaries: Sequence[DocumentSummary], excluded: Collection[str]
) -> Scope:
    """Return what a question asks and of which documents.

    ``@name`` asks the documents with this title, file name or folder, or the beginning of one;
    ``@"a longer name"`` as well. Where it stands within the question its words stay, since
    they are part of what is asked.

    Raises:
        UnknownDocument: no document has the name.
    """
    named: dict[str, None] = {}

    def take(match: re.Match[str]) -> str:
        name = match[1] or match[2].rstrip(_AFTER_NAME)
        after = "" if match[1] else match[2][len(name) :]
        named.update(dict.fromkeys(_called(name, summaries)))
        before = _MENTION.sub("", question[: match.start()])
        is_inside = before.strip() and question[match.end() :].strip(" ?.!")
        return (PurePath(name).stem if is_inside else "") + after

    asked = _MENTION.sub(take, question)
    total = counted(len(summaries), "document")
    if named:
        words = _searched(total, len(named))
        asked = " ".join(_GAP.sub(r"\1", asked).split()).lstrip(",;: ")
        return Scope(asked or question, tuple(named), words)
    ticked = tuple(s.doc_id for s in summaries if s.doc_id not in excluded)
    if len(ticked) == len(summaries):
        return Scope(question, None, _searched(total))
    return Scope(question, ticked, _searched(total, len(ticked)))


def names_documents(question: str) -> bool:
    """Tell whether a question names documents with @."""
    return bool(_MENTION.search(question))


def without_names(question: str) -> str:
    """Return a question as it is asked of the documents that it names with @."""
    asked = _GAP.sub(r"\1", _MENTION.sub("", question))
    return " ".join(asked.split()).lstrip(",;: ") or question


def _searched(total: str, part: int | None = None) -> str:
    """Say how many documents were searched, and how."""
    if part is not None:
        total = tr("{part} of {documents}", part=number(part), documents=total)
    return tr("Searched {documents} (keywords and meaning).", documents=total)


def _called(name: str, summaries: Sequence[DocumentSummary]) -> list[str]:
    """Return the documents with a name; those where it is whole come before beginnings."""
    wanted = name.casefold()
    names = {s.doc_id: _names(s) for s in summaries}
    whole = [doc_id for doc_id, found in names.items() if wanted in found]
    found = whole or [
        doc_id for doc_id, found in names.items() if any(n.startswith(wanted) for n in found)
    ]
    if not found:
        raise UnknownDocument(f"no document and no folder has a name that begins with “{name}”")
    return found


def _names(summary: DocumentSummary) -> set[str]:
    names = {summary.title}
    for source in summary.sources:
        path = PurePath(source)
        names |= {path.name, path.stem, path.parent.name}
    return {name.casefold() for name in names if name}
