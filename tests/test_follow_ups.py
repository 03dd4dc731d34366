"""Questions that lean on earlier turns, completed."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measuring_follow_ups import topics, turn_of

from loccit.index.datatypes import Document
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.conversation.follow_ups.completing import Exchange, complete
from loccit.qa.conversation.scoping import documents_before, turns_away
from loccit.qa.reading.words import subject_stems, word_set

WORDS = sorted(
    word_set(
        "and what about who why not how many where when which one ones the a in 2019 for of is was"
        " did it its she her they that this those there then said Marie Curie Norvale Bank lamp"
        " vans rent company green husband 12 “x y” ? , ' more tell me Berlin germany born sold cost"
    )
)

BORN = Exchange("When was Marie Curie born?", "7 November 1867")
LEFT = Exchange("Who left Berlin in 1938?", "Lise Meitner")
SOLD = Exchange("Which ferry was sold?", "Aurora")
DEPOSIT = Exchange("How much is the deposit for the flat?", "1,880 euros")
VACUUM = Exchange("How long does the battery of the Vento 300 last?", "45 minutes")
RENT = Exchange(
    "What is the rent of the flat at 4 Mill Street?", "950 euros", (), ("Lease",), ("mill",)
)
POWER = Exchange("What is the power of the P110?", "2.4 kilowatts", documents=("p110",))
PROFIT = Exchange("What was the net profit of Norvale Bank in 2022?", "41 million euros")

PRONOUNS = (
    (
        BORN,
        "When did she receive the Nobel Prize?",
        "When did Marie Curie receive the Nobel Prize?",
    ),
    (BORN, "who was her husband?", "Who was Marie Curie's husband?"),
    (LEFT, "Which element is named after her?", "Which element is named after Lise Meitner?"),
    (SOLD, "Why was it sold?", "Why was the ferry Aurora sold?"),
    (DEPOSIT, "When is it returned?", "When is the deposit for the flat returned?"),
    (VACUUM, "How much does it weigh?", "How much does the Vento 300 weigh?"),
    (PROFIT, "why did it fall?", "Why did the net profit of Norvale Bank fall?"),
)


@pytest.mark.parametrize(("before", "typed", "completed"), PRONOUNS)
def test_a_pronoun_is_replaced(before: Exchange, typed: str, completed: str) -> None:
    found = complete(typed, [before])
    assert found is not None
    assert found.question == completed


def test_nothing_was_said_before() -> None:
    assert complete("Where was she born?", []) is None


ALONE = (
    (BORN, "and where?", "Where was Marie Curie born?"),
    (BORN, "Where exactly?", "Where exactly was Marie Curie born?"),
    (LEFT, "why?", "Why is it that Lise Meitner left Berlin in 1938?"),
    (Exchange("How many honeybees were followed?", "240"), "for how long?",
     "For how long were 240 honeybees followed?"),
    (Exchange("How many vans did Kestrel Motors sell in France?", "3,100"), "why?",
     "Why did Kestrel Motors sell 3,100 vans in France?"),
    (Exchange("May fuel be stored in the garage?"), "why not?",
     "Why may fuel not be stored in the garage?"),
    (Exchange("When is cream added to the soup?", "at the end"), "why?",
     "Why is cream added to the soup at the end?"),
    (Exchange("How often is the filter washed?", "monthly"), "why with cold water?",
     "Why is the filter washed with cold water?"),
    (Exchange("What is said about the showers?", "too cold", ("Rosa said that they are cold.",)),
     "Who said that?", "Who said that they are cold?"),
    (Exchange("Which employees worked from home?"), "how many?",
     "How many employees worked from home?"),
    (Exchange("How many branches did the bank close?", "nine"), "which ones?",
     "Which branches did the bank close?"),
    (Exchange("Who founded Acme?", "Jane Roe"), "who else?", "Who else founded Acme?"),
    (Exchange("When was Acme founded?"), "who?", "By whom was Acme founded?"),
    (VACUUM, "tell me more", "Tell me more about the Vento 300?"),
)  # fmt: skip

FRAGMENTS = (
    (PROFIT, "and in 2021?", "What was the net profit of Norvale Bank in 2021?"),
    (PROFIT, "2021?", "What was the net profit of Norvale Bank in 2021?"),
    (PROFIT, "What about Sundholm Insurance?",
     "What was the net profit of Sundholm Insurance in 2022?"),
    (PROFIT, "and Sundholm Insurance in 2019?",
     "What was the net profit of Sundholm Insurance in 2019?"),
    (Exchange("How many vans did Kestrel Motors sell in France?"), "what about Germany?",
     "How many vans did Kestrel Motors sell in Germany?"),
    (Exchange("What is the notice period for the tenant?"), "And for the landlord?",
     "What is the notice period for the landlord?"),
    (Exchange("How long is a fishing permit valid?"), "what about a felling permit?",
     "How long is a felling permit valid?"),
    (Exchange("What does the blinking red lamp mean?"), "and the green one?",
     "What does the green lamp mean?"),
    (BORN, "what about her husband?", "Who was Marie Curie's husband?"),
    (Exchange("Who leads Norvale Bank?", "Maret Kask"), "and its headquarters?",
     "Where are Norvale Bank's headquarters?"),
    (PROFIT, "and the year before?",
     "What was the net profit of Norvale Bank in 2021, the year before?"),
    (Exchange("What is the warranty period?"), "and for batteries?",
     "What is the warranty period for batteries?"),
    (Exchange("How much did revenue grow in Q3 2020?"), "and in Q4 2021?",
     "How much did revenue grow in Q4 2021?"),
    (Exchange("What was decided on 4 March?"), "and on 5 May?", "What was decided on 5 May?"),
    (Exchange("Which employees worked from home?"), "what about the engineers?",
     "Which engineers worked from home?"),
    (Exchange("What is the period of notice at 11 Harbour Road?"), "and the rent?",
     "What is the rent at 11 Harbour Road?"),
    (Exchange("What is the price of copper?"), "and the weight?", "What is the weight of copper?"),
    (BORN, "and the Nobel Prize?", "What about the Nobel Prize and Marie Curie?"),
)  # fmt: skip

POINTING = (
    (PROFIT, "Where is that company based?", "Where is the company Norvale Bank based?"),
    (DEPOSIT, "When is this deposit returned?", "When is the deposit for the flat returned?"),
    (Exchange("Where was Otto Hahn held?", "Farm Hall"), "who else lived there?",
     "Who else lived in Farm Hall?"),
    (Exchange("What is the rent?", "9 euros", (), ("Lease of garage 7",)),
     "Who signed this contract?", "Who signed the contract “Lease of garage 7”?"),
)  # fmt: skip


@pytest.mark.parametrize(("before", "typed", "completed"), ALONE + FRAGMENTS + POINTING)
def test_an_ellipsis_is_filled(before: Exchange, typed: str, completed: str) -> None:
    found = complete(typed, [before])
    assert found is not None
    assert found.question == completed


def test_a_completed_question_is_the_next_one_s_earlier_turn() -> None:
    asked = [BORN]
    for typed in ("and where?", "what about Lise Meitner?", "when did she die?"):
        found = complete(typed, asked)
        assert found is not None
        asked.append(Exchange(found.question))
    assert [turn.question for turn in asked[1:]] == [
        "Where was Marie Curie born?",
        "Where was Lise Meitner born?",
        "When did Lise Meitner die?",
    ]


def test_she_is_not_the_father_who_was_asked_for() -> None:
    asked = [
        Exchange("When was Clara Schumann born?"),
        Exchange("Who was Clara Schumann's father?", "Friedrich Wieck"),
    ]
    she, he = (complete(f"When did {word} die?", asked) for word in ("she", "he"))
    assert she is not None and he is not None
    assert (she.topic, he.topic) == ("Clara Schumann", "Friedrich Wieck")


BEFORE = (
    (RENT, "Who is the landlord?", ("mill",)),
    (RENT, "and the deposit?", ("mill",)),
    (RENT, "Who is the landlord of 11 Harbour Road?", ()),
    (RENT, "Who is the landlord of the flat at 4 Mill Street?", ("mill",)),
    (RENT, "and for 8b?", ()),
    (RENT, "Is “normal wear” defined?", ()),
    (POWER, "and its weight?", ("p110",)),
    (POWER, "and the p160?", ()),
    (PROFIT, "Who leads it?", ()),  # nothing was cited
)


@pytest.mark.parametrize(("before", "typed", "documents"), BEFORE)
def test_what_was_cited_is_asked_first(
    before: Exchange, typed: str, documents: tuple[str, ...]
) -> None:
    found = complete(typed, [before])
    assert documents_before(typed, found.question if found else typed, [before]) == documents


def test_another_name_in_the_place_of_the_last_is_another_thing() -> None:
    paris = Exchange("What is the capital of France?", "Paris", documents=("france",))
    found = complete("what about germany?", [paris])
    assert found is not None
    assert documents_before("what about germany?", found.question, [paris]) == ()


def test_the_latest_answer_counts_and_each_document_once() -> None:
    asked = [RENT, replace(POWER, documents=("a", "b", "a")), Exchange("And what is missing?")]
    assert documents_before("How heavy?", "How heavy?", asked) == ("a", "b")
    assert documents_before("How heavy?", "How heavy?", []) == ()


def test_a_word_of_other_documents_alone_turns_to_them(
    tmp_path: Path, embedder: DefaultEmbedder
) -> None:
    texts = {
        "lukla": "The pass of Lukla is 2,860 m high. Its skies are grey.",
        "shigar": "The pass of Shigar is low. The sky is blue.",
    }
    with PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index:
        for name, text in texts.items():
            index.add(Document(name, text, "", f"{name}.txt"))
        for question, away in (
            ("how high is the pass of shigar?", True),
            ("how high is the pass of lukla?", False),
            ("how low is that pass?", False),  # the one of before
            ("how low is the pass?", True),
            ("how steep is the pass?", False),  # nobody says
            ("how grey are the skies?", False),  # full text makes its own stems, of whole words
        ):
            assert turns_away(question, ["lukla"], index) is away
        assert not turns_away("is shigar high?", ["lukla"], index, ["lukla"])


def test_a_question_that_goes_back_means_the_documents_of_then() -> None:
    asked = [
        Exchange("Who is the mayor of Zotizope?", "Basovelo", documents=("zotizope",)),
        Exchange("Who is the mayor of Zorabalo?", "Lozoveso", documents=("zorabalo",)),
    ]
    for question, documents in (
        ("Who is the mayor of Zotizope?", ("zotizope",)),
        ("Who is the mayor of Zorabalo?", ("zorabalo",)),
        ("Do Zotizope and Zorabalo share a mayor?", ()),
        ("Who is the deputy?", ("zorabalo",)),
    ):
        assert documents_before(question, question, asked) == documents


@pytest.mark.parametrize(
    "question",
    [
        item["typed"]
        for topic in topics()
        if not topic["held_out"]
        for item in topic["self_contained"]
    ]
    + [
        "Which tissue secretes vaspin?",
        "Which university has its origins in a school?",
        "Who spends the most money on their army?",
        "Who announced she would step down?",
        "What is it called when steam drives a wheel?",
        "How long does it take Ada Byron to answer?",
        "On 7 January it was confirmed that who would sing?",
        "What did Ada Byron expect of the freedom she granted them?",
        "Does the company share data to provide them services?",
        "Who sang Let It Be?",
        "How many rooms are there?",
        "How does one call the office?",
        "Which one of the plans costs less?",
        "What is the deadline this year?",
        "When rock folds, what does this create?",
    ]
    + ["notice period", "How do I charge the battery?", "what to do in 2019", "", "?", "thanks"],
)
def test_a_question_that_stands_on_its_own_is_left_alone(question: str) -> None:
    assert complete(question, [BORN, LEFT, DEPOSIT]) is None


QUESTIONS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join),
)
TURNS = st.builds(
    Exchange,
    QUESTIONS,
    st.none() | QUESTIONS,
    st.lists(QUESTIONS, max_size=1).map(tuple),
    st.lists(QUESTIONS, max_size=1).map(tuple),
)


@given(QUESTIONS, st.lists(TURNS, max_size=3))
def test_what_was_typed_stays_in_the_question(typed: str, earlier: list[Exchange]) -> None:
    found = complete(typed, earlier)
    if found is None:
        return
    assert found.question.strip()
    assert found.topic.strip()
    assert set(subject_stems(typed)) <= {*subject_stems(found.question), *subject_stems("ones")}


def test_the_completed_question_finds_what_the_typed_one_does_not(
    tmp_path: Path, embedder: DefaultEmbedder
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for document in next(t for t in topics() if t["topic"] == "people")["documents"]:
        (files / f"{document['title']}.txt").write_text(document["text"], encoding="utf-8")
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as index:
        index.add(files)
        assistant = Assistant(index)
        first = turn_of("Who left Berlin in 1938?", assistant.ask("Who left Berlin in 1938?"))
        assert first.short == "Lise Meitner"
        for typed, words in (("why?", "no longer safe"), ("and where did she die?", "Cambridge")):
            found = complete(typed, [first])
            assert found is not None
            assert words in assistant.ask(found.question).text


def test_a_thing_with_a_roles_ending_is_asked_for_with_what() -> None:
    earlier = [Exchange("How old is the mill?", "300 years", ("The mill is 300 years old.",))]
    for thing in ("rent", "address", "fee", "current"):
        found = complete(f"and its {thing}?", earlier)
        assert found is not None
        assert not found.question.startswith("Who"), thing
