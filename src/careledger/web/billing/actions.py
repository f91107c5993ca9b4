"""Deciding months anew for the lists. What is decided comes from the engine; nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from careledger.core.decision import MonthDecision
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.engine.billers import decide_patient, relations
from careledger.engine.worth import Pricer
from careledger.facts import case_facts
from careledger.web.billing.models import Standing
from careledger.web.billing.queries import payer_on, policy, records_of
from careledger.web.billing.standings import line_of
from careledger.web.patients.models import Panel, Patient
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import is_narrowed

CHUNK = 250
ON_A_PAGE = 5
"""Patients decided anew within a page at most: what a person changed a moment ago and wants to see."""


def decide_all(*, on: date) -> int:
    """Decide last month and this one for every patient whose standing is missing or out of date."""
    this = Month.of(on)
    return refresh(this.previous(), on) + refresh(this, on)


def refresh(month: Month, on: date, limit: int | None = None) -> int:
    """Decide anew what is out of date: the record changed, the policy changed, or a day has passed in an open month.

    Args:
        limit: patients at most, for a page that must answer quickly.
    """
    if is_narrowed():
        return 0
    stale = list(_stale(month, on)[:limit])
    for start in range(0, len(stale), CHUNK):
        keep(stale[start : start + CHUNK], month, on)
    return len(stale)


def refresh_some(month: Month, on: date) -> None:
    """For a page: decide the few that were changed since they stood in the list; the keeper does the rest."""
    if not is_narrowed() and (changed := _changed(month)):
        keep(changed, month, on)


def _changed(month: Month) -> list[Patient]:
    """Some whose record was changed since they stood in the list, or who never stood in it; one join, which costs half."""
    stands = FilteredRelation("standings", condition=Q(standings__month=str(month)))
    found = Patient.objects.annotate(stands=stands).filter(
        # Not "other than": Django looks that up once more for each row.
        Q(stands__patient_revision__isnull=True)
        | Q(stands__patient_revision__lt=F("revision"))
        | Q(stands__patient_revision__gt=F("revision"))
    )
    of_panel = Exists(Panel.objects.filter(patient=OuterRef("pk")))
    # All of them, of which there are few: to find just five, PostgreSQL walks the index of every month.
    ids = sorted(set(found.filter(of_panel).order_by().values_list("pk", flat=True)))[:ON_A_PAGE]
    return list(Patient.objects.filter(pk__in=ids).order_by("pk")) if ids else []


def _stale(month: Month, on: date) -> Any:
    known = Standing.objects.filter(patient=OuterRef("pk"), month=str(month))
    fresh = known.filter(policy_version=policy().version, patient_revision=OuterRef("revision"))
    fresh = fresh.filter(as_of=on) if on <= month.last_on else fresh.filter(as_of__gt=month.last_on)
    found = Patient.objects.filter(Exists(Panel.objects.filter(patient=OuterRef("pk")))).order_by("pk")
    return found.filter(~Exists(fresh))


def keep(patients: Sequence[Patient], month: Month, on: date) -> None:
    """Decide patients' months and keep where they stand.

    What takes time is done before the transaction, so that nobody who logs time waits for it. A record that changes
    meanwhile has a higher revision than the one kept here, and is decided again.
    """
    rows = list(_standings(patients, month, on))
    with transaction.atomic():
        gone = Standing.objects.filter(patient__in=list(patients), month=str(month))
        gone.exclude(biller__in={row.biller_id for row in rows}).delete()
        Standing.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=("patient", "month", "biller"), update_fields=_KEPT
        )


def _standings(patients: Sequence[Patient], month: Month, on: date) -> Iterator[Standing]:
    records = records_of(patients, month)
    people = {person.code: person for person in Person.objects.all()}
    by_code = {patient.code: patient for patient in patients}
    for code, facts, decided in _decisions(records, month, on):
        patient = by_code[code]
        yield Standing(
            patient=patient,
            month=str(month),
            biller=people[facts.biller],
            as_of=on,
            patient_revision=patient.revision,
            policy_version=policy().version,
            allowed_cents=_worth(facts, decided, month),
            **asdict(line_of(facts, decided)),
        )


_KEPT = tuple(
    field.name
    for field in Standing._meta.fields
    if field.name not in ("id", "organisation", "patient", "month", "biller")
)


def _decisions(
    records: Mapping[str, list[Any]], month: Month, on: date
) -> Iterator[tuple[str, PatientMonth, MonthDecision]]:
    """Every patient's months, facts in one run of the program, decided by the engine."""
    by_patient: dict[str, list[PatientMonth]] = {}
    for case in case_facts(records, month, policy(), as_of=on):
        by_patient.setdefault(case.month.patient, []).append(case.month)
    related = relations(records["people"])
    for code, months in by_patient.items():
        view = policy().on(month.last_on, payer_on(records["coverage"], code, month))
        for facts, decided in decide_patient(months, view, related):
            yield code, facts, decided


def _worth(facts: PatientMonth, decided: MonthDecision, month: Month) -> int | None:
    """What the payer allows for the month's codes, in cents; None when any of it is not known."""
    pricer = Pricer(policy().on(month.last_on, facts.payer))
    prices = [pricer.price(facts, made.code, made.units, month.last_on).allowed_cents for made in decided.billed()]
    return None if not prices or None in prices else sum(price for price in prices if price is not None)
