"""What pip installs: the package loccit and nothing else, whatever the current folder holds."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import loccit

ROOT = Path(__file__).resolve().parent.parent
HOSTILE = "raise SystemExit('code of the current folder was run')\n"
ASK = """
import os, sys
# The folder by several names; a process that is started with this would take its code at once.
os.environ["PYTHONPATH"] = os.pathsep.join([os.environ["PYTHONPATH"], "", ".", os.getcwd()])
import loccit

with loccit.open(sys.argv[1]) as index:
    assert not index.add(sys.argv[2]).with_status("failed")
    print(loccit.Assistant(index).ask("How large is CXMT's planned IPO?").short)
"""


def test_all_public_names_can_be_imported() -> None:
    assert [name for name in loccit.__all__ if getattr(loccit, name, None) is None] == []
    assert sorted(loccit.__all__) == dir(loccit) == list(loccit.__all__)


def test_type_checkers_and_python_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "ui" / "public" / "__init__.py").read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If))
    seen = {
        (alias.name, node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == set(loccit._MODULE_OF.items())
    assert set(loccit.__all__) == {name for name, _ in seen} | {"open", "__version__"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = loccit.no_such_name


def test_every_folder_with_code_is_listed_as_a_package() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(listed["tool"]["setuptools"]["packages"])
    folders = {
        f"loccit.{'.'.join(file.parent.relative_to(ROOT).parts)}"
        for room in ("index", "qa", "ui")
        for file in (ROOT / room).rglob("*.py")
    }
    assert packages == folders - {"loccit.ui.public"} | {"loccit"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the working tree."""
    to = tmp_path_factory.mktemp("wheel")
    source = tmp_path_factory.mktemp("source") / "loccit"
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, files):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "-w", str(to), str(source)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (made,) = to.glob("*.whl")
    return made


@pytest.mark.slow
def test_the_wheel_holds_nothing_but_loccit(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"loccit", "loccit-0.1.0.dist-info"}
    for needed in ("__init__.py", "py.typed", "qa/reading/model/model.safetensors"):
        assert f"loccit/{needed}" in names
    assert "loccit/ui/chat/assets/chat.css" in names
    assert not [name for name in names if name.startswith("loccit/ui/public")]


@pytest.mark.slow
def test_the_current_folder_gives_no_code(wheel: Path, tmp_path: Path) -> None:
    """The wheel answers from a folder with modules of our names and of the standard library's."""
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    folder = tmp_path / "folder"
    for name in ("ui", "index", "qa", "loccit"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(HOSTILE, encoding="utf-8")
    for name in ("json.py", "pypdfium2.py", "selectolax.py", "re.py"):
        (folder / name).write_text(HOSTILE, encoding="utf-8")
    page = folder / "page.html"
    page.write_text("<p>CXMT’s planned IPO has a size of US$42 billion.</p>", encoding="utf-8")
    script = tmp_path / "script.py"
    script.write_text(ASK, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "new-index"), str(page)],
        cwd=folder,
        env={"PYTHONPATH": str(installed), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "42 billion" in result.stdout
