"""Patients that come in as FHIR: added once, their demographics kept up to date by the system that knows them.

Only what identifies a patient comes in this way; diagnoses, coverage and the rest come by import, which looks at them as a
whole. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from careledger.fhir.context import Context
from careledger.fhir.elements import MBI
from careledger.fhir.map_patient import patients as mapped
from careledger.fhir.reading import Found as Read
from careledger.fhir.server.outgoing import SYSTEM
from careledger.fhir.shapes import misshapen
from careledger.web.audit.actions import record, record_read, snapshot
from careledger.web.fhir_api.doors import Caller, Json, Refused, answer, answered, caller_for
from careledger.web.fhir_api.models import MADE_UP, PatientIdentifier
from careledger.web.fhir_api.search import is_key
from careledger.web.fhir_api.shelves import Asked
from careledger.web.fhir_api.sight import Sight
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.changes import locked
from careledger.web.patients.charting import add_patient, change_patient
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import locked_organisation

DEMOGRAPHICS = (
    "family_name", "given_name", "born_on", "died_on", "sex", "address", "city", "state", "zip", "phone", "language",
)  # fmt: skip
"""Columns that another system may set; those it does not tell of stay as they are."""
_ELEMENTS = frozenset((
    "resourceType", "id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension",
    "identifier", "active", "name", "telecom", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime", "address",
    "maritalStatus", "multipleBirthBoolean", "multipleBirthInteger", "photo", "contact", "communication",
    "generalPractitioner", "managingOrganization", "link",
))  # fmt: skip
"""Elements R4 gives a Patient; anything else is refused, since a slip of the pen must not be taken for silence."""
_GENDERS = ("male", "female", "other", "unknown")
_OWN = (f"{SYSTEM}Patient", MBI)
"""Identifiers that we give or that belong to a coverage: they are not kept as another system's."""
_MOST_IDENTIFIERS = 20


