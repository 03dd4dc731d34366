"""Makes one importable folder of the repository's folders, for tools that read files.

pip installs ui/public as the package loccit, and index, qa and ui as its sub-packages. Type
checkers and import-linter look for packages on the disk, so they are given a tree of links:
`python tests/package_tree.py .venv/tree`.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("index", "qa", "ui")


def make_tree(to: Path) -> None:
    """Make ``to/loccit`` of links to the folders; links that are there already stay."""
    package = to / "loccit"
    package.mkdir(parents=True, exist_ok=True)
    files = [file for file in (ROOT / "ui" / "public").iterdir() if file.is_file()]
    for target in (*files, *(ROOT / room for room in ROOMS)):
        link = package / target.name
        if not link.is_symlink():
            link.symlink_to(target, target_is_directory=target.is_dir())


if __name__ == "__main__":
    make_tree(Path(sys.argv[1]))
