"""Writing a chart: status, consent, revocation, care manager. One transaction each, with its audit row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record, snapshot
from careledger.web.patients.models import STATUSES, Consent, ConsentRevocation, Patient, ProgramStatus
from careledger.web.patients.refusals import ChartRefused
from careledger.web.patients.terms import in_force_until
from careledger.web.tenancy.models import Person

__all__ = ["ChartRefused", "assign", "record_consent", "revoke_consent", "set_status", "who_is"]


@transaction.atomic
def set_status(
    *, acting_user: Membership, patient: Patient, program: str, status: str, on: date, note: str = ""
) -> ProgramStatus:
    """Add a status to a patient's history in a program.

    Raises:
        ChartRefused: no such status, or a day to come.
    """
    if status not in dict(STATUSES):
        raise ChartRefused("there is no such status; choose one of the list", "status")
    if on > timezone.localdate():
        raise ChartRefused("the day lies in the future; record a status when it has come", "on")
    row = ProgramStatus(
        patient=patient, program=program, status=status, on=on, note=note, recorded_by=str(acting_user.user)
    )
    row.save()
    after = snapshot(row, "program", "status", "on", "note")
    record(acting_user=acting_user, action="status.recorded", patient=patient, target=row, after=after)
    return row


@transaction.atomic
def record_consent(
    *,
    acting_user: Membership,
    patient: Patient,
    program: str,
    given_on: date,
    form: str,
    practitioner: Person,
    covers: Sequence[str],
    given_by: str = "patient",
    representative: str | None = None,
    language: str = "en",
    share_cents: int | None = None,
) -> Consent:
    """Record consent to a program; who recorded it is who is signed in.

    Args:
        share_cents: the estimated share of a plain month that the patient was told.

    Raises:
        ChartRefused: a day to come, or before the patient was born.
    """
    if given_on > timezone.localdate():
        raise ChartRefused("the day lies in the future; record consent when it was given", "given_on")
    if patient.born_on is not None and given_on < patient.born_on:
        raise ChartRefused("the day lies before the patient was born; correct it", "given_on")
    row = Consent(
        patient=patient,
        program=program,
        given_on=given_on,
        form=form,
        documented=True,
        practitioner=practitioner.code,
        covers=tuple(sorted(covers)),
        recorded_by=who_is(acting_user),
        given_by=given_by,
        representative=representative,
        language=language,
        share_cents=share_cents,
        typed=True,
    )
    row.save()
    record(acting_user=acting_user, action="consent.recorded", patient=patient, target=row, after=snapshot(row))
    set_status(acting_user=acting_user, patient=patient, program=program, status="consented", on=given_on)
    return row


@transaction.atomic
def revoke_consent(*, acting_user: Membership, consent: Consent, on: date) -> ConsentRevocation:
    """Record the patient's word that a consent ends; policy says until when it is in force: the end of that month.

    Raises:
        ChartRefused: revoked already, a day to come, or before it was given.
    """
    if consent.revoked_on is not None:
        raise ChartRefused("this consent was revoked already; nothing is to be done")
    if on > timezone.localdate() or (consent.given_on is not None and on < consent.given_on):
        raise ChartRefused("the day must lie between the consent and today; correct it", "on")
    row = ConsentRevocation(consent=consent, on=on, recorded_by=who_is(acting_user))
    row.save()
    after = {**snapshot(row, "on"), "in_force_until": in_force_until(consent.program, on)}
    record(acting_user=acting_user, action="consent.revoked", patient=consent.patient, target=consent, after=after)
    set_status(acting_user=acting_user, patient=consent.patient, program=consent.program, status="revoked", on=on)
    return row


def who_is(member: Membership) -> str:
    """How a record names who wrote it: the code of the directory, else the name."""
    return member.person.code if member.person else str(member.user)


@transaction.atomic
def assign(*, acting_user: Membership, patient: Patient, care_manager: Person | None) -> None:
    """Give a patient a care manager."""
    before = snapshot(patient, "care_manager_id")
    patient.care_manager = care_manager
    patient.save(update_fields=["care_manager"])
    after = snapshot(patient, "care_manager_id")
    record(
        acting_user=acting_user, action="patient.assigned", patient=patient, target=patient, before=before, after=after
    )
