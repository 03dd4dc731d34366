"""Answers as JSON values and back, without loss: for those that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from loccit.index.datatypes import Hit, Passage, Span
from loccit.qa.datatypes import Answer, Citation, Sentence, Support


def answer_record(answer: Answer) -> dict[str, Any]:
    """Return the answer as JSON values, field by field, but for the blocks of its passages.

    Those are what a reader works with, and no part of what was said.
    """
    record = asdict(answer)
    for hit in record["hits"]:
        del hit["passage"]["blocks"]
    return record


def answer_from_record(record: Mapping[str, Any]) -> Answer:
    """Return the answer that `answer_record` was given; also after its JSON was written and read.

    Raises:
        KeyError, TypeError, ValueError: the record is of another shape.
    """
    return Answer(
        **{
            **record,
            "sentences": tuple(_sentence(row) for row in record["sentences"]),
            "citations": tuple(_citation(row) for row in record["citations"]),
            "hits": tuple(_hit(row) for row in record["hits"]),
        }
    )


def _sentence(row: Mapping[str, Any]) -> Sentence:
    return Sentence(**{**row, "markers": tuple(row["markers"])})


def _citation(row: Mapping[str, Any]) -> Citation:
    answer = row["answer"]
    return Citation(
        **{
            **row,
            "span": Span(**row["span"]),
            "support": Support(row["support"]),
            "answer": None if answer is None else Span(**answer),
        }
    )


def _hit(row: Mapping[str, Any]) -> Hit:
    passage = row["passage"]
    return Hit(**{**row, "passage": Passage(**{**passage, "span": Span(**passage["span"])})})
