"""Signature, delivery and review of a plan: what makes it the plan that the engine reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.audit.actions import record, snapshot
from careledger.web.billing.queries import policy
from careledger.web.patients.models import Patient
from careledger.web.plans.actions import PlanRefused, latest_version, locked_head
from careledger.web.plans.elements import elements_of, present
from careledger.web.plans.models import EXTENTS, CarePlan, PlanDelivery, PlanSignature, PlanVersion

WAYS = (
    ("by_hand", "On paper, handed over", "paper"),
    ("mail", "On paper, by mail", "paper"),
    ("portal", "Electronically, in the patient portal", "electronic"),
    ("secure_email", "Electronically, by secure e-mail", "electronic"),
)
"""(id, label, form): how a copy reaches someone, and which of policy's forms that is."""
_FORMS = {way: form for way, _, form in WAYS}
RECEIVERS = (("patient", "Patient"), ("caregiver", "Caregiver or representative"))


@transaction.atomic
def sign_plan(
    *, acting_user: Membership, patient: Patient, program: str, number: int, digest: str, extent: str = "substantial"
) -> PlanSignature:
    """Sign the version as it was shown; from then on the engine reads it. Signing it again changes nothing.

    The plan is established on the day of its first signature. A minor revision keeps the day the patient was given a
    copy; after a substantial one a new copy is to be given.

    Args:
        number, digest: the version the practitioner looked at.

    Raises:
        PlanRefused: no practitioner, not the version that stands, or a required element is missing.
    """
    person = acting_user.person
    if not may(acting_user.role, "plan.sign") or person is None or not person.is_practitioner:
        raise PlanRefused("only a practitioner of the practice signs a plan; ask one to open it")
    head = locked_head(patient, program)
    version = latest_version(patient, program)
    if version is None or (version.number, version.digest) != (number, digest):
        raise PlanRefused("the plan was changed since you opened it; look at it as it stands now, then sign")
    if before := PlanSignature.objects.filter(version=version).first():
        return before
    today = timezone.localdate()
    lacking = [one.name for one in elements_of(version.content, program, today) if one.is_in_the_way]
    if lacking:
        raise PlanRefused(f"the plan lacks: {', '.join(lacking).lower()}; have it completed first")
    if extent not in dict(EXTENTS):
        raise PlanRefused("say whether the plan was changed in substance or in details")
    signature = PlanSignature.objects.create(
        patient=patient, version=version, practitioner=person, digest=digest, extent=extent, signed_by=acting_user,
        signed_at=timezone.now(),
    )  # fmt: skip
    row = _feed(version, person.code, extent, today)
    head.signed_number = number
    head.save(update_fields=["signed_number"])
    record(
        acting_user=acting_user, action="plan.signed", patient=patient, target=signature,
        after={"program": program, "number": number, "digest": digest, "extent": extent, **snapshot(row, "established_on", "elements")},
    )  # fmt: skip
    return signature


def _feed(version: PlanVersion, signed_by: str, extent: str, on: date) -> CarePlan:
    """The row the engine reads, of a version that was just signed."""
    earlier = _established(version.patient, version.program)
    first = min((row.established_on for row in earlier if row.established_on), default=None)
    copy = next((row for row in earlier if row.copy_given_on), None) if first and extent == "minor" else None
    row: CarePlan = CarePlan.objects.create(
        patient=version.patient, program=version.program, version=version, established_on=first or on,
        reviewed_on=on, revised_on=on if first else None, revision=extent if first else None, signed_by=signed_by,
        elements=present(version.content, version.program, on),
        copy_given_on=copy.copy_given_on if copy else None, delivered_by=copy.delivered_by if copy else None,
    )  # fmt: skip
    return row


def _established(patient: Patient, program: str) -> Sequence[CarePlan]:
    """The plan's rows the engine knows already, the latest first."""
    found = CarePlan.objects.filter(patient=patient, program=program, established_on__isnull=False)
    return list(found.order_by(F("version").desc(nulls_last=True), "-pk"))


@transaction.atomic
def deliver_plan(
    *,
    acting_user: Membership,
    patient: Patient,
    program: str,
    number: int,
    on: date,
    way: str,
    given_to: str,
    once: str,
    name: str = "",
    language: str = "en",
) -> PlanDelivery:
    """Record that patient or caregiver was given a copy of a signed version. The same form sent twice is one delivery.

    Raises:
        PlanRefused: the version is not signed, the day lies before its signature or to come, or policy knows no such form.
    """
    head = locked_head(patient, program)
    if before := PlanDelivery.objects.filter(once=once).first():
        return before
    version = PlanVersion.objects.filter(patient=patient, program=program, number=number).first()
    signature = PlanSignature.objects.filter(version=version).first() if version else None
    if version is None or signature is None:
        raise PlanRefused("this version is not signed; a copy is given of a signed plan")
    if not timezone.localdate(signature.signed_at) <= on <= timezone.localdate():
        raise PlanRefused("the day must lie between the signature and today; correct it")
    form = _FORMS.get(way, "")
    if form not in copy_forms(program) or given_to not in dict(RECEIVERS):
        raise PlanRefused("say how the copy was given, and to whom")
    row = PlanDelivery.objects.create(
        patient=patient, version=version, on=on, form=form, way=way, given_to=given_to, name=name, language=language,
        once=once, by=acting_user, recorded_at=timezone.now(),
    )  # fmt: skip
    plan = CarePlan.objects.get(version=version)
    if plan.copy_given_on is None or on < plan.copy_given_on:
        plan.copy_given_on, plan.delivered_by = on, f"{form} {way}"
        plan.save(update_fields=["copy_given_on", "delivered_by"])
    head.given_number = max(number, head.given_number or 0)
    head.save(update_fields=["given_number"])
    after = snapshot(row, "on", "form", "way", "given_to", "language")
    record(
        acting_user=acting_user, action="plan.delivered", patient=patient, target=row, after={**after, "number": number}
    )
    return row


def copy_forms(program: str) -> tuple[str, ...]:
    """Forms in which a copy may be given; a program on which policy is silent takes chronic care's."""
    view = policy().on(timezone.localdate())
    own = f"{program}.care_plan.copy_forms"
    return view.words(own if view.find(own) is not None else "ccm.care_plan.copy_forms")


@transaction.atomic
def review_plan(*, acting_user: Membership, patient: Patient, program: str, next_on: date | None) -> None:
    """Note that the plan was looked at and stands as it is, and when it is looked at again.

    Raises:
        PlanRefused: no plan is signed yet, or the next day does not lie ahead.
    """
    head = locked_head(patient, program)
    today = timezone.localdate()
    if next_on is not None and next_on <= today:
        raise PlanRefused("the next review must lie ahead; choose a later day")
    row = next(iter(_established(patient, program)), None)
    if row is None:
        raise PlanRefused("no plan is established yet; there is none to review")
    before = {**snapshot(row, "reviewed_on"), "review_due_on": head.review_due_on}
    row.reviewed_on, head.review_due_on = today, next_on
    row.save(update_fields=["reviewed_on"])
    head.save(update_fields=["review_due_on"])
    record(
        acting_user=acting_user, action="plan.reviewed", patient=patient, target=row, before=before,
        after={"reviewed_on": today, "review_due_on": next_on},
    )  # fmt: skip
