"""One synthetic patient's records, before they are written; a situation changes what the ordinary story says."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from careledger.core.month import Month
from careledger.core.records import CarePlan, Condition, Consent, Coverage, Goal, Panel, Patient, Visit
from careledger.synthetic import cast
from careledger.synthetic.draw import Draw, rows
from careledger.synthetic.timesheet import Work, pieces, weekdays

STATEMENTS = ("availability", "cost_sharing", "one_practitioner", "right_to_stop")
ELEMENTS = (
    "problem_list", "expected_outcome", "treatment_goals", "cognitive_functional_assessment", "symptom_management",
    "planned_interventions", "medical_management", "environmental_evaluation", "caregiver_assessment",
    "outside_coordination", "periodic_review", "revision",
)  # fmt: skip
TOWNS = (*[("Lakeside Landing", "43999")] * 5, *[("Hill Crossing", "43998")] * 3, *[("Far Meadow", "44998")] * 2)
"""Invented towns with their ZIP codes; half of the patients live where the practice is."""


@dataclass(slots=True, kw_only=True)
class Story:
    """A patient in the making: at first an enrolled, eligible Medicare patient for whom nothing was done yet.

    Attributes:
        records: table name to records; a situation replaces, drops or adds some.
        work: what was done for the patient, to be put into the diary.
    """

    id: str
    label: str
    biller: str
    month: Month
    zone: ZoneInfo
    draw: Draw
    records: dict[str, list[Any]] = field(default_factory=dict)
    work: list[Work] = field(default_factory=list)

    def add(self, table: str, record: Any) -> None:
        self.records.setdefault(table, []).append(record)

    def change(self, table: str, **values: Any) -> None:
        """Other values in every record the patient has in a table."""
        self.records[table] = [dataclasses.replace(record, **values) for record in self.records[table]]

    def drop(self, *tables: str) -> None:
        for table in tables:
            self.records.pop(table, None)

    def day(self, number: int) -> date:
        """A day of the month by its number, the last one when the month is shorter."""
        return self.month.first_on.replace(day=min(number, self.month.days))

    def at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone)

    def staff(self, minutes: float, *, first: int = 1, last: int = 31, without: range = range(0), **how: Any) -> None:
        """Staff time of so many minutes, in several contacts by one person of the team (or by ``by``)."""
        self._staff(minutes, self._days(first, last, without), **how)

    def staff_in(self, month: Month, minutes: float) -> None:
        """Staff time in another month."""
        self._staff(minutes, weekdays(month.first_on, month.last_on))

    def _staff(self, minutes: float, days: tuple[date, ...], **how: Any) -> None:
        who = how.pop("by", None) or self.draw.random.choice(cast.STAFF)
        kinds = ("contact", "desk")
        self.work += pieces(
            self.draw,
            round(minutes * 60),
            lambda number, seconds: Work(
                patient_id=self.id, by=who, seconds=seconds, kind=kinds[number % 2], days=days, **how
            ),
        )

    def own(self, minutes: float, *, program: str = "ccm", kind: str = "own", by: str | None = None) -> None:
        """The practitioner's own time."""
        self.work += pieces(
            self.draw,
            round(minutes * 60),
            lambda _, seconds: Work(
                patient_id=self.id,
                by=by or self.biller,
                seconds=seconds,
                kind=kind,
                days=self._days(1, 31, range(0)),
                programs=(program,),
            ),
        )

    def _days(self, first: int, last: int, without: range) -> tuple[date, ...]:
        found = weekdays(self.day(first), self.day(last))
        return tuple(day for day in found if day.day not in without)


def ordinary(number: int, label: str, biller: str, month: Month, zone: ZoneInfo, draw: Draw) -> Story:
    """An enrolled patient with two or more chronic conditions, consent, opening visit, signed plan with a copy."""
    story = Story(id=f"p{number:04d}", label=label, biller=biller, month=month, zone=zone, draw=draw)
    started_on = month.first_on - timedelta(days=draw.random.randrange(60, 330))
    story.add("patients", _patient(story, draw))
    since = started_on - timedelta(days=400)
    story.add(
        "coverage", Coverage(patient_id=story.id, payer="medicare_ffs", member_id=draw.mbi(), since=since, part_b=True)
    )
    story.add("panel", Panel(patient_id=story.id, biller_id=biller, established=True))
    diagnose(story, draw.conditions())
    enrol(story, started_on)
    last_visit_on = month.first_on - timedelta(days=draw.random.randrange(8, 55))
    story.add(
        "visits", Visit(patient_id=story.id, practitioner=biller, on=last_visit_on, code="99214", face_to_face=True)
    )
    return story


def diagnose(story: Story, codes: list[str]) -> None:
    """Chronic conditions by the clinician's word, each with a measurable goal."""
    story.drop("conditions", "goals")
    for code in codes:
        story.add(
            "conditions",
            Condition(
                patient_id=story.id,
                icd10=code,
                chronic=True,
                expected_months=12,
                significant_risk=True,
                since=story.month.first_on - timedelta(days=story.draw.random.randrange(400, 3000)),
                chronic_basis=("clinician",),
            ),
        )
    for goal in rows("goals"):
        if goal["icd10"] in codes[:3]:
            story.add("goals", _goal(story, goal))


def enrol(story: Story, on: date) -> None:
    """Consent and opening visit on a day, and a care plan a week later with its copy."""
    story.drop("consents", "visits", "care_plans")
    form = story.draw.random.choice(["verbal", "written"])
    story.add(
        "consents",
        Consent(
            patient_id=story.id,
            program="ccm",
            given_on=on,
            form=form,
            documented=True,
            practitioner=story.biller,
            covers=STATEMENTS,
            recorded_by="rn-kim",
        ),
    )
    code = story.draw.random.choice(["99214", "99215", "G0439"])
    story.add(
        "visits",
        Visit(patient_id=story.id, practitioner=story.biller, on=on, code=code, face_to_face=True, discussed=("ccm",)),
    )
    story.add(
        "care_plans",
        CarePlan(
            patient_id=story.id,
            program="ccm",
            established_on=on,
            reviewed_on=max(on, story.month.first_on - timedelta(days=20)),
            signed_by=story.biller,
            copy_given_on=on,
            elements=ELEMENTS,
            delivered_by=story.draw.random.choice(["portal", "paper by hand", "mail"]),
        ),
    )


def _patient(story: Story, draw: Draw) -> Patient:
    sex = draw.random.choice(["female", "female", "male"])
    town, zip_code = TOWNS[crc32(story.id.encode()) % len(TOWNS)]
    return Patient(
        patient_id=story.id,
        born_on=date(1931 + draw.random.randrange(29), 1 + draw.random.randrange(12), 1 + draw.random.randrange(28)),
        family_name=draw.family_name(),
        given_name=draw.given_name(sex),
        sex=sex,
        address=draw.street(),
        city=town,
        state="OH",
        zip=zip_code,
        phone=draw.phone(),
        language=draw.random.choice(["en"] * 9 + ["es"]),
        residence="home",
    )


def _goal(story: Story, goal: dict[str, str]) -> Goal:
    return Goal(
        goal_id=f"{story.id}-{goal['icd10'].replace('.', '').lower()}",
        patient_id=story.id,
        text=goal["text"],
        measure=goal["measure"],
        target=goal["target"],
        due_on=story.month.last_on + timedelta(days=60),
        status=story.draw.random.choice(["in progress", "improving", "achieved"]),
        condition=goal["icd10"],
        reviewed_on=story.month.first_on - timedelta(days=20),
    )
