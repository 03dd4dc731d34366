"""Several people ask the web chat at once while a folder is indexed into the same index."""

from __future__ import annotations

import pytest
from loading import load


@pytest.mark.slow
def test_answers_are_right_under_load() -> None:
    report = load(people=6, files=60, questions=3)
    assert report.errors == []
    assert report.wrong == []
    assert len(report.seconds) == 6 * 3
    assert report.indexed in (0, None)
