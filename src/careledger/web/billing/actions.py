"""Deciding months anew for the lists. What is decided comes from the engine; nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from careledger.core.decision import MonthDecision
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.engine.billers import decide_patient, relations
from careledger.engine.worth import Pricer
from careledger.facts import case_facts
from careledger.web.billing.models import Standing
from careledger.web.billing.queries import payer_on, policy, records_of
from careledger.web.billing.standings import line_of
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import is_narrowed

CHUNK = 250


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
        _decide(stale[start : start + CHUNK], month, on)
    return len(stale)


def _stale(month: Month, on: date) -> Any:
    known = Standing.objects.filter(patient=OuterRef("pk"), month=str(month), policy_version=policy().version)
    known = known.filter(as_of=on) if on <= month.last_on else known.filter(as_of__gt=month.last_on)
    seen = Patient.objects.annotate(seen=Subquery(known.values("patient_revision")[:1])).filter(panel__isnull=False)
    fresh = seen.filter(seen=F("revision"))
    return Patient.objects.filter(panel__isnull=False).exclude(pk__in=fresh.values("pk")).distinct().order_by("pk")


@transaction.atomic
def _decide(patients: Sequence[Patient], month: Month, on: date) -> None:
    records = records_of(patients, month)
    people = {person.code: person for person in Person.objects.all()}
    by_code = {patient.code: patient for patient in patients}
    rows = []
    for code, facts, decided in _decisions(records, month, on):
        patient = by_code[code]
        line = line_of(facts, decided)
        cells = asdict(line)
        rows.append(
            Standing(
                patient=patient,
                month=str(month),
                biller=people[facts.biller],
                as_of=on,
                patient_revision=patient.revision,
                policy_version=policy().version,
                allowed_cents=_worth(facts, decided, month),
                **cells,
            )
        )
    Standing.objects.filter(patient__in=list(patients), month=str(month)).delete()
    Standing.objects.bulk_create(rows)


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
