"""Review and attestation of a month, by the practitioner whose name the claim carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.core.month import Month
from careledger.core.records import MDM_LEVELS
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.billing.models import DecisionMaking, Standing
from careledger.web.patients.models import Patient
from careledger.web.revenue.models import Attestation, Review

WORDS = (
    "I directed these services, they were furnished as logged, they were reasonable and necessary for this patient, and I have "
    "reviewed the record of the month."
)
"""What a practitioner signs, in our own words."""


class SigningRefused(CareLedgerError):
    """A month that may not be signed now: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Signing:
    """Where a patient's month stands for its practitioner's signature: the codes seen and signed are those that stand."""

    standing: Standing
    seen: Review | None
    signed: Attestation | None

    @property
    def is_seen(self) -> bool:
        return self.seen is not None and self.seen.bills == self.standing.bills

    @property
    def is_signed(self) -> bool:
        return self.signed is not None and self.signed.bills == self.standing.bills

    @property
    def has_changed(self) -> bool:
        """Was it signed for other codes than stand now?"""
        return self.signed is not None and not self.is_signed


def signings(month: Month, *, member: Membership | None = None, patient: Patient | None = None) -> list[Signing]:
    """Months ready to bill with their review and signature, by name; of one practitioner's panel, or of one patient."""
    found = Standing.objects.filter(month=str(month), state="ready").select_related("patient", "biller")
    if member is not None:
        found = found.filter(biller=member.person)
    if patient is not None:
        found = found.filter(patient=patient)
    kept = list(found.order_by("patient__family_name", "patient__given_name", "pk"))
    seen = _latest(Review, month, kept)
    signed = _latest(Attestation, month, kept)
    return [
        Signing(one, seen.get((one.patient_id, one.biller_id)), signed.get((one.patient_id, one.biller_id)))
        for one in kept
    ]


def _latest(model: Any, month: Month, kept: list[Standing]) -> dict[tuple[int, int], Any]:
    rows = model.objects.filter(month=str(month), patient__in=[one.patient_id for one in kept]).order_by("pk")
    return {(row.patient_id, row.practitioner_id): row for row in rows}


@transaction.atomic
def review(*, acting_user: Membership, patient: Patient, month: Month) -> None:
    """Note that the practitioner looked at the month as it stands."""
    one = _own(acting_user, patient, month)
    if not one.is_seen:
        made = Review.objects.create(
            patient=patient, practitioner=one.standing.biller, month=str(month), bills=one.standing.bills,
            seen_by=acting_user, seen_at=timezone.now(),
        )  # fmt: skip
        record(
            acting_user=acting_user,
            action="month.reviewed",
            target=made,
            after={"month": str(month), "patient": patient.pk},
        )


@transaction.atomic
def sign(*, acting_user: Membership, patient: Patient, month: Month) -> bool:
    """Attest to a month that was reviewed; False when exactly this was signed before.

    Raises:
        SigningRefused: not ready, not one's own patient, not reviewed as it stands, or the month is not over.
    """
    one = _own(acting_user, patient, month)
    if one.is_signed:
        return False
    if not one.is_seen:
        raise SigningRefused("the month has not been reviewed as it stands now; open it and review it first")
    if timezone.localdate() <= month.last_on:
        raise SigningRefused(f"the month is not over; it can be signed from {month.next().first_on} on")
    made = Attestation.objects.create(
        patient=patient, practitioner=one.standing.biller, month=str(month), bills=one.standing.bills, words=WORDS,
        signed_by=acting_user, signed_at=timezone.now(),
    )  # fmt: skip
    record(
        acting_user=acting_user, action="month.attested", target=made,
        after={"month": str(month), "patient": patient.pk, "bills": one.standing.bills},
    )  # fmt: skip
    return True


def _own(member: Membership, patient: Patient, month: Month) -> Signing:
    if member.person is None:
        raise SigningRefused("your sign-in is not linked to a practitioner; the administrator links it in Settings")
    found = [one for one in signings(month, patient=patient) if one.standing.biller_id == member.person_id]
    if not found:
        raise SigningRefused("nothing of this month is ready to bill under your name")
    return found[0]


@transaction.atomic
def record_decision_making(*, acting_user: Membership, patient: Patient, month: Month, level: str) -> None:
    """The complexity of medical decision-making, in the practitioner's own judgement; a later word replaces an earlier one."""
    if acting_user.person is None:
        raise SigningRefused("your sign-in is not linked to a practitioner; the administrator links it in Settings")
    if level not in MDM_LEVELS:
        raise SigningRefused(f"choose one of {', '.join(MDM_LEVELS)}")
    rows = DecisionMaking.objects.filter(patient=patient, practitioner=acting_user.person.code, month=str(month))
    before = rows.first()
    if before is not None and before.level == level:
        return
    was = None if before is None else {"level": before.level}
    if before is None:
        before = DecisionMaking(patient=patient, practitioner=acting_user.person.code, month=str(month))
    before.level = level
    before.save()
    record(
        acting_user=acting_user, action="decision_making.recorded", patient=patient, target=before, before=was,
        after={"month": str(month), "level": level},
    )  # fmt: skip
