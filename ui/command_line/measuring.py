"""The command ``loccit eval``: with question sets, or with the answers that people have rated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loccit.index.errors import LoccitError
from loccit.ui.command_line import console
from loccit.ui.command_line.options_and_exits import (
    DEFAULT_INDEX,
    IndexOption,
    ModelOption,
    ReaderOption,
)
from loccit.ui.text.language import counted

if TYPE_CHECKING:
    from loccit.qa.evaluation.feedback import Comparison, RatingScores


def evaluate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            help="A .jsonl file of your own questions about the index, one per line: "
            '{"question": "...", "answers": ["..."], "document": "name.pdf", "start": 10, '
            '"end": 52}, or {"question": "..."} alone for a question that nothing answers. '
            "Or a .json or .json.gz file in SQuAD's layout, or a folder with corpus.jsonl.gz, "
            "queries.jsonl.gz and qrels.tsv. See docs/evaluation.md.",
        ),
    ] = None,
    num_questions: Annotated[
        int | None,
        typer.Option(
            "--questions",
            min=1,
            metavar="N",
            help="Ask only N questions, the same ones in every run.",
        ),
    ] = None,
    feedback: Annotated[
        bool,
        typer.Option(
            "--feedback",
            help="Ask again the questions whose answers were rated in the chat, and compare.",
        ),
    ] = False,
    model: ModelOption = None,
    reader: ReaderOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; only with --feedback.")
    ] = False,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Measure how well passages are found and questions answered; print Markdown tables."""
    if feedback == bool(paths):
        raise typer.BadParameter("give either question sets or --feedback")
    if as_json and not feedback:
        raise typer.BadParameter("--json works only with --feedback")
    if feedback and num_questions:
        raise typer.BadParameter("--questions works only with question sets")
    if feedback:
        _print_feedback(index, model, reader, as_json=as_json)
        return
    from loccit.ui.command_line.evaluation_report import evaluate as report

    for number, path in enumerate(paths or ()):
        if len(paths or ()) > 1:
            console.print_line(("\n" if number else "") + f"## {path}\n")
        for line in report(path, index, sample=num_questions, model=model, reader=reader):
            console.print_line(line)


def _print_feedback(folder: Path, model: str | None, reader: str | None, *, as_json: bool) -> None:
    from loccit.qa.evaluation.feedback import scores_by_rating

    comparisons = _ask_again(folder, model, reader)
    scores = scores_by_rating(comparisons)
    if as_json:
        typer.echo(json.dumps(_values(scores, comparisons), ensure_ascii=False, indent=2))
        return
    for line in _lines(scores, comparisons):
        console.print_line(line)


def _ask_again(folder: Path, model: str | None, reader: str | None) -> list[Comparison]:
    from loccit.index.passage_index import PassageIndex
    from loccit.qa.assistant import Assistant
    from loccit.qa.conversation.scoping import without_names
    from loccit.qa.conversation.store import Conversations
    from loccit.qa.evaluation.feedback import RatedAnswer, ask_again

    with PassageIndex.open(folder, embedder=model) as index, Conversations.open(folder) as kept:
        rated = [
            RatedAnswer(
                without_names(turn.full_question), turn.answer, turn.feedback.rating, turn.documents
            )
            for turn in kept.rated(index)
            if turn.feedback and turn.answer
        ]
        if not rated:
            raise LoccitError(
                f"no answer from the index in {folder} has been rated in the chat yet"
            )
        return ask_again(Assistant(index, reader), rated)


def _lines(scores: Sequence[RatingScores], comparisons: Sequence[Comparison]) -> Iterator[str]:
    yield f"{counted(len(comparisons), 'rated answer')}; each question was asked again"
    yield ""
    yield "| rated | questions | same answer | same first citation | overlap of evidence |"
    yield "|---|---|---|---|---|"
    for row in scores:
        shares = (row.same_answer, row.same_citation, row.overlap)
        cells = " | ".join(f"{100 * share:.1f}" for share in shares)
        yield f"| {row.rating} | {row.num_questions:,} | {cells} |"
    yield ""
    yield "Where an answer was rated right, a change is a loss; elsewhere it is what was hoped for."


def _values(scores: Sequence[RatingScores], comparisons: Sequence[Comparison]) -> dict[str, Any]:
    return {
        "ratings": [asdict(row) for row in scores],
        "questions": [
            {
                "question": row.rated.question,
                "rating": row.rated.rating,
                "short_then": row.rated.answer.short,
                "short_now": row.now.short,
                "same_answer": row.same_answer,
                "same_citation": row.same_citation,
                "overlap": row.overlap,
            }
            for row in comparisons
        ],
    }
