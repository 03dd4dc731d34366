"""The words that the command line and the web chat share.

The constants are English and go through ``tr`` where they are shown. All is plain text: whoever
puts it into HTML or Markdown escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from loccit.index.datatypes import Document, HiddenReason, Hit, Scope
from loccit.index.errors import DamagedIndex
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.retrieval.questions import MAX_QUESTION_CHARACTERS
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.ui.text.language import counted, number, percent, tr

# A mark is never told by colour alone, so each support has an icon and words.
SUPPORT_WORDS: dict[Support, tuple[str, str]] = {
    Support.EXACT: ("✓", "exact quote"),
    Support.NORMALIZED: ("✓", "exact but for spacing and typography"),
    Support.FUZZY: ("≈", "close to the source, not exact"),
    Support.MISATTRIBUTED: ("⚠", "found in another document"),
    Support.STITCHED: ("⚠", "stitched from separate places"),
    Support.MISSING: ("✗", "not found in the source"),
    Support.STALE: ("↻", "the source has changed since"),
    Support.GONE: ("✗", "the source is no longer in the index"),
    Support.DAMAGED: ("✗", "the index is damaged here: run `loccit doctor`"),
}
REASON_WORDS: dict[HiddenReason, str] = {
    "struck": "struck out",
    "invisible": "not shown",
    "faint": "in the colour of what is behind it",
    "tiny": "too small to be read",
    "outside": "outside of what is shown",
    "covered": "covered",
    "clipped": "cut away",
    "layer": "on a layer that is off",
    "altered": "other characters are shown",
}
NOT_ANSWERED = "I found no answer in your documents."
DAMAGED = "The answer can’t be shown, since the index is damaged here: run `loccit doctor`."
NO_ANSWER_YET = "This question was not answered."
NEAREST = "The nearest passages:"
MAX_TITLES = 3  # of asked documents that are named; more are not
NUM_NEAREST = 3  # passages shown where there is no answer
RIVALS = "Your documents give different answers:"
RIVALS_IN_ONE = "This document gives different answers:"
WHY = "Why this passage?"
SUPPORTED = (
    "Supported: PDF, Word (.docx), web pages (.html), Markdown (.md), plain text (.txt) and tables "
    "(.csv, .tsv)."
)

# C0 and C1 controls but tab and line feed: an ESC in a document would command the terminal.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def support_words(support: Support) -> str:
    """Return the support as icon and words: "✓ exact quote"."""
    icon, words = SUPPORT_WORDS[support]
    return f"{icon} {tr(words)}"


def reason_words(reason: HiddenReason) -> str:
    """Say why a reader does not see words, or sees that they do not hold."""
    return tr(REASON_WORDS[reason])


def size_words(summary: DocumentSummary) -> str:
    """Return "3 pages, 12 passages; ..." of a document, with what was left out or recognised."""
    pages = [counted(summary.num_pages, "page")] if summary.num_pages is not None else []
    size = ", ".join([*pages, counted(summary.num_passages, "passage")])
    if summary.num_hidden_words:
        size += f"; {left_out_words(summary.num_hidden_words)}"
    if summary.num_recognised_pages:
        size += f"; {counted(summary.num_recognised_pages, 'page')} by OCR"
    return size


def left_out_words(count: int) -> str:
    """Say how many hidden words of a document are no part of its text."""
    words = counted(count, "hidden word")
    if count == 1:
        return tr("{words} is left out", words=words)
    return tr("{words} are left out", words=words)


def recognised_words(pages: Sequence[int]) -> str:
    """Say which pages, counted from 1 and rising, were recognised in pictures."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    names = [str(first) if first == last else f"{first}–{last}" for first, last in runs]
    if len(pages) == 1:
        return tr(
            "Page {pages} was recognised in a picture (OCR): compare with the page", pages=names[0]
        )
    return tr(
        "Pages {pages} were recognised in pictures (OCR): compare with the page",
        pages=", ".join(names),
    )


def is_damaged(answer: Answer) -> bool:
    """Tell whether something was withheld because the index is damaged there."""
    return any(citation.support is Support.DAMAGED for citation in answer.citations)


def unanswered_words(answer: Answer) -> str:
    """Say why there is no answer, in English."""
    return DAMAGED if is_damaged(answer) else NOT_ANSWERED


