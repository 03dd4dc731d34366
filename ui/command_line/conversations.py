"""The commands for kept conversations: list them, and export one with its evidence."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from loccit.ui.command_line import console
from loccit.ui.command_line.options import DEFAULT_INDEX, IndexOption, JsonOption
from loccit.ui.exports.forms import Form, written
from loccit.ui.text.language import counted
from loccit.ui.text.wording import one_line


def conversations(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="Only those with these words."),
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


def export(
    conversation_id: Annotated[
        str, typer.Argument(help="Its id, as `loccit conversations` shows it.")
    ],
    form: Annotated[
        Form, typer.Option("--format", help="Markdown, JSON, or a page that needs nothing else.")
    ] = Form.MD,
    turn: Annotated[
        int | None, typer.Option("--turn", min=1, metavar="N", help="Only its Nth answer.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Write a conversation with its evidence to standard output, in UTF-8."""
    from loccit.index.passage_index import PassageIndex
    from loccit.qa.conversation.store import Conversations
    from loccit.ui.exports.conversation import only_turn

    with (
        PassageIndex.open(index, upgrade=False) as opened,
        Conversations.open(index) as kept,
    ):
        conversation = kept.read(conversation_id, opened)
        if turn is not None:
            conversation = only_turn(conversation, turn)
        # As bytes: a page says that it is in UTF-8, whatever the terminal's encoding is.
        typer.echo(
            written(conversation, form, opened.documents).encode("utf-8", "replace"), nl=False
        )
