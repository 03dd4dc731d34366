"""Questions, end to end: search -> read -> compose -> verify."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from loccit.index.datatypes import Hit, Passage, Scope, Span
from loccit.index.passage_index import PassageIndex
from loccit.index.retrieval.questions import checked_questions
from loccit.index.retrieval.scope import Names
from loccit.qa.answering.composing import Writer, compose
from loccit.qa.answering.verifying import verify
from loccit.qa.datatypes import Answer, Evidence
from loccit.qa.reading.reader import open_reader
from loccit.qa.reading.sentences import Reader

READ_PASSAGES = 10  # passages found and read for a question
WRITE: Writer = compose


class Assistant:
    """Answers questions from one index; may be shared by threads."""

    def __init__(self, index: PassageIndex, reader: Reader | str | Path | None = None) -> None:
        """Store what to answer with.

        Args:
            index: what is searched.
            reader: None is the project's own; a Hugging Face id or a folder is an extractive
                question-answering checkpoint that is on this disk.

        Raises:
            TypeError: it is no open index, or no reader.
            LoccitError: there is no such checkpoint on this disk.
        """
        if not hasattr(index, "search_many"):
            raise TypeError(f"an assistant takes an open index, not {index!r}: see loccit.open")
        if (
            reader is not None
            and not isinstance(reader, str | Path)
            and not hasattr(reader, "read")
        ):
            raise TypeError(f"a reader is an id, a path or an object with .read, not {reader!r}")
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
        documents: Scope | Names | None = None,
    ) -> Answer:
        """Answer a question from the ``k`` passages nearest to it.

        A question that the documents do not answer is a result as well: ``answered`` is False, and
        the nearest passages are the hits.

        Args:
            question: words and nothing else.
            k: the number of passages to read; at least 1.
            documents: the only documents to ask, by id or any other name that
                `PassageIndex.scope` takes; None is all.

        Raises:
            ValueError: the question is blank, or too long (then it is a ``QuestionTooLong``).
            EmptyIndex: the index holds no passage.
            UnknownDocument: a name means no document, or several without being a folder's.
        """
        return self.ask_many([question], k=k, documents=documents)[0]

    def ask_in_steps(
        self,
        question: str,
        *,
        k: int = READ_PASSAGES,
        documents: Scope | Names | None = None,
        first: Collection[str] = (),
    ) -> Iterator[tuple[Hit, ...] | Answer]:
        """Yield the passages that are found, then the answer that ``ask`` gives.

        The documents of ``first`` that are in the scope are asked alone before all others are. The
        others are asked only where those do not answer; then the passages of both are yielded.
        """
        everything = self.index.scope(documents)
        allowed = everything.documents
        preferred = tuple(doc for doc in first if allowed is None or doc in allowed)
        for scope in (Scope(preferred), everything) if preferred else (everything,):
            hits = self.index.search(question, k, documents=scope)
            yield tuple(hits)
            (evidence,) = self.reader.read([question], [hits])
            answer = self.answer(question, hits, evidence)
            if answer.answered or scope is everything:
                yield answer
                return

    def ask_many(
        self,
        questions: Iterable[str],
        *,
        k: int = READ_PASSAGES,
        documents: Scope | Names | None = None,
    ) -> list[Answer]:
        """Answer each question as ``ask`` does; together they take less time."""
        asked = checked_questions(questions, k)
        found = self.find_evidence(asked, k=k, documents=documents)
        return [
            self.answer(question, hits, evidence)
            for question, (hits, evidence) in zip(asked, found, strict=True)
        ]

    def answer(self, question: str, hits: Sequence[Hit], evidence: Sequence[Evidence]) -> Answer:
        """Return the verified answer that the evidence gives."""
        infos = self.index.infos({item.doc_id for item in evidence})
        # Blocks are for reading; an answer that is kept and read again has none either.
        read = [replace(hit, passage=replace(hit.passage, blocks=())) for hit in hits]
        return verify(WRITE(question, read, evidence, infos), self.index)

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
        documents: Scope | Names | None = None,
    ) -> list[tuple[list[Hit], list[Evidence]]]:
        """Return what was read for each question, and the evidence in it, best first."""
        hits = self.index.search_many(questions, k, documents=documents)
        return list(zip(hits, self.reader.read(questions, hits), strict=True))
