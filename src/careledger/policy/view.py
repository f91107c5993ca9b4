"""Policy on one day under one payer: what rules read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from careledger.core.errors import Place, PolicyError
from careledger.policy.model import STRICTEST_FIRST, Activity, CodeFacts, Conflict, PolicyValue, Value

if TYPE_CHECKING:
    from careledger.policy.store import Policy

Reads = list[tuple[str, PolicyValue]]


class PolicyView:
    """The values in force on a day under a payer's overlay.

    Every read is seen by the ``reading`` blocks around it, so that a finding can name the values it rests on. A view
    belongs to one thread; ``Policy.on`` is cheap.
    """

    __slots__ = ("_readers", "_values", "day", "overlays", "payer", "policy")

    def __init__(
        self,
        policy: Policy,
        day: date,
        payer: str,
        values: Mapping[str, PolicyValue],
        overlays: tuple[str, ...] = (),
    ) -> None:
        self.policy = policy
        self.day = day
        self.payer = payer
        self.overlays = overlays
        self._values = values
        self._readers: list[tuple[set[str], Reads]] = []

    def __repr__(self) -> str:
        return f"PolicyView({self.day}, {self.payer})"

    def value(self, id_: str) -> PolicyValue:
        """A value with its citation and dates; PolicyError when there is none on that day."""
        found = self.find(id_)
        if found is None:
            raise self._unknown(id_)
        return found

    def find(self, id_: str) -> PolicyValue | None:
        """A value, or None when nothing of that name is in force; an absence that was looked at counts as read."""
        found = self._values.get(id_)
        if found is None:
            return None
        for seen, reads in self._readers:
            if id_ not in seen:
                seen.add(id_)
                reads.append((id_, found))
        return None if found.absent else found

    def __getitem__(self, id_: str) -> Value:
        found = self.value(id_).value
        assert found is not None
        return found

    def number(self, id_: str) -> int:
        """A whole number."""
        found = self[id_]
        if isinstance(found, bool) or not isinstance(found, int):
            raise self._wrong_kind(id_, "a whole number")
        return found

    def text(self, id_: str) -> str:
        """A word."""
        found = self[id_]
        if not isinstance(found, str):
            raise self._wrong_kind(id_, "a word")
        return found

    def flag(self, id_: str) -> bool:
        """True or false."""
        found = self[id_]
        if not isinstance(found, bool):
            raise self._wrong_kind(id_, "true or false")
        return found

    def words(self, id_: str) -> tuple[str, ...]:
        """A list of words or codes."""
        found = self[id_]
        if not isinstance(found, tuple):
            raise self._wrong_kind(id_, "a list")
        return found

    def has(self, id_: str) -> bool:
        """Is a value of that name in force on the day? Recorded as a read, since the answer rests on it."""
        return self.find(id_) is not None

    def absence(self, id_: str) -> PolicyValue | None:
        """The declared absence of a value on the day, with its reason, if there is one."""
        found = self._values.get(id_)
        return found if found is not None and found.absent else None

    def peek(self, id_: str) -> PolicyValue | None:
        """A value or declared absence without recording a read; for showing policy, not for rules."""
        return self._values.get(id_)

    def all_ids(self) -> tuple[str, ...]:
        """Names of all values and declared absences on the day, sorted."""
        return tuple(sorted(self._values))

    def all_of(self, start: str) -> tuple[PolicyValue, ...]:
        """Values and declared absences whose name starts so, in the order of the files."""
        return tuple(value for id_, value in self._values.items() if id_.startswith(start))

    def ids(self) -> tuple[str, ...]:
        """Names of all values in force on the day, sorted."""
        return tuple(sorted(id_ for id_, found in self._values.items() if not found.absent))

    @contextmanager
    def reading(self) -> Iterator[Reads]:
        """Collect what is read inside the block: (name, value) in order, each once. Blocks may be nested."""
        reads: Reads = []
        self._readers.append((set(), reads))
        try:
            yield reads
        finally:
            self._readers.pop()

    def code(self, code: str) -> CodeFacts:
        """A code as it stands on the day; PolicyError when no file knows it."""
        status = self.find(f"codes.{code}.status")
        return self.policy.code_on(code, status, known=f"codes.{code}.status" in self._values)

    def activities(self) -> dict[str, Activity]:
        """Every kind of work, with the programs it counts for on the day."""
        return self.policy.activities_on(self._values)

    def activity(self, wording: str | None) -> Activity | None:
        """The activity an id or an everyday wording means; None when nobody knows it."""
        id_ = self.policy.activity_id(wording)
        return None if id_ is None else self.activities()[id_]

    def counts(self, activity: str, program: str) -> bool | None:
        """Does work of that kind count for the program? None when policy holds no list for the program."""
        counting = self.find(f"activities.{program}_counts")
        if counting is None or not isinstance(counting.value, tuple):
            return None
        return activity in counting.value

    def conflicts(self, one: str, other: str, relation: str) -> tuple[tuple[Conflict, PolicyValue], ...]:
        """Rows of the pair table for two codes billed by people so related, strictest answer first."""
        rows = (row for row in self.policy.conflicts_of(one) if row.meets(one, other) and relation in row.relations)
        found = ((row, self.find(f"conflicts.{row.id}.{relation}")) for row in rows)
        answered = [(row, answer) for row, answer in found if answer is not None]
        return tuple(sorted(answered, key=lambda pair: STRICTEST_FIRST.index(str(pair[1].value))))

    def _unknown(self, id_: str) -> PolicyError:
        absent = self.absence(id_)
        if absent is not None:
            problem = f"there is none on {self.day} ({absent.note})"
        elif self.policy.knows(id_):
            problem = f"no value is in force on {self.day}"
        else:
            problem = "no policy value has this name"
        return PolicyError(Place("policy", field=id_), problem, "see 'careledger policy show'")

    def _wrong_kind(self, id_: str, wanted: str) -> PolicyError:
        return PolicyError(Place("policy", field=id_), f"the value is not {wanted}", "read it as what it is")
