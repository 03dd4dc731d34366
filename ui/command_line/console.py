"""What the command line prints: answers, hits, lists, reports and the progress bar.

Results go to standard output. They are never wrapped, and without colours where the output is not
a terminal, so that a path or a quote can be copied or piped. The progress bar and errors go to
standard error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from loccit.index.datatypes import Document, Hit
from loccit.index.errors import IndexLocked, NotWritten
from loccit.index.ingestion.reporting import (
    AddResult,
    DocumentSummary,
    FileOutcome,
    Pace,
    ProgressCallback,
    Status,
    SyncResult,
)
from loccit.index.ingestion.reporting import Progress as Step
from loccit.index.parsing import SUPPORTED_SUFFIXES
from loccit.qa.datatypes import Answer, Citation
from loccit.ui.text.language import counted
from loccit.ui.text.table_words import aligned, answer_words, cited_grid
from loccit.ui.text.wording import (
    NEAREST,
    NUM_NEAREST,
    SUPPORTED,
    file_name,
    leads,
    one_line,
    printable,
    printable_path,
    reason_words,
    size_words,
    sound_document,
    support_words,
    unanswered_words,
)

if TYPE_CHECKING:
    from loccit.index.passage_index import PassageIndex

Result = TypeVar("Result")

INDENT = "    "
SHOWN_NAME = 32  # characters of a file name that are shown beside the progress bar
STATUSES: tuple[Status, ...] = ("added", "updated", "skipped", "failed")
STYLES: dict[Status, str] = {
    "added": "green",
    "updated": "cyan",
    "skipped": "dim",
    "failed": "bold red",
}


def add_paths(index: PassageIndex, paths: Sequence[Path]) -> AddResult:
    """Add files and folders with a progress bar, and print what became of each file."""
    console = Console(stderr=True)

    def run(report: ProgressCallback | None) -> AddResult:
        return index.add(paths, on_progress=report)

    result = _with_bar(run, console) if console.is_terminal else run(None)
    if result.outcomes:
        print_report(result)
    return result


def sync_folder(
    index: PassageIndex,
    folder: Path,
    *,
    dry_run: bool = False,
    allow_empty: bool = False,
    only_changes: bool = False,
) -> SyncResult:
    """Mirror a folder with a progress bar; print what became of each changed file.

    With ``only_changes`` nothing is printed where no file had changed.
    """
    console = Console(stderr=True)

    def run(report: ProgressCallback | None) -> SyncResult:
        return index.sync(folder, on_progress=report, dry_run=dry_run, allow_empty=allow_empty)

    result = _with_bar(run, console) if console.is_terminal else run(None)
    if not only_changes or result.deleted or result.num_skipped < len(result.outcomes):
        print_mirrored(result, dry_run=dry_run)
    return result


def print_mirrored(result: SyncResult, *, dry_run: bool = False) -> None:
    """Print the changed files of a folder, and the totals."""
    for outcome in result.outcomes:
        if outcome.status != "skipped":
            _print(_outcome_text(outcome))
    for source in result.deleted:
        _print(Text("deleted ", style="yellow").append(printable_path(source), style="default"))
    _print_supported(result)
    totals = (
        f"{result.num_added} added, {result.num_updated} updated, {result.num_deleted} deleted, "
        f"{result.num_skipped} unchanged, {result.num_failed} failed"
    )
    print_line(f"would be {totals}" if dry_run else totals)


def upgraded(index: PassageIndex) -> PassageIndex:
    """Return an index once what an older loccit stored is read anew, with a progress bar."""
    if not index.needs_upgrade():
        return index
    console = Console(stderr=True)
    console.print("An older loccit made this index: its documents are read again, once.")

    def run(report: ProgressCallback | None) -> None:
        index.upgrade(on_progress=report)

    try:
        _with_bar(run, console) if console.is_terminal else run(None)
    except (IndexLocked, NotWritten) as error:
        print_error(f"the index answers from what it has for now: {error}")
    except BaseException:
        index.close()
        raise
    return index


def reembed(index: Path, model: str | None, *, wait: bool) -> None:
    """Change an index's model, with a progress bar."""
    from loccit.index.ingestion import reembedding

    console = Console(stderr=True)

    def run(report: ProgressCallback | None) -> None:
        reembedding.reembed(index, model, report or _report_nothing, wait=wait)

    _with_bar(run, console) if console.is_terminal else run(None)
    print_line(f"{index} now uses {model or 'the default model'}")


def print_failures(failures: Mapping[str, str]) -> None:
    """Print the files that could not be read, each with its reason, and their number."""
    for source, reason in failures.items():
        print_line(f"{printable_path(source)}: {one_line(reason)}")
    _print(Text(f"{counted(len(failures), 'file')} could not be read", style="bold"))


def print_report(result: AddResult) -> None:
    """Print one line per file and the totals; of a mirrored folder only the changed files."""
    if isinstance(result, SyncResult):
        print_mirrored(result)
        return
    for outcome in result.outcomes:
        _print(_outcome_text(outcome))
    _print_supported(result)
    totals = ", ".join(f"{len(result.with_status(status))} {status}" for status in STATUSES)
    _print(Text(f"{counted(len(result.outcomes), 'file')}: {totals}", style="bold"))


