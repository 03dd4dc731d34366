"""The list of documents as HTML, with progress and reports: pure and escaped."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path, PurePath

from loccit.index.ingestion.reporting import (
    AddResult,
    DocumentSummary,
    FileOutcome,
    Status,
    SyncResult,
)
from loccit.ui.chat.indexing import State
from loccit.ui.chat.uploads import UPLOADS
from loccit.ui.chat.views.answers import message_html
from loccit.ui.text.escaping import escape
from loccit.ui.text.language import counted, number, tr
from loccit.ui.text.wording import duration, file_name

MANY_DOCUMENTS = 8  # from here on there is a box to find one
MAX_OUTCOMES = 8  # files that are told one by one; of more only those that failed

STATUS_ICONS: dict[Status, str] = {"added": "✓", "updated": "✓", "skipped": "–", "failed": "✗"}


def documents_html(summaries: Sequence[DocumentSummary], excluded: Collection[str]) -> str:
    """Return the list with a check box a document; those not ``excluded`` are ticked.

    Documents of several folders stand under theirs, which have a check box of their own.
    """
    if not summaries:
        return (
            '<div class="lc-docs"><p class="lc-docs-none">' + tr("No documents yet.") + "</p></div>"
        )
    groups = _by_folder(summaries)
    lists = "".join(
        (_folder_html(name) if len(groups) > 1 else "")
        + f'<ul aria-label="{escape(_list_name(name))}">'
        + "".join(_document_html(summary, summary.doc_id in excluded) for summary in group)
        + "</ul>"
        for name, group in groups.items()
    )
    find = _find_html() if len(summaries) >= MANY_DOCUMENTS else ""
    return (
        '<div class="lc-docs"><div class="lc-docs-head">'
        '<span class="lc-docs-asked" role="status"></span><span class="lc-docs-pick">'
        f'<button type="button" data-all="all" aria-label="{tr("Ask all documents")}">'
        f"{tr('All')}</button>"
        f'<button type="button" data-all="none" aria-label="{tr("Ask no document")}">'
        f"{tr('None')}</button>"
        f"</span></div>{find}{lists}</div>"
    )


def _list_name(folder: str) -> str:
    return tr("Documents in {folder}", folder=folder) if folder else tr("Documents")


def _find_html() -> str:
    words = tr("Find a document")
    return (
        f'<input type="search" class="lc-find" placeholder="{words}" '
        f'aria-label="{words}" autocomplete="off">'
    )


def _by_folder(summaries: Sequence[DocumentSummary]) -> dict[str, list[DocumentSummary]]:
    """Return the documents under the names of their folders, those without one first."""
    folders = {s.doc_id: PurePath(s.sources[0]).parent for s in summaries if s.sources}
    parents = [str(folder) for folder in set(folders.values())]
    common = PurePath(os.path.commonpath(parents)) if _are_alike(parents) else None
    groups: dict[str, list[DocumentSummary]] = {"": []}
    for summary in summaries:
        folder = folders.get(summary.doc_id)
        if folder is None or folder == common:
            name = ""
        elif folder.name == UPLOADS:
            name = tr("Uploads")
        else:
            name = str(folder.relative_to(common)) if common else str(folder)
        groups.setdefault(name, []).append(summary)
    return {name: group for name, group in sorted(groups.items()) if group}


def _are_alike(parents: Sequence[str]) -> bool:
    """Tell whether these have a folder in common that can be named."""
    return (
        bool(parents)
        and len({PurePath(p).is_absolute() for p in parents}) == 1
        and all(PurePath(p).drive == PurePath(parents[0]).drive for p in parents)
    )


def indexing_html(state: State, folder: Path | None) -> str:
    """Return how the adding of files stands; ``folder`` is the one that can be mirrored."""
    if state.is_running:
        return _progress_html(state)
    name = folder.name or folder if folder else ""
    again = _job_button("mirror", tr("Look again at {name}", name=name)) if name else ""
    if state.message:
        return message_html(tr(state.message)) + again
    return (report_html(state.result) if state.result else "") + again


def report_html(result: AddResult) -> str:
    """Return what became of the files, with the reason where one was not taken."""
    failed = result.with_status("failed")
    shown = result.outcomes if len(result.outcomes) <= MAX_OUTCOMES else failed[:MAX_OUTCOMES]
    rows = "".join(_outcome_html(outcome) for outcome in shown)
    counts: list[tuple[int, str]] = [
        (len(result.with_status(status)), status) for status in STATUS_ICONS
    ]
    if isinstance(result, SyncResult):
        counts.append((result.num_deleted, "removed"))
    totals = ", ".join(f"{number(count)} {tr(words)}" for count, words in counts if count)
    retry = _job_button("retry", tr("Try the failed again")) if failed else ""
    return (
        f'<div class="lc-report" role="status"><p>{totals or tr("No files")}</p>'
        f'<ul aria-label="{tr("Added files")}">{rows}</ul>{retry}</div>'
    )


def note_html(words: str) -> str:
    """Return one line about what has just happened to the documents."""
    return f'<p class="lc-report" role="status">{escape(words)}</p>' if words else ""


def _progress_html(state: State) -> str:
    step = state.step
    stop = _job_button("cancel", tr("Stop"))
    if step is None:
        words = tr("Looking for files …")
        return f'<div class="lc-report" role="status"><p>{words}</p>{stop}</div>'
    file = tr(
        "file {number} of {count}",
        number=number(min(step.files_done + 1, step.files_total)),
        count=number(step.files_total),
    )
    rate = state.pace.passages_per_second
    left = state.pace.seconds_left
    details = [
        file,
        tr("{number} passages a second", number=number(rate)) if rate >= 1 else tr("reading"),
        *([] if left is None else [tr("{time} left", time=duration(left))]),
    ]
    return (
        '<div class="lc-report" role="status">'
        f'<p class="lc-report-file"><bdi>{escape(file_name(step.source))}</bdi></p>'
        f'<progress max="{step.files_total}" value="{step.files_and_part:.3f}" '
        f'aria-label="{file}"></progress>'
        f'<p class="lc-report-detail">{" · ".join(details)}</p>{stop}</div>'
    )


def _job_button(job: str, words: str) -> str:
    return f'<button type="button" class="lc-job" data-job="{job}">{escape(words)}</button>'


def _folder_html(name: str) -> str:
    shown = escape(name or tr("This folder"))
    return f'<label class="lc-folder"><input type="checkbox" data-folder><bdi>{shown}</bdi></label>'


def _document_html(summary: DocumentSummary, excluded: bool) -> str:
    title = escape(summary.title)
    names = ", ".join(file_name(source) for source in summary.sources)
    size = (
        counted(summary.num_pages, "page")
        if summary.num_pages is not None
        else counted(summary.num_passages, "passage")
    )
    checked = "" if excluded else " checked"
    return (
        f'<li class="lc-doc"><label><input type="checkbox" data-doc="{escape(summary.doc_id)}"'
        f'{checked}><span><bdi class="lc-doc-title">{title}</bdi>'
        f'<span class="lc-doc-detail"><bdi>{escape(names)}</bdi> · {size}</span></span></label>'
        f'<button type="button" class="lc-remove" aria-label="{tr("Remove {title}", title=title)}" '
        f'title="{tr("Remove")}">×'
        "</button></li>"
    )


def _outcome_html(outcome: FileOutcome) -> str:
    words = tr(outcome.status) + (f": {outcome.reason}" if outcome.reason else "")
    return (
        f'<li class="lc-outcome lc-{outcome.status}">'
        f'<span aria-hidden="true">{STATUS_ICONS[outcome.status]}</span> '
        f"<bdi>{escape(file_name(outcome.source))}</bdi> <span>{escape(words)}</span></li>"
    )
