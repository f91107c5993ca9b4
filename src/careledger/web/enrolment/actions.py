"""A patient's way into and out of a program: steps with their days, consent, revocation, the beginning. Each is audited."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record, snapshot
from careledger.web.enrolment import programs
from careledger.web.enrolment.shares import estimate
from careledger.web.patients import actions as chart
from careledger.web.patients.changes import locked
from careledger.web.patients.charting import name_practitioner
from careledger.web.patients.models import Consent, ConsentRevocation, Enrolment, Patient, ProgramStatus
from careledger.web.patients.practitioners import of_record
from careledger.web.patients.refusals import ChartRefused
from careledger.web.tenancy.models import Person

BY_HAND = ("invited", "declined", "enrolled_elsewhere", "ineligible", "eligible")
"""Steps a person records; consent, revocation and enrolment have forms of their own."""
ENDINGS = ("enrolled_elsewhere", "ineligible")
"""What ends an enrolment without the patient's word; a patient who wants to stop revokes the consent."""
_WITHIN = ("consented", "enrolled")
_TELL = "tell it to the patient, then confirm it"
SAID = "said_"
"""Before a statement's id: the field that confirms it."""
_TOUCHED = ("programstatus", "consent", "enrolment")


def steps_from(status: str | None) -> tuple[str, ...]:
    """Steps that may follow a status."""
    return ENDINGS if status in _WITHIN else BY_HAND


@transaction.atomic
def mark(
    *,
    acting_user: Membership,
    patient: Patient,
    program: str,
    status: str,
    on: date,
    note: str = "",
    seen: int | None = None,
) -> ProgramStatus:
    """Record a step: invited, declined, ineligible, enrolled elsewhere, eligible; also the end of an enrolment.

    A step of an earlier day joins the history, and the later one stays the present one.

    Raises:
        ChartChanged: someone else recorded a step since.
        ChartRefused: the step cannot follow what stood on the day, stands already, or lies in the future.
    """
    held = locked(patient, seen, _TOUCHED)
    _check_program(program)
    stood = _status_on(held, program, on)
    if status not in BY_HAND:
        raise ChartRefused("this step has a form of its own: consent, revocation or the beginning", "status")
    if stood is not None and stood.status == status:
        raise ChartRefused(f"the patient is {_said(status)} since {stood.on}; nothing is to be done", "status")
    if status not in steps_from(stood.status if stood else None):
        raise ChartRefused(
            f"the patient is {_said(str(stood and stood.status))}: revoke the consent, or say why it ends", "status"
        )
    return chart.set_status(acting_user=acting_user, patient=held, program=program, status=status, on=on, note=note)


@transaction.atomic
def take_consent(
    *,
    acting_user: Membership,
    patient: Patient,
    program: str,
    given_on: date,
    form: str,
    practitioner: Person,
    told: Collection[str],
    given_by: str = "patient",
    representative: str | None = None,
    language: str = "en",
    begins: bool = False,
    seen: int | None = None,
) -> Consent:
    """Record a consent to which every statement that policy asks for was made; who recorded it is who is signed in.

    Args:
        told: ids of the statements made.
        given_by: ``patient`` or ``representative``.
        representative: who spoke for the patient; left out where the patient did.
        begins: the program begins on the day of consent.

    Raises:
        ChartChanged: someone else recorded a consent or step since.
        ChartRefused: what is missing or cannot be, with its field.
    """
    held = locked(patient, seen, _TOUCHED)
    _check_telling(program, given_on, form, told)
    _check_giver(given_by, representative, language)
    _check_people(held, program, given_on, practitioner)
    _check_need(held, program, given_on, practitioner)
    row = chart.record_consent(
        acting_user=acting_user,
        patient=held,
        program=program,
        given_on=given_on,
        form=form,
        practitioner=practitioner,
        covers=tuple(told),
        given_by=given_by,
        representative=representative if given_by == "representative" else None,
        language=language,
        share_cents=estimate(held, program, given_on).plain_cents if given_on == timezone.localdate() else None,
    )
    if of_record(held, given_on) is None:
        name_practitioner(
            acting_user=acting_user,
            patient=held,
            practitioner=practitioner,
            since=given_on,
            note="named with the consent",
        )
    if begins:
        enrol(acting_user=acting_user, patient=held, program=program, started_on=given_on)
    return row


