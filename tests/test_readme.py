"""The README is true: its example runs and prints what it says, its commands and files exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from loccit.ui.command_line.main import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.slow
def test_the_example_prints_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    result = subprocess.run(
        [sys.executable, "-c", fenced("python")[0]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.stdout == fenced("text")[0], result.stderr


def test_the_commands_exist() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    named = re.findall(r"loccit ((?:[a-z]+)\b)[^\n`#]*", "".join([*fenced("sh"), *inline()]))
    assert {"add", "ask", "search", "list", "remove", "eval", "chat"} <= set(named)
    assert set(named) <= set(group.commands)
    options = {
        option
        for command in group.commands.values()
        for parameter in command.params
        for option in parameter.opts
    }
    shown = set(re.findall(r"(?<![\w-])--[a-z-]+", "".join([*fenced("sh"), *inline()])))
    assert shown <= options | {"--help"}


def inline() -> list[str]:
    prose = re.sub(r"^```.*?^```", "", README, flags=re.DOTALL | re.MULTILINE)
    return [f"{code}\n" for code in re.findall(r"`([^`\n]+)`", prose)]


def test_the_make_targets_exist() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"^make ([a-z]+)", "\n".join(fenced("sh")), re.MULTILINE)
    assert named == ["chat", "test"]
    assert set(named) <= set(targets)


def test_the_files_it_names_exist() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    layout = next(block for block in fenced("text") if block.startswith("index/"))
    rooms = {"index": "index/", "qa": "qa/", "ui": "ui/", "tests": "tests/", "seeds": "seeds/"}
    assert all(room in layout for room in rooms.values())
    named = set(re.findall(r"\b([a-z_]+)/", layout))
    known = {path.name for room in rooms for path in (ROOT / room).rglob("*") if path.is_dir()}
    assert named <= known | rooms.keys()
    assert [link for link in links if not (ROOT / link).exists()] == []
