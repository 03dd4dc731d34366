"""The JSON shape, value by value."""

import json

from loccit.index.datatypes import Document, Hit, Passage, Span
from loccit.index.ingestion.reporting import DocumentSummary
from loccit.qa.datatypes import Answer, Citation, Sentence, Support
from loccit.ui.exports.answer_json import answer_json, hits_json, summaries_json

TEXT = "Intro.\fThe fee is 40 euros 🦓. It is due in May."
DOCUMENT = Document("d1", TEXT, "Contract", "/files/contract.pdf", page_starts=(0, 7))
SPAN = Span(7, 31)
HIT = Hit(Passage("d1:0", "d1", Span(7, 48), TEXT[7:48], "Terms > Fees"), 0.5, 1)
CITATION = Citation(
    marker=1,
    doc_id="d1",
    span=SPAN,
    quote=TEXT[7:31],
    title="Contract",
    source="/files/contract.pdf",
    page=2,
    support=Support.EXACT,
    answer=Span(18, 26),
)
ANSWER = Answer(
    "What is the fee?",
    (Sentence(TEXT[7:31], (1,), "40 euros"),),
    (CITATION,),
    (HIT,),
    answered=True,
    confidence=0.75,
)
HIT_JSON = {
    "rank": 1,
    "score": 0.5,
    "similarity": 0.0,
    "dense_rank": None,
    "lexical_rank": None,
    "passage_id": "d1:0",
    "doc_id": "d1",
    "title": "Contract",
    "source": "/files/contract.pdf",
    "page": 2,
    "start": 7,
    "end": 48,
    "heading": "Terms > Fees",
    "text": "The fee is 40 euros 🦓. It is due in May.",
}


def test_answer() -> None:
    assert answer_json(ANSWER, {"d1": DOCUMENT}) == {
        "question": "What is the fee?",
        "answered": True,
        "short": "40 euros",
        "confidence": 0.75,
        "text": "The fee is 40 euros 🦓. I [1]",
        "sentences": [{"text": "The fee is 40 euros 🦓. I", "short": "40 euros", "markers": [1]}],
        "citations": [
            {
                "marker": 1,
                "doc_id": "d1",
                "title": "Contract",
                "source": "/files/contract.pdf",
                "page": 2,
                "start": 7,
                "end": 31,
                "quote": "The fee is 40 euros 🦓. I",
                "answer_start": 18,
                "answer_end": 26,
                "support": "exact",
                "score": 0.0,
            }
        ],
        "hits": [HIT_JSON],
    }


def test_it_is_json_and_its_offsets_count_code_points() -> None:
    back = json.loads(json.dumps(answer_json(ANSWER, {"d1": DOCUMENT}), ensure_ascii=False))
    (citation,) = back["citations"]
    assert TEXT[citation["start"] : citation["end"]] == citation["quote"]
    assert TEXT[citation["answer_start"] : citation["answer_end"]] == back["short"]


def test_a_hit_of_an_unknown_document_keeps_its_place() -> None:
    nameless = {**HIT_JSON, "title": None, "source": None, "page": None}
    assert hits_json([HIT]) == [nameless]
    assert hits_json([HIT], {}) == [nameless]


def test_a_question_without_an_answer() -> None:
    answer = Answer("Who?", (), (), (), answered=False, confidence=0.0)
    assert answer_json(answer) == {
        "question": "Who?",
        "answered": False,
        "short": None,
        "confidence": 0.0,
        "text": "",
        "sentences": [],
        "citations": [],
        "hits": [],
    }


def test_documents() -> None:
    summary = DocumentSummary("d1", "Contract", ("/a.pdf", "/b.pdf"), 3, None, 120)
    assert summaries_json([summary]) == [
        {
            "doc_id": "d1",
            "title": "Contract",
            "sources": ["/a.pdf", "/b.pdf"],
            "passages": 3,
            "pages": None,
            "characters": 120,
            "damaged": False,
        }
    ]
