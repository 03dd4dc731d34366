"""What several test files need: the real model, once, the seed document's index, and how
hypothesis works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_fixtures import chromium
from hypothesis import HealthCheck, settings

from loccit.index.models.default_model import DEFAULT_MODEL, DefaultEmbedder
from loccit.index.models.embedder import Embedder, open_embedder
from loccit.index.passage_index import PassageIndex

__all__ = ["chromium"]  # the one browser: a second one can't be driven beside it

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
SEED_QUESTIONS = Path(__file__).parent / "data" / "seed_questions.jsonl"
NEED_THE_MODEL = {"embedder", "shared_model", "seed_index"}
START_A_CHAT = {"served", "site", "url"}  # a process of its own, which takes seconds

# The same examples in every run, and no limit of time: a slow machine is no failure. To look for
# new examples: pytest --hypothesis-profile=default.
settings.register_profile(
    "loccit",
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("loccit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the model or starts a chat; put the longest files first.

    Else the worker that gets them last would end long after the others.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if NEED_THE_MODEL & fixtures:
            item.add_marker(pytest.mark.model)
        if START_A_CHAT & fixtures:
            item.add_marker(pytest.mark.slow)
    long = {item.path for item in items if item.get_closest_marker("browser")}
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: 0 if item.path in long else 1 if item.path in slow else 2)


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
