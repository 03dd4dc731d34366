"""The seam for whatever writes answers: `compose` quotes; another one may arrange and reword."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from loccit.index.datatypes import Document, DocumentInfo, Hit
from loccit.qa.datatypes import Answer, Evidence


class Writer(Protocol):
    """Makes a draft of an answer from evidence; `verify` has the last word on it.

    A writer keeps these promises (tests/test_writer_contract.py):

    - without evidence that answers, the draft is not answered and has no sentence;
    - every sentence has at least one marker, and every marker is that of a citation;
    - markers count from 1, in the order in which the sentences use them first;
    - every quote is the text at its span, and lies in the span of its evidence;
    - the hits are those that were given, in their order.
    """

    def __call__(
        self,
        question: str,
        hits: Sequence[Hit],
        evidence: Sequence[Evidence],
        documents: Mapping[str, Document | DocumentInfo],
    ) -> Answer:
        """Return a draft.

        Args:
            question: as it was asked.
            hits: the passages that were read, best first.
            evidence: what the reader has picked from them, best first.
            documents: what is known of each document, by id.
        """
        ...
