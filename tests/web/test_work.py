"""Background work: filed once, done once, begun anew after a death, and honest about faults."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.core.errors import CareLedgerError
from careledger.web.work import kinds
from careledger.web.work.actions import MOST_TRIES, SILENT_S, do_all, start
from careledger.web.work.models import Job


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A kind of work that notes what it did."""
    seen: list[dict[str, Any]] = []

    def work(arguments: dict[str, Any], by: Any, tell: kinds.Tell) -> dict[str, Any]:
        tell("half", 1, 2)
        seen.append(arguments)
        if arguments.get("refuse"):
            raise CareLedgerError("the file is cut; copy it again")
        if arguments.get("break"):
            raise ZeroDivisionError("Ada Amberlake, MBI 1EG4")
        return {"says": "did it", "next": "/"}

    monkeypatch.setitem(kinds._KINDS, "test", kinds.Kind("test", "Test", work))
    return seen


def file(cast: Cast, **arguments: Any) -> Job:
    return start(acting_user=cast["nurse"], kind="test", arguments=arguments)


def test_a_job_is_done_once_and_says_what_came_of_it(inside: Cast, done: list[Any]) -> None:
    job = file(inside, a=1)
    assert file(inside, a=1).pk == job.pk
    assert file(inside, a=2).pk != job.pk
    assert do_all() == 2
    assert do_all() == 0
    job.refresh_from_db()
    assert (job.state, job.says, job.percent, len(done)) == ("done", "did it", 100, 2)


def test_a_job_whose_server_died_is_begun_anew_but_not_for_ever(inside: Cast, done: list[Any], clock: Clock) -> None:
    job = file(inside)
    Job.objects.filter(pk=job.pk).update(state="running", tries=1, beat_at=timezone.now())
    assert do_all() == 0
    clock.forward(seconds=SILENT_S + 1)
    assert do_all() == 1
    other = file(inside, again=True)
    Job.objects.filter(pk=other.pk).update(
        state="running", tries=MOST_TRIES, beat_at=timezone.now() - timedelta(seconds=SILENT_S + 1)
    )
    assert do_all() == 1
    other.refresh_from_db()
    assert other.state == "failed"
    assert len(done) == 1


def test_a_refusal_is_told_and_a_fault_hides_its_text(
    inside: Cast, done: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    refused, broken = file(inside, refuse=True), file(inside, **{"break": True})
    do_all()
    refused.refresh_from_db()
    broken.refresh_from_db()
    assert (refused.state, refused.says) == ("failed", "the file is cut; copy it again")
    assert "ZeroDivisionError" in broken.says
    assert "Amberlake" not in broken.says + caplog.text


def test_a_job_is_seen_by_who_filed_it(cast: Cast, as_role: Any, done: list[Any]) -> None:
    from careledger.web.tenancy.scope import acting_in

    with acting_in(cast.clinic):
        job = file(cast)
        do_all()
    page = as_role("nurse").get(f"/work/{job.pk}/")
    assert b"did it" in page.content
    assert as_role("biller").get(f"/work/{job.pk}/").status_code == 404
    assert as_role("stranger").get(f"/work/{job.pk}/").status_code == 404
    assert as_role("administrator").get("/work/").status_code == 200
