"""Work of many at once, and lists that stay quick as the clinic grows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock

from careledger.core.month import Month
from careledger.web.audit.actions import record
from careledger.web.billing import keeper
from careledger.web.billing.actions import ON_A_PAGE, refresh
from careledger.web.billing.models import Standing
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import acting_in

NOVEMBER = Month(2026, 11)


def _more(cast: Cast, count: int) -> None:
    with acting_in(cast.clinic):
        biller = Person.objects.get(code="dr-1")
        for number in range(count):
            make_patient(f"m{number}", biller)


def test_the_keeper_decides_every_organisations_months_in_small_breaths(cast: Cast, clock: Clock) -> None:
    _more(cast, keeper.AT_ONCE + 2)
    assert keeper.keep_all(breath=0) == 2 * (keeper.AT_ONCE + 3)
    assert keeper.keep_all(breath=0) == 0
    clock.forward(days=1)
    assert keeper.keep_all(breath=0) == keeper.AT_ONCE + 3, (
        "the open month is asked anew each day, the closed one is not"
    )


def test_the_keeper_stops_when_another_process_keeps(cast: Cast) -> None:
    cache.clear()
    assert keeper.holds_lease("one")
    assert not keeper.holds_lease("two")
    assert keeper.holds_lease("one")
    assert keeper.keep_all(lambda: keeper.holds_lease("two"), breath=0) == 0


def test_a_page_decides_what_somebody_just_changed_and_leaves_the_rest_to_the_keeper(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    _more(cast, ON_A_PAGE + 5)
    with acting_in(cast.clinic):
        refresh(NOVEMBER, clock.at.date())
    clock.forward(days=1)
    client = as_role("biller")
    client.get("/month/")
    assert _asked_on(cast) == {clock.at.date() - timedelta(days=1)}
    with acting_in(cast.clinic):
        record(acting_user=cast["nurse"], action="chart.changed", patient=cast.patient)
    client.get("/month/")
    with acting_in(cast.clinic):
        assert Standing.objects.get(patient=cast.patient).as_of == clock.at.date()
        assert Standing.objects.filter(as_of=clock.at.date()).count() == 1


def _asked_on(cast: Cast) -> set[date]:
    with acting_in(cast.clinic):
        return set(Standing.objects.values_list("as_of", flat=True))


@pytest.mark.parametrize(
    ("role", "path"),
    [("nurse", "/?whose=all"), ("nurse", "/patients/"), ("biller", "/month/"), ("compliance", "/audit/")],
)
def test_a_list_asks_as_many_queries_for_sixty_patients_as_for_one(
    cast: Cast, as_role: Callable[[str], Client], role: str, path: str
) -> None:
    client = as_role(role)
    counts = []
    for more in (0, 60):
        _more(cast, more)
        with acting_in(cast.clinic):
            refresh(NOVEMBER, date(2026, 11, 18))
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 1, counts


def test_the_month_can_be_narrowed_to_one_blocker(cast: Cast, as_role: Callable[[str], Client]) -> None:
    with acting_in(cast.clinic):
        refresh(NOVEMBER, date(2026, 11, 18))
        blockers = [{"rule": "ccm.consent.in_force", "says": "x", "next_step": "y", "is_minutes": False}]
        Standing.objects.filter(patient=cast.patient).update(state="blocked", blockers=blockers)
    client = as_role("biller")
    found = client.get("/month/2026-11/", {"rule": "ccm.consent.in_force"}).context["page"]
    assert [row.patient_id for row in found] == [cast.patient.pk]
    assert list(client.get("/month/2026-11/", {"rule": "ccm.consent"}).context["page"]) == []


@pytest.fixture
def address_of_a_plain_user() -> dict[str, str]:
    """Where the bench keeps its clinic: SQLite, or a PostgreSQL database whose owner no wall lets through."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return {}
    import psycopg

    with psycopg.connect(url, autocommit=True) as line:
        line.execute("DROP DATABASE IF EXISTS bench")
        line.execute("DROP ROLE IF EXISTS bench")
        line.execute("CREATE ROLE bench LOGIN NOSUPERUSER")
        line.execute("CREATE DATABASE bench OWNER bench")
    return {"DATABASE_URL": re.sub(r"//[^@]*@([^/]*)/.*", r"//bench@\1/bench", url)}


@pytest.mark.slow
def test_forty_people_at_once_lose_nothing_and_double_nothing(address_of_a_plain_user: dict[str, str]) -> None:
    """Ten seconds here; ``python -m bench.web --together 120`` is the whole of it."""
    asked = ["--patients", "120", "--entries", "1500", "--only-together", "--together", "10", "--people", "40"]
    env = {**os.environ, **address_of_a_plain_user}
    for name in ("CARELEDGER_DATA", "DJANGO_SETTINGS_MODULE", "CARELEDGER_DEMO"):
        env.pop(name, None)
    ran = subprocess.run(
        [sys.executable, "-m", "bench.web", *asked], env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = re.search(r"40 people for 10 s: ([\d,]+) entries, each sent twice; lost 0, doubled 0", ran.stdout)
    assert said, ran.stdout
    assert int(said.group(1).replace(",", "")) >= 40
