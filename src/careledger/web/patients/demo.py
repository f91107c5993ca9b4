"""The demo clinic: synthetic people, through the same importers a real clinic uses, one login for every role."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from careledger.core.month import Month
from careledger.facts.timelog import import_timelog
from careledger.fhir.importer import import_fhir
from careledger.fhir.writer import write_fhir
from careledger.synthetic.cast import NURSES
from careledger.synthetic.clinic import ZONE, make_clinic
from careledger.synthetic.files import TIMELOG, write_clinic
from careledger.web.accounts.models import Membership, User
from careledger.web.patients.loading import load_folder
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Organisation, Person
from careledger.web.tenancy.scope import acting_in

PASSPHRASE = "lakeside demo clinic"
LOGINS = (
    ("nurse", "rn-kim", "Hana", "Kim-Lake"),
    ("practitioner", "dr-okafor", "Adaeze", "Okafor-Lake"),
    ("biller", "clerk-moss", "Robin", "Moss-Lake"),
    ("director", "dr-lindqvist", "Per", "Lindqvist-Lake"),
    ("compliance", None, "Noor", "Haddad-Lake"),
    ("administrator", None, "Sam", "Tran-Lake"),
    ("auditor", None, "Alex", "Reed-Audit"),
)
"""(role, person of the directory, given name, family name); the address is ROLE@lakeside.example."""
STRANGER = "nurse@hillcrest.example"
"""Someone of another organisation."""
_SEED = 1


@transaction.atomic
def make_demo(folder: Path, now: datetime, patients: int = 200) -> Organisation:
    """Fill an empty database with the demo clinic: last month whole, this month as far as it has come.

    Args:
        folder: for the files an electronic record and a time log would hand over.
        now: an aware instant; nothing later is loaded.
    """
    tables = _tables(folder, now, patients)
    clinic = Organisation.objects.create(slug="lakeside", name="Lakeside Practice (sample)", time_zone=str(ZONE))
    other = Organisation.objects.create(
        slug="hillcrest", name="Hillcrest Practice (sample)", time_zone="America/Chicago"
    )
    with acting_in(clinic):
        load_folder(tables)
        _share_out()
        for role, code, given, family in LOGINS:
            person = Person.objects.get(code=code) if code else None
            _login(f"{role}@lakeside.example", role, clinic, person, given, family)
    with acting_in(other):
        person = Person.objects.create(code="rn-field", kind="rn", name="Robin Field-Hill", credential="RN")
        _login(STRANGER, "nurse", other, person, "Robin", "Field-Hill")
    return clinic


def _tables(folder: Path, now: datetime, patients: int) -> Path:
    this = Month.of(now.astimezone(ZONE).date())
    files = write_clinic(folder, _SEED, this.previous(), patients, write_fhir=write_fhir)
    tables = folder / "imported"
    import_fhir(files.fhir, tables)
    for file in sorted(files.tables.iterdir()):
        shutil.copy(file, tables / file.name)
    import_timelog(files.timelog, tables)
    later = folder / "timelog_this_month.csv"
    _write_timelog(later, this, now, patients)
    import_timelog(later, tables)
    return tables


def _write_timelog(file: Path, month: Month, now: datetime, patients: int) -> None:
    """This month's work of the same clinic, up to now."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(TIMELOG)
        writer.writerows(_log_rows(month, now, patients))


def _log_rows(month: Month, now: datetime, patients: int) -> Iterator[list[Any]]:
    end, first = int(now.timestamp()), int(datetime(month.year, month.number, 1, tzinfo=ZONE).timestamp())
    for work in make_clinic(_SEED, month, patients).records["time_entries"]:
        if work.start_s is None or work.end_s is None or work.start_s < first or work.end_s > end:
            continue
        one = replace(work, entry_id=f"{month}-{work.entry_id}", recorded_s=min(work.recorded_s or work.end_s, end))
        clocks = [datetime.fromtimestamp(at, ZONE).isoformat() for at in (one.start_s, one.end_s, one.recorded_s) if at]
        documented = "" if one.documented is None else str(one.documented).lower()
        texts = [one.activity or "", documented, one.note or "", clocks[2]]
        yield [one.entry_id, one.patient_id, one.by, " ".join(one.programs), *clocks[:2], *texts]


def _share_out() -> None:
    """Give every patient a care manager."""
    nurses = [Person.objects.get(code=code) for code in NURSES]
    for place, nurse in enumerate(nurses):
        ids = list(Patient.objects.order_by("code").values_list("pk", flat=True))[place :: len(nurses)]
        Patient.objects.filter(pk__in=ids).update(care_manager=nurse)


def _login(email: str, role: str, organisation: Organisation, person: Person | None, given: str, family: str) -> None:
    user = User.objects.create_user(email, PASSPHRASE, first_name=given, last_name=family)
    Membership.objects.create(user=user, organisation=organisation, role=role, person=person)
