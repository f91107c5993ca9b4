"""Every injected fault by name: what is being done, at which step it happens, what happens, and how it is really done.

A test names its cases with ``inject`` and runs once for each; ``docs/faults.md`` is written from the same cases, and
``test_listed.py`` holds the two together.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AREAS = (
    "logging time",
    "closing a month",
    "writing claims",
    "posting a remittance",
    "importing",
    "backing up and restoring",
)
KILLED, FULL, NO_DATABASE, NO_CLIENT, TWICE, CLOCK, TWO_SERVERS, HALF = (
    "killed process", "full disk", "lost database connection", "lost client connection", "duplicate delivery", "clock jump",
    "two servers on one database", "half-written upload",
)  # fmt: skip
FAULTS = (KILLED, FULL, NO_DATABASE, NO_CLIENT, TWICE, CLOCK, TWO_SERVERS, HALF)
FILES, BOTH, ON_SQLITE, ON_POSTGRES = "files", "SQLite, PostgreSQL", "SQLite", "PostgreSQL"
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


@dataclass(frozen=True, slots=True)
class Case:
    """One injection: a fault at a step of an area."""

    area: str
    fault: str
    step: str
    how: str
    on: str
    test: str
    value: Any = None

    def __str__(self) -> str:
        return self.step.replace(" ", "_")


_known: dict[tuple[str, str, str], Case] = {}


def inject(area: str, fault: str, how: str, steps: Mapping[str, Any] | Iterable[str], *, on: str = FILES) -> list[Case]:
    """Cases of one fault at several steps, each listed once.

    Args:
        how: how the fault is really done.
        steps: what is being done when it happens, with the value that the test needs for it.
        on: the databases it runs on.
    """
    assert area in AREAS
    assert fault in FAULTS
    test = sys._getframe(1).f_globals["__name__"].rpartition(".")[2]
    told = steps if isinstance(steps, Mapping) else dict.fromkeys(steps)
    cases = [Case(area, fault, step, how, on, test, value) for step, value in told.items()]
    for case in cases:
        place = (case.area, case.fault, case.step)
        assert place not in _known or _known[place].test == case.test, f"listed twice: {place}"
        _known[place] = case
    return cases


def every_case() -> list[Case]:
    """The cases of all tests in this folder, in the order of the page."""
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(f"tests.faults.{file.stem}")
    order = {name: place for place, name in enumerate((*AREAS, *FAULTS))}
    return sorted(_known.values(), key=lambda case: (order[case.area], order[case.fault], case.test))
