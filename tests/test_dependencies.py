"""What is installed is pinned, and pinned to known files."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([A-Za-z0-9_.\-]+)==([^\s;]+)", re.MULTILINE)


def pinned(file: str) -> dict[str, str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PINNED.findall(text)}


def test_the_lock_has_the_constraints_versions() -> None:
    constraints, lock = pinned("constraints.txt"), pinned("requirements.lock")
    assert {name: lock.get(name) for name in constraints} == constraints


def test_every_package_of_the_lock_has_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=[A-Za-z])", text)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.partition(" ")[0]