def sound_document(documents: Mapping[str, Document], doc_id: str) -> Document | None:
    """Return a document of which something is shown; None where it is gone or damaged."""
    try:
        return documents.get(doc_id)
    except DamagedIndex:
        return None


def leads(answer: Answer) -> list[Sentence]:
    """Return the sentences with a short answer: one, or several whose short answers differ."""
    return [sentence for sentence in answer.sentences if sentence.short]


def why_words(answer: Answer, citation: Citation) -> str:
    """Say how a cited passage was found, and how likely its answer is right."""
    hit = answer.hit_of(citation)
    found = rank_words(hit, len(answer.hits)) if hit else ""
    chance = percent(citation.score)
    read = tr("Estimated chance that this answer is right: {chance}.", chance=chance)
    return f"{found} {read}".strip()


def rank_words(hit: Hit, num_hits: int) -> str:
    """Say how a passage was found: its rank by keywords, by meaning and by both."""
    place = tr("Passage {rank} of {count}", rank=hit.rank, count=num_hits)
    by_words = _rank(hit.lexical_rank, tr("by keywords"))
    by_meaning = _rank(hit.dense_rank, tr("by meaning"))
    likeness = tr("similarity {value}", value=number(hit.similarity, 2)) if hit.dense_rank else ""
    return f"{place}: {by_words}, {by_meaning}{f' ({likeness})' if likeness else ''}."


def _rank(rank: int | None, how: str) -> str:
    if rank is None:
        return tr("not found {how}", how=how)
    return tr("number {rank} {how}", rank=rank, how=how)


def asked_words(question: str, completed: str | None, titles: Sequence[str]) -> str:
    """Say how a follow-up was understood; "" where there is nothing to say.

    Args:
        question: the question as it was typed.
        completed: the question in full; None where it was asked as it was typed.
        titles: the titles of the documents that were asked; empty where all selected ones were.
    """
    documents = ", ".join(titles)
    if completed and completed != question and titles:
        return tr("Asked as “{question}” of {documents}", question=completed, documents=documents)
    if completed and completed != question:
        return tr("Asked as “{question}”", question=completed)
    return tr("Asked of {documents}", documents=documents) if titles else ""


def titles_asked(asked: Sequence[str] | None, answer: Answer | None) -> tuple[str, ...]:
    """Return the titles of the asked documents, or nothing where more than ``MAX_TITLES`` were.

    Nothing also where no passage of one of them was read, because its title is then unknown here.
    """
    if asked is None or answer is None or len(asked) > MAX_TITLES:
        return ()
    titles = {hit.passage.doc_id: hit.passage.title for hit in answer.hits}
    return tuple(titles[doc] for doc in asked) if titles.keys() >= set(asked) else ()


def searched_words(scope: Scope, num_documents: int | None) -> str:
    """Say how many of all documents were searched, and how.

    ``num_documents`` is None where it is no longer known how many there were.
    """
    total = tr("all documents") if num_documents is None else counted(num_documents, "document")
    if scope.documents is not None and num_documents is None:
        total = counted(len(scope.documents), "document")
    elif scope.documents is not None:
        part = number(len(scope.documents))
        total = tr("{part} of {documents}", part=part, documents=total)
    return tr("Searched {documents} (keywords and meaning).", documents=total)


def place(title: str, page: int | None) -> str:
    """Return a place in a document: "annual report, page 14"."""
    return title if page is None else tr("{title}, page {page}", title=title, page=page)


def file_name(source: str) -> str:
    """Return the last part of a path, or all of a source that is no path."""
    return PurePath(source).name or source


def duration(seconds: float) -> str:
    """Return "8 s", "5 min" or "2 h 10 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def printable(text: str) -> str:
    """Replace control characters, so that a document can't command the terminal it is shown on."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def printable_path(source: str) -> str:
    """Return a path with control characters and line breaks replaced, so that it is one line."""
    return printable(source).replace("\n", "\N{REPLACEMENT CHARACTER}")


def one_line(text: str) -> str:
    """Collapse white space to single spaces, for a quote shown on one line."""
    return " ".join(printable(text).split())


def too_long_words(question: str) -> str:
    """Return why a question is not asked, where it is too long; else ""."""
    length = len(question.strip())
    if length <= MAX_QUESTION_CHARACTERS:
        return ""
    return tr(
        "The question has {length} characters, and the limit is {limit}. Shorten it in the box "
        "below, then ask again.",
        length=number(length),
        limit=number(MAX_QUESTION_CHARACTERS),
    )
