"""The chart's actions and page: consent, revocation, status history, who may see what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.test import Client
from tests.web.cast import Cast

from careledger.web.patients.access import get_patient_for
from careledger.web.patients.actions import ChartRefused, record_consent, revoke_consent, set_status
from careledger.web.patients.models import Consent
from careledger.web.patients.queries import programs_of

STATEMENTS = ("availability", "cost_sharing", "one_practitioner", "right_to_stop")


def consent(cast: Cast, given_on: date = date(2026, 11, 2)) -> Consent:
    return record_consent(
        acting_user=cast["nurse"], patient=cast.patient, program="bhi", given_on=given_on, form="verbal",
        practitioner=cast["practitioner"].person, covers=STATEMENTS,
    )  # fmt: skip


def test_it_opens_no_door_to_another_organisations_patient(inside: Cast) -> None:
    assert get_patient_for(inside["nurse"], inside.patient.pk) == inside.patient
    for member, patient in ((inside["nurse"], inside.foreign_patient), (inside["administrator"], inside.patient)):
        with pytest.raises(Http404):
            get_patient_for(member, patient.pk)


def test_it_records_consent_under_the_name_of_who_is_signed_in(inside: Cast) -> None:
    row = consent(inside)
    assert (row.recorded_by, row.covers, row.documented) == ("rn-1", STATEMENTS, True)
    assert [(one.program, one.status) for one in programs_of(inside.patient)] == [
        ("bhi", "consented"),
        ("ccm", "enrolled"),
    ]


def test_it_revokes_once_and_keeps_the_consent(inside: Cast) -> None:
    row = consent(inside)
    revoke_consent(acting_user=inside["nurse"], consent=row, on=date(2026, 11, 10))
    kept = Consent.objects.get(pk=row.pk)
    assert kept.revoked_on == date(2026, 11, 10)
    with pytest.raises(ChartRefused, match="revoked already"):
        revoke_consent(acting_user=inside["nurse"], consent=kept, on=date(2026, 11, 11))


@pytest.mark.parametrize("table", ["patients_consent", "patients_programstatus"])
def test_it_keeps_consent_and_status_from_being_changed(inside: Cast, table: str) -> None:
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET program = 'pcm'")


def test_it_refuses_a_consent_or_status_of_a_day_to_come(inside: Cast) -> None:
    with pytest.raises(ChartRefused, match="future"):
        consent(inside, date(2026, 11, 19))
    with pytest.raises(ChartRefused, match="future"):
        set_status(
            acting_user=inside["nurse"], patient=inside.patient, program="ccm", status="declined", on=date(2026, 12, 1)
        )
    with pytest.raises(ChartRefused, match="no such status"):
        set_status(
            acting_user=inside["nurse"], patient=inside.patient, program="ccm", status="maybe", on=date(2026, 11, 1)
        )


def test_it_tells_the_present_status_by_its_day_not_by_when_it_was_typed(inside: Cast) -> None:
    for status, day in (("declined", 12), ("invited", 3)):
        set_status(
            acting_user=inside["nurse"], patient=inside.patient, program="pcm", status=status, on=date(2026, 11, day)
        )
    (found,) = [one for one in programs_of(inside.patient) if one.program == "pcm"]
    assert (found.status, len(found.history)) == ("declined", 2)


def test_it_shows_the_chart(cast: Cast, as_role: Callable[[str], Client]) -> None:
    page = as_role("nurse").get(f"/patients/{cast.patient.pk}/").content.decode()
    for said in ("Amberlake, Ada p1", "CCM: enrolled since Jan 5, 2026", "20 min to 99490", "Blood pressure below 135"):
        assert said in page
    assert "/time/timer/start/" in page
    assert "/time/timer/start/" not in as_role("biller").get(f"/patients/{cast.patient.pk}/").content.decode()
