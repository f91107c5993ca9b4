"""A small practice with one enrolled patient, written as a folder of tables."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from careledger.core.records import (
    TABLES,
    CarePlan,
    Condition,
    Consent,
    Coverage,
    Goal,
    Panel,
    Patient,
    Person,
    Practice,
    TimeEntry,
    Visit,
)

ENROLLED_ON = date(2026, 1, 12)
Records = dict[str, list[Any]]


def second(text: str) -> int:
    """Seconds UTC of a time of day in New York in March after the clocks changed."""
    return int(datetime.fromisoformat(f"{text}-04:00").astimezone(UTC).timestamp())


def entry(entry_id: str, start: str, end: str, *, recorded: str | None = None, **changes: Any) -> TimeEntry:
    cells = {
        "entry_id": entry_id, "patient_id": "p-1", "by": "rn-1", "programs": ("ccm",), "start_s": second(start),
        "end_s": second(end), "activity": "call_patient", "documented": True, "contact": "patient",
        "note": "Talked about salt and the new tablet.", "recorded_s": second(recorded or end),
    }  # fmt: skip
    return TimeEntry(**{**cells, **changes})


def records() -> Records:
    """Everything in order: 14 minutes and 9 minutes of a nurse, so that 99490 is billed."""
    statements = ("availability", "cost_sharing", "one_practitioner", "right_to_stop")
    chronic = {"patient_id": "p-1", "chronic": True, "expected_months": 12, "significant_risk": True}
    return {
        "practices": [Practice(practice_id="g1", name="Elm Street Practice", npi="1993999998", access_24_7=True, certified_ehr=True)],
        "people": [
            Person(person_id="dr-a", kind="physician", practice_id="g1", name="Ada Quill", credential="MD", npi="1234567893"),
            Person(person_id="rn-1", kind="rn", practice_id="g1", name="Ruth Nye", credential="RN"),
            Person(person_id="rn-2", kind="rn", practice_id="g1", name="Nell Orr", credential="RN"),
        ],
        "patients": [
            Patient(patient_id="p-1", family_name="Testa", given_name="Vera", born_on=date(1948, 5, 2), sex="female", residence="home"),
            Patient(patient_id="p-2"),
        ],
        "coverage": [Coverage(patient_id="p-1", payer="medicare_ffs", member_id="1EG4TE5MK73", part_b=True)],
        "panel": [Panel(patient_id="p-1", biller_id="dr-a", established=True)],
        "conditions": [Condition(icd10="E11.22", **chronic), Condition(icd10="I50.32", **chronic)],
        "consents": [
            Consent(
                patient_id="p-1", program="ccm", given_on=ENROLLED_ON, form="verbal", documented=True, practitioner="dr-a",
                covers=statements, recorded_by="rn-1",
            )
        ],
        "visits": [
            Visit(patient_id="p-1", practitioner="dr-a", on=ENROLLED_ON, code="99214", face_to_face=True, discussed=("ccm",))
        ],
        "care_plans": [
            CarePlan(
                patient_id="p-1", program="ccm", established_on=ENROLLED_ON, reviewed_on=date(2026, 3, 3), signed_by="dr-a",
                copy_given_on=ENROLLED_ON, delivered_by="portal", elements=("all",),
            )
        ],
        "goals": [
            Goal(goal_id="goal-1", patient_id="p-1", text="Weigh daily", measure="weight", target="under 81 kg", due_on=date(2026, 6, 1))
        ],
        "time_entries": [
            entry("t-1", "2026-03-10T10:00:00", "2026-03-10T10:14:00"),
            entry("t-2", "2026-03-17T09:30:00", "2026-03-17T09:39:00"),
        ],
    }  # fmt: skip


def changed(found: Records, table: str, **cells: Any) -> Records:
    """The records with the first row of a table changed."""
    first, *rest = found[table]
    return {**found, table: [replace(first, **cells), *rest]}


def write(folder: Path, found: Mapping[str, Sequence[Any]]) -> Path:
    """Records as CSV tables."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in found.items():
        names = [field.name for field in fields(TABLES[table])]
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text)
            writer.writerow([name.rstrip("_") for name in names])
            writer.writerows([_text(getattr(row, name)) for name in names] for row in rows)
    return folder


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, tuple) else str(value)