def print_answer(answer: Answer, documents: Mapping[str, Document]) -> None:
    """Print the answer and its numbered quotes, or the nearest passages."""
    if not answer.answered:
        _print(Text(unanswered_words(answer), style="bold"))
        if answer.hits:
            _print(Text(f"\n{NEAREST}\n"))
            print_hits(answer.hits[:NUM_NEAREST], documents)
        return
    for sentence in leads(answer):
        marks = "".join(f" [{marker}]" for marker in sentence.markers)
        _print(Text(one_line(sentence.short or "") + marks, style="bold"))
    _print(Text(printable(answer_words(answer, documents))))
    for citation in answer.citations:
        grid = cited_grid(citation, documents.get(citation.doc_id))
        if grid:
            _print(Text(f"\n[{citation.marker}]"))
            for line in aligned(grid):
                _print(Text(INDENT + line))
        else:
            _print(Text(f"\n[{citation.marker}] “").append_text(_quote(citation)).append("”"))
        _print(Text(INDENT + _citation_place(citation), style="dim"))


def print_hits(hits: Sequence[Hit], documents: Mapping[str, Document]) -> None:
    """Print ranked passages, each with its source and offsets."""
    if not hits:
        print_line("no passage was found")
    for hit in hits:
        span = hit.passage.span
        document = sound_document(documents, hit.passage.doc_id)
        page = document.page_of(span.start) if document else None
        source = document.source if document else hit.passage.doc_id
        where = _place(source, page, span.start, span.end)
        _print(Text(f"{hit.rank}. {one_line(hit.passage.text)}"))
        _print(Text(f"{INDENT}{where}, score {hit.score:.4f}", style="dim"))


def print_documents(summaries: Sequence[DocumentSummary]) -> None:
    """Print one line per document: the beginning of its id, its title, size and file names."""
    for summary in summaries:
        size = size_words(summary)
        names = ", ".join(printable_path(source) for source in summary.sources)
        line = Text(f"{summary.doc_id[:12]}  ", style="cyan")
        line.append(f"{one_line(summary.title)}  ({size})", style="default")
        line.append(f"  {names}", style="dim")
        if summary.is_damaged:
            line.append("  damaged, left out: see `loccit doctor`", style="bold red")
        _print(line)
    _print(Text(counted(len(summaries), "document"), style="bold"))


def print_hidden(document: Document) -> None:
    """Print the words of a document that its readers do not see, each with its reason and place."""
    names = printable_path(document.source)
    _print(Text(f"{one_line(document.title)}  ", style="bold").append(names, style="dim"))
    for item in document.hidden:
        page = document.page_of(item.at)
        place = f"at character {item.at:,}" if page is None else f"page {page}"
        line = Text(f"  {reason_words(item.reason)}, {place}: ", style="cyan")
        _print(line.append(printable(item.text), style="default"))


def print_line(text: str) -> None:
    """Print one line to standard output, as it is."""
    _print(Text(printable(text)))


def print_error(message: object) -> None:
    """Print an error or a warning to standard error."""
    Console(stderr=True).print(Text(printable(str(message)), style="red"), soft_wrap=True)


def _report_nothing(step: Step) -> None:
    """Report no progress, where nobody watches."""


def _print(text: Text) -> None:
    Console().print(text, soft_wrap=True)


def _outcome_text(outcome: FileOutcome) -> Text:
    line = Text(f"{outcome.status:<8}", style=STYLES[outcome.status])
    line.append(printable_path(outcome.source), style="default")
    if outcome.reason:
        line.append(f": {one_line(outcome.reason)}", style="default")
    elif outcome.num_passages:
        line.append(f" ({counted(outcome.num_passages, 'passage')})", style="dim")
    return line


def _print_supported(result: AddResult) -> None:
    """Print which formats can be read, where a file has another suffix."""
    sources = (outcome.source for outcome in result.with_status("failed"))
    if any(Path(source).suffix.lower() not in SUPPORTED_SUFFIXES for source in sources):
        print_line(SUPPORTED)


def _quote(citation: Citation) -> Text:
    """Return the quote with its short answer in bold."""
    if citation.answer is None:
        return Text(one_line(citation.quote))
    start = citation.answer.start - citation.span.start
    end = citation.answer.end - citation.span.start
    parts = (citation.quote[:start], citation.quote[start:end], citation.quote[end:])
    before, words, after = (_one_line_inside(part) for part in parts)
    return Text(before.lstrip()).append(words, style="bold").append(after.rstrip())


def _one_line_inside(text: str) -> str:
    """Collapse white space to single spaces, also at both ends, where more text follows."""
    return re.sub(r"\s+", " ", printable(text))


def _citation_place(citation: Citation) -> str:
    span = citation.span
    where = _place(citation.source, citation.page, span.start, span.end)
    return f"{where}, {support_words(citation.support)}"


def _place(source: str, page: int | None, start: int, end: int) -> str:
    on_page = "" if page is None else f", page {page}"
    return f"{printable_path(source)}{on_page}, characters {start}-{end}"


def _with_bar(run: Callable[[ProgressCallback | None], Result], console: Console) -> Result:
    bar = Progress(
        TextColumn("{task.fields[name]}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[files]}  {task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    pace = Pace()

    def show(step: Step) -> None:
        pace.note(step)
        bar.update(
            task,
            completed=step.files_and_part,
            total=step.files_total,
            name=printable(file_name(step.source))[:SHOWN_NAME],
            files=f"{step.files_done}/{step.files_total} files",
            rate=f"{pace.passages_per_second:,.0f} passages/s",
        )

    with bar:
        task = bar.add_task("", total=None, name="Looking for files", files="", rate="")
        return run(show)
