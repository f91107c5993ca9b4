"""Calls to the FHIR server as someone of the cast, and a chart with something on every shelf."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.web.api.models import ApiToken
from careledger.web.api.tokens import make_token
from careledger.web.patients import models as chart
from careledger.web.plans.models import CarePlan, Goal
from careledger.web.tenancy.models import Person, Practice
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time, void_entry
from careledger.web.work.actions import do_all

EVERYTHING = ("system/*.rs", "system/Patient.cu")
TYPES = (
    "Patient", "Coverage", "Condition", "Encounter", "Organization", "Practitioner", "PractitionerRole", "Consent", "CarePlan",
    "CareTeam", "Goal", "Communication", "DocumentReference", "Group",
)  # fmt: skip
TOKEN_URL = "http://testserver/fhir/auth/token"
_numbers = count()
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Caller:
    """Calls in a role's name, with scopes."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.known = cast, {}
        cache.clear()

    def token(self, role: str, scopes: tuple[str, ...], patient: Any = None) -> str:
        """A token made by hand, so that even a scope the role could not give is on it."""
        key = (role, scopes, getattr(patient, "pk", None))
        if key not in self.known:
            member = self.cast.stranger if role == "stranger" else self.cast[role]
            with acting_in(member.organisation):
                row, plain = make_token(acting_user=member, name="a test", scopes=["ask"], days=1, patient=patient)
                ApiToken.objects.filter(pk=row.pk).update(scopes=" ".join(scopes))
            self.known[key] = plain
        return self.known[key]

    def __call__(
        self, role: str, path: str, *, method: str = "get", scopes: tuple[str, ...] = EVERYTHING, patient: Any = None,
        body: Any = None, headers: dict[str, str] | None = None, data: Any = None,
    ) -> Any:  # fmt: skip
        sent = {"Authorization": f"Bearer {self.token(role, scopes, patient)}", **(headers or {})}
        more: dict[str, Any] = {"headers": sent}
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body)
            more |= {"data": content, "content_type": "application/fhir+json"}
        if data is not None:
            more["data"] = data
        return getattr(Client(), method)(path, **more)

    def export(
        self, query: str = "", role: str = "compliance", path: str = "/fhir/$export", **more: Any
    ) -> dict[str, Any]:
        """An export from kick-off to its manifest, with the lines of each file by type."""
        begun = self(role, f"{path}{query}", headers={"Prefer": "respond-async"}, **more)
        assert begun.status_code == 202, begun.content
        do_all()
        where = begun.headers["Content-Location"]
        told = self(role, where, **more).json()
        told["where"] = where
        told["lines"] = {}
        for one in (*told["output"], *told["deleted"]):
            content = b"".join(self(role, one["url"], **more).streaming_content)
            told["lines"][one["type"]] = [json.loads(line) for line in content.splitlines()]
        return told


def filled(cast: Cast, clock: Clock) -> None:
    """Something of every kind on the chart of the clinic's patient."""
    patient, biller = cast.patient, cast["practitioner"].person
    with acting_in(cast.clinic):
        Practice.objects.update(
            npi="1234567893",
            tax_id="123456789",
            phone="2175550100",
            address="1 Example Way",
            city="Springfield",
            state="IL",
            zip="627010001",
        )
        Person.objects.filter(pk=biller.pk).update(npi="1234567893", taxonomy="207Q00000X", specialty="family_medicine")
        chart.Patient.objects.filter(pk=patient.pk).update(
            care_manager=cast["nurse"].person, phone="2175550101", address="2 Example Way", city="Springfield", state="IL",
            zip="62701", language="es",
        )  # fmt: skip
        chart.Coverage.objects.update(member_id="1EG4TE5MK73")
        chart.Coverage.objects.create(
            patient=patient, payer="commercial", plan="uhc_community_plan", member_id="X1", rank=2
        )
        chart.Condition.objects.create(
            patient=patient, icd10="J06.9", chronic=False, since=date(2025, 2, 3), until=date(2025, 2, 13)
        )
        chart.Stay.objects.create(patient=patient, kind="snf_part_a", since=date(2026, 2, 1), until=date(2026, 2, 9))
        chart.Stay.objects.create(patient=patient, kind="inpatient", since=date(2026, 11, 17))
        chart.Visit.objects.create(patient=patient, practitioner=biller, on=date(2026, 3, 1), telehealth=True)
        ended = chart.Consent.objects.create(
            patient=patient,
            program="pcm",
            given_on=date(2025, 1, 5),
            form="written",
            documented=True,
            practitioner=biller.code,
        )
        chart.ConsentRevocation.objects.create(consent=ended, on=date(2025, 6, 1))
        CarePlan.objects.create(patient=patient, program="ccm", established_on=date(2025, 1, 6), signed_by=biller.code)
        Goal.objects.create(
            code="p1-g2", patient=patient, text="Walk <b>daily</b>", measure="minutes of walking", target="20 minutes",
            due_on=date(2026, 12, 30), status="achieved", condition="I10", reviewed_on=date(2026, 9, 1), barriers="Stairs",
        )  # fmt: skip
        for start, activity in ((2000, "call_patient"), (1200, "call_family"), (600, "review_results")):
            log_time(
                acting_user=cast["nurse"], patient=patient, programs=("ccm",), start_s=clock.s - start,
                end_s=clock.s - start + 300, activity=activity, note="Spoke of the plan & <sugar>.",
            )  # fmt: skip
        wrong = log_time(
            acting_user=cast["nurse"], patient=patient, programs=("ccm",), start_s=clock.s - 4000, end_s=clock.s - 3900,
            activity="message_patient", note="Sent.",
        )  # fmt: skip
        void_entry(acting_user=cast["nurse"], entry=wrong, reason="another patient")


class Program:
    """A program with a key of its own that signs in by it."""

    def __init__(self, kid: str = "k1") -> None:
        self.key, self.kid = rsa.generate_private_key(public_exponent=65537, key_size=2048), kid
        self.id = ""

    @property
    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "alg": "RS384", "use": "sig"}]}

    def assertion(self, clock: Clock, *, algorithm: str = "RS384", key: Any = None, **claims: Any) -> str:
        told = {
            "iss": self.id, "sub": self.id, "aud": TOKEN_URL, "exp": clock.s + 240, "iat": clock.s,
            "jti": f"jti-{next(_numbers)}", **claims,
        }  # fmt: skip
        kept = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(kept, key or self.key, algorithm, headers={"kid": self.kid})

    def sign_in(self, assertion: str, scope: str = "system/*.rs", **more: str) -> Any:
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
        return Client().post("/fhir/auth/token", {**form, "scope": scope, **more})


Calls = Callable[..., Any]
