"""Every view has a door; every role, a stranger and nobody try every door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.web.accounts.roles import ROLES, may
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time


def own_views(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address of the clinic; the sign-in library has its own doors, and ``test_api.py`` and ``test_fhir_api.py`` try
    those of the APIs."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            if not any(
                own in str(one.urlconf_name)
                for own in ("allauth", "careledger.web.api.urls", "careledger.web.fhir_api.urls")
            ):
                yield from own_views(one)
        else:
            yield one


VIEWS = sorted(((view.name or "", view.callback) for view in own_views()), key=lambda pair: pair[0])
ALL = [*(role for role, _ in ROLES), "stranger"]


def arguments(name: str, cast: Cast) -> dict[str, Any]:
    """What an address needs to point at the clinic's own patient."""
    needed = {
        "patient_id": cast.patient.pk,
        "month": "2026-11",
        "entry_pk": 1,
        "stretch_id": 1,
        "number": "none",
        "batch_id": 1,
        "work_id": 1,
        "file_id": "none",
        "job_id": 1,
        "topic_id": "ccm.consent",
        "article_id": "ccm-basics",
        "code": "99490",
        "measure_id": "eligible",
        "kind": "measures.csv",
        "oversight_pk": 1,
        "token_id": 1,
        "client_id": 1,
        "ehr_id": "none",
        "member_id": cast["biller"].pk,
        "engagement_id": 1,
        "program": "ccm",
        "part": "problems",
        "item_id": "new",
        "goal_pk": 1,
        "reading_pk": 1,
        "assessment_pk": 1,
        "instrument": "phq9",
        "version_number": 1,
        "practice_id": 1,
        "person_id": 1,
        "credential_id": 1,
        "payer_id": "medicare_ffs",
        "import_id": 1,
        "view_id": 1,
        "table": "conditions",
        "row_id": 1,
        "consent_id": 1,
    }
    wanted = next(set(view.pattern.regex.groupindex) for view in own_views() if view.name == name)
    return {key: value for key, value in needed.items() if key in wanted}


def test_it_finds_a_door_at_every_view() -> None:
    without = [name for name, view in VIEWS if not hasattr(view, "permission")]
    assert len(VIEWS) > 20
    assert without == []


@pytest.mark.parametrize(("name", "view"), VIEWS, ids=[name for name, _ in VIEWS])
def test_it_asks_a_signed_out_person_to_sign_in(cast: Cast, name: str, view: Any) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(reverse(name, kwargs=arguments(name, cast)))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("role", ALL)
def test_it_opens_every_view_to_the_roles_that_may_and_to_no_others(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client], role: str
) -> None:
    with acting_in(cast.clinic):
        log_time(
            acting_user=cast["nurse"], patient=cast.patient, programs=("ccm",), start_s=clock.s - 900, end_s=clock.s - 300,
            activity="call_patient", note="Reviewed the plan.",
        )  # fmt: skip
    client = as_role(role)
    held = "nurse" if role == "stranger" else role
    for name, view in VIEWS:
        answer = client.get(reverse(name, kwargs=arguments(name, cast)))
        if not may(held, view.permission):
            assert answer.status_code == 403, (role, name)
        elif role == "stranger" and {"patient_id", "entry_pk"} & arguments(name, cast).keys():
            assert answer.status_code in (404, 405), name
        else:
            assert answer.status_code in (200, 302, 404, 405), (role, name)


POSTED = [(name, view) for name, view in VIEWS if name not in ("timer", "today", "lock")]


@pytest.mark.parametrize("role", ALL)
def test_it_lets_nobody_write_whose_role_may_not(cast: Cast, as_role: Callable[[str], Client], role: str) -> None:
    client = as_role(role)
    held = "nurse" if role == "stranger" else role
    for name, view in POSTED:
        answer = client.post(reverse(name, kwargs=arguments(name, cast)))
        if not may(held, view.permission):
            assert answer.status_code == 403, (role, name)
        elif role == "stranger" and "patient_id" in arguments(name, cast):
            assert answer.status_code in (404, 405), name


def test_it_shows_a_stranger_none_of_the_clinics_names(cast: Cast, as_role: Callable[[str], Client]) -> None:
    client = as_role("stranger")
    for path in ("/", "/?whose=all", "/patients/", "/month/", "/patients/?q=Amber"):
        page = client.get(path).content.decode()
        assert "Amberlake" not in page
    assert "Elsewhere" in client.get("/patients/").content.decode()
    assert "Amberlake" in as_role("nurse").get("/patients/").content.decode()


def test_it_refuses_a_forged_form(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["nurse"].user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(reverse("timer_start", args=[cast.patient.pk])).status_code == 403
