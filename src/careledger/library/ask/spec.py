"""The facts of a supposed case in a few words, each either said by the asker, chosen on a chip, or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from careledger.core.month import Month
from careledger.library.ask.lexicon import DATA
from careledger.policy.strict_yaml import load_path


@dataclass(frozen=True, slots=True)
class Work:
    """Minutes of one person for one program."""

    kind: str
    program: str
    seconds: int
    activity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A supposed case. ``facts`` maps a chip's id to its value; what is not in it has the chip's first option.

    Attributes:
        programs: the programs the patient is in, the subject of the question first.
        asked: the codes whose verdict is wanted.
        said: ids of facts that the asker stated or chose.
    """

    month: Month
    programs: tuple[str, ...]
    asked: tuple[str, ...]
    work: tuple[Work, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    said: frozenset[str] = frozenset()
    running: bool = False

    def fact(self, id_: str) -> str:
        """A fact's value, the usual one when nothing was said."""
        return self.facts.get(id_, chip_data()[id_].usual)

    def supposing(self, id_: str, value: str) -> Spec:
        """The same case with one fact otherwise."""
        return replace(self, facts={**self.facts, id_: value})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipData:
    """A fact that answers depend on, as chips.yaml describes it.

    Attributes:
        assumed: the sentence that lists it among the assumptions when nobody said it.
        ask: the question asked back, and ``otherwise`` the value it asks about.
        programs: those it matters to; all when empty.
        helps: it may turn a no into a yes, so it is tried there too.
        rank: which is asked about first; none when it is never asked back.
    """

    id: str
    says: str
    options: tuple[tuple[str, str], ...]
    assumed: str | None
    ask: str | None
    otherwise: str | None
    programs: tuple[str, ...]
    rank: int | None
    shown: bool
    helps: bool

    @property
    def usual(self) -> str:
        """The value taken when nothing was said."""
        return self.options[0][0]


@lru_cache(maxsize=1)
def chip_data() -> dict[str, ChipData]:
    """Every fact, by id, in the order of the file."""
    data: dict[str, Any] = load_path(DATA / "chips.yaml").data
    return {id_: _chip(id_, row) for id_, row in data["facts"].items()}


def _chip(id_: str, row: dict[str, Any]) -> ChipData:
    return ChipData(
        id=id_, says=str(row["says"]), options=tuple((str(k), str(v)) for k, v in row["options"].items()),
        assumed=row.get("assumed"), ask=row.get("ask"), otherwise=row.get("otherwise"),
        programs=tuple(row.get("programs", ())), rank=row.get("rank"), shown=bool(row.get("shown", False)), helps=bool(row.get("helps", False)),
    )  # fmt: skip
