"""The whole of policy, all dates and payers, in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from careledger.core.errors import Place, PolicyError
from careledger.policy.model import (
    BASE,
    Activity,
    CodeFacts,
    Conflict,
    Overlay,
    Payer,
    PolicyValue,
    Source,
    Topic,
)
from careledger.policy.view import PolicyView

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def plain_wording(wording: str) -> str:
    """A wording as synonyms are compared: lower case, words parted by one space."""
    return _NOT_WORD.sub(" ", wording.lower()).strip()


class Policy:
    """All policy values of all dates and payers.

    Attributes:
        version: hash of the files' content; the same files give the same version everywhere.
        sources, topics, payers, overlays: by id; an overlay is off unless a view is asked for with it.
    """

    is_hypothetical = False

    def __init__(self, compiled: Mapping[str, Any]) -> None:
        self.version: str = compiled["version"]
        self.sources = {id_: Source(id=id_, **_dated(row)) for id_, row in compiled["sources"].items()}
        self.topics = {id_: Topic(id=id_, **_dated(_tuples(row))) for id_, row in compiled["topics"].items()}
        self.payers = {id_: Payer(id=id_, **_dated(row)) for id_, row in compiled["payers"].items()}
        self.overlays = {id_: Overlay(id=id_, **_dated(row)) for id_, row in compiled["overlays"].items()}
        self._codes: dict[str, dict[str, Any]] = compiled["codes"]
        self._activities: dict[str, dict[str, Any]] = compiled["activities"]
        self._conflicts = {id_: _conflict(id_, row) for id_, row in compiled["conflicts"].items()}
        self._layers = {layer: _timelines(layer, rows) for layer, rows in compiled["values"].items()}
        self._wordings = _wordings(self._activities)
        self._resolved: dict[tuple[date, str, tuple[str, ...]], dict[str, PolicyValue]] = {}
        self._rows_of: dict[str, tuple[Conflict, ...]] = {}

    def on(self, day: date, payer: str = "medicare_ffs", *, overlays: tuple[str, ...] = ()) -> PolicyView:
        """Policy on a day under a payer, with the overlays named; PolicyError when nothing has such a name."""
        key = (day, payer, overlays)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(*key)
        return PolicyView(self, day, payer, self._resolved[key], overlays)

    def fees_day(self, on: date) -> date:
        """The day whose fees price a line of a date of service: that date itself."""
        return on

    def fees_view(self, on: date, payer: str, overlays: tuple[str, ...] = ()) -> PolicyView:
        """Policy as prices are read from it, on a day that ``fees_day`` gave."""
        return self.on(on, payer, overlays=overlays)

    def payer(self, id_: str) -> Payer:
        """A payer by the id of its overlay."""
        if id_ not in self.payers:
            known = ", ".join(sorted(self.payers))
            raise PolicyError(Place("policy", field="payer"), "no overlay has this name", f"known are {known}")
        return self.payers[id_]

    def overlay(self, id_: str) -> Overlay:
        """An overlay by its id."""
        if id_ not in self.overlays:
            known = ", ".join(sorted(self.overlays)) or "none"
            raise PolicyError(Place("policy", field="overlay"), "no overlay has this name", f"known are {known}")
        return self.overlays[id_]

    def source(self, id_: str) -> Source:
        """A source by its id."""
        if id_ not in self.sources:
            raise PolicyError(Place("policy", field=id_), "no source has this id", "see policy/data/sources.yaml")
        return self.sources[id_]

    def cut_dates(self) -> tuple[date, ...]:
        """Every day from which some value, of any payer, is another than the day before; sorted."""
        days = set()
        for timeline in self._all_values():
            for value in timeline:
                days.add(value.since)
                if value.until is not None:
                    days.add(value.until + timedelta(days=1))
        return tuple(sorted(days))

    def timeline(self, id_: str, layer: str = BASE) -> tuple[PolicyValue, ...]:
        """All values of a name in a layer, oldest first; empty when there is none."""
        return self._layers.get(layer, {}).get(id_, ())

    def layers(self) -> tuple[str, ...]:
        """``base``, and every payer and overlay with values of its own."""
        return tuple(self._layers)

    def ids(self, layer: str = BASE) -> tuple[str, ...]:
        """All names of a layer, sorted."""
        return tuple(sorted(self._layers.get(layer, {})))

    def knows(self, id_: str) -> bool:
        """Has any layer a value of that name on any day?"""
        return any(id_ in values for values in self._layers.values())

    def codes(self) -> tuple[str, ...]:
        """Every code that policy knows, sorted."""
        return tuple(sorted(self._codes))

    def code_on(self, code: str, status: PolicyValue | None, *, known: bool) -> CodeFacts:
        """A code with the status given; use ``PolicyView.code``."""
        if code not in self._codes:
            raise PolicyError(Place("policy", field=code), "no policy file knows this code", "see 'policy show'")
        row = self._codes[code]
        text = None if status is None else str(status.value)
        return CodeFacts(code=code, status=text, exists=status is not None if known else None, **row)

    def activity_id(self, wording: str | None) -> str | None:
        """The activity an id or wording means."""
        return None if wording is None else self._wordings.get(plain_wording(wording))

    def wordings(self) -> Mapping[str, str]:
        """Every known wording, plain (see ``plain_wording``), to its activity id."""
        return self._wordings

    def activities_on(self, values: Mapping[str, PolicyValue]) -> dict[str, Activity]:
        """Activities with the programs they count for; use ``PolicyView.activities``."""
        counting = _programs(values, "_counts")
        never = _programs(values, "_never")
        return {
            id_: Activity(
                id=id_,
                says=row["says"],
                also=tuple(row["also"]),
                direct_contact=row["direct_contact"],
                counts_for=frozenset(program for program, ids in counting.items() if id_ in ids),
                never_for=frozenset(program for program, ids in never.items() if id_ in ids),
            )
            for id_, row in self._activities.items()
        }

    def conflict_rows(self) -> tuple[Conflict, ...]:
        """Every row of the pair table."""
        return tuple(self._conflicts.values())

    def conflicts_of(self, code: str) -> tuple[Conflict, ...]:
        """Rows of the pair table that name a code."""
        if code not in self._rows_of:
            self._rows_of[code] = tuple(row for row in self._conflicts.values() if code in row.a or code in row.b)
        return self._rows_of[code]

    def _resolve(self, day: date, payer: str, overlays: tuple[str, ...]) -> dict[str, PolicyValue]:
        """The base, what is laid over it for everyone, the payer's kind, the payer: the last that speaks is heard."""
        kind = self.payer(payer).kind
        values: dict[str, PolicyValue] = {}
        for layer in dict.fromkeys((BASE, *(self.overlay(id_).id for id_ in overlays), kind, payer)):
            for id_, timeline in self._layers.get(layer, {}).items():
                values.update((id_, value) for value in timeline if value.covers(day))
        return values

    def _all_values(self) -> list[tuple[PolicyValue, ...]]:
        return [timeline for values in self._layers.values() for timeline in values.values()]


