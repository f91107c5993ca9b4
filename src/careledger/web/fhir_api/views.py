"""Reading and searching: ``/fhir/metadata``, ``/fhir/Type``, ``/fhir/Type/id``, and the note's PDF."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from careledger import __version__
from careledger.fhir.held.server import FHIR_JSON, capability, outcome, searchset, smart_configuration
from careledger.web.audit.actions import record, record_read
from careledger.web.fhir_api import care_shelves, chart_shelves
from careledger.web.fhir_api.asking import query_of
from careledger.web.fhir_api.doors import Caller, Json, Refused, answer, answered, caller_for
from careledger.web.fhir_api.including import included
from careledger.web.fhir_api.notes import note_pdf
from careledger.web.fhir_api.shelves import Found, Shelf
from careledger.web.fhir_api.sight import Sight
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.models import Patient

SHELVES: dict[str, Shelf] = {one.name: one for one in (*chart_shelves.SHELVES, *care_shelves.SHELVES)}
OF_MANY = ("Group",)
"""Types that tell of many patients at once: closed to a token that is bound to one."""
PUBLISHED = date(2026, 11, 30)
"""When what the server offers changed last."""
_PATH = "/fhir"
SCOPES = ("system/*.rs", *(f"system/{name}.rs" for name in SHELVES), "system/Binary.rs", "system/Patient.cu")


def base_of(request: HttpRequest) -> str:
    """The address of this server, without a slash at its end."""
    return request.build_absolute_uri(_PATH)


@answered
def metadata(request: HttpRequest) -> HttpResponse:
    """What this server offers; open to everyone."""
    _only(request, "GET")
    return answer(capability(base_of(request), __version__, PUBLISHED, [one.served() for one in SHELVES.values()]))


@answered
def smart(request: HttpRequest) -> HttpResponse:
    """How a program signs in; open to everyone."""
    _only(request, "GET")
    found = answer(smart_configuration(f"{base_of(request)}/auth/token", SCOPES))
    found.headers["Content-Type"] = "application/json"
    return found


@csrf_exempt
def type_level(request: HttpRequest, kind: str) -> HttpResponse:
    """A type: search it, or add to it."""
    from careledger.web.fhir_api.intake import create

    return create(request, kind) if request.method == "POST" else search(request, kind)


@csrf_exempt
def instance(request: HttpRequest, kind: str, id_: str) -> HttpResponse:
    """A resource: read it, or change it."""
    from careledger.web.fhir_api.intake import update

    return update(request, kind, id_) if request.method == "PUT" else read(request, kind, id_)


@answered
def search(request: HttpRequest, kind: str) -> HttpResponse:
    """Resources of a type by their parameters, a page at a time. POST to ``_search`` keeps them out of addresses."""
    _only(request, "GET", *(["POST"] if request.path.endswith("/_search") else []))
    shelf, caller = _shelf(kind), caller_for(request, kind, "s")
    query, sight = query_of(request, _visible(shelf, caller), caller.patients), Sight(base_of(request))
    total, found = shelf.page(query.asked, sight, query.start, query.size)
    beside = included(found.resources, query.includes, SHELVES, sight, caller)
    for name, one in ((kind, found), *beside.found.items()):
        note_reads(caller, name, one)
    links = _links(f"{sight.base}/{kind}", query.used, query.start, query.size, total)
    told = _told(query.left_out, beside.withheld)
    return answer(searchset(sight.base, found.resources, total, links, included=beside.resources, outcomes=told))


def _told(left_out: int, withheld: int) -> list[Json]:
    """What a page says of itself: parameters that were left out, and references that the token does not open."""
    told = []
    if left_out:
        says = f"parameters that are not supported were left out: {left_out}; the self link has those that were used"
        told.append(outcome("not-supported", says, severity="warning"))
    if withheld:
        says = f"resources that the token has no scope for were not included: {withheld}"
        told.append(outcome("suppressed", says, severity="warning"))
    return told


@answered
def read(request: HttpRequest, kind: str, id_: str) -> HttpResponse:
    """One resource, with its version as ETag."""
    _only(request, "GET")
    if kind == "Binary":
        return binary(request, id_)
    shelf, caller = _shelf(kind), caller_for(request, kind, "r")
    found = _visible(shelf, caller).one(id_, Sight(base_of(request)), caller.patients)
    if found is None:
        raise Http404
    note_reads(caller, kind, found)
    return answer(found.resources[0], headers=version_of(found.resources[0]))


@answered
def version(request: HttpRequest, kind: str, id_: str, version_id: str = "") -> HttpResponse:
    """A version of a resource: the current one. R4 answers every other with 404 and the reason (http.html, vread)."""
    _only(request, "GET")
    shelf, caller = _shelf(kind), caller_for(request, kind, "r")
    found = _visible(shelf, caller).one(id_, Sight(base_of(request)), caller.patients)
    if found is None:
        raise Http404
    if not version_id or found.resources[0].get("meta", {}).get("versionId") != version_id:
        raise Refused(404, "not-supported", "no history is kept here; the current version is read without _history")
    note_reads(caller, kind, found)
    return answer(found.resources[0], headers=version_of(found.resources[0]))


def binary(request: HttpRequest, id_: str) -> HttpResponse:
    """The PDF of a month's note, as it is; as a Binary resource for who asks for FHIR JSON."""
    import base64

    caller = caller_for(request, "Binary", "r")
    found = SHELVES["DocumentReference"].one(id_, Sight(base_of(request)), caller.patients)
    if found is None:
        raise Http404
    (patient_id,) = found.patients
    patient = get_patient_for(caller.membership, patient_id)
    content = note_pdf(patient, id_.partition("-")[2])
    record_read(acting_user=caller.membership, patient=patient, page="fhir.Binary")
    if FHIR_JSON in request.headers.get("Accept", ""):
        data = base64.b64encode(content).decode()
        return answer({"resourceType": "Binary", "id": id_, "contentType": "application/pdf", "data": data})
    return HttpResponse(content, content_type="application/pdf", headers={"X-Content-Type-Options": "nosniff"})


