"""The command line: ``loccit add | sync | ask | search | list | chat | eval`` and others.

Each command parses its arguments, calls one function of another room and prints. A command imports
the heavy packages that it needs itself, so that help and lists are there at once.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loccit.ui.command_line import changing, console, maintenance, measuring
from loccit.ui.command_line import conversations as keeping
from loccit.ui.command_line.options_and_exits import (
    DEFAULT_INDEX,
    EXIT_HELP,
    Commands,
    ConversationOption,
    DocumentsOption,
    ExitCode,
    IndexOption,
    JsonOption,
    KOption,
    ModelOption,
    QuestionArgument,
    ReaderOption,
)
from loccit.ui.text.wording import is_damaged

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex


DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860
DEFAULT_K = 10


class Mode(StrEnum):
    """How passages are found: by meaning and keywords, by meaning, or by keywords."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


app = typer.Typer(
    cls=Commands,
    help="Answers from your own documents, each with the exact place where it is written.",
    epilog=EXIT_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"loccit {version('loccit')}")
        raise typer.Exit(ExitCode.OK)


@app.callback()
def _loccit(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that come before a command."""


app.command(epilog=EXIT_HELP)(changing.add)
app.command(epilog=EXIT_HELP)(changing.sync)
app.command(epilog=EXIT_HELP)(changing.retry)
app.command(epilog=EXIT_HELP)(changing.remove)


@app.command(epilog=EXIT_HELP)
def ask(
    question: QuestionArgument,
    documents: DocumentsOption = None,
    k: KOption = DEFAULT_K,
    as_json: JsonOption = False,
    reader: ReaderOption = None,
    conversation: ConversationOption = None,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Answer a question, and quote what the answer is taken from."""
    _check_question(question)
    with _open(index) as opened:
        scope = opened.scope(documents or None)
        from loccit.qa.assistant import Assistant

        assistant = Assistant(opened, reader)
        if conversation is not None:
            keeping.ask(assistant, question, conversation, scope, k=k, as_json=as_json)
            return
        answer = assistant.ask(question, k=k, documents=scope)
        if as_json:
            from loccit.ui.exports.answer_json import answer_json

            _print_json(answer_json(answer, opened.documents))
        else:
            console.print_answer(answer, opened.documents)
    if not answer.answered:
        raise typer.Exit(ExitCode.ERROR if is_damaged(answer) else ExitCode.NOT_ANSWERED)


@app.command(epilog=EXIT_HELP)
def search(
    question: QuestionArgument,
    mode: Annotated[
        Mode, typer.Option(help="By meaning (dense), by keywords (lexical), or both (hybrid).")
    ] = Mode.HYBRID,
    documents: DocumentsOption = None,
    k: KOption = DEFAULT_K,
    as_json: JsonOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Find the passages nearest to a question."""
    _check_question(question)
    with _open(index) as opened:
        scope = opened.scope(documents or None)
        hits = opened.search(question, k, mode=mode.value, documents=scope)
        if as_json:
            from loccit.ui.exports.answer_json import hits_json

            _print_json(hits_json(hits, opened.documents))
        else:
            console.print_hits(hits, opened.documents)


@app.command("list", epilog=EXIT_HELP)
def list_documents(
    failed: Annotated[
        bool,
        typer.Option(
            "--failed", help="List the files that could not be read, instead of the documents."
        ),
    ] = False,
    hidden: Annotated[
        bool,
        typer.Option(
            "--hidden", help="List the words of each document that its readers do not see."
        ),
    ] = False,
    as_json: JsonOption = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """List the documents of the index."""
    with _open(index) as opened:
        summaries, failures = opened.summaries(), opened.failures()
        if hidden:
            given = (opened.documents[one.doc_id] for one in summaries if one.num_hidden_words)
            if as_json:
                from loccit.ui.exports.answer_json import hidden_json

                _print_json([one for document in given for one in hidden_json(document)])
            else:
                for document in given:
                    console.print_hidden(document)
            return
    if failed and as_json:
        _print_json([{"source": source, "reason": why} for source, why in failures.items()])
    elif failed:
        console.print_failures(failures)
    elif as_json:
        from loccit.ui.exports.answer_json import summaries_json

        _print_json(summaries_json(summaries))
    else:
        console.print_documents(summaries)


@app.command(epilog=EXIT_HELP)
def chat(  # noqa: PLR0913 - one for each option
    path: Annotated[
        Path | None, typer.Argument(help="A file or folder to add first.", metavar="PATH")
    ] = None,
    *,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port of the page.")
    ] = DEFAULT_PORT,
    host: Annotated[
        str,
        typer.Option(
            help="The address to serve on. The default is reachable from this computer only."
        ),
    ] = DEFAULT_HOST,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = False,
    auth: Annotated[
        bool,
        typer.Option(
            "--auth",
            help="Ask visitors for a password: the value of LOCCIT_PASSWORD, or a new one.",
        ),
    ] = False,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="The host name of a proxy in front of loccit. Repeat for several names.",
        ),
    ] = None,
    root_path: Annotated[
        str, typer.Option(metavar="PATH", help="The path under which a proxy serves the page.")
    ] = "",
    model: ModelOption = None,
    reader: ReaderOption = None,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Open a chat in the browser, with the source of each answer beside it."""
    from loccit.ui.chat.server import Address, serve

    serve(
        index,
        Address(host, port, tuple(allowed_host or ()), root_path),
        add=path,
        open_browser=open_browser,
        model=model,
        reader=reader,
        auth=auth,
    )


app.command("eval", epilog=EXIT_HELP)(measuring.evaluate)
app.command(epilog=EXIT_HELP)(changing.reembed)
app.command(epilog=EXIT_HELP)(keeping.conversations)
app.command(epilog=EXIT_HELP)(keeping.export)
app.command(epilog=EXIT_HELP)(maintenance.doctor)
app.command(epilog=EXIT_HELP)(maintenance.backup)
app.command(epilog=EXIT_HELP)(maintenance.restore)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with one of ``ExitCode``."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the encoding of the terminal can't show must not end the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with contextlib.suppress(BrokenPipeError):
        app(args=arguments, prog_name="loccit")


def _open(index: Path) -> PassageIndex:
    from loccit.index.passage_index import PassageIndex

    return console.upgraded(PassageIndex.open(index, upgrade=False))


def _check_question(question: str) -> None:
    """Refuse a question before the index and the model are loaded for it."""
    from loccit.index.retrieval.questions import check_length

    if not question.strip():
        raise typer.BadParameter("the question is empty: ask with at least one word")
    check_length(question)


def _print_json(values: object) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
