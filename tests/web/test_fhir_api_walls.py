"""The FHIR server behind PostgreSQL's row-level security, with a database user who cannot pass the wall."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from tests.web.cast import Cast
from tests.web.conftest import Clock
from tests.web.fhir_calls import TYPES, Caller, Program, filled
from tests.web.test_walls import plain, postgres

from careledger.web.fhir_api.clients import register_client
from careledger.web.tenancy.scope import acting_in

__all__ = ["plain"]


@postgres
def test_reading_exporting_signing_in_and_taking_in_work_behind_the_wall(
    plain: Cast, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    filled(plain, clock)
    call = Caller(plain)
    for kind in TYPES:
        assert call("nurse", f"/fhir/{kind}").json()["total"] > 0, kind
        assert "Amberlake" not in call("stranger", f"/fhir/{kind}").content.decode()
    assert call("nurse", f"/fhir/Binary/{plain.patient.pk}-2026-11").status_code == 200
    told = call.export()
    assert set(told["lines"]) == set(TYPES)
    added = {"resourceType": "Patient", "name": [{"family": "Winter"}], "gender": "female"}
    assert call("nurse", "/fhir/Patient", method="post", body=added).status_code == 201
    program = Program()
    with acting_in(plain.clinic):
        program.id = register_client(
            acting_user=plain["compliance"], name="x", scopes=["system/*.rs"], jwks=program.jwks
        ).client_id
    assert program.sign_in(program.assertion(clock)).status_code == 200
