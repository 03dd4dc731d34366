"""The list of documents as HTML, and below it the files that could not be read."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from loccit.index.ingestion.reporting import DocumentSummary
from loccit.ui.chat.uploads import UPLOADS
from loccit.ui.chat.views.adding import retry_html, supported_html
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import counted, tr
from loccit.ui.text.wording import file_name, left_out_words

MANY_DOCUMENTS = 8  # from here on there is a box to find one


def documents_html(
    summaries: Sequence[DocumentSummary],
    excluded: Collection[str],
    failures: Mapping[str, str] | None = None,
) -> Html:
    """Return the list, each document with a check box and a button that opens it.

    The documents of several folders are listed folder by folder, each folder with a check box.

    Args:
        summaries: the documents, in order.
        excluded: the ids of those that are not ticked.
        failures: the files that could not be read, each with its reason.
    """
    unread = _unread_html(failures) if failures else Html("")
    if not summaries:
        return Html('<div class="lc-docs"><p class="lc-docs-none">{}</p>{}</div>').format(
            tr("No documents yet."), unread
        )
    groups = _by_folder(summaries)
    lists = joined(
        Html('{}<ul aria-label="{}">{}</ul>').format(
            _folder_html(name) if len(groups) > 1 else "",
            tr("Documents in {folder}", folder=name) if name else tr("Documents"),
            joined(_document_html(summary, summary.doc_id in excluded) for summary in group),
        )
        for name, group in groups.items()
    )
    return Html(
        '<div class="lc-docs"><div class="lc-docs-head">'
        '<span class="lc-docs-asked" role="status"></span><span class="lc-docs-pick">'
        '<button type="button" data-all="all" aria-label="{name_all}">{all}</button>'
        '<button type="button" data-all="none" aria-label="{name_none}">{none}</button>'
        "</span></div>{find}{lists}{unread}</div>"
    ).format(
        name_all=tr("Select all documents"),
        all=tr("All"),
        name_none=tr("Select no document"),
        none=tr("None"),
        find=_find_html() if len(summaries) >= MANY_DOCUMENTS else "",
        lists=lists,
        unread=unread,
    )


def _find_html() -> Html:
    return Html(
        '<input type="search" class="lc-find" placeholder="{0}" aria-label="{0}" '
        'autocomplete="off">'
    ).format(tr("Find a document"))


def _by_folder(summaries: Sequence[DocumentSummary]) -> dict[str, list[DocumentSummary]]:
    """Return the documents by the names of their folders, those without a folder first."""
    folders = {s.doc_id: PurePath(s.sources[0]).parent for s in summaries if s.sources}
    parents = [str(folder) for folder in set(folders.values())]
    common = PurePath(os.path.commonpath(parents)) if _have_a_common_folder(parents) else None
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


def _have_a_common_folder(parents: Sequence[str]) -> bool:
    return (
        bool(parents)
        and len({PurePath(p).is_absolute() for p in parents}) == 1
        and all(PurePath(p).drive == PurePath(parents[0]).drive for p in parents)
    )


def _folder_html(name: str) -> Html:
    return Html(
        '<label class="lc-folder"><input type="checkbox" data-folder><bdi>{}</bdi></label>'
    ).format(name or tr("This folder"))


def _document_html(summary: DocumentSummary, is_excluded: bool) -> Html:
    size = (
        counted(summary.num_pages, "page")
        if summary.num_pages is not None
        else counted(summary.num_passages, "passage")
    )
    if summary.is_damaged:
        size = tr("damaged, left out: see `loccit doctor`")
    return Html(
        '<li class="lc-doc"><label class="lc-doc-tick"><input type="checkbox" data-doc="{id}" '
        'aria-label="{select}"{checked}></label>'
        '<button type="button" class="lc-doc-open" data-open="{id}">'
        '<bdi class="lc-doc-title">{title}</bdi>'
        '<span class="lc-doc-detail"><bdi>{names}</bdi> · {size}</span>{notes}</button>'
        '<button type="button" class="lc-remove" aria-label="{remove_it}" title="{remove}">×'
        "</button></li>"
    ).format(
        id=summary.doc_id,
        select=tr("Select {title}", title=summary.title),
        checked="" if is_excluded else Html(" checked"),
        title=summary.title,
        names=", ".join(file_name(source) for source in summary.sources),
        size=size,
        notes=_notes_html(summary),
        remove_it=tr("Remove {title}", title=summary.title),
        remove=tr("Remove"),
    )


def _notes_html(summary: DocumentSummary) -> Html:
    """Return what sets a document apart from others: hidden words, pages that were recognised."""
    notes = [left_out_words(summary.num_hidden_words)] if summary.num_hidden_words else []
    if summary.num_recognised_pages:
        pages = counted(summary.num_recognised_pages, "page")
        notes.append(tr("{pages} by OCR", pages=pages))
    return joined(Html('<span class="lc-doc-note">{}</span>').format(note) for note in notes)


def _unread_html(failures: Mapping[str, str]) -> Html:
    """Return the files that could not be read, folded away, each with its reason."""
    rows = joined(
        Html("<li><bdi>{}</bdi> <span>{}</span></li>").format(file_name(source), reason)
        for source, reason in failures.items()
    )
    return Html('<details class="lc-unread"><summary>{}</summary><ul>{}</ul>{}{}</details>').format(
        tr("{files} could not be read", files=counted(len(failures), "file")),
        rows,
        supported_html(failures),
        retry_html(failures),
    )