@answered
def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Every other address under /fhir/."""
    raise Http404


def note_reads(caller: Caller, kind: str, found: Found) -> None:
    """Put every chart that was read into the audit log, under the name of who the token acts for."""
    for patient in Patient.objects.filter(pk__in=found.patients).order_by("pk"):
        record_read(acting_user=caller.membership, patient=patient, page=f"fhir.{kind}")
    if kind in OF_MANY and found.resources:
        ids = [one["id"] for one in found.resources]
        record(acting_user=caller.membership, action=f"fhir.{kind}.read", after={"ids": ids})


def version_of(resource: Json) -> dict[str, str]:
    """The header that names the version of a resource."""
    version = resource.get("meta", {}).get("versionId")
    return {"ETag": f'W/"{version}"'} if version else {}


def _shelf(kind: str) -> Shelf:
    if kind not in SHELVES:
        raise Refused(404, "not-supported", "this server holds no such type; its types stand in /fhir/metadata")
    return SHELVES[kind]


def _visible(shelf: Shelf, caller: Caller) -> Shelf:
    if caller.patient_id is not None and shelf.name in OF_MANY:
        raise Http404
    return shelf


def _only(request: HttpRequest, *methods: str) -> None:
    if request.method not in methods:
        raise Refused(405, "not-supported", "this server does not do that here; see /fhir/metadata")
    named, accepted = request.GET.get("_format", ""), request.headers.get("Accept", "")
    if named and "json" not in named:
        raise Refused(406, "not-supported", "this server answers in JSON; _format takes json")
    if named or any(word in accepted for word in ("json", "*/*", "pdf", "text/html")):
        return
    if accepted:
        raise Refused(406, "not-supported", "this server answers in JSON; accept application/fhir+json")


def _links(address: str, given: list[tuple[str, str]], start: int, size: int, total: int) -> dict[str, str]:
    kept = [(name, value) for name, value in given if name not in ("_page", "_count")]

    def at(place: int) -> str:
        return f"{address}?{urlencode([*kept, ('_count', size), ('_page', place)])}"

    links = {"self": at(start), "first": at(0)}
    if size and start + size < total:
        links["next"] = at(start + size)
    if size and start:
        links["previous"] = at(max(0, start - size))
    return links


def about() -> list[tuple[str, Any]]:
    """Types and their search parameters, for the page that tells people."""
    return [(one.name, ", ".join(one.parameters)) for one in SHELVES.values()]
