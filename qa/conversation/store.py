"""The conversations of an index, which are kept in a file beside it.

A kept answer is never changed. When a conversation is read, its citations are looked up in the
documents as they are now.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from loccit.index.datatypes import Document
from loccit.index.errors import IndexNotFound, LoccitError
from loccit.index.parsing.normalizing import encodable
from loccit.index.storage.sqlite.catalogue import FILE_NAME as INDEX_FILE
from loccit.qa.answering.verifying import Sources
from loccit.qa.conversation.file import ConversationFile, fold
from loccit.qa.conversation.records import (
    TURN_COLUMNS,
    ConversationSummary,
    KeptConversation,
    KeptTurn,
    damage_told,
    row_from_answer,
    stamp_from_time,
    summary_from_row,
    time_from_stamp,
    title_from_text,
    turns_from_rows,
)
from loccit.qa.datatypes import Answer
from loccit.qa.evaluation.feedback import Feedback

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

FILE_NAME = "conversations.sqlite3"
_THERE = "SELECT conversation_id FROM conversations WHERE NOT is_deleted"
ID_BYTES = 16  # a link with the id opens the conversation, so it must not be guessed


class UnknownConversation(LoccitError):
    """No conversation has this id, or it has no turn of this number."""


class Conversations:
    """The conversations of an index; a context manager, safe to share by threads.

    Times are passed in, aware; ``ValueError`` where one is naive. Every method raises
    ConversationsFailed where the file can't be read or written.
    """

    def __init__(self, file: ConversationFile) -> None:
        self._file = file

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> Conversations:
        """Open the conversations of the index in a folder.

        Without ``create``, an index without the file is one without conversations.

        Raises:
            IndexNotFound: the folder holds no index.
            ConversationsFailed: the file is damaged, or a later loccit made it.
        """
        if not (folder / INDEX_FILE).is_file():
            raise IndexNotFound(f"{folder} holds no index. Add a file or a folder first.")
        return cls(ConversationFile.open(folder / FILE_NAME, create=create))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing it twice does no harm."""
        self._file.close()

    def create(self, question: str, *, at: datetime) -> str:
        """Begin a conversation, with its first question as the title; return its id."""
        conversation_id = secrets.token_hex(ID_BYTES)
        self._file.write(
            """INSERT INTO conversations (conversation_id, title, created, changed)
               VALUES (?, ?, ?, ?)""",
            conversation_id,
            title_from_text(question),
            stamp_from_time(at),
            stamp_from_time(at),
        )
        return conversation_id

    def add_question(self, conversation_id: str, question: str, *, at: datetime) -> int:
        """Keep a question as it was typed, still without an answer; return its number, from 1.

        Raises:
            UnknownConversation: there is none with this id.
        """
        row = row_from_answer(question, None, None, {})
        with self._file.one_moment(writing=True):
            self._update(conversation_id, "changed = max(changed, ?)", stamp_from_time(at))
            ((last,),) = self._file.read(
                "SELECT coalesce(max(number), 0) FROM turns WHERE conversation_id = ?",
                conversation_id,
            )
            self._file.write(
                """INSERT INTO turns (conversation_id, number, asked, question, completed, answer,
                       surroundings, documents, words, digest)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                conversation_id,
                last + 1,
                stamp_from_time(at),
                encodable(question),
                *row,
            )
        return int(last) + 1

    def set_answer(
        self,
        conversation_id: str,
        number: int,
        answer: Answer,
        documents: Sources | Mapping[str, Document],
        *,
        completed: str | None = None,
        asked: Sequence[str] | None = None,
    ) -> None:
        """Keep the answer to a question that is kept.

        Args:
            conversation_id: the conversation.
            number: the turn's.
            answer: what was said.
            documents: the index, or the documents that the answer cites, by id.
            completed: the question in full, where it was a follow-up.
            asked: the ids of the documents that were asked; None is all.

        Raises:
            UnknownConversation: there is no such conversation or turn.
        """
        with self._file.one_moment(writing=True):
            found = self._file.read(
                f"""SELECT question FROM turns WHERE conversation_id = ? AND number = ?
                    AND conversation_id IN ({_THERE})""",
                conversation_id,
                number,
            )
            if not found:
                raise _no_turn(conversation_id, number)
            ((question,),) = found
            self._file.write(
                """UPDATE turns SET completed = ?, answer = ?, surroundings = ?, documents = ?,
                       words = ?, digest = ? WHERE conversation_id = ? AND number = ?""",
                *row_from_answer(question, completed, answer, documents, asked),
                conversation_id,
                number,
            )

    def add_turn(
        self,
        conversation_id: str,
        question: str,
        answer: Answer,
        documents: Sources | Mapping[str, Document],
        *,
        at: datetime,
        completed: str | None = None,
        asked: Sequence[str] | None = None,
    ) -> int:
        """Keep a question and its answer, see `set_answer`; return the turn's number.

        Raises:
            UnknownConversation: there is none with this id.
        """
        number = self.add_question(conversation_id, question, at=at)
        self.set_answer(
            conversation_id, number, answer, documents, completed=completed, asked=asked
        )
        return number

    def summaries(self, words: str = "") -> list[ConversationSummary]:
        """Return the conversations, the latest changed first.

        With ``words``, return those that have each of the words in their title, questions or
        answers. Parts of words count as well; case and accents make no difference.
        """
        rows = self._file.read(
            """SELECT conversation_id, title, created, changed,
                      (SELECT count(*) FROM turns t WHERE t.conversation_id = c.conversation_id)
               FROM conversations c
               WHERE NOT is_deleted AND NOT EXISTS (
                   SELECT 1 FROM json_each(?) word
                   WHERE NOT instr(fold(c.title), word.value) AND NOT EXISTS (
                       SELECT 1 FROM turns t WHERE t.conversation_id = c.conversation_id
                       AND instr(t.words, word.value)))
               ORDER BY changed DESC, rowid DESC""",
            json.dumps(fold(encodable(words)).split()),
        )
        return [summary_from_row(row) for row in rows]

    def read(self, conversation_id: str, index: PassageIndex) -> KeptConversation:
        """Return a conversation; each citation points to where its quote stands now.

        Raises:
            UnknownConversation: there is none with this id.
        """
        with self._file.one_moment():
            rows = self._file.read(
                """SELECT title, created, changed FROM conversations
                   WHERE conversation_id = ? AND NOT is_deleted""",
                conversation_id,
            )
            turns = self._file.read(
                f"SELECT {TURN_COLUMNS} FROM turns WHERE conversation_id = ? ORDER BY number",
                conversation_id,
            )
        if not rows:
            raise _unknown(conversation_id)
        ((title, created, changed),) = rows
        return KeptConversation(
            conversation_id,
            title,
            time_from_stamp(created),
            time_from_stamp(changed),
            turns_from_rows(turns, index),
        )

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title, cut to `loccit.qa.conversation.records.TITLE_CHARS`.

        Raises:
            UnknownConversation: there is none with this id.
            ValueError: the title is blank.
        """
        if not title.strip():
            raise ValueError("the title is empty: give at least one word")
        self._update(conversation_id, "title = ?", title_from_text(title))

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation, which `restore` can undo until `purge`.

        Raises:
            UnknownConversation: there is none with this id.
        """
        self._update(conversation_id, "is_deleted = ?", 1)

    def restore(self, conversation_id: str) -> None:
        """Undo `delete`; nothing happens where the conversation is there.

        Raises:
            UnknownConversation: it was purged, or there was never one with this id.
        """
        if not self._file.write(
            "UPDATE conversations SET is_deleted = 0 WHERE conversation_id = ?", conversation_id
        ):
            raise _unknown(conversation_id)

    def purge(self) -> None:
        """Overwrite what the file holds of deleted conversations; they can't be restored."""
        if self._file.write("DELETE FROM conversations WHERE is_deleted"):
            self._file.read("PRAGMA wal_checkpoint(TRUNCATE)")  # the log holds it as well

    def set_feedback(self, conversation_id: str, number: int, feedback: Feedback | None) -> None:
        """Rate a turn, or take its rating back with None.

        Raises:
            UnknownConversation: there is no such conversation or turn.
        """
        rated = self._file.write(
            f"""UPDATE turns SET rating = ?, note = ? WHERE conversation_id = ? AND number = ?
                AND conversation_id IN ({_THERE})""",
            None if feedback is None else feedback.rating.value,
            "" if feedback is None else encodable(feedback.note),
            conversation_id,
            number,
        )
        if not rated:
            raise _no_turn(conversation_id, number)

    def problem(self) -> str | None:
        """Return what is wrong with the file, or None."""
        told = damage_told(self._file.read(f"SELECT {TURN_COLUMNS} FROM turns"))
        return "; ".join([*self._file.problems(), *told]) or None

    def rated(self, index: PassageIndex) -> tuple[KeptTurn, ...]:
        """Return the turns with feedback of all conversations, oldest first, as `read` does."""
        rows = self._file.read(
            f"""SELECT {TURN_COLUMNS} FROM turns WHERE rating IS NOT NULL
                AND conversation_id IN ({_THERE}) ORDER BY asked, rowid"""
        )
        return turns_from_rows(rows, index)

    def _update(self, conversation_id: str, change: str, value: str | int) -> None:
        if not self._file.write(
            f"UPDATE conversations SET {change} WHERE conversation_id = ? AND NOT is_deleted",
            value,
            conversation_id,
        ):
            raise _unknown(conversation_id)


def _unknown(conversation_id: str) -> UnknownConversation:
    return UnknownConversation(
        f"no conversation has the id “{conversation_id}”: see `loccit conversations`"
    )


def _no_turn(conversation_id: str, number: int) -> UnknownConversation:
    return UnknownConversation(f"no conversation “{conversation_id}” has a turn {number}")
