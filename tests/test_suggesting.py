"""Questions that are offered: about headings, and only such as are answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loccit.index.datatypes import Block, Document, Span
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.ui.chat.suggesting import (
    NUM_SUGGESTED,
    TRIED,
    newest,
    questions_about,
    suggest,
)

LEASE = """# Lease of the mill

## 1. Monthly rent

The monthly rent is 900 euros.

## Who pays for repairs?

The landlord pays for repairs of the roof.

## Introduction

This is about a mill.

## Nuclear fusion

Nothing else.
"""
FRENCH = """# Bail du moulin

## Le loyer

Le loyer mensuel du moulin est de 900 euros et il est payable le premier jour du mois.
"""


def document(*headings: str) -> Document:
    text = "\n".join(headings)
    starts = [text.index(heading) for heading in headings]
    spans = [Span(s, s + len(h)) for s, h in zip(starts, headings, strict=True)]
    return Document("d", text, "Title", "d.md", blocks=tuple(Block(s, "heading", 1) for s in spans))


def test_headings_raise_questions() -> None:
    asked = questions_about(
        document(
            "Title",
            "2.1 Notice period",
            "Introduction",
            "nodejs/node",
            "What now?",
            "X",
            "Deposit of Ada",
        )
    )
    assert list(asked) == [
        ("What is the notice period?", "What does “Title” say about “Notice period”?"),
        ("What now?",),
        ("What does “Title” say about “Deposit of Ada”?",),
    ]


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Duties of the tenant", "What are the duties of the tenant?"),
        ("Notice of defects", "What is the notice of defects?"),
        ("Status", None),
        ("Operations", None),
        ("The Kind Giver and the Grudging Giver", None),
        ("HIAWATHA", None),
        ("Overview: an example", None),
        ("Getting started", None),
        ("The rent", None),
        ("Über uns", None),
    ],
)
def test_only_a_plain_phrase_is_asked_for_as_one(heading: str, question: str | None) -> None:
    (asked, *_) = questions_about(document(heading, "Another heading"))
    fallback = f"What does “Title” say about “{heading}”?"
    assert asked == ((question, fallback) if question else (fallback,))


LETTER = """Subject: Repair of the roof

Dear Ms Smith, on 3 May 2021 the storm took the roof of the barn. Please ask Mr. Ben Okafor of Hill
Street to look at it. The roofer is Mr. Ben Okafor, and he can come on 12 June 2021.
"""


def test_a_letter_raises_questions_about_its_subject_names_and_dates() -> None:
    letter = Document("d", LETTER, "letter-17", "letter-17.txt")
    assert list(questions_about(letter)) == [
        ("What does it say about “Repair of the roof”?",),
        ("Who is Mr. Ben Okafor?",),
        ("What happened on 3 May 2021?",),
        ("Who is Ms Smith?",),
        ("What happened on 12 June 2021?",),
    ]


def test_few_questions_are_tried_and_each_is_yielded_at_once() -> None:
    asked: list[str] = []

    def answers_all(question: str, documents: tuple[str, ...]) -> Iterator[Answer]:
        asked.append(question)
        cited = Citation(1, "d", Span(900, 901), "x", "t", "s", None, Support.EXACT)
        yield Answer(question, (Sentence("x", (1,)),), (cited,), (), True, 0.9)

    def answers_nothing(question: str, documents: tuple[str, ...]) -> Iterator[Answer]:
        asked.append(question)
        yield Answer(question, (), (), (), False, 0.0)

    text = "The heading of this is for that one. " * 40
    several = [
        replace(document(*(f"Duty of part {c}{n}" for c in "abcdefghijkl")), doc_id=f"{n}")
        for n in range(9)
    ]
    several = [replace(one, text=f"{one.text}\n{text}") for one in several]
    made = suggest(several, answers_all)
    assert next(made) == "What does “Title” say about “Duty of part a0”?"
    assert len(asked) == 1
    assert len(list(made)) == NUM_SUGGESTED - 1
    assert len(asked) == NUM_SUGGESTED
    asked.clear()
    assert list(suggest(several, answers_nothing)) == []
    assert len(asked) == TRIED


def test_only_what_is_answered_is_suggested(tmp_path: Path, embedder: DefaultEmbedder) -> None:
    (tmp_path / "lease.md").write_text(LEASE, encoding="utf-8")
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        (tmp_path / "bail.md").write_text(FRENCH, encoding="utf-8")
        index.add([tmp_path / "lease.md", tmp_path / "bail.md"])
        assistant = Assistant(index)
        suggested = list(suggest(newest(index), assistant.ask_in_steps, count=3))
    assert "What is the monthly rent?" in suggested
    assert "Who pays for repairs?" in suggested
    assert not any("Introduction" in question for question in suggested)
    assert not any("loyer" in question or "Bail" in question for question in suggested)
    assert not any("Lease" in question for question in suggested)  # its title says only itself
