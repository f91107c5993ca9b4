"""Writing a chart by hand: the patient, the practitioner of record, and rows of the record, corrected with before and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record, snapshot
from careledger.web.patients.actions import who_is
from careledger.web.patients.changes import locked
from careledger.web.patients.models import Panel, Patient, PractitionerOfRecord
from careledger.web.patients.refusals import ChartRefused
from careledger.web.tenancy.models import Person

_FIRST_NUMBER = 1001
"""Of the ids the clinic gives to patients who bring none."""


@transaction.atomic
def add_patient(*, acting_user: Membership, cells: Mapping[str, Any], may_be_twin: bool = False) -> Patient:
    """A new patient.

    Args:
        cells: columns of ``Patient``; an empty ``code`` is given by the clinic.
        may_be_twin: the writer has seen that someone of the same name and birth date is in the practice.

    Raises:
        ChartRefused: the id is taken, or the patient seems to be in the practice already.
    """
    code = cells.get("code") or _next_code()
    if Patient.objects.filter(code__iexact=code).exists():
        raise ChartRefused("another patient has this id; leave it empty to have one given", "code")
    twin = _twin(cells)
    if twin is not None and not may_be_twin:
        raise ChartRefused(
            f"someone of this name and birth date is in the practice (id {twin.code}); open that chart, or say that it is "
            "another person",
            "is_another",
        )
    patient = Patient(**{**cells, "code": code})
    patient.save()
    after = snapshot(patient)
    record(acting_user=acting_user, action="patient.added", patient=patient, target=patient, after=after)
    patient.refresh_from_db()
    return patient


@transaction.atomic
def change_patient(
    *, acting_user: Membership, patient: Patient, cells: Mapping[str, Any], seen: int | None = None
) -> None:
    """Correct who the patient is.

    Raises:
        ChartChanged: someone else corrected the same since.
        ChartRefused: the id is another's, or the dates cannot be.
    """
    row = locked(patient, seen, ("patient",))
    code = cells.get("code") or row.code
    if Patient.objects.filter(code__iexact=code).exclude(pk=row.pk).exists():
        raise ChartRefused("another patient has this id; choose another", "code")
    _change(acting_user, row, row, {**cells, "code": code}, "patient.changed")


@transaction.atomic
def write_row(
    *, acting_user: Membership, patient: Patient, row: models.Model, cells: Mapping[str, Any], seen: int | None = None
) -> models.Model:
    """Add a row to the record, or correct one; the audit log keeps what stood before.

    Args:
        row: an unsaved one of the patient, or one that stands.
        seen: the chart's revision as the writer saw it.

    Raises:
        ChartChanged: someone else wrote rows of this kind since.
        ChartRefused: a day that cannot be.
    """
    name = str(row._meta.model_name)
    held = locked(patient, seen, (name,))
    _check_days(held, cells)
    if row.pk is None:
        for column, value in cells.items():
            setattr(row, column, value)
        row.save()
        record(acting_user=acting_user, action=f"{name}.added", patient=held, target=row, after=snapshot(row, *cells))
    else:
        _change(acting_user, held, row, cells, f"{name}.changed")
    return row


@transaction.atomic
def remove_row(
    *, acting_user: Membership, patient: Patient, row: models.Model, reason: str, seen: int | None = None
) -> None:
    """Take a row that was entered in error out of the record; the audit log keeps it whole, with the reason.

    Raises:
        ChartChanged: someone else wrote rows of this kind since.
        ChartRefused: no reason is given.
    """
    if not reason.strip():
        raise ChartRefused("say why it is taken out", "reason")
    name = str(row._meta.model_name)
    held = locked(patient, seen, (name,))
    record(
        acting_user=acting_user,
        action=f"{name}.removed",
        patient=held,
        target=row,
        before=snapshot(row),
        after={"reason": reason.strip()},
    )
    row.delete()


@transaction.atomic
def name_practitioner(
    *,
    acting_user: Membership,
    patient: Patient,
    practitioner: Person,
    since: date | None = None,
    note: str = "",
    seen: int | None = None,
) -> PractitionerOfRecord:
    """Say who answers for a patient from a day on; who did before stays in the history.

    Args:
        since: the first day; today when not said.

    Raises:
        ChartChanged: someone else named one since.
        ChartRefused: no practitioner, the same as now, or a day that cannot be.
    """
    held = locked(patient, seen, ("practitionerofrecord", "panel"))
    since = since or timezone.localdate()
    rows = PractitionerOfRecord.objects.filter(patient=held)
    before = _present(rows, held)
    _check_change(practitioner, before, since, rows)
    if before is not None and not rows.exists():
        PractitionerOfRecord(patient=held, practitioner=before, note="as recorded before the change").save()
    Panel.objects.get_or_create(patient=held, biller=practitioner)
    row = PractitionerOfRecord(
        patient=held, practitioner=practitioner, since=since, note=note, recorded_by=who_is(acting_user)
    )
    row.save()
    record(
        acting_user=acting_user,
        action="practitioner.named",
        patient=held,
        target=row,
        before={"practitioner": before.code if before else None},
        after={"practitioner": practitioner.code, "since": since, "note": note},
    )
    return row


def _present(rows: Any, patient: Patient) -> Person | None:
    latest = max(rows.select_related("practitioner"), key=lambda row: (row.since or date.min, row.pk), default=None)
    if latest is not None:
        return latest.practitioner
    first = Panel.objects.filter(patient=patient).select_related("biller").order_by("pk").first()
    return None if first is None else first.biller


def _check_change(practitioner: Person, before: Person | None, since: date, rows: Any) -> None:
    if not practitioner.is_practitioner:
        raise ChartRefused("choose a practitioner; staff cannot answer for a patient", "practitioner")
    if before is not None and before.pk == practitioner.pk:
        raise ChartRefused("this practitioner answers for the patient already", "practitioner")
    if since > timezone.localdate():
        raise ChartRefused("the day lies in the future; record the change when it has come", "since")
    last = max((row.since for row in rows if row.since), default=None)
    if last is not None and since < last:
        raise ChartRefused(f"the last change was on {last}; name that day or a later one", "since")


def _change(
    acting_user: Membership, patient: Patient, row: models.Model, cells: Mapping[str, Any], action: str
) -> None:
    """Set what differs and say so; nothing is written where nothing differs."""
    stands = row if isinstance(row, Patient) else type(row)._default_manager.get(pk=row.pk)
    changed = [name for name, value in cells.items() if getattr(stands, name) != value]
    if not changed:
        return
    before = snapshot(stands, *changed)
    for name in changed:
        setattr(stands, name, cells[name])
    stands.save(update_fields=changed)
    record(
        acting_user=acting_user, action=action, patient=patient, target=stands, before=before,
        after=snapshot(stands, *changed),
    )  # fmt: skip


def _check_days(patient: Patient, cells: Mapping[str, Any]) -> None:
    """No day before birth; nothing begins in the future or ends before it began."""
    today, born = timezone.localdate(), patient.born_on
    for name, value in cells.items():
        if not isinstance(value, date):
            continue
        if born is not None and value < born:
            raise ChartRefused("the day lies before the patient was born; correct it", name)
        if value > today and name not in ("until", "period_until"):
            raise ChartRefused("the day lies in the future; record it when it has come", name)
    since, until = cells.get("since"), cells.get("until")
    if since is not None and until is not None and until < since:
        raise ChartRefused("it ends before it begins; correct one of the days", "until")


def _twin(cells: Mapping[str, Any]) -> Patient | None:
    if not cells.get("family_name") or not cells.get("born_on"):
        return None
    same = Patient.objects.filter(family_name__iexact=cells["family_name"], born_on=cells["born_on"])
    found: Patient | None = same.filter(given_name__iexact=cells.get("given_name") or "").first()
    return found


def _next_code() -> str:
    """An id nobody has: ``P`` and a number."""
    number = _FIRST_NUMBER + Patient.objects.count()
    while Patient.objects.filter(code=f"P{number}").exists():
        number += 1
    return f"P{number}"
