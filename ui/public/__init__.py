"""loccit answers questions from a person's own documents and shows where each answer is written.

    import loccit

    with loccit.open("my-index") as index:
        index.add("contracts")
        print(loccit.Assistant(index).ask("When does the lease end?").text)

People may rely on the names in ``__all__``. The repository's folder ui/public is this package, and
its folders index, qa and ui are the sub-packages (see `package-dir` in pyproject.toml).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loccit.index.datatypes import (
        Document as Document,
    )
    from loccit.index.datatypes import (
        Hit as Hit,
    )
    from loccit.index.datatypes import (
        Passage as Passage,
    )
    from loccit.index.datatypes import (
        Span as Span,
    )
    from loccit.index.errors import (
        DamagedIndex as DamagedIndex,
    )
    from loccit.index.errors import (
        DamagedModel as DamagedModel,
    )
    from loccit.index.errors import (
        EmptyIndex as EmptyIndex,
    )
    from loccit.index.errors import (
        FolderMissing as FolderMissing,
    )
    from loccit.index.errors import (
        IndexLocked as IndexLocked,
    )
    from loccit.index.errors import (
        IndexMismatch as IndexMismatch,
    )
    from loccit.index.errors import (
        IndexNotFound as IndexNotFound,
    )
    from loccit.index.errors import (
        IndexNotOpen as IndexNotOpen,
    )
    from loccit.index.errors import (
        LoccitError as LoccitError,
    )
    from loccit.index.errors import (
        MissingDependency as MissingDependency,
    )
    from loccit.index.errors import (
        NotWritten as NotWritten,
    )
    from loccit.index.errors import (
        QuestionTooLong as QuestionTooLong,
    )
    from loccit.index.errors import (
        UnknownDocument as UnknownDocument,
    )
    from loccit.index.errors import (
        UnreadableDocument as UnreadableDocument,
    )
    from loccit.index.models.embedder import (
        Embedder as Embedder,
    )
    from loccit.index.passage_index import (
        PassageIndex as PassageIndex,
    )
    from loccit.qa.answering.verifying import (
        verify as verify,
    )
    from loccit.qa.assistant import (
        Assistant as Assistant,
    )
    from loccit.qa.datatypes import (
        Answer as Answer,
    )
    from loccit.qa.datatypes import (
        Citation as Citation,
    )
    from loccit.qa.datatypes import (
        Evidence as Evidence,
    )
    from loccit.qa.datatypes import (
        Sentence as Sentence,
    )
    from loccit.qa.datatypes import (
        Support as Support,
    )
    from loccit.qa.reading.sentences import (
        Reader as Reader,
    )
    from loccit.ui.exports.answer_json import (
        answer_json as answer_json,
    )

# Each name is imported when it is first used: the command line and the process that parses files
# import this package as well, and must start at once.
_NAMES_BY_MODULE = {
    "loccit.index.datatypes": (
        "Document",
        "Hit",
        "Passage",
        "Span",
    ),
    "loccit.index.errors": (
        "DamagedIndex",
        "DamagedModel",
        "EmptyIndex",
        "FolderMissing",
        "IndexLocked",
        "IndexMismatch",
        "IndexNotFound",
        "IndexNotOpen",
        "LoccitError",
        "MissingDependency",
        "NotWritten",
        "QuestionTooLong",
        "UnknownDocument",
        "UnreadableDocument",
    ),
    "loccit.index.models.embedder": ("Embedder",),
    "loccit.index.passage_index": ("PassageIndex",),
    "loccit.qa.answering.verifying": ("verify",),
    "loccit.qa.assistant": ("Assistant",),
    "loccit.qa.datatypes": (
        "Answer",
        "Citation",
        "Evidence",
        "Sentence",
        "Support",
    ),
    "loccit.qa.reading.sentences": ("Reader",),
    "loccit.ui.exports.answer_json": ("answer_json",),
}
_MODULE_OF = {name: module for module, names in _NAMES_BY_MODULE.items() for name in names}

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "DamagedIndex",
    "DamagedModel",
    "Document",
    "Embedder",
    "EmptyIndex",
    "Evidence",
    "FolderMissing",
    "Hit",
    "IndexLocked",
    "IndexMismatch",
    "IndexNotFound",
    "IndexNotOpen",
    "LoccitError",
    "MissingDependency",
    "NotWritten",
    "Passage",
    "PassageIndex",
    "QuestionTooLong",
    "Reader",
    "Sentence",
    "Span",
    "Support",
    "UnknownDocument",
    "UnreadableDocument",
    "__version__",
    "answer_json",
    "open",
    "verify",
]


def open(folder: Path | str, *, embedder: object = None) -> PassageIndex:  # noqa: A001 - as in gzip
    """Open the index in a folder of its own; make an empty one where there is none.

    Args:
        folder: the index's own folder, not the folder of the documents.
        embedder: a sentence-transformers id or path, or any ``Embedder``; None is the model that
            the index was made with, or the default one for a new index.

    Raises:
        IndexMismatch: the index was made with another model or by a later loccit.
    """
    from loccit.index.passage_index import PassageIndex

    return PassageIndex.open(folder, create=True, embedder=embedder)


def __getattr__(name: str) -> Any:
    """Import a public name from the module that defines it."""
    if name == "__version__":
        from importlib.metadata import version

        return version("loccit")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'loccit' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
