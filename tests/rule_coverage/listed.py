"""What no vignette reads and why that is right: told to the reader of a code, or read by another part of the program."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from careledger.policy.strict_yaml import load

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Listed:
    """Values by name, and the reason or the module that reads them.

    Attributes:
        why: a reason in words, or the dotted name of a module.
        patterns: names; ``*`` stands for any run of letters between dots. A layer before the name means that layer's value
            alone, of a name of which rules read other layers or other days.
    """

    why: str
    patterns: tuple[str, ...]

    def of(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of some names that are listed here."""
        return tuple(id_ for id_ in ids if any(matches(pattern, id_) for pattern in self.patterns))


def matches(pattern: str, id_: str) -> bool:
    """Does a pattern name an id? One with a layer names nothing but its own layer's value."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^.]*"), id_) is not None


def told() -> tuple[Listed, ...]:
    """Values that change no answer and are told to the reader of a code, by reason."""
    return _listed("told.yaml", "reason")


def elsewhere() -> tuple[Listed, ...]:
    """Values that another part of the program reads, by the module that names them."""
    return _listed("elsewhere.yaml", "reader")


def _listed(name: str, key: str) -> tuple[Listed, ...]:
    rows = load((HERE / name).read_text(), name).data
    return tuple(Listed(str(row[key]), tuple(row["ids"])) for row in rows)
