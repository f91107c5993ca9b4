"""Work of many at once, and lists that stay quick as the clinic grows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
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
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

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
