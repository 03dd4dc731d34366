"""A mirror: the index made equal to a folder, with nothing embedded that is embedded already.

What is new or changed is added first and what is gone is removed last, so that a file that was
renamed or moved finds its content stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from loccit.index.errors import FolderMissing, UnreadableDocument
from loccit.index.ingestion.adding import Target, add_files
from loccit.index.ingestion.files import NO_TEXT, find_files, source_of
from loccit.index.ingestion.identity import FileIds
from loccit.index.ingestion.reporting import FileOutcome, ProgressCallback, SyncResult
from loccit.index.parsing import check_name_and_size
from loccit.index.parsing.worker import ParserProcess

MOVED = "renamed or moved"


def sync_folder(
    target: Target,
    folder: Path,
    report: ProgressCallback,
    file_ids: FileIds,
    *,
    dry_run: bool,
    allow_empty: bool,
) -> SyncResult:
    """Make the index equal to a folder, as far as its files can be read.

    A file that can't be read any more keeps what was stored of it, and is reported.

    Raises:
        FolderMissing: there is no such folder, or it is empty and was not (``allow_empty``).
    """
    root = folder.resolve()
    if not root.is_dir():
        raise FolderMissing(f"{folder} is not a folder, or can't be reached; nothing was changed")
    files = list(find_files([root]))
    stored = target.store.sources_in(root)
    if stored and not files and not allow_empty:
        files_are = "1 file from it is" if len(stored) == 1 else f"{len(stored)} files from it are"
        them = "it" if len(stored) == 1 else "them"
        raise FolderMissing(
            f"{folder} is empty, but {files_are} still in the index; nothing was removed. "
            f"Use --allow-empty to remove {them}."
        )
    has_document = target.store.documents.__contains__
    plan = plan_of(files, stored, file_ids, has_document)
    failed_before = target.store.failures()
    if dry_run:
        new = {o.source for o in plan.outcomes if o.doc_id and not has_document(o.doc_id)}
        tried = _tried(plan.outcomes, new & failed_before.keys())
        return replace(plan, outcomes=tuple(tried))
    changed = [o for o in plan.outcomes if o.status != "skipped" or o.source in failed_before]
    by_source = {source_of(file): file for file in files}
    added = add_files(target, [by_source[outcome.source] for outcome in changed], report)
    done = {outcome.source: outcome for outcome in added.outcomes}
    target.store.drop_sources(stored.keys() - by_source.keys())
    target.store.forget_failures(
        source
        for source in failed_before
        if Path(source).is_relative_to(root) and source not in by_source
    )
    outcomes = tuple(_outcome(planned, done.get(planned.source)) for planned in plan.outcomes)
    return SyncResult(outcomes, plan.deleted)


def plan_of(
    files: Sequence[Path],
    stored: Mapping[str, str],
    file_ids: FileIds,
    has_document: Callable[[str], bool],
) -> SyncResult:
    """Return what is to be done, from the names and bytes of the files; none is parsed.

    Args:
        files: what is there.
        stored: the documents' ids by source, of the folder.
        file_ids: knows the files that are as they were.
        has_document: tells whether a document's id is in the index, from wherever.
    """
    present = {source_of(file) for file in files}
    gone = [source for source in stored if source not in present]
    left = {stored[source]: source for source in reversed(gone)}  # may have been moved
    outcomes = []
    for file in files:
        source = source_of(file)
        if source != str(file):
            outcomes.append(FileOutcome(source, "failed", reason=NO_TEXT))
            continue
        try:
            doc_id = file_ids.of_file(file)
            is_stored = has_document(doc_id)  # not one that is marked as damaged
            if not is_stored:
                check_name_and_size(file)
        except UnreadableDocument as error:
            outcomes.append(FileOutcome(source, "failed", reason=error.reason))
            continue
        except OSError as error:
            reason = f"the file can't be read: {error.strerror}"
            outcomes.append(FileOutcome(source, "failed", reason=reason))
            continue
        if stored.get(source) == doc_id and is_stored:
            outcomes.append(FileOutcome(source, "skipped", doc_id, reason="unchanged"))
        elif source in stored:
            outcomes.append(FileOutcome(source, "updated", doc_id))
        elif doc_id in left:
            gone.remove(left.pop(doc_id))
            outcomes.append(FileOutcome(source, "updated", doc_id, reason=MOVED))
        else:
            outcomes.append(FileOutcome(source, "added", doc_id))
    return SyncResult(tuple(outcomes), tuple(gone))


def _tried(outcomes: Sequence[FileOutcome], doubtful: Collection[str]) -> Iterator[FileOutcome]:
    """Yield what is planned, once the doubtful files are parsed, which may fail."""
    with ParserProcess() as parser:
        for outcome in outcomes:
            try:
                if outcome.source in doubtful:
                    parser.parse(Path(outcome.source))
                yield outcome
            except UnreadableDocument as error:
                yield FileOutcome(outcome.source, "failed", reason=error.reason)


def _outcome(planned: FileOutcome, done: FileOutcome | None) -> FileOutcome:
    """Return what was planned, unless reading the file told otherwise."""
    if done is None:
        return planned
    if "failed" in (planned.status, done.status):
        return done
    return replace(planned, num_passages=done.num_passages)
