"""The API attacked along its own description, by the whole cast, someone of another clinic, and nobody.

Schemathesis makes requests out of the OpenAPI document, both such as fit it and such as do not, and sends them through the
WSGI application. The requests are the same in every run.
"""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.web.cast import Cast
from tests.web.conftest import Clock, as_role, cast, clock
from tests.web.test_api import _scope_of, _token

from careledger.web.accounts.roles import ROLES, may
from careledger.web.api.scopes import SCOPES
from careledger.web.api.service import api
from careledger.web.audit.models import AuditEvent
from careledger.web.patients.models import Consent
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time
from careledger.web.timers.models import TimeEntry

__all__ = ["as_role", "cast", "clock"]

CALLERS = [*(role for role, _ in ROLES), "stranger", "nobody"]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MANY, FEW = 5, 1
"""Requests of each kind (fitting, not fitting) for each route: by callers whom it opens to, and by those it is shut to."""
REFUSED_BEFORE = {401, 404, 405}
"""What a caller without a token in force is told; 404 where the address itself is none."""
OURS = ("Amberlake", "Lakeside", "dr-1", "Blood pressure below 135")
THEIRS = ("Elsewhere", "Erin", "Hillcrest", "rn-9")
DOCUMENT = openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
OPERATIONS = {
    f"{one.method.upper()} {one.path}": one for one in (found.ok() for found in DOCUMENT.get_all_operations())
}


class Stage:
    """The cast with one entry of time on each side, and a token for each caller."""

    def __init__(self, cast: Cast, clock: Clock) -> None:
        self.cast = cast
        entries = {}
        for house, who, patient in (
            (cast.clinic, cast["nurse"], cast.patient),
            (cast.elsewhere, cast.stranger, cast.foreign_patient),
        ):
            with acting_in(house):
                entries[house.slug] = log_time(
                    acting_user=who, patient=patient, programs=("ccm",), start_s=clock.s - 7200, end_s=clock.s - 6600,
                    activity="call_patient", note=f"Called from {house.name}.",
                )  # fmt: skip
        with acting_in(cast.clinic):
            consent = Consent.objects.get(patient=cast.patient)
        self.known = {
            "patient_id": [cast.patient.pk, cast.foreign_patient.pk],
            "entry_pk": [entry.pk for entry in entries.values()],
            "consent_id": [consent.pk],
            "month": ["2026-11", "2026-10"],
        }
        every = tuple(SCOPES)
        self.headers = {
            caller: {"Authorization": f"Bearer {_token(cast, caller, every)}"}
            for caller in CALLERS
            if caller not in ("nobody", "auditor")
        }


@pytest.fixture
def stage(cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Stage:
    cache.clear()
    for throttle in api.throttle:
        monkeypatch.setattr(throttle, "num_requests", 10**9)
    return Stage(cast, clock)


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_a_route_or_crosses_to_another_clinic(stage: Stage, label: str) -> None:
    for caller in CALLERS:
        other = stage.cast.clinic if caller == "stranger" else stage.cast.elsewhere
        before = _standing(other)
        statuses = {status for mode in GenerationMode for status in _answers(stage, caller, label, mode)}
        assert statuses, caller
        assert _standing(other) == before, caller
        if caller in ("nobody", "auditor"):
            assert statuses <= REFUSED_BEFORE, caller
        elif not _opens(caller, label):
            assert statuses <= {*REFUSED_BEFORE, 403}, caller


def _answers(stage: Stage, caller: str, label: str, mode: GenerationMode) -> list[int]:
    """The statuses of a caller's requests to a route."""
    operation = OPERATIONS[label]
    seen: list[int] = []

    @settings(
        max_examples=MANY if _opens(caller, label) else FEW, derandomize=True, database=None, deadline=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode), st.data())
    def attack(case: Case, data: st.DataObject) -> None:
        for name in case.path_parameters or ():
            if (known := data.draw(st.sampled_from([*stage.known[name], None]), label=name)) is not None:
                case.path_parameters[name] = known
        seen.append(_sent(stage, caller, case))

    attack()
    return seen


def _sent(stage: Stage, caller: str, case: Case) -> int:
    case.headers.pop("Authorization", None)  # the tokens are ours to give; no rate limit is tried here
    answer = case.call(headers=stage.headers.get(caller))
    case.validate_response(answer, checks=CHECKS)
    for word in OURS if caller == "stranger" else THEIRS:
        assert word not in answer.text, (case.method, case.path)
    return int(answer.status_code)


def _standing(house: Organisation) -> dict[str, int]:
    """What stands in a clinic: rows of time, consents and the log."""
    with acting_in(house):
        return {model.__name__: model.objects.count() for model in (TimeEntry, Consent, AuditEvent)}


def _opens(caller: str, label: str) -> bool:
    """Does the caller's role hold what a route asks for?"""
    method, _, path = label.partition(" ")
    role = "nurse" if caller == "stranger" else caller
    return role not in ("nobody", "auditor") and may(role, SCOPES[_scope_of(method.lower(), path)].permission)


def test_the_attack_reaches_every_route() -> None:
    described = Client().get("/api/openapi.json").json()["paths"]
    assert {f"{method.upper()} {path}" for path, item in described.items() for method in item} == set(OPERATIONS)
    assert len(OPERATIONS) > 12
