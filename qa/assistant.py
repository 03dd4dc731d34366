"""Questions, end to end: search -> read -> compose -> verify."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from loccit.index.datatypes import Hit, Passage, Span
from loccit.index.passage_index import PassageIndex
from loccit.qa.answering.composing import compose
from loccit.qa.answering.verifying import verify
from loccit.qa.datatypes import Answer, Evidence
from loccit.qa.reading.sentences import Reader
from loccit.qa.reading.span_reader import open_reader

READ_PASSAGES = 10  # passages found and read for a question


class Assistant:
    """Answers questions from one index; may be shared by threads."""

    def __init__(self, index: PassageIndex, reader: Reader | str | Path | None = None) -> None:
        """Store what to answer with.

        Args:
            index: what is searched.
            reader: None is the project's own; a Hugging Face id or a folder is an extractive
                question-answering checkpoint that is on this disk.

        Raises:
            LoccitError: there is no such checkpoint on this disk.
        """
        self.index = index
        self.reader = (
            open_reader(index.embedder, reader)
            if reader is None or isinstance(reader, str | Path)
            else reader
        )

    def ask(
        self,
        question: str,
        *,
        k: int = READ_PASSAGES,
        documents: Collection[str] | None = None,
    ) -> Answer:
        """Answer from the ``k`` nearest passages, of some documents only where ids are given.

        "Not in your documents" is an answer with ``answered=False`` and the nearest passages
        as hits.

        Raises:
            ValueError: the question is blank.
            EmptyIndex: the index holds no passage.
        """
        return self.ask_many([question], k=k, documents=documents)[0]

    def ask_in_steps(
        self,
        question: str,
        *,
        k: int = READ_PASSAGES,
        documents: Collection[str] | None = None,
        first: Collection[str] = (),
    ) -> Iterator[tuple[Hit, ...] | Answer]:
        """Yield the passages that are found, then the answer that ``ask`` gives.

        ``first``: of ``documents``, those that are asked alone before all are, which happens only
        where they do not answer; see `cited_before`. The passages of
        both are yielded.
        """
        preferred = [doc for doc in first if documents is None or doc in documents]
        for scope in (preferred, documents) if preferred else (documents,):
            hits = self.index.search(question, k, documents=scope)
            yield tuple(hits)
            (evidence,) = self.reader.read([question], [hits])
            answer = self.answer(question, hits, evidence)
            if answer.answered or scope is documents:
                yield answer
                return

    def ask_many(
        self,
        questions: Sequence[str],
        *,
        k: int = READ_PASSAGES,
        documents: Collection[str] | None = None,
    ) -> list[Answer]:
        """Answer each question as ``ask`` does; together they take less time."""
        found = self.find_evidence(questions, k=k, documents=documents)
        return [
            self.answer(question, hits, evidence)
            for question, (hits, evidence) in zip(questions, found, strict=True)
        ]

    def answer(self, question: str, hits: Sequence[Hit], evidence: Sequence[Evidence]) -> Answer:
        """Return the verified answer that the evidence gives."""
        sources = self.index.documents
        return verify(compose(question, hits, evidence, sources), sources)

    def warm_up(self) -> None:
        """Load what answering needs, so that the first question does not wait for it."""
        self.index.warm_up()
        word = Passage("", "", Span(0, 1), "a")
        self.reader.read(["a"], [[Hit(word, score=1.0, rank=1)]])

    def find_evidence(
        self,
        questions: Sequence[str],
        *,
        k: int = READ_PASSAGES,
        documents: Collection[str] | None = None,
    ) -> list[tuple[list[Hit], list[Evidence]]]:
        """Return what was read for each question, and the evidence in it, best first."""
        hits = self.index.search_many(questions, k, documents=documents)
        return list(zip(hits, self.reader.read(questions, hits), strict=True))
