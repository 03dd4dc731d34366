"""Which documents a name means: the one resolver of names, for every room.

A name is compared with these, in this order, and the first of them that fits decides:

1. the id of a document;
2. a path, absolute or relative to the current folder;
3. a file name or a title, as it is written;
4. the same, whatever the case, and the last parts of a path ("2024/lease.pdf");
5. a file name without its suffix;
6. a folder, by its path or its name: all documents in it;
7. the beginning of an id (4 characters at least), of a file name, a title or a folder's name.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal

from loccit.index.datatypes import Scope
from loccit.index.errors import UnknownDocument
from loccit.index.ingestion.reporting import DocumentSummary

Kind = Literal["name", "folder", "beginning"]

MIN_ID_CHARS = 4  # of the beginning of an id; fewer are a word's beginning
MAX_CANDIDATES = 5  # that a message tells
MAX_NEAREST = 3
SHOWN_ID_CHARS = 12  # as `loccit list` shows it
ALL_NAMES = "`loccit list` shows all names"

NO_FAILURES: Mapping[str, str] = MappingProxyType({})

Names = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""One name of a document or a folder, or several."""

_NAMES_KEPT = 50_000  # about 10 MB; the names of documents are compared with each that is said
_SEPARATORS = ("/", os.sep)
_PLAIN_QUOTES = str.maketrans("‘’“”„", '\'\'"""')


@dataclass(frozen=True, slots=True)
class Named:
    """The documents that a name means, in the order of the index, and what kind of name it is.

    ``beginning`` is also a file name without its suffix that several files have.
    """

    documents: tuple[str, ...]
    kind: Kind


def scope_named(
    names: Iterable[str],
    summaries: Sequence[DocumentSummary],
    failures: Mapping[str, str] = NO_FAILURES,
) -> Scope:
    """Return the scope of all documents that these names mean.

    Args:
        names: of documents and folders.
        summaries: of all documents there are.
        failures: why files could not be read, by source, to tell of a name that is one of them.

    Raises:
        UnknownDocument: a name means no document, or several without being a folder's.
    """
    found = [doc_id for name in names for doc_id in documents_named(name, summaries, failures)]
    return Scope(tuple(dict.fromkeys(found)))


def documents_named(
    name: str,
    summaries: Sequence[DocumentSummary],
    failures: Mapping[str, str] = NO_FAILURES,
    *,
    beginnings: bool = False,
) -> tuple[str, ...]:
    """Return the ids of the documents that a name means: one, or all of a folder.

    Args:
        name: of a document or a folder.
        summaries: of all documents there are.
        failures: why files could not be read, by source, to tell of a name that is one of them.
        beginnings: let a beginning that several documents share mean all of them.

    Raises:
        UnknownDocument: it means no document, or several without being a folder's.
    """
    if not isinstance(name, str):
        raise TypeError(f"a document is named by text, not by {name!r}")
    found = find_named(name, summaries)
    if found is None:
        raise UnknownDocument(_unknown(name, summaries, failures))
    may_be_several = found.kind == "folder" or (beginnings and found.kind == "beginning")
    if len(found.documents) > 1 and not may_be_several:
        raise UnknownDocument(_ambiguous(name, found.documents, summaries))
    return found.documents


def document_named(
    name: str, summaries: Sequence[DocumentSummary], failures: Mapping[str, str] = NO_FAILURES
) -> str:
    """Return the id of the one document that a name means; see `documents_named`.

    Raises:
        UnknownDocument: it means none or several; the message tells the nearest names, or the
            documents that it may mean.
    """
    documents = documents_named(name, summaries, failures)
    if len(documents) > 1:
        raise UnknownDocument(_ambiguous(name, documents, summaries))
    return documents[0]


def find_named(name: str, summaries: Sequence[DocumentSummary]) -> Named | None:
    """Return what a name means, or None."""
    if not name.strip():
        return None
    found = (named for named in _meanings(name, summaries) if named.documents)
    return next(found, None)


def _meanings(name: str, summaries: Sequence[DocumentSummary]) -> Iterator[Named]:
    """Yield what a name means as each kind of name, also where that is nothing."""

    def where(fits: Callable[[DocumentSummary], bool], kind: Kind = "name") -> Named:
        return Named(tuple(s.doc_id for s in summaries if fits(s)), kind)

    paths = _absolute(name)
    folded = _folded(name)
    if not name.endswith(_SEPARATORS):  # which only a folder does
        yield where(lambda s: s.doc_id == name)
        yield where(lambda s: not paths.isdisjoint(s.sources) or name in s.sources)
        yield where(lambda s: _plain(name) in {_plain(known) for known in _whole_names(s)})
        yield where(lambda s: folded in {_folded(known) for known in _whole_names(s)})
        yield where(lambda s: any(_ends_with(PurePath(source), name) for source in s.sources))
        stems = where(lambda s: any(folded == _folded(PurePath(p).stem) for p in s.sources))
        yield stems if len(stems.documents) < 2 else Named(stems.documents, "beginning")
    inside = tuple(path.rstrip(os.sep) + os.sep for path in paths)
    yield where(lambda s: any(source.startswith(inside) for source in s.sources), "folder")
    root = _common_folder(summaries)
    yield where(lambda s: any(_ends_with(f, name) for f in _folders(s, root)), "folder")
    if not name.endswith(_SEPARATORS):
        is_id = len(name) >= MIN_ID_CHARS
        yield where(
            lambda s: (
                (is_id and s.doc_id.startswith(name))
                or any(_folded(known).startswith(folded) for known in _whole_names(s))
                or any(_folded(folder.name).startswith(folded) for folder in _folders(s, root))
            ),
            "beginning",
        )