@answered
def create(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a patient; with ``If-None-Exist: identifier=system|value`` only where nobody has that identifier."""
    caller = _writer(request, kind, "c")
    resource = _patient_of(request)
    condition = request.headers.get("If-None-Exist", "")
    there = _there(request, caller, condition) if condition else None
    if there is not None:
        return _answered(request, caller, there, 200)
    return _answered(request, caller, _added(caller, resource), 201)


@answered
def update(request: HttpRequest, kind: str, id_: str) -> HttpResponse:
    """Change a patient's demographics; ``If-Match`` must name the version that stands."""
    caller = _writer(request, kind, "u")
    resource = _patient_of(request)
    if not is_key(id_) or (caller.patient_id is not None and int(id_) != caller.patient_id):
        raise Http404
    if str(resource.get("id")) != id_:
        raise Refused(400, "invalid", "the id in the resource is another than that in the address", "Patient.id")
    patient = get_patient_for(caller.membership, int(id_), "chart.write")
    changed = _changed(caller, patient, resource, request.headers.get("If-Match", ""))
    return _answered(request, caller, changed, 200)


@transaction.atomic
def _added(caller: Caller, resource: Json) -> Patient:
    locked_organisation()  # two who bring new patients at once find the same identifier and the same code free
    given = _identifiers(resource)
    if any(PatientIdentifier.objects.filter(system=system, value=value).exists() for system, value in given):
        raise Refused(409, "duplicate", "a patient with this identifier is here already", "Patient.identifier")
    highest = Patient.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    cells = {"code": _free_code(highest + 1), **{name: value for name, value in _told(resource).items() if value}}
    # Who is whom, the system that knows the patient says by its identifiers, not a name and a day of birth.
    patient = add_patient(acting_user=caller.membership, cells=cells, may_be_twin=True)
    _keep(patient, given)
    return patient


@transaction.atomic
def _changed(caller: Caller, patient: Patient, resource: Json, version: str) -> Patient:
    held = locked(patient)
    if version and version != f'W/"{held.revision}"':
        raise Refused(412, "conflict", "the record was changed meanwhile; read it again")
    told = {name: value for name, value in _told(resource).items() if value is not None}
    change_patient(acting_user=caller.membership, patient=held, cells=told)
    for row in _keep(held, _identifiers(resource)):
        after = snapshot(row, "system", "value")
        record(acting_user=caller.membership, action="identifier.added", patient=held, target=row, after=after)
    held.refresh_from_db()
    return held


def _writer(request: HttpRequest, kind: str, act: str) -> Caller:
    if kind != "Patient":
        raise Refused(405, "not-supported", "only patients are taken in here; see /fhir/metadata")
    caller = caller_for(request, kind, act)
    if act == "c" and caller.patient_id is not None:
        raise Refused(403, "forbidden", "a token that is bound to one patient adds no other")
    return caller


def _patient_of(request: HttpRequest) -> Json:
    """The Patient that was sent, with the shape and the elements R4 gives it."""
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Refused(400, "structure", "this is no JSON") from None
    if b"\\u0000" in request.body:
        raise Refused(422, "value", "a text holds a character that no text has")
    if not isinstance(found, dict) or found.get("resourceType") != "Patient":
        raise Refused(400, "structure", "this is no Patient")
    if not {name.removeprefix("_") for name in found} <= _ELEMENTS:
        raise Refused(422, "structure", "the Patient holds an element that R4 does not give it")
    wrong = next(misshapen(found), None)
    if wrong is not None:
        raise Refused(422, "structure", f"R4 has {wrong[1]} here", wrong[0])
    if found.get("gender") not in (None, *_GENDERS):
        raise Refused(422, "code-invalid", "gender is male, female, other or unknown", "Patient.gender")
    return found


def _told(resource: Json) -> dict[str, Any]:
    """The columns a Patient tells, by the mapping of the import."""
    context = Context()
    context.add(Read("request", None, {**resource, "id": str(resource.get("id") or "new")}))
    try:
        (_, found) = next(iter(mapped(context)))
    except (TypeError, ValueError, AttributeError):
        raise Refused(422, "value", "an element holds what it cannot hold") from None
    told = {name: getattr(found, name) for name in DEMOGRAPHICS}
    if any(isinstance(value, str) and len(value) > 120 for value in told.values()):
        raise Refused(422, "too-long", "a name, an address or a number is longer than 120 characters")
    return told


def _identifiers(resource: Json) -> list[tuple[str, str]]:
    found = [
        (str(one["system"]), str(one["value"]))
        for one in resource.get("identifier") or []
        if one.get("system") and one.get("value") and one["system"] not in _OWN
    ]
    if len(found) > _MOST_IDENTIFIERS or any(len(system) > 200 or len(value) > 120 for system, value in found):
        raise Refused(422, "too-long", "too many identifiers, or one that is too long", "Patient.identifier")
    return list(dict.fromkeys(found))


def _keep(patient: Patient, given: list[tuple[str, str]]) -> list[PatientIdentifier]:
    """Note what other systems call the patient, and return what is new of it; one name means one patient."""
    new = []
    for system, value in given:
        row, is_new = PatientIdentifier.objects.get_or_create(system=system, value=value, defaults={"patient": patient})
        if row.patient_id != patient.pk:
            raise Refused(409, "duplicate", "another patient has this identifier", "Patient.identifier")
        new += [row] if is_new else []
    return new


def _free_code(number: int) -> str:
    while Patient.objects.filter(code=f"{MADE_UP}{number}").exists():
        number += 1
    return f"{MADE_UP}{number}"


def _there(request: HttpRequest, caller: Caller, condition: str) -> Patient | None:
    """The one patient a condition finds; Refused when it finds several or asks for something else."""
    from careledger.web.fhir_api.views import SHELVES, base_of

    given = parse_qsl(condition.lstrip("?"))
    if not given or any(name != "identifier" for name, _ in given):
        raise Refused(412, "not-supported", "If-None-Exist looks for identifier=system|value")
    total, found = SHELVES["Patient"].page(Asked(tuple(given)), Sight(base_of(request)), 0, 2)
    if total > 1:
        raise Refused(412, "multiple-matches", "several patients have this identifier")
    return Patient.objects.get(pk=int(found.resources[0]["id"])) if total else None


def _answered(request: HttpRequest, caller: Caller, patient: Patient, status: int) -> HttpResponse:
    """The patient as the record now has it, which is a look at the chart as well."""
    from careledger.web.fhir_api.views import SHELVES, base_of, version_of

    sight = Sight(base_of(request))
    found = SHELVES["Patient"].one(str(patient.pk), sight, None)
    assert found is not None
    record_read(acting_user=caller.membership, patient=patient, page="fhir.Patient")
    headers: Mapping[str, str] = version_of(found.resources[0])
    where = {"Location": f"{sight.base}/Patient/{patient.pk}/_history/{patient.revision}"} if status == 201 else {}
    return answer(found.resources[0], status, {**headers, **where})
