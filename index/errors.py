"""What can go wrong, and nothing else.

    LoccitError
    ├── QuestionTooLong      a question is longer than any that is asked (a ValueError as well)
    ├── UnreadableDocument   this file can't be read (the others go on)
    ├── UnknownDocument      no document has this id or name
    ├── FolderMissing        the folder to mirror is not there, or is empty of a sudden
    ├── IndexNotFound        there is no index in this folder
    ├── EmptyIndex           the index holds no passage to search
    ├── IndexMismatch        the index was made with another model or format
    ├── DamagedIndex         the index's file is damaged, or no index at all
    ├── NotWritten           the disk is full or the index's folder is read-only
    ├── IndexLocked          another process is writing to the index
    ├── IndexNotOpen         the index was closed, or was opened before a fork
    ├── DamagedModel         the model's weights are not the published ones
    └── MissingDependency    an optional package is not installed

A message states the value met, the value expected and the next step. Wrong arguments stay
``ValueError`` and ``TypeError``; "not answered" and "quote not found" are results, not errors.
"""

from __future__ import annotations


class LoccitError(Exception):
    """The root of every error that loccit raises on purpose."""


class QuestionTooLong(LoccitError, ValueError):
    """A question of more characters than are asked for."""


class UnreadableDocument(LoccitError):
    """A file that can't be turned into text; ``reason`` says why in one sentence."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class UnknownDocument(LoccitError):
    """No document of the index has this id or name."""


class FolderMissing(LoccitError):
    """The folder to mirror is not there, or empty where it was not: nothing is removed for that."""


class IndexNotFound(LoccitError):
    """The folder holds no index."""


class EmptyIndex(LoccitError):
    """The index holds no passage to search."""


class IndexMismatch(LoccitError):
    """The index was made with another model, or by a later version of loccit."""


class DamagedIndex(LoccitError):
    """The index's file is damaged, or is something else than an index."""


class NotWritten(LoccitError):
    """The disk is full, or the index's folder is read-only: nothing was changed."""


class IndexLocked(LoccitError):
    """Another process is writing to the index."""


class IndexNotOpen(LoccitError):
    """The index was closed, or another process opened it and this one is its fork."""


class DamagedModel(LoccitError):
    """The model's weights are not the published ones."""


class MissingDependency(LoccitError):
    """An optional package is needed for this and is not installed."""
