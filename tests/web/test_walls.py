"""Row-level security on PostgreSQL: raw SQL without a scope sees nothing, and inside one only its own organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.web.api.tokens import make_token
from careledger.web.audit.chain import faults
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import OrganisationRow, acting_in
from careledger.web.tenancy.walls import lay_walls, superuser_warning, walled_tables

postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row-level security")


@pytest.fixture
def plain(cast: Cast) -> Iterator[Cast]:
    """The test acts as a plain database user, as a real install does; the tests' own is a superuser."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE clinic_plain NOLOGIN NOSUPERUSER")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO clinic_plain")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO clinic_plain")
        cursor.execute("SET ROLE clinic_plain")
    yield cast
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def _codes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM patients_patient ORDER BY code")
        return [row[0] for row in cursor.fetchall()]


@postgres
def test_raw_sql_sees_nothing_without_a_scope_and_its_own_inside_one(plain: Cast) -> None:
    assert _codes() == []
    with acting_in(plain.clinic):
        assert _codes() == ["p1"]
        with acting_in(plain.elsewhere):
            assert _codes() == ["x1"]
        assert _codes() == ["p1"]
    assert _codes() == []
    assert not Patient.everywhere.exists()


@postgres
def test_raw_sql_cannot_write_into_another_organisation(plain: Cast) -> None:
    with acting_in(plain.clinic):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE patients_patient SET code = 'taken' WHERE code = 'x1'")
            assert cursor.rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Patient.everywhere.bulk_create([Patient(code="smuggled", organisation=plain.elsewhere)])
        assert faults(plain.clinic.pk) == []


@postgres
def test_the_scope_survives_a_failed_transaction(plain: Cast) -> None:
    with acting_in(plain.clinic):
        for _ in range(2):
            with pytest.raises(ZeroDivisionError), transaction.atomic(), acting_in(plain.elsewhere):
                raise ZeroDivisionError
        failing = connection.cursor()
        with failing, pytest.raises(ProgrammingError), transaction.atomic(), acting_in(plain.elsewhere):
            failing.execute("SELECT no_such_column FROM patients_patient")
        assert _codes() == ["p1"]


@postgres
def test_every_table_of_organisations_rows_has_its_wall_and_laying_it_twice_is_one_wall(db: None) -> None:
    lay_walls()
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname")
        assert [row[0] for row in cursor.fetchall()] == walled_tables()
        cursor.execute("SELECT count(*) FROM pg_policies")
        assert cursor.fetchone()[0] == len(walled_tables())


@postgres
def test_it_warns_of_a_database_user_who_walks_through_the_wall(cast: Cast) -> None:
    assert [one.id for one in superuser_warning(None, ["default"])] == ["careledger.W001"]


@postgres
def test_a_plain_user_is_not_warned_of(plain: Cast) -> None:
    assert superuser_warning(None, ["default"]) == []


def test_every_model_with_an_organisation_stands_behind_the_wall() -> None:
    from django.apps import apps

    without: list[Any] = [
        model
        for model in apps.get_models()
        if any(field.name == "organisation" for field in model._meta.fields) and not issubclass(model, OrganisationRow)
    ]
    told_apart = {"Membership", "AuditHead", "TimeLedger"}  # the first tells the scope; the others hold no chart
    assert {model.__name__ for model in without} <= told_apart


@postgres
def test_the_pages_and_the_api_work_behind_the_wall(
    plain: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    with acting_in(plain.clinic):
        _, token = make_token(acting_user=plain["nurse"], name="x", scopes=["patients:read", "time:write"], days=1)
    nurse = as_role("nurse")
    chart = f"/patients/{plain.patient.pk}/"
    for path in ("/", "/patients/", chart, "/month/", f"/month/2026-11/patient/{plain.patient.pk}/", "/library/"):
        assert nurse.get(path).status_code == 200, path
    nurse.post(f"/time/timer/start/{plain.patient.pk}/", {"program": "ccm"})
    clock.forward(minutes=12)
    nurse.post("/time/timer/stop/", {"activity": "call_patient", "note": "Called.", "program": "ccm"})
    assert "12:00" in nurse.get(chart).content.decode()
    work = {
        "start": "2026-11-18T09:00:00-05:00",
        "end": "2026-11-18T09:05:00-05:00",
        "activity": "call_patient",
        "note": "By program.",
    }
    bearer = {"Authorization": f"Bearer {token}"}
    sent = Client().post(f"/api{chart}time", work, content_type="application/json", headers=bearer)
    assert (sent.status_code, sent.json()["by"]) == (201, "rn-1")
    for role, path in (("compliance", "/audit/"), ("administrator", "/settings/"), ("director", "/oversight/")):
        assert as_role(role).get(path).status_code == 200, path
    assert "Amberlake" not in as_role("stranger").get("/patients/").content.decode()
