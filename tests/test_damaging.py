"""Some of the rounds of damaging.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from damaging import run

from loccit.index.models.default_model import DefaultEmbedder
from loccit.qa.reading.reader import open_reader


@pytest.mark.slow
def test_damage_leads_to_no_wrong_quote_and_is_found(
    tmp_path: Path, embedder: DefaultEmbedder
) -> None:
    counts = run(range(30), tmp_path, embedder, open_reader(embedder))
    assert counts.wrong == []
    assert counts.rounds == 30
    assert counts.seen["damage of what is cited"] > 10
