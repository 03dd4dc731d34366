"""The adding of files as HTML: how far it has come, and what became of each file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from loccit.index.ingestion.reporting import AddResult, FileOutcome, Status, SyncResult
from loccit.index.parsing import SUPPORTED_SUFFIXES
from loccit.ui.chat.indexing import CANCELLED, State
from loccit.ui.chat.views.messages import message_html, note_html
from loccit.ui.text.escaping import Html, joined
from loccit.ui.text.language import counted, number, tr
from loccit.ui.text.wording import SUPPORTED, duration, file_name

NUM_SHOWN = 3  # files whose outcome is shown at once; the others are folded away

STATUS_ICONS: dict[Status, str] = {"added": "✓", "updated": "✓", "skipped": "–", "failed": "✗"}


def indexing_html(state: State, folder: Path | None) -> Html:
    """Return how the adding of files stands; ``folder`` is the one that can be scanned again."""
    if state.is_running:
        return note_html(tr("Stopping …")) if state.is_stopping else _progress_html(state)
    name = folder.name or folder if folder else ""
    again = job_button("mirror", tr("Rescan {name}", name=name)) if name else Html("")
    return _told_html(state) + again


def report_html(result: AddResult) -> Html:
    """Return what became of the files: the failed ones first, each with its reason."""
    failed = result.with_status("failed")
    outcomes = (*failed, *(o for o in result.outcomes if o.status != "failed"))
    counts: list[tuple[int, str]] = [
        (len(result.with_status(status)), status) for status in STATUS_ICONS
    ]
    if isinstance(result, SyncResult):
        counts.append((result.num_deleted, "removed"))
    totals = ", ".join(f"{number(count)} {tr(words)}" for count, words in counts if count)
    return Html('<div class="lc-report" role="status"><p>{}</p>{}{}{}{}</div>').format(
        totals or tr("No files"),
        _outcomes_html(outcomes[:NUM_SHOWN]),
        _more_html(outcomes[NUM_SHOWN:]),
        supported_html(outcome.source for outcome in failed),
        retry_html(outcome.source for outcome in failed),
    )


def supported_html(failed: Iterable[str]) -> Html:
    """Return which formats can be read, where one of the files has another suffix."""
    if all(PurePath(source).suffix.lower() in SUPPORTED_SUFFIXES for source in failed):
        return Html("")
    return Html('<p class="lc-report-detail">{}</p>').format(tr(SUPPORTED))


def job_button(job: str, words: str) -> Html:
    """Return a button that starts, stops or repeats a job; see ``handlers.run_job``."""
    return Html('<button type="button" class="lc-job" data-job="{}">{}</button>').format(job, words)


def retry_html(failed: Iterable[str]) -> Html:
    """Return the button that tries the failed files again, where that may help."""
    if not any(map(_may_be_read, failed)):
        return Html("")
    return job_button("retry", tr("Retry failed files"))


def _may_be_read(source: str) -> bool:
    """Tell whether a file is of a supported format and not empty, as far as can be seen."""
    path = Path(source)
    try:
        return path.suffix.lower() in SUPPORTED_SUFFIXES and path.stat().st_size > 0
    except (OSError, ValueError):  # it may be back later, on a drive that was unplugged
        return True


def _told_html(state: State) -> Html:
    """Return what the last job did, with a button that closes it; nothing before the first."""
    if state.message == CANCELLED and (step := state.step):
        done, files = number(step.files_done), counted(step.files_total, "file")
        told = Html('<div class="lc-report" role="status"><p>{}</p>{}</div>').format(
            tr(CANCELLED, done=done, files=files), _left_html(state.left)
        )
    elif state.message:
        told = message_html(tr(state.message))
    elif state.result:
        told = report_html(state.result)
    else:
        return Html("")
    return Html(
        '<div class="lc-told"><button type="button" class="lc-remove" data-job="close" '
        'aria-label="{}">×</button>{}</div>'
    ).format(tr("Close the report"), told)


def _left_html(left: Sequence[str]) -> Html:
    """Return the files that were not added, folded away; nothing where they are unknown."""
    if not left:
        return Html("")
    names = joined(Html("<li><bdi>{}</bdi></li>").format(file_name(source)) for source in left)
    return Html('<details class="lc-outcomes"><summary>{}</summary><ul>{}</ul></details>').format(
        tr("Not added: {files}", files=counted(len(left), "file")), names
    )


def _outcomes_html(outcomes: Sequence[FileOutcome]) -> Html:
    return Html('<ul aria-label="{}">{}</ul>').format(
        tr("Added files"), joined(map(_outcome_html, outcomes))
    )


def _more_html(outcomes: Sequence[FileOutcome]) -> Html:
    if not outcomes:
        return Html("")
    return Html('<details class="lc-outcomes"><summary>{}</summary>{}</details>').format(
        tr("and {count} more", count=number(len(outcomes))), _outcomes_html(outcomes)
    )


def _outcome_html(outcome: FileOutcome) -> Html:
    words = tr(outcome.status) + (f": {outcome.reason}" if outcome.reason else "")
    return Html(
        '<li class="lc-outcome lc-{}"><span aria-hidden="true">{}</span> <bdi>{}</bdi> '
        "<span>{}</span></li>"
    ).format(outcome.status, STATUS_ICONS[outcome.status], file_name(outcome.source), words)


def _progress_html(state: State) -> Html:
    step = state.step
    stop = job_button("cancel", tr("Stop"))
    if step is None:
        return Html('<div class="lc-report" role="status"><p>{}</p>{}</div>').format(
            tr("Looking for files …"), stop
        )
    file = tr(
        "file {number} of {count}",
        number=number(min(step.files_done + 1, step.files_total)),
        count=number(step.files_total),
    )
    rate = state.pace.passages_per_second
    left = state.pace.seconds_left
    details = [
        file,
        tr("{number} passages per second", number=number(rate)) if rate >= 1 else tr("reading"),
        *([] if left is None else [tr("{time} left", time=duration(left))]),
    ]
    return Html(
        '<div class="lc-report" role="status"><p class="lc-report-file"><bdi>{name}</bdi></p>'
        '<progress max="{total}" value="{done:.3f}" aria-label="{file}"></progress>'
        '<p class="lc-report-detail">{details}</p>{stop}</div>'
    ).format(
        name=file_name(step.source),
        total=step.files_total,
        done=step.files_and_part,
        file=file,
        details=" · ".join(details),
        stop=stop,
    )