@transaction.atomic
def withdraw(*, acting_user: Membership, consent: Consent, on: date, seen: int | None = None) -> ConsentRevocation:
    """Record that the patient takes a consent back; the consent itself is never changed.

    Raises:
        ChartChanged: someone else recorded a consent or step since.
        ChartRefused: revoked already, or a day that cannot be.
    """
    locked(consent.patient, seen, _TOUCHED)
    return chart.revoke_consent(acting_user=acting_user, consent=consent, on=on)


@transaction.atomic
def enrol(
    *, acting_user: Membership, patient: Patient, program: str, started_on: date, seen: int | None = None
) -> Enrolment:
    """Let a program begin for a patient who has consented.

    Raises:
        ChartChanged: someone else recorded a consent or step since.
        ChartRefused: no consent covers the day, enrolled already, or a day to come.
    """
    held = locked(patient, seen, _TOUCHED)
    _check_program(program)
    if started_on > timezone.localdate():
        raise ChartRefused("the day lies in the future; record the beginning when it has come", "started_on")
    present = _status_on(held, program, timezone.localdate())
    if present is not None and present.status == "enrolled":
        raise ChartRefused(f"the patient is enrolled since {present.on}; nothing is to be done", "started_on")
    if programs.statements(program, started_on) and not _consent_covers(held, program, started_on):
        raise ChartRefused("no consent is in force on that day; record the consent first", "started_on")
    row = Enrolment(patient=held, program=program, started_on=started_on)
    row.save()
    after = snapshot(row, "program", "started_on")
    record(acting_user=acting_user, action="enrolment.began", patient=held, target=row, after=after)
    chart.set_status(acting_user=acting_user, patient=held, program=program, status="enrolled", on=started_on)
    return row


def _check_program(program: str) -> None:
    if program not in programs.OF_PATIENTS:
        raise ChartRefused("no patient can be in this program; choose one of the chart's", "program")


def _check_telling(program: str, given_on: date, form: str, told: Collection[str]) -> None:
    required = programs.statements(program, given_on)
    if not required:
        raise ChartRefused(f"policy knows no consent to {programs.name_of(program)} on that day", "given_on")
    if form not in programs.forms(program, given_on):
        raise ChartRefused("consent could not be given in this form on that day", "form")
    missing = [one for one in required if one not in told]
    if missing:
        why = f"{programs.name_of(program)} asks for it ({programs.sources(program, given_on, 'required_statements')[0].title})"
        says = {f"{SAID}{one}": f"not confirmed: {_said(one)}; {why}; {_TELL}" for one in missing}
        named = ", ".join(_said(one) for one in missing)
        raise ChartRefused(f"the consent is not whole, for this is not confirmed: {named}; {why}; {_TELL}", fields=says)


def _check_giver(given_by: str, representative: str | None, language: str) -> None:
    if given_by == "representative" and not (representative or "").strip():
        raise ChartRefused("it is not told who consented for the patient; name the representative", "representative")
    if language not in dict(programs.LANGUAGES):
        raise ChartRefused("there is no text of the consent in this language; take en or es", "language")


def _check_people(patient: Patient, program: str, given_on: date, practitioner: Person) -> None:
    kinds = programs.biller_kinds(program, given_on)
    if not practitioner.is_practitioner or (kinds and practitioner.kind not in kinds):
        raise ChartRefused(f"this person cannot bill {programs.name_of(program)}; choose another", "practitioner")
    if patient.died_on is not None and given_on > patient.died_on:
        raise ChartRefused("the day lies after the patient's death; correct it", "given_on")


def _check_need(patient: Patient, program: str, given_on: date, practitioner: Person) -> None:
    """A second consent to the same practitioner would only blur which one counts."""
    required = set(programs.statements(program, given_on))
    for row in _unrevoked(patient, program):
        if row.practitioner == practitioner.code and row.documented and required <= set(row.covers or ()):
            raise ChartRefused(
                f"a complete consent to this practitioner is in force since {row.given_on}", "practitioner"
            )


def _consent_covers(patient: Patient, program: str, on: date) -> bool:
    return any(row.given_on is not None and row.given_on <= on for row in _unrevoked(patient, program))


def _unrevoked(patient: Patient, program: str) -> list[Any]:
    rows = Consent.objects.filter(patient=patient, program=program).prefetch_related("revocations")
    return [row for row in rows if row.revoked_on is None]


def _status_on(patient: Patient, program: str, on: date) -> ProgramStatus | None:
    rows = ProgramStatus.objects.filter(patient=patient, program=program, on__lte=on)
    found: ProgramStatus | None = rows.order_by("-on", "-pk").first()
    return found


def _said(status: str) -> str:
    return status.replace("_", " ")
