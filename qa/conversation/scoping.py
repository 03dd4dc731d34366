"""Which documents a question of a conversation asks: those it names, and those cited before first.

``@lease.pdf who pays the rent?`` asks one document. In a folder of leases, "who is the landlord?"
has an answer in each of them; after a question about one of them, it means that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from loccit.index.datatypes import Scope
from loccit.index.errors import QuestionTooLong
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.passage_index import PassageIndex
from loccit.index.retrieval.scope import NO_FAILURES, documents_named, find_named
from loccit.index.storage.sqlite.full_text import MAX_QUERY_TERMS
from loccit.qa.conversation.follow_ups.noun_phrases import phrases, tokens
from loccit.qa.conversation.follow_ups.topics import Exchange
from loccit.qa.conversation.follow_ups.vocabulary import REFERRING
from loccit.qa.reading.words import subject_words

# A mention does not begin within a word, as in an e-mail address. The signs before its first letter
# are possessive and hold no @, so that a line of many signs is passed over once. A name in
# quotation marks has a greatest length, so that each of many marks does not read all that follows.
_MENTION = re.compile(r'(?<!\w)@(?:"([^"]{1,500})"|“([^”]{1,500})”|([^\w\s@]*+\w\S*))')
_GAP = re.compile(r"(?<!\s)\s++([.,;:!?)\]])")  # that a name leaves
_AFTER_NAME = ".,;:!?)]»”’'"  # ends a sentence or a quotation, and seldom a name
MAX_MENTIONS = 50  # each is compared with the names of all documents
_POSSESSIVES = ("'s", "’s")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without the names of documents, and the documents that it asks."""

    question: str
    scope: Scope


def asked_of(
    question: str,
    summaries: Sequence[DocumentSummary],
    otherwise: Scope | None = None,
    failures: Mapping[str, str] = NO_FAILURES,
) -> Asked:
    """Return what a question asks, and of which documents.

    ``@name`` asks a document by any of its names, all documents of a folder, or all whose name
    begins so; see `loccit.index.retrieval.scope`. A name with spaces stands in quotation marks.
    Within a question the words of a name stay, since they are part of what is asked.

    Args:
        question: as it was typed.
        summaries: of all documents there are.
        otherwise: what a question asks that names no document; None is all.
        failures: why files could not be read, by source, to tell of a name that is one of them.

    Raises:
        QuestionTooLong: it names more than ``MAX_MENTIONS``.
        UnknownDocument: a name means no document, or several that have the very same name.
    """
    if sum(1 for _ in _MENTION.finditer(question)) > MAX_MENTIONS:
        raise QuestionTooLong(
            f"the question names more than {MAX_MENTIONS} documents with @; name their folder"
        )
    named: dict[str, None] = {}
    asked: list[str] = []
    words_end = len(question.rstrip(" ?.!"))
    end, has_words = 0, False  # of the last mention; whether words that are none stand before
    for match in _MENTION.finditer(question):
        name, after = _name_in(match, summaries)
        named.update(dict.fromkeys(documents_named(name, summaries, failures, beginnings=True)))
        between = question[end : match.start()]
        has_words = has_words or bool(between.strip())
        end = match.end()
        is_inside = has_words and end < words_end
        asked += [between, PurePath(name).stem if is_inside else "", after]
    if not named:
        return Asked(question, otherwise or Scope())
    return Asked(_tidied("".join([*asked, question[end:]])) or question, Scope(tuple(named)))


def names_documents(question: str) -> bool:
    """Tell whether a question names documents with @."""
    return bool(_MENTION.search(question))


def without_names(question: str) -> str:
    """Return a question without the documents that it names with @."""
    return _tidied(_MENTION.sub("", question)) or question


def documents_before(question: str, asked: str, earlier: Sequence[Exchange]) -> tuple[str, ...]:
    """Return the ids of the documents to ask first; none if the question turns to another thing.

    A question turns to another thing if it has a name, or a word with a digit, that was not said
    before. So does one that was completed without the names of the question before: "what about the
    other bank?". A question that goes back to a name asks the documents of the turn that said it
    last.

    Args:
        question: as it was typed.
        asked: the question in full, see `complete`; the same if it stands on its own.
        earlier: the turns before it, the latest last.
    """
    names = _names(question)
    citing = (turn for turn in reversed(earlier) if turn.documents)
    turn = next((turn for turn in citing if _has_said(turn, names)), None)
    if turn is None:
        return ()
    is_completed = asked.casefold() != question.strip().casefold()
    before = _names(turn.question)
    full = asked.casefold()
    if is_completed and before and not any(name.casefold() in full for name in before):
        return ()
    return tuple(dict.fromkeys(turn.documents))


def turns_away(
    question: str,
    first: Sequence[str],
    index: PassageIndex,
    scope: Scope | None = None,
) -> bool:
    """Tell whether a question is about other documents than those that were cited before.

    It is if it refers to nothing that was said before, and has a word that stands in other
    documents only. This finds names in small letters, which look like any other word. A completed
    question is never asked this.

    Args:
        question: as it was typed.
        first: ids of the documents cited before.
        index: where the words are looked up.
        scope: all documents that may be asked; None is all that there are.
    """

    def stands_in(word: str, documents: Scope | None) -> bool:
        return bool(index.search(word, 1, mode="lexical", documents=documents))

    words = islice(dict.fromkeys(subject_words(question)), MAX_QUERY_TERMS)
    return not any(token.low in REFERRING for token in tokens(question)) and any(
        not stands_in(word, Scope(tuple(first))) and stands_in(word, scope) for word in words
    )


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
    """Yield the words, then without one sign at their end, without any, without a possessive."""
    yield words
    if words[-1] in _AFTER_NAME:
        yield words[:-1]
        words = words.rstrip(_AFTER_NAME)
        yield words
    if words.endswith(_POSSESSIVES) and len(words) > 2:
        yield words[:-2]


def _tidied(question: str) -> str:
    return " ".join(_GAP.sub(r"\1", question).split()).lstrip(",;: ")


def _has_said(turn: Exchange, names: Sequence[str]) -> bool:
    """Tell whether a turn has said all of these names."""
    parts = (turn.question, turn.short or "", *turn.cited, *turn.titles)
    said = "\n".join(parts).casefold()
    return all(name.casefold() in said for name in names)


def _names(question: str) -> list[str]:
    """Return the proper names and quoted terms of a question, and its words with a digit."""
    named = [phrase.bare.strip('“”"') for phrase in phrases(question) if phrase.name]
    codes = [token.text for token in tokens(question) if _is_code(token.text)]
    return list(dict.fromkeys(named + codes))


def _is_code(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))
