"""What was acknowledged survives kill -9, and what was not is wholly there or wholly absent."""

from __future__ import annotations

from pathlib import Path

import pytest
from crashing import State, kill_once

KILLS = 30


@pytest.mark.slow
def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    state: State = {}
    for number in range(KILLS):
        state = kill_once(tmp_path / "i", state, seed=1_000 + number)
    assert state
