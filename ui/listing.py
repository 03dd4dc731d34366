"""The list of documents as HTML, with progress and reports: pure and escaped."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from index.reporting import AddResult, DocumentSummary, FileOutcome, Progress, Status
from ui.render import escape
from ui.wording import counted, file_name

STATUS_ICONS: dict[Status, str] = {"added": "✓", "updated": "✓", "skipped": "–", "failed": "✗"}


def documents_html(summaries: Sequence[DocumentSummary], excluded: Collection[str]) -> str:
    """Return the list with a check box a document; those not ``excluded`` are ticked."""
    if not summaries:
        return '<div class="lc-docs"><p class="lc-docs-none">No documents yet.</p></div>'
    asked = sum(summary.doc_id not in excluded for summary in summaries)
    number = str(asked) if asked == len(summaries) else f"{asked} of {len(summaries)}"
    rows = "".join(_document_html(summary, summary.doc_id in excluded) for summary in summaries)
    return (
        '<div class="lc-docs"><div class="lc-docs-head">'
        f'<span>Asking {number}</span><span class="lc-docs-pick">'
        '<button type="button" data-all="all" aria-label="Ask all documents">All</button>'
        '<button type="button" data-all="none" aria-label="Ask no document">None</button>'
        f'</span></div><ul aria-label="Documents">{rows}</ul></div>'
    )


def progress_html(step: Progress) -> str:
    """Return how far the adding of files has come."""
    file = f"file {min(step.files_done + 1, step.files_total):,} of {step.files_total:,}"
    detail = f"{step.passages_done:,} of {counted(step.passages_total, 'passage')}"
    doing = detail if step.passages_total else "reading"
    return (
        '<div class="lc-report" role="status">'
        f'<p class="lc-report-file"><bdi>{escape(file_name(step.source))}</bdi></p>'
        f'<progress max="{step.files_total}" value="{step.files_and_part:.3f}"></progress>'
        f'<p class="lc-report-detail">{file} · {doing}</p></div>'
    )


def report_html(result: AddResult) -> str:
    """Return what became of each file, with the reason where it was not taken."""
    rows = "".join(_outcome_html(outcome) for outcome in result.outcomes)
    return f'<ul class="lc-report" role="status" aria-label="Added files">{rows}</ul>'


def note_html(words: str) -> str:
    """Return one line about what has just happened to the documents."""
    return f'<p class="lc-report" role="status">{escape(words)}</p>' if words else ""


def _document_html(summary: DocumentSummary, excluded: bool) -> str:
    title = escape(summary.title)
    doc_id = escape(summary.doc_id)
    names = ", ".join(file_name(source) for source in summary.sources)
    size = (
        counted(summary.num_pages, "page")
        if summary.num_pages is not None
        else counted(summary.num_passages, "passage")
    )
    checked = "" if excluded else " checked"
    return (
        f'<li class="lc-doc"><label><input type="checkbox" data-doc="{doc_id}"{checked}>'
        f'<span><bdi class="lc-doc-title">{title}</bdi>'
        f'<span class="lc-doc-detail"><bdi>{escape(names)}</bdi> · {size}</span></span></label>'
        f'<details class="lc-remove"><summary aria-label="Remove {title}" title="Remove">×'
        f'</summary><div class="lc-confirm"><p>Remove <bdi>{title}</bdi> from the index?</p>'
        f'<button type="button" class="lc-danger" data-remove="{doc_id}">Remove</button>'
        '<button type="button" data-keep>Keep</button></div></details></li>'
    )


def _outcome_html(outcome: FileOutcome) -> str:
    words = outcome.status + (f": {outcome.reason}" if outcome.reason else "")
    return (
        f'<li class="lc-outcome lc-{outcome.status}">'
        f'<span aria-hidden="true">{STATUS_ICONS[outcome.status]}</span> '
        f"<bdi>{escape(file_name(outcome.source))}</bdi> <span>{escape(words)}</span></li>"
    )
