"""What several test files need: the real model, once, and the seed document's index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_fixtures import chromium

from loccit.index.models.default_model import DEFAULT_MODEL, DefaultEmbedder
from loccit.index.models.embedder import Embedder, open_embedder
from loccit.index.passage_index import PassageIndex

__all__ = ["chromium"]  # the one browser: a second one can't be driven beside it

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
SEED_QUESTIONS = Path(__file__).parent / "data" / "seed_questions.jsonl"


@pytest.fixture(scope="session")
def embedder() -> DefaultEmbedder:
    """The default model; it loads with the first vector."""
    return DefaultEmbedder()


@pytest.fixture
def shared_model(monkeypatch: pytest.MonkeyPatch, embedder: DefaultEmbedder) -> None:
    """Let the commands of this process share one loaded model."""

    def open_shared(model: object = None) -> Embedder:
        return embedder if model in (None, DEFAULT_MODEL) else open_embedder(model)

    monkeypatch.setattr("loccit.index.opening.open_embedder", open_shared)
    monkeypatch.delenv("LOCCIT_INDEX", raising=False)
    monkeypatch.setenv("COLUMNS", "60")


@pytest.fixture(scope="session")
def seed_index(
    embedder: DefaultEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PassageIndex]:
    """An index of the seed document, not to be changed."""
    folder = tmp_path_factory.mktemp("seed-index")
    with PassageIndex.open(folder, create=True, embedder=embedder) as index:
        index.add(SEEDS / "cxmt-ipo.txt")
        yield index
