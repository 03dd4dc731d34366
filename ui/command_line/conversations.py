"""The commands for kept conversations: list them, and export one with its quotes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from loccit.ui.command_line import console
from loccit.ui.command_line.options_and_exits import (
    DEFAULT_INDEX,
    ExitCode,
    IndexOption,
    JsonOption,
)
from loccit.ui.exports.formats import FORMATS
from loccit.ui.text.language import counted
from loccit.ui.text.wording import asked_words, is_damaged, one_line, titles_asked

if TYPE_CHECKING:
    from loccit.index.datatypes import Scope
    from loccit.qa.assistant import Assistant
    from loccit.qa.conversation.store import Conversations

NEW = "new"  # instead of an id: begins a conversation
MIN_ID_CHARS = 8  # of the beginning of an id


def _check_format(name: str) -> str:
    if name not in FORMATS:
        raise typer.BadParameter(f"“{name}” is none of {', '.join(FORMATS)}")
    return name


def conversations(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD", help="List only conversations with these words."),
    ] = None,
    as_json: JsonOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """List the conversations that are kept beside the index, the latest first."""
    from loccit.qa.conversation.store import Conversations
    from loccit.ui.exports.conversation import conversations_json, shown_time

    with Conversations.open(index) as kept:
        summaries = kept.summaries(" ".join(words or ()))
    if as_json:
        typer.echo(json.dumps(conversations_json(summaries), ensure_ascii=False, indent=2))
        return
    for summary in summaries:
        size = counted(summary.num_turns, "question")
        when = shown_time(summary.changed)
        title = one_line(summary.title)
        console.print_line(f"{summary.conversation_id}  {when}  {title}  ({size})")
    console.print_line(counted(len(summaries), "conversation"))


def ask(
    assistant: Assistant,
    question: str,
    conversation_id: str,
    scope: Scope,
    *,
    k: int,
    as_json: bool,
) -> None:
    """Ask in a kept conversation, or in a new one; print the answer and the conversation's id."""
    from loccit.qa.conversation.conversation import Conversation, open_conversation
    from loccit.qa.conversation.conversation import ask as ask_in
    from loccit.qa.conversation.store import Conversations

    index = assistant.index
    with Conversations.open(index.folder, create=True) as kept:
        begun = Conversation()
        if conversation_id != NEW:
            begun = open_conversation(_whole_id(conversation_id, kept), kept, index)
        now = datetime.now(UTC)
        done = ask_in(begun, question, assistant, at=now, store=kept, scope=scope, k=k)
    turn = done.turns[-1]
    answer = turn.answer
    assert answer is not None  # nothing has stopped it
    if as_json:
        from loccit.ui.exports.answer_json import answer_json

        values = {
            "conversation_id": done.conversation_id,
            "completed": turn.completed,
            **answer_json(answer, index.documents),
        }
        typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
    else:
        titles = titles_asked(turn.documents, answer)
        if asked := asked_words(turn.question, turn.completed, titles):
            console.print_line(one_line(asked))
        console.print_answer(answer, index.documents)
        console.print_line(f"\nconversation {done.conversation_id}")
    if not answer.answered:
        raise typer.Exit(ExitCode.ERROR if is_damaged(answer) else ExitCode.NOT_ANSWERED)


def export(
    conversation_id: Annotated[
        str,
        typer.Argument(
            help="The id that `loccit conversations` shows, or its first 8 characters or more."
        ),
    ],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(FORMATS),
            callback=_check_format,
            help="Markdown, a web page in one file, or JSON.",
        ),
    ] = "md",
    turn: Annotated[
        int | None, typer.Option("--turn", min=1, metavar="N", help="Write only the Nth answer.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Write a conversation and its quotes to standard output, in UTF-8."""
    from loccit.index.passage_index import PassageIndex
    from loccit.qa.conversation.store import Conversations
    from loccit.ui.exports.conversation import only_turn

    with (
        PassageIndex.open(index, upgrade=False) as opened,
        Conversations.open(index) as kept,
    ):
        conversation = kept.read(_whole_id(conversation_id, kept), opened)
        if turn is not None:
            conversation = only_turn(conversation, turn)
        # As bytes: the page says that it is UTF-8, whatever the encoding of the terminal is.
        written = FORMATS[form].write(conversation, opened.documents)
        typer.echo(written.encode("utf-8", "replace"), nl=False)


def _whole_id(name: str, kept: Conversations) -> str:
    """Return the id of the one conversation whose id begins so, or the name where none does.

    Only here: a page's link with an id opens the conversation, so there it takes the whole id.
    """
    from loccit.qa.conversation.store import UnknownConversation

    ids = [summary.conversation_id for summary in kept.summaries()]
    found = [known for known in ids if known.startswith(name)]
    if found and len(name) < MIN_ID_CHARS:
        raise UnknownConversation(
            f"“{name}” is too short: give at least {MIN_ID_CHARS} characters of the id that "
            "`loccit conversations` shows"
        )
    if len(found) > 1:
        raise UnknownConversation(
            f"the ids of {len(found)} conversations begin with “{name}”: give more of the id"
        )
    return found[0] if found else name
