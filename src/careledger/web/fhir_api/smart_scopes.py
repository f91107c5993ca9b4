"""SMART scopes: ``system/Condition.rs`` reads and searches conditions of every patient, ``patient/*.rs`` all of one patient.

Source: SMART App Launch 2.2, scopes and launch context; the older ``.read``, ``.write`` and ``.*`` mean ``.rs``, ``.cud`` and
``.cruds``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SHAPE = re.compile(r"(system|patient)/(\*|[A-Z][A-Za-z]{1,40})\.(read|write|\*|c?r?u?d?s?)")
_OLDER = {"read": "rs", "write": "cud", "*": "cruds"}
READ, SEARCH, CREATE, UPDATE = "rscu"


@dataclass(frozen=True, slots=True)
class SmartScope:
    """What a scope opens: of whom (``system`` or ``patient``), which type (``*`` for all), and which acts."""

    context: str
    type: str
    acts: frozenset[str]

    def covers(self, other: SmartScope) -> bool:
        """Does it allow everything that another asks for?"""
        return self.context == other.context and self.type in ("*", other.type) and other.acts <= self.acts


def parsed(text: str) -> SmartScope | None:
    """The scope a word is; None for a word that is none."""
    found = _SHAPE.fullmatch(text)
    if found is None or not found[3]:
        return None
    return SmartScope(found[1], found[2], frozenset(_OLDER.get(found[3], found[3])))


def may(scopes: Iterable[str], context: str, kind: str, act: str) -> bool:
    """Do the scopes allow an act on a type of resource?"""
    wanted = SmartScope(context, kind, frozenset(act))
    return any(one.covers(wanted) for text in scopes if (one := parsed(text)) is not None)


def granted(asked: Iterable[str], held: Iterable[str]) -> list[str]:
    """Those scopes asked for that the ones held allow, in the order asked; what is unknown is left out."""
    known = [one for text in held if (one := parsed(text)) is not None]
    return [
        text
        for text in dict.fromkeys(asked)
        if (wanted := parsed(text)) is not None and any(one.covers(wanted) for one in known)
    ]
