"""Conversations in the web chat, without a browser: kept, reopened, rated, exported."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loccit.index.datatypes import Document
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.conversation.store import Conversations
from loccit.qa.datatypes import Support
from loccit.qa.evaluation.feedback import Rating
from loccit.ui.chat import handlers, history
from loccit.ui.chat.handlers import Desk
from loccit.ui.chat.indexing import Indexing
from loccit.ui.chat.turns import Talk

LOADED: Future[None] = Future()
LOADED.set_result(None)
QUESTION = "What is the rent of the mill?"


def event(**values: Any) -> SimpleNamespace:
    return SimpleNamespace(**values)


@pytest.fixture
def desk(tmp_path: Path, embedder: DefaultEmbedder) -> Iterator[Desk]:
    file = tmp_path / "lease.txt"
    file.write_text("The mill is old.\n\nThe rent of the mill is 900 euros.", encoding="utf-8")
    with (
        PassageIndex.open(tmp_path / "i", create=True, embedder=embedder) as index,
        Conversations.open(tmp_path / "i", create=True) as kept,
    ):
        index.add(file)
        yield Desk(index, Indexing(index), Assistant(index).ask_in_steps, LOADED, kept)


def ask(desk: Desk, talk: Talk, question: str = QUESTION) -> Talk:
    *_, done = handlers.answered(desk, handlers.asked(question, talk, LOADED), ())
    return done


def test_a_conversation_is_kept_and_found_and_opened_again(desk: Desk) -> None:
    talk = ask(desk, Talk())
    talk = ask(desk, talk, "How old is the mill?")
    assert [turn.number for turn in talk.turns] == [1, 2]
    again = history.reopen(desk, talk.conversation_id)
    assert [turn.answer for turn in again.turns] == [turn.answer for turn in talk.turns]
    assert QUESTION in history.show_past(desk, "", talk.conversation_id)
    assert 'aria-current="true"' in history.show_past(desk, "900 EUROS", talk.conversation_id)
    assert "No conversation matches." in history.show_past(desk, "zebra", "")
    assert history.reopen(desk, "") == history.reopen(desk, None) == Talk()


def test_what_was_searched_is_told_again(desk: Desk) -> None:
    nonsense = "Who won the chess tournament in Reykjavik?"
    talk = ask(desk, ask(desk, Talk(), nonsense), f"@lease {nonsense}")
    told = handlers.show_conversation(desk, talk)
    assert "Searched 1 document (keywords and meaning)." in told
    told = handlers.show_conversation(desk, history.reopen(desk, talk.conversation_id))
    assert told.count("Searched all documents (keywords and meaning).") == 1
    assert told.count("Searched 1 document (keywords and meaning).") == 1


def test_a_refused_question_outlives_a_reload(desk: Desk) -> None:
    talk = ask(desk, ask(desk, Talk()), "@nosuchdoc how long?")
    assert "is called “nosuchdoc”" in talk.turns[1].message
    *_, talk = handlers.answered(desk, handlers.asked("Is it old?", talk, LOADED), _all_ids(desk))
    assert talk.turns[2].message == handlers.NO_SCOPE
    again = history.reopen(desk, talk.conversation_id)
    assert [(turn.number, turn.question) for turn in again.turns] == [
        (1, QUESTION),
        (2, "@nosuchdoc how long?"),
        (3, "Is it old?"),
    ]
    assert [turn.message for turn in again.turns[1:]] == ["This question was not answered."] * 2


def _all_ids(desk: Desk) -> list[str]:
    return [summary.doc_id for summary in desk.index.summaries()]


def test_a_dead_link_says_so(desk: Desk) -> None:
    dead = history.reopen(desk, "nobody")
    assert (dead.conversation_id, dead.turns) == ("", ())
    assert "This conversation does not exist any more." in handlers.show_conversation(desk, dead)
    assert "does not exist any more" not in handlers.show_conversation(desk, ask(desk, dead))


def test_a_changed_document_moves_the_citation_or_leaves_it_stale(
    desk: Desk, tmp_path: Path
) -> None:
    talk = ask(desk, Talk())
    file = tmp_path / "lease.txt"
    file.write_text(f"New words before.\n\n{file.read_text('utf-8')}", encoding="utf-8")
    desk.index.sync(tmp_path)
    (turn,) = history.reopen(desk, talk.conversation_id).turns
    assert turn.answer is not None
    (cited,) = turn.answer.citations
    text = desk.index.documents[cited.doc_id].text
    assert text[cited.span.start : cited.span.end] == "The rent of the mill is 900 euros."
    file.write_text("The rent of the mill is 950 euros.", encoding="utf-8")
    desk.index.sync(tmp_path)
    reopened = history.reopen(desk, talk.conversation_id)
    answer = reopened.turns[0].answer
    assert answer is not None
    assert answer.citations[0].support is Support.STALE
    assert "the source has changed since" in handlers.show_conversation(desk, reopened)


def test_a_follow_up_is_completed_shown_kept_or_asked_as_typed(desk: Desk) -> None:
    talk = ask(desk, ask(desk, Talk(), "How old is the mill?"), "and its rent?")
    assert talk.turns[1].completed == "What is the mill's rent?"
    answer = talk.turns[1].answer
    assert answer is not None
    assert answer.short == "900 euros"
    markup = handlers.show_conversation(desk, talk)
    assert "Asked as “What is the mill&#39;s rent?”" in markup
    assert 'data-question="and its rent?" data-typed>' in markup
    (_, kept) = history.reopen(desk, talk.conversation_id).turns
    assert (kept.question, kept.completed) == ("and its rent?", "What is the mill's rent?")
    typed = handlers.asked("and its rent?", talk, LOADED, as_typed=True)
    assert typed.turns[-1].completed is None
    assert ask(desk, talk, "What is the rent of the mill?").turns[-1].completed is None


FLATS = (("Mill Street", "Ada Moreau"), ("Harbour Road", "Ben Okafor"), ("River Walk", "Eli Kaya"))


def flat(street: str, landlord: str) -> Document:
    """One of several leases of one form."""
    text = f"Lease of a flat in {street}.\n\nThe rent is 900 euros. The landlord is {landlord}."
    return Document(hashlib.md5(street.encode()).hexdigest(), text, f"Lease {street}", street)


def test_what_was_cited_is_asked_first_shown_and_kept(desk: Desk) -> None:
    for pair in FLATS:
        desk.index.add(flat(*pair))
    asked = flat(*FLATS[1])
    talk = ask(desk, Talk(), "What is the rent of the flat in Harbour Road?")
    talk = ask(desk, talk, "Who is the landlord?")
    last = talk.turns[-1]
    assert last.answer
    assert (last.completed, last.documents) == (None, (asked.doc_id,))
    assert [sentence.short for sentence in last.answer.sentences] == ["Ben Okafor"]
    markup = handlers.show_conversation(desk, talk)
    assert "Asked of Lease Harbour Road <button" in markup
    assert "data-typed>Ask all</button>" in markup
    assert history.reopen(desk, talk.conversation_id).turns[-1].documents == (asked.doc_id,)
    waiting = handlers.asked("Who is the landlord?", talk, LOADED, as_typed=True)
    *_, of_all = handlers.answered(desk, waiting, ())
    assert of_all.turns[-1].documents is None
    assert {c.doc_id for c in of_all.turns[-1].answer.citations} > {asked.doc_id}


def test_where_they_do_not_answer_all_are_asked(desk: Desk) -> None:
    for pair in FLATS:
        desk.index.add(flat(*pair))
    talk = ask(desk, Talk(), "What is the rent of the flat in Harbour Road?")
    for typed in ("How old is the mill?", "Who is the landlord of the flat in River Walk?"):
        talk = ask(desk, talk, typed)
        assert talk.turns[-1].answer.answered
        assert talk.turns[-1].documents is None
    assert talk.turns[-1].answer.short == "Eli Kaya"
    # Of those that are not ticked none is asked, cited before or not; nor of those that are gone.
    river = flat(*FLATS[2]).doc_id
    waiting = handlers.asked("Who is the landlord?", talk, LOADED)
    *_, done = handlers.answered(desk, waiting, {river})
    assert river not in {citation.doc_id for citation in done.turns[-1].answer.citations}
    desk.index.remove(river)
    assert ask(desk, talk, "Who is the landlord?").turns[-1].answer.answered


def test_a_name_in_small_letters_turns_to_its_document(desk: Desk) -> None:
    for pair in FLATS:
        desk.index.add(flat(*pair))
    talk = ask(desk, Talk(), "What is the rent of the flat in Harbour Road?")
    for typed, short in (
        ("who is the landlord in river walk?", "Eli Kaya"),
        ("who is the landlord in harbour road?", "Ben Okafor"),
        ("Who is the landlord in Harbour Road?", "Ben Okafor"),  # it was named before
        ("who is the landlord there?", "Ben Okafor"),
    ):
        talk = ask(desk, talk, typed)
        (sentence,) = talk.turns[-1].answer.sentences
        assert sentence.short == short


def test_a_nearest_passage_of_a_changed_document_is_not_opened(desk: Desk) -> None:
    talk = ask(desk, Talk(), "Who invented the telephone in Boston?")
    assert talk.turns[0].answer
    assert not talk.turns[0].answer.answered
    assert 'class="lc-open"' in handlers.show_conversation(desk, talk)
    (source,) = [document.source for document in desk.index.documents.values()]
    Path(source).write_text("Something else stands here now.", encoding="utf-8")
    desk.index.add(Path(source))
    markup = handlers.show_conversation(desk, history.reopen(desk, talk.conversation_id))
    assert 'class="lc-open"' not in markup
    assert "the source has changed since" in markup


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_a_page_shows_follows_its_documents(desk: Desk, tmp_path: Path, is_kept: bool) -> None:
    file = tmp_path / "lease.txt"
    twice = "The rent of the mill is 900 euros. All is well.\n\nThe rent of the mill is 900 euros."
    file.write_text(twice, encoding="utf-8")
    desk.index.add(file)
    desk = desk if is_kept else replace(desk, conversations=None)
    talk = ask(desk, Talk())
    assert bool(talk.conversation_id) == is_kept
    assert history.with_present_citations(desk, talk) == talk
    file.write_text("The rent of the mill is 950 euros.", encoding="utf-8")
    desk.index.add(file)
    assert supports(history.with_present_citations(desk, talk)) == {Support.STALE}
    desk.index.remove(desk.index.resolve("lease.txt"))
    gone = history.with_present_citations(desk, talk)
    assert supports(gone) == {Support.GONE}
    assert "the source is no longer in the index" in handlers.show_conversation(desk, gone)


def supports(talk: Talk) -> set[Support]:
    answers = [turn.answer for turn in talk.turns]
    return {citation.support for answer in answers if answer for citation in answer.citations}


def test_ratings_are_kept_and_taken_back(desk: Desk) -> None:
    talk = ask(desk, Talk())
    rated = history.rate(desk, talk, event(turn=1, rating="wrong answer", note=None))
    markup = handlers.show_conversation(desk, rated)
    assert 'data-rate="wrong answer" aria-pressed="true"' in markup
    noted = history.rate(desk, rated, event(turn=1, rating="wrong answer", note="It is <950>."))
    assert 'value="It is &lt;950&gt;."' in handlers.show_conversation(desk, noted)
    (turn,) = history.reopen(desk, talk.conversation_id).turns
    assert turn.feedback is not None
    assert (turn.feedback.rating, turn.feedback.note) == (Rating.WRONG_ANSWER, "It is <950>.")
    back = history.rate(desk, noted, event(turn=1, rating="wrong answer", note=None))
    assert back.turns[0].feedback is None
    for junk in (event(turn="x", rating="right", note=None), event(turn=1, rating={}, note=1)):
        assert history.rate(desk, talk, junk) == talk


def test_export(desk: Desk) -> None:
    talk = ask(desk, Talk())
    talk = ask(desk, talk, "How old is the mill?")
    names = {}
    for form in ("md", "json", "html"):
        made = history.export(desk, event(id=talk.conversation_id, turn=None, form=form))
        names[form] = html.unescape(re.sub(r"<[^>]*>", "", made))
        assert f'data-name="{QUESTION}.{form}"' in made
    assert "900 euros" in names["md"]
    assert len(json.loads(names["json"])["turns"]) == 2
    one = history.export(desk, event(id=talk.conversation_id, turn=2, form="md"))
    assert "900 euros" not in one
    for junk in ("nobody", None):
        assert 'role="alert"' in history.export(desk, event(id=junk, turn=1, form="md"))
    assert 'role="alert"' in history.export(
        desk, event(id=talk.conversation_id, turn="x", form="md")
    )


def test_renamed_deleted_and_gone(desk: Desk) -> None:
    talk = ask(desk, Talk())
    history.change(desk, event(do="rename", id=talk.conversation_id, title="The <mill>"))
    assert "<bdi>The &lt;mill&gt;</bdi>" in history.show_past(desk, "", "")
    history.change(desk, event(do="rename", id=talk.conversation_id, title="  "))
    history.change(desk, event(do="delete", id=talk.conversation_id))
    history.change(desk, event(do="delete", id=talk.conversation_id))
    assert "will be kept here" in history.show_past(desk, "", "")


def test_an_answer_in_a_deleted_conversation_begins_another(desk: Desk) -> None:
    talk = ask(desk, Talk())
    assert desk.conversations is not None
    desk.conversations.delete(talk.conversation_id)
    goes_on = ask(desk, talk, "How old is the mill?")
    assert goes_on.conversation_id not in ("", talk.conversation_id)
    assert [turn.number for turn in goes_on.turns] == [None, 1]
    (kept,) = history.reopen(desk, goes_on.conversation_id).turns
    assert (kept.question, kept.answer) == ("How old is the mill?", goes_on.turns[1].answer)
    assert history.rate(desk, goes_on, event(turn=1, rating="right", note=None)).turns[1].feedback
    # It may also be deleted while the answer is on its way.
    steps = handlers.answered(desk, handlers.asked("Is it old?", goes_on, LOADED), ())
    next(steps)
    desk.conversations.delete(goes_on.conversation_id)
    *_, last = steps
    assert last.conversation_id not in ("", goes_on.conversation_id)
    assert [turn.number for turn in last.turns] == [None, None, 1]
    (kept,) = history.reopen(desk, last.conversation_id).turns
    assert kept.question == "Is it old?"
    assert kept.answer == last.turns[-1].answer is not None


def test_a_question_outlives_a_reload_and_can_be_asked_again(desk: Desk) -> None:
    talk = ask(desk, Talk(), "How old is the mill?")
    steps = handlers.answered(desk, handlers.asked(QUESTION, talk, LOADED), ())
    waiting = next(steps)  # from now on the page's address names the conversation
    assert waiting.conversation_id == talk.conversation_id
    assert [turn.number for turn in waiting.turns] == [1, 2]
    reloaded = history.reopen(desk, talk.conversation_id)
    assert [(turn.question, turn.answer is None) for turn in reloaded.turns] == [
        ("How old is the mill?", False),
        (QUESTION, True),
    ]
    markup = handlers.show_conversation(desk, reloaded)
    assert "This question was not answered." in markup
    assert f'data-question="{QUESTION}">Ask again</button>' in markup
    again = ask(desk, reloaded)
    assert [turn.number for turn in again.turns] == [1, 2]
    kept = history.reopen(desk, talk.conversation_id)
    assert [turn.answer for turn in kept.turns] == [turn.answer for turn in again.turns]
    assert kept.turns[1].answer


def test_a_stopped_question_is_kept_without_an_answer(desk: Desk) -> None:
    steps = handlers.answered(desk, handlers.asked(QUESTION, Talk(), LOADED), (), "me")
    next(steps)
    desk.waiting.stop("me")
    *_, stopped = steps
    assert (stopped.turns[0].answer, stopped.turns[0].message) == (None, "Stopped.")
    assert [turn.answer for turn in history.reopen(desk, stopped.conversation_id).turns] == [None]
    made = history.export(desk, event(id=stopped.conversation_id, turn=None, form="md"))
    assert "This question was not answered" in made
