"""The words that the command line and the web chat share.

What stands here in capitals is English, and goes through ``tr`` where it is shown. Everything
here is plain text; escaping for HTML is the business of ``render``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from loccit.index.datatypes import Hit
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.ui.text.language import number, percent, tr

# A mark is never told by colour alone, so each support has an icon and words.
SUPPORT_WORDS: dict[Support, tuple[str, str]] = {
    Support.EXACT: ("✓", "exact quote"),
    Support.NORMALIZED: ("✓", "exact but for spacing and typography"),
    Support.FUZZY: ("≈", "close to the source, not exact"),
    Support.MISATTRIBUTED: ("⚠", "found in another document"),
    Support.STITCHED: ("⚠", "pieces that do not stand together"),
    Support.MISSING: ("✗", "not found in the source"),
    Support.STALE: ("↻", "the source has changed since"),
}
NOT_ANSWERED = "Not in your documents."
NO_ANSWER_YET = "The question was stopped before it was answered."
NEAREST = "The nearest passages:"
MAX_TITLES = 3  # of the documents that were asked
NUM_NEAREST = 3  # passages offered where there is no answer
RIVALS = "Your documents give different answers:"
RIVALS_IN_ONE = "This document gives different answers:"
WHY = "Why this passage?"

# C0 and C1 controls but tab and line feed: an ESC in a document would command the terminal.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def support_words(support: Support) -> str:
    """Return the support as icon and words: "✓ exact quote"."""
    icon, words = SUPPORT_WORDS[support]
    return f"{icon} {tr(words)}"


def leads(answer: Answer) -> list[Sentence]:
    """Return the sentences whose short answers stand first: one, or several that differ."""
    return [sentence for sentence in answer.sentences if sentence.short]


def why_words(answer: Answer, citation: Citation) -> str:
    """Say how a citation was found and how sure the reader is of it."""
    hit = answer.hit_of(citation)
    found = rank_words(hit, len(answer.hits)) if hit else ""
    chance = percent(citation.score)
    read = tr("Reading it, the answer is right with a chance of {chance}.", chance=chance)
    return f"{found} {read}".strip()


def rank_words(hit: Hit, num_hits: int) -> str:
    """Say how a passage was found: its rank by words, by meaning and by both."""
    place = tr("Passage {rank} of {count}", rank=hit.rank, count=num_hits)
    by_words = _rank(hit.lexical_rank, tr("by the question’s words"))
    by_meaning = _rank(hit.dense_rank, tr("by meaning"))
    likeness = tr("similarity {value}", value=number(hit.similarity, 2)) if hit.dense_rank else ""
    return f"{place}: {by_words}, {by_meaning}{f' ({likeness})' if likeness else ''}."


def _rank(rank: int | None, how: str) -> str:
    if rank is None:
        return tr("not found {how}", how=how)
    return tr("number {rank} {how}", rank=rank, how=how)


def asked_words(question: str, completed: str | None, titles: Sequence[str]) -> str:
    """Say what a follow-up was taken for; "" where there is nothing to say.

    Args:
        question: as it was typed.
        completed: in full, where that is another one.
        titles: of the documents that were asked; none: of all, or of those that are ticked.
    """
    documents = ", ".join(titles)
    if completed and completed != question and titles:
        return tr("Asked as “{question}” of {documents}", question=completed, documents=documents)
    if completed and completed != question:
        return tr("Asked as “{question}”", question=completed)
    return tr("Asked of {documents}", documents=documents) if titles else ""


def titles_asked(asked: Sequence[str] | None, answer: Answer | None) -> tuple[str, ...]:
    """Return the titles of the few documents that were asked; none where they were many or all.

    Also none where something of one of them was not read, for only what was read is titled here.
    """
    if asked is None or answer is None or len(asked) > MAX_TITLES:
        return ()
    titles = {hit.passage.doc_id: hit.passage.title for hit in answer.hits}
    return tuple(titles[doc] for doc in asked) if titles.keys() >= set(asked) else ()


def place(title: str, page: int | None) -> str:
    """Name a place in a document: "annual report, page 14"."""
    return title if page is None else tr("{title}, page {page}", title=title, page=page)


def file_name(source: str) -> str:
    """Return the last part of a source's path, or the source where it is no path."""
    return PurePath(source).name or source


def duration(seconds: float) -> str:
    """Return "8 s", "5 min" or "2 h 10 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def printable(text: str) -> str:
    """Replace control characters, so that a document can't steer the terminal it is shown on."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def printable_path(source: str) -> str:
    """Return a path on one line, for its name may hold line breaks; all else stays as it is."""
    return printable(source).replace("\n", "\N{REPLACEMENT CHARACTER}")


def one_line(text: str) -> str:
    """Collapse white space to single spaces, for a quote shown on one line."""
    return " ".join(printable(text).split())
