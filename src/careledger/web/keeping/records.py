"""An organisation's records as the folder of tables of docs/tables.md: what ``close`` and ``load_tables`` read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import transaction

from careledger.core.errors import InputError, Place
from careledger.core.records import TABLES
from careledger.facts.table_text import write_records
from careledger.web.billing.queries import TABLES_OF_PATIENTS
from careledger.web.patients import models as chart
from careledger.web.tenancy.models import Person, Practice
from careledger.web.tenancy.records import to_records
from careledger.web.timers.ledger import entry_of
from careledger.web.timers.models import TimeEntry


@transaction.atomic
def export_records(folder: Path) -> dict[str, int]:
    """Write every table of the organisation in scope as CSV into an empty folder; rows by table.

    A table without a row has its file too, with the heading alone. Lines that a practice only means to send stand in no
    database and have none. Time entries are those that stand, each with the time it was first recorded.

    Raises:
        InputError: the folder holds something.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InputError(Place(str(folder)), "the folder is not empty", "name a new one; nothing is overwritten")
    found = {table: _records(table) for table in TABLES if table != "proposed_lines"}
    for table, rows in found.items():
        write_records(folder / f"{table}.csv", table, rows)
    return {table: len(rows) for table, rows in found.items()}


def _records(table: str) -> list[Any]:
    if table == "time_entries":
        return _work()
    rows: Any = {
        "practices": lambda: Practice.objects.order_by("pk"),
        "people": lambda: Person.objects.select_related("practice").order_by("pk"),
        "patients": lambda: chart.Patient.objects.order_by("pk"),
        "consents": lambda: chart.Consent.objects.select_related("patient").prefetch_related("revocations").order_by("pk"),
    }  # fmt: skip
    if table in rows:
        return to_records(rows[table](), TABLES[table])
    model, needs = TABLES_OF_PATIENTS[table]
    return to_records(model.objects.select_related(*needs).order_by("pk"), TABLES[table])


def _work() -> list[Any]:
    """The work that stands, as it was recorded first, here or in the system it came from."""

    rows = TimeEntry.objects.current().select_related("by", "patient", "corrects").order_by("sequence")
    entries = [entry_of(row) for row in rows]
    return [replace(one.work, recorded_s=one.work_recorded_s()) for one in entries if one.work is not None]
