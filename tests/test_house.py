"""The house's own rules that need running or counting: lean imports, no cycles, small files.

Format, lint, types and the import contract are checked beside the tests: see checks.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from package_tree import ROOMS, make_tree

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 320  # of a file; more are two concerns
MAX_MODULES = 12  # of a folder, without __init__
MIN_LINES = 40  # of a file that only one other imports; fewer are a part of that one
SEAMS = {"loccit.qa.answering.writer"}  # a protocol, for implementations that are to come

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
# TYPE_CHECKING's imports count: who reads a file has to read those as well.
IMPORTS = """
import json, grimp
graph = grimp.build_graph("loccit", cache_dir=None)
of = {module: sorted(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
print(json.dumps(of))
"""

Imports = dict[str, list[str]]


def run(code: str, path: Path) -> str:
    """Run code with one more folder to import from; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=path,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> Imports:
    """What each module imports."""
    tree = tmp_path_factory.mktemp("tree")
    make_tree(tree)
    found: Imports = json.loads(run(IMPORTS, tree))
    assert len(found) > 100
    return found


def files() -> list[Path]:
    return [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]


def lines_of(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def test_importing_the_package_is_cheap(tmp_path: Path) -> None:
    use = "import sys, loccit; loccit.Assistant, loccit.PassageIndex"
    assert run(f"{use}; print({set(HEAVY)} & sys.modules.keys())", tmp_path).strip() == "set()"


def test_files_are_about_one_concern() -> None:
    long = {str(f.relative_to(ROOT)): n for f in files() if (n := lines_of(f)) > MAX_LINES}
    assert long == {}


def test_a_folder_can_be_seen_at_a_glance() -> None:
    modules = [file.parent for file in files() if file.name != "__init__.py"]
    counts = {str(folder.relative_to(ROOT)): modules.count(folder) for folder in set(modules)}
    large = {folder: count for folder, count in counts.items() if count > MAX_MODULES}
    assert large == {}


def test_no_modules_import_each_other(imports: Imports) -> None:
    assert cycles(imports) == []


def cycles(imports: Imports) -> list[tuple[str, ...]]:
    """Return the sets of modules that reach each other, each in order of their names."""
    reach = {module: reached_from(module, imports) for module in imports}
    rings = {
        tuple(sorted(other for other in reach[module] if module in reach[other]))
        for module in imports
        if module in reach[module]
    }
    return sorted(rings)


def reached_from(start: str, imports: Imports) -> set[str]:
    reached: set[str] = set()
    todo = [start]
    while todo:
        new = set(imports[todo.pop()]) - reached
        reached |= new
        todo += new
    return reached


def test_cycles_are_found() -> None:
    assert cycles({"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": []}) == [("b", "c")]
    ring = {"a": ["b"], "b": ["c"], "c": ["a"], "x": ["y", "a"], "y": ["x"]}
    assert cycles(ring) == [("a", "b", "c"), ("x", "y")]
    assert cycles({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}) == []


def test_a_small_file_serves_more_than_one(imports: Imports) -> None:
    splinters = {}
    for module in imports:
        importers = [other for other, imported in imports.items() if module in imported]
        file = ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")
        if (
            module not in SEAMS
            and len(importers) == 1
            and file.is_file()
            and lines_of(file) < MIN_LINES
        ):
            splinters[module] = importers[0]
    assert splinters == {}
