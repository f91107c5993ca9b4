"""Keeping who could be enrolled: decided anew when the record or the policy changes, and once a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from careledger.core.decision import Finding
from careledger.web.audit.models import AuditEvent
from careledger.web.billing.queries import policy
from careledger.web.enrolment.eligibility import standings
from careledger.web.enrolment.models import Candidate
from careledger.web.enrolment.programs import FOUND
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import is_narrowed

CHUNK = 250
ON_A_PAGE = 5
"""Patients decided anew within a page at most: whom someone changed a moment ago and wants to see."""
LATELY = 200
"""Events of the audit log that a page looks back on for them."""
GOOD_FOR_DAYS = 7
"""Look-backs to a visit move with the day; so often they are counted anew. A house value; no law sets it."""


def refresh(on: date, limit: int | None = None) -> int:
    """Decide who could be enrolled, where it is missing or out of date; returns how many patients that was.

    Args:
        limit: patients at most.
    """
    if is_narrowed():
        return 0
    stale = list(_stale(on)[:limit])
    for start in range(0, len(stale), CHUNK):
        keep(stale[start : start + CHUNK], on)
    return len(stale)


def refresh_some(on: date) -> None:
    """For a page: the few that someone changed a moment ago; the keeper does the rest."""
    if is_narrowed():
        return
    writes = AuditEvent.objects.filter(patient_ref__isnull=False).order_by("-sequence")
    lately = {
        patient for patient, action in writes.values_list("patient_ref", "action")[:LATELY] if action[-5:] != ".read"
    }
    if lately and (stale := list(_stale(on).filter(pk__in=lately)[:ON_A_PAGE])):
        keep(stale, on)


def keep(patients: Sequence[Patient], on: date) -> None:
    """Decide patients and keep how they stand; nothing is locked while it is decided."""
    rows = [
        Candidate(
            patient=patient,
            program=program,
            state=one.state,
            code=one.code,
            reasons=[reason(finding) for finding in one.findings],
            as_of=on,
            patient_revision=patient.revision,
            policy_version=policy().version,
        )
        for patient, found in _by_patient(patients, on)
        for program, one in found.items()
    ]
    with transaction.atomic():
        Candidate.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=("patient", "program"), update_fields=_KEPT
        )


def reason(finding: Finding) -> dict[str, Any]:
    """A finding as the list keeps it."""
    return {
        "outcome": finding.outcome,
        "rule": finding.rule,
        "says": finding.says,
        "next_step": finding.next_step or "",
        "cite": list(finding.cite),
    }


_KEPT = ("state", "code", "reasons", "as_of", "patient_revision", "policy_version")


def _by_patient(patients: Sequence[Patient], on: date) -> list[tuple[Patient, Any]]:
    found = standings(patients, on)
    return [(patient, found[patient.pk]) for patient in patients]


def _stale(on: date) -> Any:
    """Patients whose rows are missing or out of date; all their programs are always written together."""
    known = Candidate.objects.filter(patient=OuterRef("pk"), program=FOUND[0])
    same = known.filter(patient_revision=OuterRef("revision"))
    fresh = same.filter(policy_version=policy().version, as_of__gt=on - timedelta(days=GOOD_FOR_DAYS), as_of__lte=on)
    return Patient.objects.filter(~Exists(fresh)).order_by("pk")