def _whole_names(summary: DocumentSummary) -> set[str]:
    names = {PurePath(source).name for source in summary.sources}
    return {name for name in (summary.title, *names) if name}


def _folders(summary: DocumentSummary, root: PurePath | None) -> set[PurePath]:
    """Return the folders of a document, but those that all documents lie deep inside of.

    The name of a home folder tells nothing.
    """
    folders = set()
    for source in summary.sources:
        for folder in PurePath(source).parents:
            if folder.name:
                folders.add(folder)
            if folder == root:
                break
    return folders


def _common_folder(summaries: Sequence[DocumentSummary]) -> PurePath | None:
    """Return the deepest folder that all documents with an absolute path lie in."""
    paths = [PurePath(source) for summary in summaries for source in summary.sources]
    folders = [str(path.parent) for path in paths if path.is_absolute()]
    try:
        return PurePath(os.path.commonpath(folders)) if folders else None
    except ValueError:  # on Windows, of two drives
        return None


def _ends_with(path: PurePath, name: str) -> bool:
    """Tell whether the last parts of a path are those of a name, whatever the case."""
    parts = [part for part in PurePath(_folded(name)).parts if part not in (os.sep, ".")]
    return bool(parts) and [_folded(part) for part in path.parts[-len(parts) :]] == parts


def _absolute(name: str) -> set[str]:
    """Return a name as an absolute path, with and without the links in it resolved."""
    path = os.path.abspath(os.path.expanduser(name))  # noqa: PTH100, PTH111 - Path keeps ".."
    try:
        return {path, os.path.realpath(path)}
    except (OSError, ValueError):  # no path at all: it holds a null character
        return {path}


@lru_cache(_NAMES_KEPT)
def _plain(text: str) -> str:
    """Return a name as it is compared: accents composed, quotes straight, spaces single."""
    composed = unicodedata.normalize("NFC", text).translate(_PLAIN_QUOTES)
    return " ".join(composed.split())


@lru_cache(_NAMES_KEPT)
def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", _plain(text).casefold())


def _unknown(name: str, summaries: Sequence[DocumentSummary], failures: Mapping[str, str]) -> str:
    if not name.strip():
        return f"the name of the document is empty: {ALL_NAMES}"
    failed = (why for source, why in failures.items() if _is_file_named(source, name))
    if why := next(failed, None):
        return f"“{name}” could not be read: {why}"
    if len(name) < MIN_ID_CHARS and any(s.doc_id.startswith(name) for s in summaries):
        return (
            f"no document and no folder is called “{name}”, and an id needs at least "
            f"{MIN_ID_CHARS} characters: {ALL_NAMES}"
        )
    known = {_folded(known): known for s in summaries for known in sorted(_whole_names(s))}
    near = get_close_matches(_folded(name), list(known), MAX_NEAREST)
    meant = ", ".join(f"“{known[found]}”" for found in near)
    hint = f"did you mean {meant}? " if meant else ""
    return f"no document and no folder is called “{name}”: {hint}{ALL_NAMES}"


def _is_file_named(source: str, name: str) -> bool:
    """Tell whether a name means a file: its path, the last parts of it, or without its suffix."""
    path = PurePath(source)
    is_path = source == name or source in _absolute(name)
    return is_path or _ends_with(path, name) or _folded(path.stem) == _folded(name)


def _ambiguous(name: str, documents: Collection[str], summaries: Sequence[DocumentSummary]) -> str:
    candidates = [summary for summary in summaries if summary.doc_id in documents]
    root = _common_folder(candidates)
    told = [_candidate(summary, root) for summary in candidates[:MAX_CANDIDATES]]
    more = len(candidates) - len(told)
    rest = f" and {more} more" if more else ""
    return (
        f"“{name}” may mean {len(candidates)} documents: {'; '.join(told)}{rest}. Give more of the "
        "path, or an id"
    )


def _candidate(summary: DocumentSummary, root: PurePath | None) -> str:
    """Return "Lease (2024/lease.pdf, id 53aa51170c11)"."""
    path = PurePath(min(summary.sources, default=""))
    if root is not None and path.is_relative_to(root):
        path = path.relative_to(root)
    return f"{summary.title} ({path}, id {summary.doc_id[:SHOWN_ID_CHARS]})"
