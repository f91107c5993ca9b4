"""The study's definitions, read from data and laid out as tables."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from careledger.policy.strict_yaml import load

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@cache
def definitions() -> dict[str, Any]:
    """Conditions, frailty markers, bands, regions, code lists."""
    return _read("definitions.yaml")


def _read(name: str) -> dict[str, Any]:
    found = load(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"), name).data
    assert isinstance(found, dict)
    return found


def load_definitions(con: DuckDBPyConnection) -> None:
    """Make the tables ``prefixes`` (kind, name, prefix) and ``states`` (written, region)."""
    told = definitions()
    rows = [("condition", name, prefix) for name, one in told["conditions"].items() for prefix in one["prefixes"]]
    rows += [("frailty", name, prefix) for name, prefixes in told["frailty_markers"].items() for prefix in prefixes]
    con.execute("CREATE TABLE prefixes (kind VARCHAR, name VARCHAR, prefix VARCHAR)")
    con.executemany("INSERT INTO prefixes VALUES (?, ?, ?)", rows)
    region = {state: name for name, states in told["regions"].items() for state in states}
    written = {state: state for state in region}
    written |= {name.upper(): state for name, state in told["state_names"].items()}
    written |= {f"{number:02}": state for number, state in enumerate(told["ssa_states"], 1)}
    con.execute("CREATE TABLE states (written VARCHAR, region VARCHAR)")
    pairs = [(name, region[state]) for name, state in written.items() if state in region]
    con.executemany("INSERT INTO states VALUES (?, ?)", pairs)


def text_list(words: list[str]) -> str:
    """Words as they stand in an SQL list."""
    return ", ".join(f"'{word}'" for word in words)
