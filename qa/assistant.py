"""One question, end to end: search -> read -> compose -> verify."""

from __future__ import annotations

from collections.abc import Collection

from index.passage_index import PassageIndex
from qa.citing import verify
from qa.composing import compose
from qa.datatypes import Answer
from qa.reading import Reader, SentenceReader

READ_PASSAGES = 10  # passages found and read for a question


class Assistant:
    """Answers questions from one index; may be shared by threads."""

    def __init__(self, index: PassageIndex, reader: Reader | None = None) -> None:
        self.index = index
        self.reader = reader or SentenceReader(index.embedder)

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
        hits = self.index.search(question, k, documents=documents)
        evidence = self.reader.read(question, hits)
        answer = compose(question, hits, evidence, self.index.documents)
        return verify(answer, self.index.documents)
