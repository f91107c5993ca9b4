"""The keeper: a quiet thread that decides anew what a new day, a new policy or an import has made out of date.

Pages show what is kept and decide only the few patients somebody has just changed; else the first page of a morning would
decide the whole clinic. One process of the clinic keeps at a time, by a lease in the database that ends by itself when the
process dies. Nothing is lost by a restart: what is out of date is found again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from careledger.core.month import Month
from careledger.web.accounts.rest import Rest
from careledger.web.billing.actions import refresh
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in

AT_ONCE = 10
"""Patients between two breaths: the thread gives the pages as much time as it takes."""
EVERY_S = 20
ALSO: list[Callable[[date, int], int]] = []
"""What other apps keep likewise: asked for a day and patients at most, each answers how many it decided."""
_LEASE, _LEASE_S = "keeper", 120
_logger = logging.getLogger(__name__)


def start_keeper() -> threading.Thread | None:
    """Start the thread, unless the settings say no."""
    if not settings.KEEPER:
        return None
    thread = threading.Thread(target=_run, args=(uuid4().hex,), name="keeper", daemon=True)
    thread.start()
    return thread


def _run(name: str) -> None:
    rest = Rest(_logger, "the keeper")
    while True:
        keep_once(name, rest)
        time.sleep(EVERY_S)


def keep_once(name: str, rest: Rest) -> None:
    """Keep if it is this process's turn."""
    with rest.trying():
        if holds_lease(name):
            keep_all(lambda: holds_lease(name))
            _keep_statistics()


def _keep_statistics() -> None:
    """SQLite counts its tables anew where they have grown, so that its plans fit; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit=1000")
            cursor.execute("PRAGMA optimize")


def holds_lease(name: str) -> bool:
    """May this process keep now? Asking again prolongs the lease."""
    if cache.add(_LEASE, name, _LEASE_S):
        return True
    if cache.get(_LEASE) != name:
        return False
    cache.touch(_LEASE, _LEASE_S)
    return True


def keep_all(may_go_on: Callable[[], bool] = lambda: True, breath: float = 1.0) -> int:
    """Decide what is out of date in every organisation, this month and the one before; returns how many months.

    Args:
        may_go_on: asked between two breaths.
        breath: rest after each breath, as a multiple of the time it took.
    """
    done = 0
    for house in Organisation.objects.order_by("pk"):
        with acting_in(house), timezone.override(house.zone):
            on = timezone.localdate()
            for month in (Month.of(on), Month.of(on).previous()):
                done += _kept(partial(refresh, month, on, AT_ONCE), may_go_on, breath)
            for also in ALSO:
                _kept(partial(also, on, AT_ONCE), may_go_on, breath)
    return done


def _kept(step: Callable[[], int], may_go_on: Callable[[], bool], breath: float) -> int:
    """Decide in small steps until nothing is out of date; returns how much was decided."""
    done = 0
    while may_go_on():
        start = time.monotonic()
        decided = step()
        done += decided
        if decided < AT_ONCE:
            break
        time.sleep(breath * (time.monotonic() - start))
    return done