def _programs(values: Mapping[str, PolicyValue], ending: str) -> dict[str, frozenset[str]]:
    start = "activities."
    return {
        id_.removeprefix(start).removesuffix(ending): frozenset(value.value)
        for id_, value in values.items()
        if id_.startswith(start) and id_.endswith(ending) and isinstance(value.value, tuple)
    }


def _wordings(activities: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    pairs = ((plain_wording(wording), id_) for id_, row in activities.items() for wording in (id_, *row["also"]))
    return dict(pairs)


def _conflict(id_: str, row: Mapping[str, Any]) -> Conflict:
    return Conflict(
        id=id_,
        says=row["says"],
        a=frozenset(row["a"]),
        b=frozenset(row["b"]),
        per=row["per"],
        relations=tuple(row["relations"]),
    )


def _timelines(layer: str, rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, tuple[PolicyValue, ...]]:
    return {id_: tuple(_value(id_, layer, row) for row in entries) for id_, entries in rows.items()}


def _value(id_: str, layer: str, row: Mapping[str, Any]) -> PolicyValue:
    raw = row["value"]
    until = row["until"]
    return PolicyValue(
        id=id_,
        value=tuple(raw) if isinstance(raw, list) else raw,
        cite=tuple(row["cite"]),
        since=date.fromisoformat(row["since"]),
        until=None if until is None else date.fromisoformat(until),
        confirmed=row["confirmed"],
        disputed=row["disputed"],
        note=row["note"],
        absent=row["absent"],
        layer=layer,
    )


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    checked = row.get("checked")
    return {**row, "checked": None if checked is None else date.fromisoformat(checked)}


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
