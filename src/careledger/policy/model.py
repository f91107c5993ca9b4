"""What policy is made of: dated and cited values, sources, code facts, activities, conflicts, payers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Value = str | int | float | bool | tuple[str, ...]
"""A policy value: a number, a word, yes or no, or a list of words."""

Who = Literal["staff", "own", "none"]
Relation = Literal["self", "group_same_specialty", "group", "other"]
RELATIONS: tuple[Relation, ...] = ("self", "group_same_specialty", "group", "other")
STRICTEST_FIRST = ("no", "human", "modifier", "yes_separate_minutes", "yes")
"""Answers of the pair table; where several rows meet a pair, the strictest holds."""

STATUSES = ("A", "B", "C", "I", "N", "X")
"""Medicare's status letters of codes that a policy file may use."""

BASE = "base"
"""The layer that payer overlays lie over: Medicare Part B, fee for service."""

BEGIN = date(2018, 1, 1)
"""First service date that policy answers for."""
HORIZON = date(2027, 12, 31)
"""Last service date that policy is checked for gaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValue:
    """A value of the law, with the days it is in force and who says so.

    Attributes:
        id: such as ``ccm.clinical_staff_time.first_unit_minutes``.
        value: None only when ``absent``.
        cite: ids of sources.
        since: first day in force; may lie before the first service date that policy answers for.
        until: last day in force, None when open.
        confirmed: a source was found; False is shown to every reader.
        disputed: sources disagree; ``note`` has both readings.
        note: what a reader must know.
        absent: there is no such thing in this period (an add-on before its code existed).
        layer: ``base``, or the payer whose overlay says so.
    """

    id: str
    value: Value | None
    cite: tuple[str, ...]
    since: date
    until: date | None = None
    confirmed: bool = True
    disputed: bool = False
    note: str | None = None
    absent: bool = False
    layer: str = BASE

    def covers(self, day: date) -> bool:
        """Is the value in force on that day?"""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value was read: statute, rule, manual, contractor, data file, payer policy or paper."""

    id: str
    title: str
    kind: str
    issuer: str
    locator: str
    url: str | None = None
    published: str | None = None
    checked: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFacts:
    """A code in our own words, as it stands on a day.

    Attributes:
        family: ccm, care_plan_oversight, pcm ...
        program: the program whose time is logged for it.
        track: codes that go together within the family, such as ``ccm.staff``.
        role: base, add_on, one_time or certification.
        who: whose minutes it pays for: staff, own (the biller's), or none (no minutes).
        base_code: the code an add-on needs beside it.
        status: Medicare status that day (A active, B bundled, I another code is used, X excluded, N not covered); None
            when the code does not exist that day or its status is not held.
        exists: the code can be used on that day; None when its dates are not held.
    """

    code: str
    says: str
    family: str
    program: str | None
    track: str | None
    role: str
    who: Who
    base_code: str | None
    status: str | None
    exists: bool | None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A kind of work that time is logged for, with the words people use for it."""

    id: str
    says: str
    also: tuple[str, ...] = ()
    direct_contact: bool = False
    counts_for: frozenset[str] = field(default_factory=frozenset)
    never_for: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two sets of codes and whether both can be paid, for one patient.

    Attributes:
        per: ``month`` or ``date``, the span within which the two meet.
        id: the answer for a relation is the value ``conflicts.<id>.<relation>``.
    """

    id: str
    says: str
    a: frozenset[str]
    b: frozenset[str]
    per: str
    relations: tuple[str, ...]

    def meets(self, one: str, other: str) -> bool:
        """Does the pair of codes fall under this row, in either order?"""
        return (one in self.a and other in self.b) or (one in self.b and other in self.a)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A payer whose overlay lies over the base; ``kind`` names the overlay beneath it."""

    id: str
    kind: str
    says: str
    checked: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """Values that may be laid over the base when asked for, such as a proposed rule; off unless named."""

    id: str
    says: str
    checked: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A file of values: what it is about and the codes it governs."""

    id: str
    says: str
    governs: tuple[str, ...]
    checked: date | None = None
