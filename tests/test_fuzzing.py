"""A bounded run of the fuzzer: broken files give a sound document or a reason."""

from __future__ import annotations

import pytest
from fuzzing import fuzz


@pytest.mark.slow
def test_broken_files_break_nothing() -> None:
    ends, broken = fuzz(400, seed=7)
    assert broken == []
    assert ends["a document"] > 40
    assert ends["a reason"] > 40
