"""What a name means: one resolver for the command line, the chat and Python."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loccit.index.datatypes import Document, Scope
from loccit.index.errors import UnknownDocument
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.index.retrieval.scope import document_named, documents_named, scope_named

DOCUMENTS = {  # by id: title, sources
    "aaaa1111bbbb": ("Lease of the mill", ("/f/leases/2024/lease.pdf",)),
    "aaaa2222cccc": ("Lease of the barn", ("/f/leases/2025/lease.pdf",)),
    "cccc3333dddd": ("budget.md", ("/f/money/plan.txt",)),
    "dddd4444eeee": ("Budget", ("/f/money/budget.md", "/f/old/copy.md")),
    "eeee5555ffff": ("Résumé (2)", ("/f/people/re\u0301sume\u0301 (2).docx",)),
    "ffff6666aaaa": ('The "old" mill’s rules', ("/f/people/rules v1.5.txt",)),
    "abcd7777abcd": ("Minutes", ("/f/people/MINUTES.txt",)),
    "abcd8888abcd": ("minutes of May", ("/f/people/minutes.txt",)),
    "9999aaaabbbb": ("A page", ("https://example.org/terms/page",)),
}
MILL, BARN, PLAN, BUDGET, RESUME, RULES, LOUD, QUIET, PAGE = DOCUMENTS
SUMMARIES = [
    DocumentSummary(doc_id, title, sources, 1, None, 9)
    for doc_id, (title, sources) in DOCUMENTS.items()
]


@pytest.mark.parametrize(
    ("name", "doc_id"),
    [
        ("aaaa1111bbbb", MILL),
        ("aaaa1", MILL),
        ("/f/leases/2025/lease.pdf", BARN),
        ("/f/leases/2024/../2025/lease.pdf", BARN),
        ("2025/lease.pdf", BARN),
        ("2025/LEASE.pdf", BARN),
        ("Lease of the mill", MILL),
        ("lease of THE mill", MILL),
        ("lease of the  mill", MILL),
        ("plan.txt", PLAN),
        ("plan", PLAN),
        ("PLAN.TXT", PLAN),
        ("/f/old/copy.md", BUDGET),
        ("Budget", BUDGET),  # as it is written; "budget.md" is a title and a file name
        ("résumé (2)", RESUME),
        (unicodedata.normalize("NFD", "résumé (2).docx"), RESUME),
        ("RÉSUMÉ (2).docx", RESUME),
        ('the “old” mill\'s rules', RULES),
        ("rules v1.5.txt", RULES),
        ("rules v1.5", RULES),
        ("MINUTES.txt", LOUD),
        ("minutes.txt", QUIET),
        ("Minutes", LOUD),
        ("minutes of", QUIET),
        ("https://example.org/terms/page", PAGE),
        ("2024", MILL),  # a folder with one document
        ("2024/", MILL),
    ],
)  # fmt: skip
def test_a_name_means_one_document(name: str, doc_id: str) -> None:
    assert document_named(name, SUMMARIES) == doc_id
    assert scope_named([name], SUMMARIES) == Scope((doc_id,))


@pytest.mark.parametrize("name", ["leases", "LEASES", "leases/", "/f/leases", "/f/leases/"])
def test_a_folder_means_all_documents_in_it(name: str) -> None:
    assert documents_named(name, SUMMARIES) == (MILL, BARN)
    with pytest.raises(UnknownDocument, match="may mean 2 documents"):
        document_named(name, SUMMARIES)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "lease.pdf",
            "“lease.pdf” may mean 2 documents: Lease of the mill (2024/lease.pdf, id aaaa1111bbbb)"
            "; Lease of the barn (2025/lease.pdf, id aaaa2222cccc). Give more of the path, or an "
            "id",
        ),
        ("budget.md", "“budget.md” may mean 2 documents: budget.md (money/plan.txt, id cccc"),
        ("aaaa", "may mean 2 documents"),
        ("Lease of", "may mean 2 documents"),
    ],
)
def test_a_name_that_several_have_tells_them(name: str, told: str) -> None:
    with pytest.raises(UnknownDocument) as caught:
        documents_named(name, SUMMARIES)
    assert told in str(caught.value)


def test_no_more_than_five_candidates_are_told() -> None:
    many = [DocumentSummary(f"{n:012}", "Form", (f"/{n}/form.md",), 1, 1, 1) for n in range(8)]
    with pytest.raises(UnknownDocument) as caught:
        document_named("form.md", many)
    assert "may mean 8 documents" in str(caught.value)
    assert "(4/form.md, id 000000000004) and 3 more" in str(caught.value)
    assert "5/form.md" not in str(caught.value)


def test_a_common_beginning_means_all_where_that_is_asked_for() -> None:
    assert documents_named("Lease of", SUMMARIES, beginnings=True) == (MILL, BARN)
    assert documents_named("lease", SUMMARIES, beginnings=True) == (MILL, BARN)
    # A name that is whole is never a beginning, and two files of the same name are no group.
    assert documents_named("Minutes", SUMMARIES, beginnings=True) == (LOUD,)
    with pytest.raises(UnknownDocument, match="may mean 2 documents"):
        documents_named("lease.pdf", SUMMARIES, beginnings=True)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("leese.pdf", "did you mean “lease.pdf”"), ("minuts", "“Minutes”"), ("zebra", "called")],
)
def test_an_unknown_name_tells_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnknownDocument) as caught:
        document_named(name, SUMMARIES)
    assert nearest in str(caught.value)
    assert f"“{name}”" in str(caught.value)
    assert "`loccit list`" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/f/letters/empty.txt", "“/f/letters/empty.txt” could not be read: the file is empty"),
        ("/f/money/../letters/empty.txt", "could not be read: the file is empty"),
        ("Letters/EMPTY.txt", "could not be read: the file is empty"),
        ("empty", "“empty” could not be read: the file is empty"),
        ("other/empty.txt", "no document and no folder is called “other/empty.txt”"),
        ("aaa", "is called “aaa”, and an id needs at least 4 characters: "),
        ("xyz", "no document and no folder is called “xyz”: "),
        ("", "the name of the document is empty: "),
        (" ", "the name of the document is empty: "),
    ],
)
def test_a_name_that_means_nothing_tells_why(name: str, told: str) -> None:
    failures = {"/f/letters/empty.txt": "the file is empty"}
    with pytest.raises(UnknownDocument) as caught:
        document_named(name, SUMMARIES, failures)
    assert told in str(caught.value)
    with pytest.raises(UnknownDocument) as caught:
        scope_named([name], SUMMARIES, failures)
    assert told in str(caught.value)


def test_a_file_that_failed_keeps_the_name_of_what_was_stored_of_it() -> None:
    assert document_named("plan.txt", SUMMARIES, {"/f/money/plan.txt": "empty"}) == PLAN


@pytest.mark.parametrize("name", ["", " ", "\x00", "a\x00b", "~nobody/x", "/", "ab", "\ud800"])
def test_no_name_is_a_fault(name: str) -> None:
    with pytest.raises(UnknownDocument):
        document_named(name, SUMMARIES[:-1])


@given(st.text())
def test_any_text_is_a_name_or_is_unknown(name: str) -> None:
    try:
        found = documents_named(name, SUMMARIES, beginnings=True)
    except UnknownDocument:
        return
    assert found
    assert set(found) <= DOCUMENTS.keys()


def test_every_whole_name_that_one_document_has_is_its_name() -> None:
    for doc_id, (title, sources) in DOCUMENTS.items():
        for name in {title, *sources} - {"budget.md"}:
            assert document_named(name, SUMMARIES) == doc_id, name


@pytest.fixture
def index(
    tmp_path: Path, embedder: DefaultEmbedder, monkeypatch: pytest.MonkeyPatch
) -> PassageIndex:
    folder = tmp_path / "papers"
    for path, text in {
        "2024/lease.txt": "The rent of the mill is 900 euros.",
        "2025/lease.txt": "The rent of the barn is 400 euros.",
        "tea.txt": "Tea is at four in the garden.",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    opened = PassageIndex.open(tmp_path / "index", create=True, embedder=embedder)
    opened.add(folder)
    return opened


def test_search_takes_names_of_every_kind(index: PassageIndex) -> None:
    with index:
        (barn,) = index.scope("2025/lease.txt").documents or ()
        for name in (barn, barn[:6], "papers/2025/lease.txt", "2025", "papers/2025/"):
            hits = index.search("rent", documents=[name])
            assert [hit.passage.text for hit in hits] == ["The rent of the barn is 400 euros."]
        assert len(index.search("rent", documents="papers")) == 3
        assert len(index.search("rent", documents=["2025", "tea"])) == 2
        assert index.search("rent", documents=[]) == []
        for unknown in (["gone"], ["2025", "gone"], ["lease.txt"]):
            with pytest.raises(UnknownDocument):
                index.search("rent", documents=unknown)
        # What was a document a moment ago matches nothing.
        assert index.search("rent", documents=Scope(("gone",))) == []


def test_documents_made_elsewhere_have_names_too(index: PassageIndex) -> None:
    with index:
        index.add(Document("e1", "The rent of the shed is 5 euros.", "Shed", "db:row/7"))
        for name in ("e1", "db:row/7", "shed"):
            assert index.resolve(name) == "e1"


@pytest.mark.parametrize("name", [None, 1, b"lease.pdf"])
def test_a_name_is_text(name: object) -> None:
    with pytest.raises(TypeError, match="named by text"):
        documents_named(name, [])  # type: ignore[arg-type]
