"""Checks the repository: format, lint, types, the import contract, and the tests beside them.

    python tests/checks.py types          one of the static checks, or several: see CHECKS
    python tests/checks.py static         all of them
    python tests/checks.py fast           all of them and the fast tests (make check)
    python tests/checks.py all            all of them and all tests (make test)

What follows goes to pytest: python tests/checks.py all -k chat. Every check runs to its end, and
the last lines say which failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from package_tree import make_tree

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / ".venv" / "tree"  # where pyproject.toml tells mypy to look
CHECKS = {
    "format": ["-m", "ruff", "format", "--check", "."],
    "lint": ["-m", "ruff", "check", "."],
    "types": ["-m", "mypy"],
    "imports": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
}
FAST = "not slow and not browser and not model"
WORKERS = os.environ.get("WORKERS", "2")
# A file's tests stay together: they share its index or its running chat. conftest.py puts the
# longest files first.
PARALLEL = ["-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder"]


def main(arguments: list[str]) -> int:
    """Run what is named and return the exit code."""
    named, *options = arguments or ["static"]
    tests = {"fast": ["-m", FAST], "all": []}.get(named)
    names = list(CHECKS) if tests is not None or named == "static" else [named, *options]
    if not CHECKS.keys() >= set(names):
        print(__doc__, end="")
        return 2
    make_tree(TREE)
    with ThreadPoolExecutor(max_workers=1) as beside:
        running = {name: beside.submit(_static, CHECKS[name]) for name in names}
        failed = []
        if tests is not None:
            command = [sys.executable, "-m", "pytest", "-q", *PARALLEL, *tests, *options]
            failed = ["tests"] if subprocess.run(command, cwd=ROOT, check=False).returncode else []
        for name, check in running.items():
            passed, said = check.result()
            print(f"{name}: {'passed' if passed else 'FAILED'}", said, sep="" if passed else "\n")
            failed += [] if passed else [name]
    print(f"FAILED: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


def _static(command: list[str]) -> tuple[bool, str]:
    """Run a check; return whether it passed and, if not, what it said."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(TREE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode == 0, "" if done.returncode == 0 else done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
