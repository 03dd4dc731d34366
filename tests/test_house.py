"""The house's own rules: format, lint, types, the import contract, lean imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 320

HEAVY = (
    "torch",
    "openvino",
    "gradio",
    "sentence_transformers",
    "transformers",
    "pypdfium2",
    "docx",
    "faiss",
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    tree = str(ROOT / ".venv" / "tree")
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": tree},
    )


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "ruff", "format", "--check", "."),
        ("-m", "ruff", "check", "."),
        ("-m", "mypy"),
        ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    ],
    ids=["format", "lint", "types", "imports"],
)
def test_house_rule_holds(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr


def test_importing_the_packages_is_cheap() -> None:
    use = "import sys, loccit; loccit.Assistant, loccit.PassageIndex"
    result = run("-c", f"{use}; print({set(HEAVY)} & sys.modules.keys())")
    assert result.stdout.strip() == "set()", result.stdout + result.stderr


def test_files_are_about_one_concern() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for room in ("index", "qa", "ui")
        for path in (ROOT / room).rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}
