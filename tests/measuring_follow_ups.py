"""How many follow-up questions are answered as typed, completed by rules, and ideally completed.

    python tests/measuring_follow_ups.py [--show]

"Cited first": of the documents that the answer before cites first, see `cited_before`.

Indexes the documents of tests/data/follow_ups with the default model and asks. Half of the topics
were written before the rules and are only for this report: --show prints what went wrong in the
other half.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.qa.conversation.follow_ups.completing import Exchange, complete
from loccit.qa.conversation.scoping import documents_before, turns_away
from loccit.qa.datatypes import Answer

FOLDER = Path(__file__).resolve().parent / "data" / "follow_ups"
WAYS = ("as typed", "completed", "cited first", "cited first, own answers", "ideal")


@dataclass(frozen=True, slots=True)
class Way:
    """A question as it is asked in the end, and the ids of the documents that are asked first."""

    question: str
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A follow-up question in each of the `WAYS`, and the words that answer it."""

    typed: str
    ways: tuple[Way, ...]
    words: tuple[str, ...]


def topics() -> list[dict[str, Any]]:
    """Return the topics with their documents and conversations."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def turn(
    topic: dict[str, Any], number: int, question: str, short: str | None, ids: dict[str, str]
) -> Exchange:
    """Return an earlier turn whose answer the data give; ``ids`` are those of titles."""
    document = topic["documents"][number]
    sentences = [part.rstrip(".") + "." for part in document["text"].split(". ")[1:]]
    cited = tuple(part for part in sentences if short and short in part)[:1]
    return Exchange(question, short, cited, (document["title"],), (ids[document["title"]],))


def turn_of(question: str, answer: Answer) -> Exchange:
    """Return an earlier turn as the assistant answered it."""
    if not answer.answered:
        return Exchange(question)
    shown = answer.citations[:1]
    return Exchange(
        question,
        answer.short,
        tuple(citation.quote for citation in shown),
        tuple(citation.title for citation in shown),
        tuple(citation.doc_id for citation in shown),
    )


def conversations(topic: dict[str, Any], assistant: Assistant) -> Iterator[Asked]:
    """Yield the follow-ups of a topic; a completed one is the earlier turn of the next."""
    ids = {summary.title: summary.doc_id for summary in assistant.index.summaries()}
    for talk in topic["conversations"]:
        number = talk["document"]
        given = [turn(topic, number, talk["question"], talk["short"], ids)]
        own = [turn_of(talk["question"], assistant.ask(talk["question"]))]
        for asked in talk["follow_ups"]:
            typed, words = asked["typed"], tuple(asked["answer"])
            number = asked.get("document", number)
            completed, alone = said(typed, given), said(typed, own)
            cited = Way(completed, first_of(typed, completed, given, assistant.index))
            by_itself = Way(alone, first_of(typed, alone, own, assistant.index))
            ways = (Way(typed), Way(completed), cited, by_itself, Way(asked["ideal"]))
            yield Asked(typed, ways, words)
            given.append(turn(topic, number, completed, words[0], ids))
            own.append(turn_of(alone, ask(assistant, by_itself)))


def first_of(
    typed: str, asked: str, earlier: list[Exchange], index: PassageIndex
) -> tuple[str, ...]:
    """Return the ids of the documents that a question is asked of first."""
    first = documents_before(typed, asked, earlier)
    return () if first and asked == typed and turns_away(typed, first, index) else first


def ask(assistant: Assistant, way: Way) -> Answer:
    """Return the answer to a question, of the documents to ask first or of all."""
    *_, answer = assistant.ask_in_steps(way.question, first=way.first)
    assert isinstance(answer, Answer)
    return answer


def said(typed: str, earlier: list[Exchange]) -> str:
    """Return the question that is asked in the end."""
    found = complete(typed, earlier)
    return found.question if found else typed


def is_right(answer: Answer, words: tuple[str, ...], *, first: bool) -> bool:
    """Tell whether the words stand in the answer, or in its first sentence."""
    text = answer.sentences[0].text if first and answer.sentences else answer.text
    return answer.answered and all(word.lower() in text.lower() for word in words)


def altered(topic: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the self-contained questions that were changed, and into what."""
    pairs = [
        (item["typed"], said(item["typed"], [Exchange(item["question"], item["short"])]))
        for item in topic["self_contained"]
    ]
    return [(typed, asked) for typed, asked in pairs if asked != typed]


def report(assistant: Assistant, half: list[dict[str, Any]], *, show: bool) -> None:
    """Print the shares of one half of the topics."""
    asked = [item for topic in half for item in conversations(topic, assistant)]
    for way, name in enumerate(WAYS):
        answers = [ask(assistant, item.ways[way]) for item in asked]
        right, first = (
            sum(
                is_right(answer, item.words, first=only)
                for answer, item in zip(answers, asked, strict=True)
            )
            for only in (False, True)
        )
        print(f"  {name:24} right {right}/{len(asked)}  in the first sentence {first}/{len(asked)}")
        for item, answer in zip(asked, answers, strict=True):
            if show and way and not is_right(answer, item.words, first=False):
                said = answer.text[:90] or "nothing"
                print(f"      {item.typed} -> {item.ways[way].question} -> {said}")
    changed = [pair for topic in half for pair in altered(topic)]
    total = sum(len(topic["self_contained"]) for topic in half)
    print(f"  left alone {total - len(changed)}/{total}")
    for typed, completed in changed if show else ():
        print(f"      {typed} -> {completed}")


def main() -> None:
    """Index the documents, ask, and print both halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    show = parser.parse_args().show
    with tempfile.TemporaryDirectory() as name:
        files = Path(name) / "files"
        files.mkdir()
        for document in (document for topic in topics() for document in topic["documents"]):
            (files / f"{document['title']}.txt").write_text(document["text"], encoding="utf-8")
        with PassageIndex.open(Path(name) / "index", create=True) as index:
            index.add(files)
            assistant = Assistant(index)
            for held_out in (False, True):
                print("held out" if held_out else "developed on")
                half = [topic for topic in topics() if topic["held_out"] is held_out]
                report(assistant, half, show=show and not held_out)


if __name__ == "__main__":
    main()
