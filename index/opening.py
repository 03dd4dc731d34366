"""What an index is opened with: its store, its settings, and the model that they name."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from loccit.index.errors import DamagedIndex, IndexMismatch, IndexNotFound, NotWritten
from loccit.index.ingestion.splitting import PASSAGE_TOKENS
from loccit.index.models.embedder import Embedder, open_embedder
from loccit.index.settings import DAMAGED, IndexSettings
from loccit.index.storage.sqlite.catalogue import FILE_NAME, Catalogue
from loccit.index.storage.sqlite.failures import WRITER_FILE
from loccit.index.storage.store import Store

_SHOWN_PRINT = 15  # characters of a fingerprint in a message: "sha256:53aa5117"


def open_store(folder: Path, *, create: bool = False, wait: bool = False) -> Store:
    """Open the store in an index's folder; with ``create``, make it where there is none.

    Raises:
        IndexNotFound: there is none and ``create`` is False, or the folder is a file.
        NotWritten: the folder can't be made.
    """
    file = folder / FILE_NAME
    if not file.is_file():
        if folder.is_file():
            raise IndexNotFound(f"{folder} is a file: an index has a folder of its own")
        if not create:
            raise IndexNotFound(f"{folder} holds no index. Add a file or a folder first.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotWritten(f"the folder {folder} can't be made: {error.strerror}") from error
    elif not create and is_cut_off(file):
        raise DamagedIndex(
            f"{file} was cut off, and is empty: restore a backup, or delete the folder and add the "
            "files again"
        )
    return Catalogue(file, math.inf if wait else None)


def is_cut_off(file: Path) -> bool:
    """Tell whether a file is empty in which an index has been, without a log that fills it.

    One in which nothing was ever written is just being made by another process.
    """
    log = file.with_name(f"{file.name}-wal")
    was_written = file.with_name(WRITER_FILE).exists()
    return not file.stat().st_size and was_written and not (log.exists() and log.stat().st_size)


def settings_and_model(stored: Store, embedder: object) -> tuple[IndexSettings, Embedder]:
    """Return the settings of a store, new ones where it has none, and the model.

    Args:
        stored: the store.
        embedder: what `open_embedder` takes; None is the index's own model.

    Raises:
        IndexMismatch: the index was made with another model or by a later loccit.
    """
    saved = stored.get_meta("settings")
    if saved is None:
        if stored.has_passages():
            raise DamagedIndex(DAMAGED)
        model = open_embedder(embedder)
        settings = settings_of(model)
        stored.set_meta("settings", settings.to_json())
        # Told, not asked for: vectors of either precision are as good in one index.
        stored.set_meta("precision", getattr(model, "precision", "f32"))
        return settings, model
    settings = IndexSettings.from_json(saved)
    model = open_embedder(settings.model_name if embedder is None else embedder)
    if model.fingerprint != settings.model_fingerprint:
        raise _mismatch(settings, model, named=embedder is not None)
    if isinstance(embedder, str | Path) and model.name != settings.model_name:
        # The same model in another place: the next one to open the index finds it there.
        settings = replace(settings, model_name=model.name)
        stored.set_meta("settings", settings.to_json())
    return settings, model


def settings_of(model: Embedder) -> IndexSettings:
    """Return the settings of an index that is made with a model."""
    return IndexSettings(
        model_name=model.name,
        model_fingerprint=model.fingerprint,
        dimension=model.dimension,
        passage_tokens=min(PASSAGE_TOKENS, model.window),
    )


def _mismatch(settings: IndexSettings, model: Embedder, *, named: bool) -> IndexMismatch:
    made = f"{settings.model_name} ({settings.model_fingerprint[:_SHOWN_PRINT]})"
    other = f"{model.name} ({model.fingerprint[:_SHOWN_PRINT]})"
    if named:
        return IndexMismatch(
            f"the index was made with {made}, not with {other}: open it without naming a model, "
            f"or change its model with `loccit reembed --model {model.name}`"
        )
    return IndexMismatch(
        f"the index was made with {made}, but that model has changed to {other}: restore the old "
        "one, or change the index's model with `loccit reembed`"
    )
