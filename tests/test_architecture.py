"""Imports point one way: who may import whom is a table, and every import statement is checked."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SHARED = {"indexer.articles", "indexer.audience_sections", "indexer.frontmatter", "kbserver.errors"}
"""Plain values that any layer may use."""

MAY_IMPORT = {
    "indexer": {"indexer"},
    "kbserver.domain": {"kbserver.domain"},
    "kbserver.rendering": {"kbserver.domain", "kbserver.rendering"},
    "kbserver.store": {"kbserver.domain", "kbserver.store"},
    "kbserver.services": {
        "kbserver.domain",
        "kbserver.store",
        "kbserver.rendering",
        "kbserver.services",
    },
    "kbserver.worker": {"kbserver.domain", "kbserver.store", "kbserver.services", "kbserver.worker"},
    # The port that adapters implement stands with the services that use it.
    "kbserver.adapters": {
        "kbserver.domain",
        "kbserver.services.ports",
        "kbserver.config",
        "kbserver.adapters",
        "indexer",
    },
    "kbserver.web": {
        "kbserver.domain",
        "kbserver.services",
        "kbserver.rendering",
        "kbserver.config",
        "kbserver.web",
    },
}
NEVER = {
    "indexer": {"flask", "sqlalchemy"},
    "kbserver.domain": {"flask", "sqlalchemy"},
    "kbserver.rendering": {"flask", "sqlalchemy"},
    "kbserver.services": {"flask"},
    "kbserver.web": {"sqlalchemy"},
}
LAZY = {"torch", "transformers", "sentence_transformers"}
"""Loaded for the preparation of models only, and never when a module is imported."""
PREPARING = {"indexer/encoding/export.py", "indexer/encoding/unpacking.py"}
PREPARING_MODULES = tuple(path.removesuffix(".py").replace("/", ".") for path in sorted(PREPARING))
"""Used only by the process that prepares a model; nothing imports them when it is imported."""


def imports_of(path: Path) -> list[tuple[str, bool]]:
    """Every module that a file imports, and whether at import time."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    in_functions = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    package = path.relative_to(ROOT).with_suffix("").parts
    found = []
    for node in ast.walk(tree):
        names = _names(node, package)
        found += [(name, node not in in_functions) for name in names]
    return found


def _names(node: ast.AST, package: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = package[: len(package) - node.level] if node.level else ()
    module = ".".join((*base, *([node.module] if node.module else [])))
    return [f"{module}.{alias.name}" for alias in node.names]


def is_within(module: str, layer: str) -> bool:
    return module == layer or module.startswith(layer + ".")


def files_of(layer: str) -> list[Path]:
    files = sorted((ROOT / layer.replace(".", "/")).rglob("*.py"))
    assert files, f"no files for {layer}: has the layer moved?"
    return files


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_layer_imports_only_the_layers_below_it(layer: str) -> None:
    allowed = MAY_IMPORT[layer] | (SHARED if layer != "indexer" else set())

    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in files_of(layer)
        for module, _ in imports_of(path)
        if (is_within(module, "kbserver") or is_within(module, "indexer"))
        and not any(is_within(module, one) for one in allowed)
    ]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("layer", NEVER)
def test_layer_does_not_know_of_these_libraries(layer: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in files_of(layer)
        for module, _ in imports_of(path)
        if module.split(".")[0] in NEVER[layer]
    ]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("layer", ["indexer", "kbserver"])
def test_no_module_loads_torch_when_it_is_imported(layer: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in files_of(layer)
        if path.relative_to(ROOT).as_posix() not in PREPARING
        for module, is_at_import in imports_of(path)
        if is_at_import and (module.split(".")[0] in LAZY or module.startswith(PREPARING_MODULES))
    ]

    assert not wrong, "\n".join(wrong)
