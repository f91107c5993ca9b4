"""SMART App Launch: a record system opens the clinic on the patient who is open there.

Who comes in is signed in here, as for every page; the launch only says which chart to open. Guarded against: systems that are
not registered (only those of the settings are asked), answers that nobody waits for (a state of its own for each launch, used
once, for ten minutes), one system answering for another (each has a callback of its own, and the issuer is compared where
systems tell it), a stolen code (PKCE), and the wrong patient (the day of birth must agree).
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.fhir.elements import NPI, day_of, identifier_of
from careledger.fhir.server import app_launch
from careledger.fhir.server.app_launch import Ehr, Endpoints, Launched
from careledger.fhir.server.login import ServerError
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record_read
from careledger.web.fhir_api.ehrs import launched_by, named
from careledger.web.fhir_api.models import PatientIdentifier
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person

WAITING = "smart_launches"
"""Session key of launches that are under way, by their states."""
LIFE_S = 600
_MOST_WAITING = 5
_LONGEST = 2_000


class LaunchRefused(CareLedgerError):
    """A launch that goes no further: why, for the person in front of it."""

    def __init__(self, says: str, status: int = 403) -> None:
        super().__init__(says)
        self.status = status


@door("chart.read")
def launch(request: MemberRequest) -> HttpResponse:
    """A record system opens the clinic: send the person back to it, to be let in."""
    try:
        return redirect(_begun(request))
    except (LaunchRefused, ServerError) as refused:
        return _refusal(request, refused)


@door("chart.read")
def callback(request: MemberRequest, ehr_id: str) -> HttpResponse:
    """The record system let the person in: open the patient's chart."""
    try:
        patient = _arrived(request, ehr_id)
    except (LaunchRefused, ServerError) as refused:
        return _refusal(request, refused)
    return redirect("patient", patient.pk)


def _begun(request: MemberRequest) -> str:
    ehr = launched_by(request.GET.get("iss", ""), request.membership.organisation.slug)
    handle = request.GET.get("launch", "")
    if ehr is None:
        raise LaunchRefused("The record system that opened this page is not registered here.", 404)
    if not 0 < len(handle) <= _LONGEST:
        raise LaunchRefused(f"{ehr.name} sent no launch; open the clinic from a patient's chart there.", 400)
    where = app_launch.discover(ehr)
    state, verifier, nonce = (secrets.token_urlsafe(48) for _ in range(3))
    waiting = request.session.get(WAITING, {})
    waiting[state] = {
        "ehr": ehr.id,
        "verifier": verifier,
        "nonce": nonce,
        "where": asdict(where),
        "at": timezone.now().timestamp(),
    }
    request.session[WAITING] = dict(list(waiting.items())[-_MOST_WAITING:])
    return app_launch.authorize_url(
        ehr,
        where,
        launch=handle,
        redirect_uri=_callback_url(request, ehr),
        state=state,
        verifier=verifier,
        nonce=nonce,
    )


def _arrived(request: MemberRequest, ehr_id: str) -> Patient:
    member = request.membership
    ehr = named(ehr_id, member.organisation.slug)
    if ehr is None:
        raise LaunchRefused("The record system that answered is not registered here.", 404)
    kept = _waited_for(request, ehr)
    where = Endpoints(**kept["where"])
    _same_issuer(where, request.GET.get("iss"))
    if "error" in request.GET or not request.GET.get("code"):
        raise LaunchRefused(f"{ehr.name} did not let you in; start again from the patient's chart there.")
    told = app_launch.exchange(
        ehr,
        where,
        code=request.GET["code"],
        redirect_uri=_callback_url(request, ehr),
        verifier=kept["verifier"],
        nonce=kept["nonce"],
    )
    _same_person(ehr, told, member)
    patient = patient_of(ehr, told)
    record_read(acting_user=member, patient=patient, page="smart.launch")
    return patient


def _waited_for(request: HttpRequest, ehr: Ehr) -> dict[str, Any]:
    """The launch an answer belongs to: this session's, of this system, not used and not old."""
    waiting = request.session.get(WAITING, {})
    kept: dict[str, Any] | None = waiting.pop(request.GET.get("state", ""), None)
    request.session[WAITING] = waiting
    if kept is None or kept["ehr"] != ehr.id or timezone.now().timestamp() - kept["at"] > LIFE_S:
        raise LaunchRefused("Nobody waits for this answer, or it came too late; start again from the chart.", 400)
    return kept


def _same_issuer(where: Endpoints, told: str | None) -> None:
    """RFC 9207: the answer says who gives it; it must be who was asked."""
    if (told is not None or where.says_issuer) and told != where.issuer:
        raise LaunchRefused("Another system answered than the one that was asked; start again.", 400)


def _same_person(ehr: Ehr, told: Launched, member: Membership) -> None:
    """Whom the record system names must not be somebody else here, and must be known where that is required."""
    person = _person_of(ehr, told)
    if person is not None and person.pk != member.person_id:
        raise LaunchRefused(f"Someone else is signed in to {ehr.name} than here; sign out of one of them.")
    if person is None and ehr.require_user:
        raise LaunchRefused(f"{ehr.name} did not name you as someone of this clinic; ask an administrator.")


def _person_of(ehr: Ehr, told: Launched) -> Person | None:
    """The person of our directory whom the record system names: by its id, as after an import, or by NPI."""
    kind, _, id_ = (told.fhir_user or "").removeprefix(f"{ehr.iss}/").partition("/")
    if kind != "Practitioner" or not id_:
        return None
    found: Person | None = Person.objects.filter(code=id_).first() if ehr.patients == "id" else None
    if found is None:
        try:
            npi = identifier_of(app_launch.read(ehr, told, kind, id_), NPI)
        except ServerError:
            npi = None  # many systems let an app of this scope read no practitioners
        found = Person.objects.filter(npi=npi).first() if npi else None
    return found


def patient_of(ehr: Ehr, told: Launched) -> Patient:
    """Our patient whom the launch means.

    Raises:
        LaunchRefused: nobody here, several, or somebody born on another day.
    """
    resource = app_launch.read(ehr, told, "Patient", told.patient)
    found = _candidates(ehr, told, resource)
    if len(found) != 1:
        raise LaunchRefused(
            f"The patient open in {ehr.name} is not in this clinic; import or add the patient first.", 404
        )
    born = day_of(resource.get("birthDate"))
    if born is None or found[0].born_on != born:
        raise LaunchRefused(
            "The day of birth differs between the two systems; no chart is opened until that is mended."
        )
    return found[0]


def _candidates(ehr: Ehr, told: Launched, resource: dict[str, Any]) -> list[Patient]:
    if ehr.patients == "id":
        return list(Patient.objects.filter(code=told.patient)[:2])
    value = identifier_of(resource, ehr.patients)
    if value is None:
        return []
    known = PatientIdentifier.objects.filter(system=ehr.patients, value=value).values("patient")
    return list(Patient.objects.filter(pk__in=known)[:2]) or list(Patient.objects.filter(code=value)[:2])


def _callback_url(request: HttpRequest, ehr: Ehr) -> str:
    return request.build_absolute_uri(reverse("smart_callback", args=[ehr.id]))


def _refusal(request: HttpRequest, refused: CareLedgerError) -> HttpResponse:
    status = refused.status if isinstance(refused, LaunchRefused) else 502
    says = str(refused)
    says = says if says.endswith(".") else f"{says[:1].upper()}{says[1:]}."
    return render(request, "fhir_api/refused.html", {"says": says}, status=status)
