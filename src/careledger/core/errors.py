"""Errors a caller could have prevented.

Findings about a patient's month are returned, never raised. What is raised is bad input, and every message says
what is wrong, where it stands, why it is refused and what to do. No message carries patient data: ids only.

    CareLedgerError
    ├── InputError        one place in one file cannot be used
    │   └── CaseError     a case document is malformed
    ├── PolicyError       a policy file is refused
    └── LedgerError       the time ledger does not verify or a write would break it
"""

from __future__ import annotations

from dataclasses import dataclass


class CareLedgerError(Exception):
    """Base of every error raised on purpose."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem stands: a file, optionally its line or row, and the field (key or column)."""

    file: str
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = [self.file if self.line is None else f"{self.file}:{self.line}"]
        if self.field is not None:
            parts.append(self.field)
        return ": ".join(parts)


class InputError(CareLedgerError):
    """One clear line about unusable input: where, what kind of value was found, and what is allowed."""

    def __init__(self, place: Place, problem: str, mend: str) -> None:
        super().__init__(f"{place}: {problem}; {mend}")
        self.place = place
        self.problem = problem
        self.mend = mend


class CaseError(InputError):
    """A case document is malformed."""


class PolicyError(InputError):
    """A policy file is refused: uncited, overlapping, gapped, duplicated or misspelt."""


class LedgerError(CareLedgerError):
    """The time ledger does not verify, or a write would break it."""
