"""Small worlds drawn from the edges: many can stand side by side in one database, since every id is a world's own.

Half of the worlds are calm: nearly everything that forbids minutes is absent, so that overlaps of people who count are
many; the other half have everything at once. A world has two practices in two time zones, a nurse of a third company who may be integrated with one or both, one or two
patients, one or two billers. Whatever is drawn lies on an edge or a second beside it: the borders of the month and of days
in either zone, the night of a change of clocks, admission, discharge, consent, revocation, death.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from careledger.core.month import Month, day_start_s
from careledger.core.records import (
    CarePlan,
    Condition,
    Consent,
    Coverage,
    Enrolment,
    OtherClaim,
    Panel,
    Patient,
    Person,
    Practice,
    Stay,
    TimeEntry,
    Visit,
)

T = TypeVar("T")
Records = dict[str, list[Any]]

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Chicago",
    "Pacific/Honolulu",
    "Asia/Kathmandu",
)
TABLES_DRAWN = (
    "practices", "people", "patients", "coverage", "panel", "conditions", "consents", "enrolments", "visits", "care_plans",
    "stays", "time_entries", "other_claims",
)  # fmt: skip
PROGRAMS = (
    ("ccm",),
    ("ccm",),
    ("ccm",),
    ("ccm",),
    ("cpo",),
    ("cpo",),
    ("bhi",),
    ("ccm", "rpm"),
    ("cpo", "ccm"),
    ("rpm", "ccm", "bhi"),
)
ACTIVITIES = ("call_patient", "call_patient", "review_reports", "review_reports", "phone call to patient", "voicemail",
              "discharge_day_work", "nobody knows this", None)  # fmt: skip


class Draw:
    """One world under one prefix."""

    def __init__(self, random: Random, month: Month, prefix: str) -> None:
        self.random, self.month, self.prefix = random, month, prefix
        self.calm = random.random() < 0.5
        self.zones = (random.choice(ZONES), random.choice(ZONES))
        self.days = self._edge_days()
        self.records: Records = {table: [] for table in TABLES_DRAWN}

    def world(self) -> Records:
        self._practices()
        self._people()
        names = [self._id("p1")] + ([self._id("p2")] if self.random.random() < 0.5 else [])
        for name in names:
            self._patient(name)
        for number in range(self.random.choice((0, 1, 2, 3, 4, 6, 8))):
            self._entry(number, self.random.choice(names))
        return self.records

    def _id(self, name: str) -> str:
        return f"{self.prefix}{name}"

    def _pick(self, values: Iterable[T]) -> T:
        return self.random.choice(tuple(values))

    def _unless_calm(self, calm: T, values: Iterable[T]) -> T:
        """In a calm world nearly always the first; else any."""
        return calm if self.calm and self.random.random() < 0.9 else self._pick(values)

    def _maybe(self, share: float) -> bool:
        return self.random.random() < share

    def _edge_days(self) -> list[date]:
        """Few days, so that things fall on the same ones: the borders of the month, changes of the clocks, some within."""
        first, last = self.month.first_on, self.month.last_on
        days = {
            first - timedelta(days=1),
            first,
            first + timedelta(days=1),
            last - timedelta(days=1),
            last,
            last + timedelta(days=1),
        }
        days.add(first + timedelta(days=self.random.randrange(self.month.days)))
        for zone in self.zones:
            days.update(_changes_of_clocks(self.month, zone))
        return sorted(days)

    def _within(self) -> date:
        return self._pick(day for day in self.days if self.month.first_on <= day <= self.month.last_on)

    def _practices(self) -> None:
        for name, zone in zip(("g1", "g2", "gx"), (*self.zones, ZONES[0]), strict=True):
            self.records["practices"].append(Practice(practice_id=self._id(name), time_zone=zone, access_24_7=True))

    def _people(self) -> None:
        def person(name: str, kind: str, practice: str | None, **more: Any) -> None:
            group = None if practice is None else self._id(practice)
            self.records["people"].append(Person(person_id=self._id(name), kind=kind, practice_id=group, **more))

        person(
            "dr-a",
            "physician",
            "g1",
            specialty="fm",
            outside_us=self._unless_calm(None, (None, None, None, False, True)),
        )
        person("dr-b", "physician", self._pick(("g1", "g2")), specialty=self._pick(("fm", "im", None)))
        person("np", "np", "g1", specialty="fm", supervision=self._unless_calm("general", ("general", "none")))
        person("rn", "rn", "g1", supervision=self._unless_calm("general", ("general", "general", "direct", "none")))
        person(
            "ma",
            "ma",
            self._unless_calm("g1", ("g1", "g1", "g2", None)),
            outside_us=self._unless_calm(None, (None, None, True)),
        )
        person("desk", self._pick(("clerical", "chw", "bot", "psychologist")), "g1")
        others = self._pick(((), ("dr-a",), ("dr-b",), ("dr-a", "dr-b")))
        person("nurse-x", "lpn", "gx", works_with=tuple(self._id(name) for name in others))

    def _patient(self, name: str) -> None:
        died_on = self._pick(self.days) if self._maybe(0.02 if self.calm else 0.15) else None
        self.records["patients"].append(Patient(patient_id=name, died_on=died_on, residence="home"))
        self.records["coverage"].append(
            Coverage(patient_id=name, payer=self._pick(("medicare_ffs", "commercial")), part_b=True)
        )
        for biller in self._pick((("dr-a",), ("dr-a",), ("dr-b",), ("dr-a", "dr-b"))):
            self._bill(name, self._id(biller))
        for icd10 in ("E11.9", "E11.22", "I50.9", "J44.9")[: self.random.randrange(5)]:
            self._condition(name, icd10)
        if self._maybe(0.05 if self.calm else 0.3):
            since = self._pick(self.days)
            until = self._pick((None, since, since + timedelta(days=1), *(day for day in self.days if day > since)))
            kind = self._pick(("inpatient", "inpatient", "snf_part_a", "nursing_facility", "observation"))
            self.records["stays"].append(Stay(patient_id=name, kind=kind, since=since, until=until))
        if self._maybe(0.3):
            code = self._pick(("99490", "99214", "99491"))
            claim = OtherClaim(
                patient_id=name,
                practitioner=self._id(self._pick(("dr-a", "dr-b"))),
                code=code,
                on=self._pick(self.days),
            )
            self.records["other_claims"].append(claim)

    def _condition(self, name: str, icd10: str) -> None:
        self.records["conditions"].append(
            Condition(
                patient_id=name, icd10=icd10, chronic=self._pick((True, True, True, None, False)),
                expected_months=self._pick((12, 12, 24, 11, None)), significant_risk=self._pick((True, False, None)),
                since=self._pick((None, None, *self.days)), until=self._pick((None, None, None, *self.days)),
            )
        )  # fmt: skip

    def _bill(self, name: str, biller: str) -> None:
        last = self._unless_calm(self._a_year_before(), (None, self._a_year_before(), *self.days))
        self.records["panel"].append(
            Panel(
                patient_id=name,
                biller_id=biller,
                established=self._unless_calm(True, (True, True, None, False)),
                last_seen_on=last,
            )
        )
        for _ in range(self._unless_calm(1, (0, 1, 1, 1, 1, 2))):
            given = self._unless_calm(
                self._a_year_before(), (self._a_year_before(), self._a_year_before(), None, *self.days)
            )
            revoked = self._unless_calm(
                None, (None, None, None, None, *(day for day in self.days if given is None or day >= given))
            )
            self.records["consents"].append(
                Consent(
                    patient_id=name, program="ccm", given_on=given, documented=self._unless_calm(True, (True, True, True, None, False)),
                    practitioner=self._unless_calm(biller, (biller, biller, biller, None, self._id("dr-b"))), revoked_on=revoked,
                    covers=self._pick((None, ("availability",), ("availability", "cost_sharing", "one_practitioner", "right_to_stop"))),
                )
            )  # fmt: skip
        if self._maybe(0.02 if self.calm else 0.15):
            self.records["enrolments"].append(
                Enrolment(patient_id=name, program=self._pick(("ccm", "cpo")), started_on=self._pick(self.days))
            )
        for _ in range(self._pick((0, 0, 1, 2))):
            self.records["visits"].append(
                Visit(
                    patient_id=name, practitioner=self._pick((biller, biller, self._id("np"), self._id("dr-b"))),
                    on=self._pick((self._a_year_before(), self._a_year_before() - timedelta(days=1), *self.days)),
                    code=self._pick(("99214", "99214", "99211", "G0439")), face_to_face=self._pick((True, True, None, False)),
                    discussed=self._pick((None, ("ccm",), ("bhi", "ccm"), ("bhi",))), telehealth=self._pick((None, None, True)),
                )
            )  # fmt: skip
        if self._maybe(0.6):
            day = self._pick((self._a_year_before(), *self.days))
            self.records["care_plans"].append(
                CarePlan(
                    patient_id=name,
                    program="ccm",
                    established_on=day,
                    signed_by=biller,
                    elements=("all",),
                    copy_given_on=day,
                )
            )

    def _a_year_before(self) -> date:
        day = self._pick(self.days)
        return day.replace(year=day.year - 1, day=min(day.day, 28))

    def _entry(self, number: int, patient: str) -> None:
        anybody = ("dr-a", "dr-a", "dr-b", "np", "rn", "rn", "ma", "desk", "nurse-x")
        by = self._id(self._pick(("dr-a", "np", "rn", "rn", "ma", "ma") if self.calm else anybody))
        kept: dict[str, Any] = {
            "entry_id": self._id(f"e{number}"), "patient_id": patient, "by": by, "programs": self._unless_calm(("ccm",), PROGRAMS),
            "activity": self._unless_calm("call_patient", ACTIVITIES), "documented": self._unless_calm(True, (True, True, True, None, False)),
            "part_of_visit": self._unless_calm(None, (None, None, None, None, False, True)),
            "patient_present": self._unless_calm(None, (None, None, None, True)),
        }  # fmt: skip
        if self._maybe(0.12):
            entry = TimeEntry(**kept, on=self._pick(self.days), seconds=self._pick((1, 60, 600)))
        else:
            start = self._instant()
            entry = TimeEntry(**kept, start_s=start, end_s=start + self._pick((1, 2, 60, 61, 300, 300, 600, 900)))
        self.records["time_entries"].append(entry)

    def _instant(self) -> int:
        """At a border of a day, at one hour of the day, or beside an entry that stands already."""
        placed = [entry for entry in self.records["time_entries"] if entry.start_s is not None]
        if placed and self._maybe(0.5):
            other = self._pick(placed)
            return self._pick(
                (other.start_s, other.start_s + 1, other.end_s, other.end_s - 1, other.start_s - 60, other.start_s + 60)
            )
        zone = ZoneInfo(self._pick(self.zones))
        day = self._pick(self.days)
        return day_start_s(day, zone) + self._pick((-600, -60, -1, 0, 1, 60, 7200, 10 * 3600, 10 * 3600))


def _changes_of_clocks(month: Month, zone: str) -> list[date]:
    clock = ZoneInfo(zone)
    days = (month.first_on + timedelta(days=n) for n in range(month.days))
    return [day for day in days if _offset(day, clock) != _offset(day + timedelta(days=1), clock)]


def _offset(day: date, clock: ZoneInfo) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=clock).utcoffset()


MONTHS = tuple(map(Month.parse, ("2026-03", "2026-11", "2024-02", "2023-02", "2026-01", "2025-12", "2026-06")))
"""Months with a change of the clocks, leap and common Februaries, the turn of the year, and one without anything."""


def draw_worlds(seed: int, month: Month, count: int) -> list[Records]:
    """Worlds that can stand in one database."""
    random = Random(seed)
    return [Draw(random, month, f"w{number}.").world() for number in range(count)]


def crowd_of(worlds: Iterable[Records]) -> Records:
    """All worlds side by side."""
    crowd: Records = {table: [] for table in TABLES_DRAWN}
    for world in worlds:
        for table, rows in world.items():
            crowd[table] += rows
    return crowd
