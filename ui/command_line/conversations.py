"""The commands for kept conversations: list them, and export one with its quotes."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from loccit.ui.command_line import console
from loccit.ui.command_line.options_and_exits import DEFAULT_INDEX, IndexOption, JsonOption
from loccit.ui.exports.formats import FORMATS
from loccit.ui.text.language import counted
from loccit.ui.text.wording import one_line


def _check_format(name: str) -> str:
    if name not in FORMATS:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(FORMATS)}")
    return name


def conversations(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="List only conversations with these words."),
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
        str, typer.Argument(help="The id that `loccit conversations` shows.")
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

    with PassageIndex.open(index) as opened, Conversations.open(index) as kept:
        conversation = kept.read(conversation_id, opened)
        if turn is not None:
            conversation = only_turn(conversation, turn)
        # As bytes: the page says that it is UTF-8, whatever the encoding of the terminal is.
        written = FORMATS[form].write(conversation, opened.documents)
        typer.echo(written.encode("utf-8", "replace"), nl=False)
