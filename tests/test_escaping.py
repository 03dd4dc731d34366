"""HTML is made by a type that escapes: nothing in ui/ puts markup together from strings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

UI = Path(__file__).resolve().parent.parent / "ui"
TAG = re.compile(r"</?[a-zA-Z!]")
# Modules that may call text HTML that they have not written, with what it is.
TRUSTED = {
    "exports/page.py": {"POLICY", "STYLE.read_text(encoding='utf-8')"},
}


def put_together(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what makes markup of strings: f-strings, sums, and formats of plain strings."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=values):
                holds_values = any(isinstance(value, ast.FormattedValue) for value in values)
                if holds_values and any(map(is_markup, values)):
                    yield node
            case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
                if is_markup(left) or is_markup(right):
                    yield node
            case ast.Call(func=ast.Attribute(value=value, attr="format" | "join")):
                if is_markup(value):
                    yield node


def is_markup(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and bool(TAG.search(str(node.value)))


def called_html(tree: ast.AST) -> Iterator[str]:
    """Yield what ``Html(...)`` is called with, unless it stands there as a literal."""
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Html", "Markup")
        if is_call and not isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
            yield ast.unparse(node.args[0])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "is_bad"),
    [
        ('f"<p>{name}</p>"', True),
        ('"<p>" + name', True),
        ('name + "</p>"', True),
        ('"<p>%s</p>" % name', True),
        ('"<p>{}</p>".format(name)', True),
        ('"<br>".join(names)', True),
        ('Html("<p>{}</p>").format(name)', False),
        ('f"{a} < {b}"', False),
        ('f"<p>"', False),
    ],
)
def test_what_is_found(code: str, is_bad: bool) -> None:
    assert any(put_together(ast.parse(code))) == is_bad


@pytest.mark.parametrize(
    "file", sorted(UI.rglob("*.py")), ids=lambda file: str(file.relative_to(UI))
)
def test_no_markup_is_put_together_from_strings(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert [f"line {node.lineno}" for node in put_together(tree)] == []  # type: ignore[attr-defined]
    assert set(called_html(tree)) <= TRUSTED.get(str(file.relative_to(UI).as_posix()), set())
