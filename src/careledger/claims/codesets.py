"""Small public code sets that claims are checked against: states, places of service, countries."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def codeset(name: str) -> frozenset[str]:
    """A code set by its name in ``codesets.txt``; ``states`` has the Canadian provinces too."""
    sets = _read()
    return sets["states"] | sets["provinces"] if name == "states" else sets[name]


@cache
def _read() -> dict[str, frozenset[str]]:
    text = resources.files(__package__).joinpath("codesets.txt").read_text(encoding="utf-8")
    rows = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: frozenset(codes.split()) for name, _, codes in rows}
