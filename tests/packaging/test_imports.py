"""Every name that a module takes from another of ours is there: inside a function, only the call would find it gone."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("careledger", "tests", "bench")


def taken(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, module and name of each import from our own packages that the program itself makes, not mypy alone."""
    tree = ast.parse(text)
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    for_types = {id(inner) for block in blocks for node in block.body for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if (
            id(node) not in for_types
            and isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] in OURS
        ):
            yield from ((node.lineno, node.module, one.name) for one in node.names if one.name != "*")


def is_there(module: str, name: str) -> bool:
    found = importlib.import_module(module)
    return hasattr(found, name) or (hasattr(found, "__path__") and find_spec(f"{module}.{name}") is not None)


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
