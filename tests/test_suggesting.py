"""Questions that are offered: about headings, and only such as are answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from loccit.index.datatypes import Block, Document, Span
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.ui.chat.suggesting import newest, questions_about, suggest

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
        document("Title", "2.1 Notice period", "Introduction", "What now?", "X", "Deposit of Ada")
    )
    assert list(asked) == [
        ("What is the notice period?", "What is said about “Notice period”?"),
        ("What now?",),
        ("What is said about “Deposit of Ada”?",),
        ("What is said about “Title”?",),
    ]


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Duties of the tenant", "What are the duties of the tenant?"),
        ("Notice of defects", "What is the notice of defects?"),
        ("Status", "What is the status?"),
        ("The Kind Giver and the Grudging Giver", None),
        ("HIAWATHA", None),
        ("Overview: an example", None),
        ("Getting started", None),
        ("The rent", None),
        ("Über uns", None),
    ],
)
def test_only_a_plain_phrase_is_asked_for_as_one(heading: str, question: str | None) -> None:
    (asked, *_) = questions_about(document(heading))
    fallback = f"What is said about “{heading}”?"
    assert asked == ((question, fallback) if question else (fallback,))


def test_only_what_is_answered_is_suggested(tmp_path: Path, embedder: DefaultEmbedder) -> None:
    (tmp_path / "lease.md").write_text(LEASE, encoding="utf-8")
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        (tmp_path / "bail.md").write_text(FRENCH, encoding="utf-8")
        index.add([tmp_path / "lease.md", tmp_path / "bail.md"])
        assistant = Assistant(index)
        suggested = suggest(newest(index), assistant.ask_in_steps, count=3)
    assert "What is the monthly rent?" in suggested
    assert "Who pays for repairs?" in suggested
    assert not any("Introduction" in question for question in suggested)
    assert not any("loyer" in question or "Bail" in question for question in suggested)
    assert not any("Lease" in question for question in suggested)  # its title says only itself
