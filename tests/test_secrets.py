"""Secrets are compared in a time that tells nothing of where they differ: never by `==`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "kbserver"
SECRET = re.compile(r"(^|_)(secret|password|token|csrf)(_hash)?$|_secret_|^kept$")
IN_SQL = {"store"}
"""Layers where `==` is a condition of a query, on the hash of a random value."""

FILES = [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] not in IN_SQL]


def name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def compared(source: str) -> list[str]:
    """The names of secrets that stand beside `==` or `!=`, with their lines."""
    return [
        f"{node.lineno}: {name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        for name in map(name_of, (node.left, *node.comparators))
        if SECRET.search(name)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_secret_is_compared_by_its_letters(path: Path) -> None:
    assert compared(path.read_text(encoding="utf-8")) == []


def test_such_a_comparison_would_be_found() -> None:
    assert compared("row.secret_hash == given") == ["1: secret_hash"]
