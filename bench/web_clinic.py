"""A clinic of any size in the web application's database: a synthetic clinic, and a year of time entries on top of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from careledger.core.month import Month
from careledger.core.records import Person, TimeEntry
from careledger.synthetic.clinic import ZONE, Clinic, make_clinic

SEED = 1
_OPENS_AT = time(8, 0)
_KINDS = ("rn", "lpn", "ma")
_WORK = (
    ("call_patient", "Reviewed symptoms and medications with the patient by phone."),
    ("care_coordination", "Coordinated with the specialist's office."),
    ("medication_reconciliation", "Checked the medication list against the pharmacy's."),
)


def build(patients: int, entries: int, today: date) -> tuple[Clinic, list[TimeEntry]]:
    """The clinic of last month, and so many entries of earlier work by staff of its own, nobody in two places."""
    clinic = make_clinic(SEED, Month.of(today).previous(), patients)
    rest = max(0, entries - len(clinic.records["time_entries"]))
    workers = [f"bench-{number:03d}" for number in range(max(5, patients // 60))]
    clinic.records["people"] += [
        Person(person_id=code, kind=_KINDS[place % 3], name=f"Staff Bench {place}", practice_id="lakeside")
        for place, code in enumerate(workers)
    ]
    ids = [one.patient_id for one in clinic.records["patients"]]
    return clinic, list(_earlier(rest, workers, ids, today))


def _earlier(count: int, workers: list[str], patients: list[str], today: date) -> Iterator[TimeEntry]:
    """Work of the year before yesterday, spread evenly over days and staff."""
    draw = random.Random(SEED)
    days = [day for back in range(1, 366) if (day := today - timedelta(days=back)).weekday() < 5]
    each = -(-count // (len(days) * len(workers))) if count else 0
    made = 0
    for day in reversed(days):
        for worker in workers:
            at = int(datetime.combine(day, _OPENS_AT, ZONE).timestamp())
            for _ in range(each):
                if made == count:
                    return
                length = draw.randrange(120, 720)
                activity, note = draw.choice(_WORK)
                yield TimeEntry(
                    entry_id=f"bench-{made}", patient_id=draw.choice(patients), by=worker, programs=("ccm",), start_s=at,
                    end_s=at + length, activity=activity, documented=True, note=note, recorded_s=at + length + 60,
                )  # fmt: skip
                at += length + draw.randrange(30, 600)
                made += 1


def load(patients: int, entries: int) -> None:
    """Write the clinic into the empty database of the settings; one login a role, as in the demo."""
    from django.utils import timezone

    from careledger.web.billing.actions import decide_all
    from careledger.web.enrolment.finding import refresh
    from careledger.web.patients.demo import LOGINS, _login, _share_out
    from careledger.web.patients.loading import load_records
    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.models import Person as Row
    from careledger.web.tenancy.scope import acting_in

    today = timezone.now().astimezone(ZONE).date()
    clinic, earlier = build(patients, entries, today)
    house = Organisation.objects.create(slug="lakeside", name="Lakeside Practice (load)", time_zone=str(ZONE))
    clinic.records["time_entries"] += earlier
    with acting_in(house), timezone.override(ZONE):
        load_records(clinic.records, "bench")
        _share_out()
        for role, code, given, family in LOGINS:
            _login(f"{role}@lakeside.example", role, house, Row.objects.get(code=code) if code else None, given, family)
        decide_all(on=today)
        refresh(today)
