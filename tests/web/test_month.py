"""The month: the page says what the engine says, and the demo clinic's months come out as they were designed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.cast import NOON, Cast
from tests.web.conftest import Clock

from careledger.core.month import Month
from careledger.synthetic.clinic import make_clinic
from careledger.web.billing.actions import refresh
from careledger.web.billing.models import Standing
from careledger.web.billing.queries import answer_for
from careledger.web.patients.demo import make_demo
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time

NOVEMBER = Month(2026, 11)


def log(cast: Cast, clock: Clock, minutes: int) -> None:
    log_time(
        acting_user=cast["nurse"], patient=cast.patient, programs=("ccm",), start_s=clock.s - 7200,
        end_s=clock.s - 7200 + minutes * 60, activity="call_patient", note="Reviewed the plan.",
    )  # fmt: skip


@pytest.mark.parametrize(("minutes", "bills"), [(19, []), (20, [["99490", 1]]), (65, [["99490", 1], ["99439", 2]])])
def test_it_decides_by_what_is_logged(inside: Cast, clock: Clock, minutes: int, bills: list[Any]) -> None:
    log(inside, clock, minutes)
    refresh(NOVEMBER, clock.at.date())
    row = Standing.objects.get(patient=inside.patient, month="2026-11")
    assert row.bills == bills
    assert row.counted_s == minutes * 60
    answer = answer_for(inside.patient, NOVEMBER, clock.at.date())
    assert [[line.decision.code, line.decision.units] for line in answer.billable] == bills


def test_it_decides_anew_when_the_record_changes_and_only_then(inside: Cast, clock: Clock) -> None:
    on = clock.at.date()
    assert refresh(NOVEMBER, on) == 1
    assert refresh(NOVEMBER, on) == 0
    log(inside, clock, 20)
    assert refresh(NOVEMBER, on) == 1
    assert Standing.objects.get(patient=inside.patient, month="2026-11").state == "ready"


def test_it_shows_every_decision_with_its_proof(cast: Cast, clock: Clock, as_role: Callable[[str], Client]) -> None:
    with acting_in(cast.clinic):
        log(cast, clock, 21)
    page = as_role("biller").get(f"/month/2026-11/patient/{cast.patient.pk}/").content.decode()
    assert re.search(r'chip bill">Bill</span><span class="code">99490 × 1', page)
    assert "ccm.consent.in_force" in page
    assert 'id="source-1"' in page


def test_it_answers_an_impossible_month_with_nothing_here(cast: Cast, as_role: Callable[[str], Client]) -> None:
    assert as_role("biller").get("/month/2026-13/").status_code == 404


@pytest.fixture
def demo(db: None, tmp_path: Path, clock: Clock) -> Any:
    return make_demo(tmp_path, NOON, patients=120)


def test_it_decides_the_demo_clinic_as_it_was_designed(demo: Any) -> None:
    october = Month(2026, 10)
    designed = {label.patient_id: label.bills for label in make_clinic(1, october, 120).labels}
    with acting_in(demo):
        refresh(october, date(2026, 11, 3))
        found: dict[str, dict[str, int]] = {}
        for row in Standing.objects.filter(month="2026-10").select_related("patient"):
            found.setdefault(row.patient.code, {}).update(dict(row.bills))
    assert found == designed


def test_it_asks_a_bounded_number_of_queries_for_a_page(demo: Any) -> None:
    from careledger.web.accounts.models import Membership

    client = Client()
    nurse = Membership.objects.get(user__email="nurse@lakeside.example")
    client.force_login(nurse.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with acting_in(demo):
        some = Patient.objects.filter(time_entries__isnull=False).distinct()[:1].get()
        refresh(NOVEMBER, NOON.date())
        refresh(NOVEMBER.previous(), NOON.date())
    paths = {"/?whose=all": 18, "/patients/": 14, "/month/2026-10/": 20, f"/patients/{some.pk}/": 70, f"/month/2026-10/patient/{some.pk}/": 54}  # fmt: skip
    for path, most in paths.items():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        assert len(seen) <= most, (path, len(seen))


def test_it_loads_nothing_later_than_now(demo: Any) -> None:
    from careledger.web.timers.models import TimeEntry

    with acting_in(demo):
        last = max(row.end_s or 0 for row in TimeEntry.objects.all())
        assert datetime.fromtimestamp(last, demo.zone) <= NOON
        assert TimeEntry.objects.filter(worked_on__gte=date(2026, 11, 1)).count() > 50
