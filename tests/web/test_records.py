"""Rows become core records: every column of the core has its place in the clinic's tables."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest
from tests.web.cast import Cast

from careledger.core.records import TABLES
from careledger.web.billing.queries import TABLES_OF_PATIENTS, records_of
from careledger.web.patients import models as chart
from careledger.web.tenancy.models import Person, Practice
from careledger.web.tenancy.records import attributes_of
from careledger.web.timers.models import TimeEntry

OWN = {"practices": Practice, "people": Person, "patients": chart.Patient, "consents": chart.Consent}
MODELS = {**{table: model for table, (model, _) in TABLES_OF_PATIENTS.items()}, **OWN}


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"proposed_lines", "time_entries"}))
def test_it_keeps_every_column_of_the_core(table: str) -> None:
    held = {name for name, _ in attributes_of(TABLES[table], MODELS[table])}
    assert {column.name for column in fields(TABLES[table])} - held == set()


def test_it_keeps_every_column_of_a_time_entry() -> None:
    assert [column.name for column in fields(TABLES["time_entries"]) if not hasattr(TimeEntry, column.name)] == []


def test_it_gives_people_and_patients_by_their_codes(inside: Cast) -> None:
    from careledger.core.month import Month

    found = records_of([inside.patient], Month(2026, 11))
    assert found["patients"][0].patient_id == "p1"
    assert found["panel"][0].biller_id == "dr-1"
    assert found["visits"][0].practitioner == "dr-1"
    assert found["people"][0].practice_id == "lakeside"
    consent = found["consents"][0]
    assert (consent.given_on, consent.revoked_on, consent.covers[0]) == (date(2026, 1, 5), None, "availability")
