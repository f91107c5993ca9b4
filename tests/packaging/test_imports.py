"""Every name that a module takes from another of ours is there: inside a function, only the call would find it gone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"careledger": ROOT / "src", "tests": ROOT, "bench": ROOT}


def taken(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, module and name of each import from our own packages."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
            yield from ((node.lineno, node.module, one.name) for one in node.names if one.name != "*")


def is_there(module: str, name: str) -> bool:
    """Read, not imported: some modules start to work when they are imported."""
    file, names = _module(module)
    as_module = file.parent / name
    return name in names or "*" in names or as_module.with_suffix(".py").is_file() or as_module.is_dir()


@cache
def _module(module: str) -> tuple[Path, frozenset[str]]:
    place = OURS[module.split(".")[0]].joinpath(*module.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    if not file.is_file():
        return file, frozenset("*") if place.is_dir() else frozenset()
    return file, frozenset(_names(ast.parse(file.read_text("utf-8"))))


def _names(tree: ast.Module) -> Iterator[str]:
    """The names a module has: what it defines, assigns or takes itself, but in no function or class."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((one.asname or one.name).split(".")[0] for one in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        waiting += ast.iter_child_nodes(node)


@pytest.mark.parametrize("folder", ["src", "tests", "bench"])
def test_every_name_taken_from_our_modules_is_there(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    gone = [
        f"{file.relative_to(ROOT)}:{line}: {module} has no {name}"
        for file in files
        for line, module, name in taken(file.read_text("utf-8"))
        if not is_there(module, name)
    ]
    assert gone == []


def test_a_name_that_is_gone_would_be_found() -> None:
    ((_, module, name),) = taken("def act():\n    from careledger.fhir.importer import gone_long_ago\n")
    assert not is_there(module, name)
    assert is_there("careledger.fhir", "importer")
    assert is_there("careledger.fhir.importer", "import_fhir")
    assert not is_there("careledger.fhir.not_a_module", "anything")
