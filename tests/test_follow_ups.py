"""Questions that lean on earlier turns, completed."""

import pytest

from qa.follow_ups import Exchange, complete

BORN = Exchange("When was Marie Curie born?", "7 November 1867")
LEFT = Exchange("Who left Berlin in 1938?", "Lise Meitner")
SOLD = Exchange("Which ferry was sold?", "Aurora")
DEPOSIT = Exchange("How much is the deposit for the flat?", "1,880 euros")
VACUUM = Exchange("How long does the battery of the Vento 300 last?", "45 minutes")
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
