"""The files that could not be read when they were last tried, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loccit.index.ingestion.reporting import FileOutcome
from loccit.index.storage.sqlite.connections import Connections


class StoredFailures:
    """Reads and writes failures on a catalogue's connections; may be shared by threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def all(self) -> dict[str, str]:
        """Return the reasons by source."""
        return dict(
            self._connections.read("SELECT source, reason FROM failures ORDER BY source", ())
        )

    def note(self, outcomes: Sequence[FileOutcome]) -> None:
        """Remember what could not be read, and forget what was since, in one transaction."""
        failed = [(o.source, o.reason or "") for o in outcomes if o.status == "failed"]
        again = self.all().keys() & {outcome.source for outcome in outcomes}
        if not failed and not again:
            return
        with self._connections.transaction():
            self.forget(again)
            for row in failed:
                self._connections.write("INSERT OR REPLACE INTO failures VALUES (?, ?)", row)

    def forget(self, sources: Iterable[str]) -> None:
        """Forget files that could be read since, or are gone."""
        for source in sources:
            self._connections.write("DELETE FROM failures WHERE source = ?", (source,))
