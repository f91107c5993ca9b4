"""Filing and doing background work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in, locked_organisation
from careledger.web.work.kinds import kind_of
from careledger.web.work.models import Job

SILENT_S = 90
"""Seconds without a beat after which whoever did a job is taken for dead."""
MOST_TRIES = 3
_logger = logging.getLogger(__name__)


@transaction.atomic
def start(*, acting_user: Membership, kind: str, arguments: dict[str, Any]) -> Job:
    """File a job; the same one already waiting or running is that one."""
    kind_of(kind)
    locked_organisation()
    there = Job.objects.filter(kind=kind, arguments=arguments, state__in=("waiting", "running")).first()
    if there is not None:
        return there
    made: Job = Job.objects.create(kind=kind, arguments=arguments, started_by=acting_user, created_at=timezone.now())
    record(acting_user=acting_user, action="job.filed", target=made, after={"kind": kind})
    return made


def do_all(may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Do the jobs that wait, and those whose server died, of every organisation; returns how many."""
    done = 0
    for house in Organisation.objects.order_by("pk"):
        with acting_in(house), timezone.override(house.zone):
            while may_go_on() and (job := _take()) is not None:
                _do(job)
                done += 1
    return done


def _take() -> Job | None:
    """Take one job for oneself: of two servers only one gets it."""
    now = timezone.now()
    silent = Q(state="running") & (Q(beat_at=None) | Q(beat_at__lt=now - timedelta(seconds=SILENT_S)))
    for job in Job.objects.filter(Q(state="waiting") | silent).order_by("created_at", "pk"):
        taken = Job.objects.filter(pk=job.pk, state=job.state, tries=job.tries).update(
            state="running", beat_at=now, tries=F("tries") + 1
        )
        if taken:
            job.refresh_from_db()
            found: Job = job
            return found
    return None


def _do(job: Job) -> None:
    if job.tries > MOST_TRIES:
        _end(job, "failed", {"says": "it was begun several times and never ended; tell the administrator"})
        return

    def tell(says: str, done: int = 0, total: int = 0) -> None:
        Job.objects.filter(pk=job.pk).update(says=says[:200], done=done, total=total, beat_at=timezone.now())

    try:
        result = kind_of(job.kind).work(job.arguments, job.started_by, tell)
    except CareLedgerError as error:
        _end(job, "failed", {"says": str(error)})
    except Exception as error:  # a fault of ours must not end the thread; its kind is told, never its text
        _logger.exception("job %s of kind %s failed", job.pk, job.kind, exc_info=None)
        _end(job, "failed", {"says": f"an unexpected fault ({type(error).__name__}); nothing was half-written"})
    else:
        _end(job, "done", result)


@transaction.atomic
def _end(job: Job, state: str, result: dict[str, Any]) -> None:
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(
        state=state, result=result, finished_at=now, beat_at=now, says=str(result.get("says", ""))[:200]
    )
    record(acting_user=job.started_by, action=f"job.{state}", target=job, after={"kind": job.kind})
