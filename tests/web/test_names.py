"""Pages name people by name and credential; ids stand in the directory, the audit log and what is exported."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.web.patients.actions import record_consent
from careledger.web.plans.actions import begin_plan
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time

_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)
_IDS = re.compile(r"(?<![\w-])(rn-1|dr-1|dr-2|user-\d+)(?![\w-])")
_WITH_IDS = ("people", "person", "audit", "audits")
"""Views where ids are shown on purpose: the directory and the audit log."""


@pytest.fixture
def told(cast: Cast, clock: Clock) -> Cast:
    """Each of consent, plan and time was written by someone."""
    with acting_in(cast.clinic):
        who, person = cast["nurse"], cast["director"].person
        assert person is not None
        record_consent(
            acting_user=who, patient=cast.patient, program="bhi", given_on=date(2026, 11, 2), form="verbal",
            practitioner=person, covers=("cost_sharing", "specialist_consultation"),
        )  # fmt: skip
        begin_plan(acting_user=who, patient=cast.patient, program="ccm", templates=["hypertension"])
        log_time(
            acting_user=who, patient=cast.patient, programs=("ccm",), start_s=clock.s - 900, end_s=clock.s - 300,
            activity="call_patient", note="Reviewed the plan.",
        )  # fmt: skip
    return cast


def pages(client: Client, start: str) -> Iterator[tuple[str, str]]:
    """(path, text) of one page of every view that links lead to."""
    waiting, walked = [start, "/"], set()
    while waiting:
        path = waiting.pop(0)
        try:
            name = resolve(path.partition("?")[0]).view_name
        except Resolver404:
            continue
        if (
            name in walked or "logout" in path or path.startswith(("/api/", "/library/"))
        ):  # its examples have people of their own
            continue
        walked.add(name)
        answer = client.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        page = answer.content.decode()
        waiting += re.findall(r'<a [^>]*href="(/[^"#]*)', html.unescape(page))
        if name not in _WITH_IDS:
            yield path, html.unescape(_TAGS.sub(" ", page))


@pytest.mark.parametrize("role", ["nurse", "biller", "compliance"])
def test_no_page_shows_the_id_of_a_person(told: Cast, as_role: Callable[[str], Client], role: str) -> None:
    shown = dict(pages(as_role(role), f"/patients/{told.patient.pk}/"))
    assert len(shown) > 15
    assert {path: found for path, text in shown.items() if (found := _IDS.findall(text))} == {}


def test_the_chart_names_who_signed_and_who_recorded(told: Cast, as_role: Callable[[str], Client]) -> None:
    nurse = as_role("nurse")
    chart = nurse.get(f"/patients/{told.patient.pk}/").content.decode()
    assert "recorded by Given Nurse, RN" in chart
    assert "Given Practitioner, MD" in chart
    assert "Given Director, MD" in nurse.get(f"/enrolment/bhi/{told.patient.pk}/").content.decode()
    assert "Given Nurse, RN" in nurse.get(f"/plans/{told.patient.pk}/ccm/").content.decode()
