"""Makes an index as an older loccit left it, of schema 2 or 3; and upgrades one that is killed.

    python tests/ageing.py FOLDER STATEMENT

upgrades the index in a folder, and stops for ever before the given statement, counted from 1, that
would change it: for the test that kills it there.
"""

from __future__ import annotations

import signal
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from crashing import Hashing

from loccit.index.ingestion import upgrading
from loccit.index.passage_index import PassageIndex
from loccit.index.storage.sqlite.catalogue import FILE_NAME

_TO_SCHEMA_3 = """
BEGIN;
DROP TABLE damaged_documents;
ALTER TABLE documents DROP COLUMN digests;
ALTER TABLE documents DROP COLUMN hidden;
ALTER TABLE documents DROP COLUMN recognised_pages;
ALTER TABLE passages DROP COLUMN digest;
ALTER TABLE sources DROP COLUMN digest;
ALTER TABLE page_lines DROP COLUMN digest;
ALTER TABLE older_documents DROP COLUMN has_headings_alone;
UPDATE meta SET value = json_remove(json_set(value, '$.format_version', 3), '$.digest')
WHERE name = 'settings';
PRAGMA user_version = 3;
COMMIT;
"""
_TO_SCHEMA_2 = """
BEGIN;
ALTER TABLE documents RENAME COLUMN blocks TO headings;
UPDATE documents SET headings = (
    SELECT json_group_array(
        json_array(json_extract(value, '$[0]'), json_extract(value, '$[1]'),
                   coalesce(json_extract(value, '$[3]'), 0)))
    FROM json_each(headings) WHERE json_extract(value, '$[2]') = 'heading');
ALTER TABLE passages DROP COLUMN blocks;
DROP TABLE older_documents;
DROP TABLE page_lines;
UPDATE meta SET value = json_set(value, '$.format_version', 2) WHERE name = 'settings';
PRAGMA user_version = 2;
COMMIT;
"""


def age(folder: Path, schema: int = 2) -> None:
    """Leave of an index what an older loccit would have stored, with its schema 2 or 3."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.executescript(_TO_SCHEMA_3)
        if schema == 2:
            connection.executescript(_TO_SCHEMA_2)


def upgrade_until(folder: Path, statement: int) -> None:
    """Upgrade an index, one document in a transaction, and stop for ever before a statement."""
    upgrading.POOLED_FILES = 1
    with PassageIndex.open(folder, embedder=Hashing(), upgrade=False) as index:
        connections = index._store._connections
        write, written = connections.write, 0

        def stop_or_write(text: str, parameters: Sequence[object] = ()) -> int:
            nonlocal written
            written += 1
            if written == statement:
                print("here", flush=True)
                signal.pause()
            return write(text, parameters)

        index._store._write = stop_or_write
        index.upgrade()


if __name__ == "__main__":
    upgrade_until(Path(sys.argv[1]), int(sys.argv[2]))
