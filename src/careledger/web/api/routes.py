"""The routes of the API. They call the same actions and queries as the pages, behind the same doors to each chart."""

from __future__ import annotations

from math import ceil
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Query, Router, Status
from ninja.responses import Response

from careledger.core.month import Month
from careledger.engine.answer import as_json
from careledger.web.accounts.models import Membership
from careledger.web.api import shapes
from careledger.web.api.doors import Door
from careledger.web.audit.actions import record_read
from careledger.web.billing.actions import refresh_some
from careledger.web.billing.queries import answer_for
from careledger.web.billing.unblock import standings
from careledger.web.billing.views import month_named
from careledger.web.enrolment.actions import take_consent, withdraw
from careledger.web.patients import queries
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.models import Consent, Patient
from careledger.web.patients.refusals import ChartRefused
from careledger.web.plans.models import NEWEST_FIRST, CarePlan
from careledger.web.revenue import book
from careledger.web.tenancy.models import Person

SIZE = 100
Page = Annotated[int, Query(ge=1, le=1_000_000)]
"""A page of a list; no list has more, and a number beyond the database's would break the query."""
chart = Router(tags=["patients"])
months = Router(tags=["months"])
claims = Router(tags=["claims"])


def page_of(found: QuerySet[Any], page: int) -> dict[str, Any]:
    """A page of a list, as every list answers."""
    total = found.count()
    start = (page - 1) * SIZE
    return {
        "total": total,
        "page": page,
        "pages": max(1, ceil(total / SIZE)),
        "items": list(found[start : start + SIZE]),
    }


def opened(request: HttpRequest, patient_id: int, page: str) -> Patient:
    """A patient the token's owner may see; that it was read stands in the audit log."""
    member: Membership = request.membership
    patient = get_patient_for(member, patient_id)
    record_read(acting_user=member, patient=patient, page=f"api.{page}")
    return patient


@chart.get("", auth=Door("patients:read"), response=shapes.PatientPage, summary="Find patients")
def list_patients(request: HttpRequest, q: str = "", status: str = "", page: Page = 1) -> Any:
    """Patients by name, with their present status in CCM; q looks for names and codes."""
    found = page_of(queries.patients(q, status), page)
    return {**found, "items": [_patient(row) for row in found["items"]]}


@chart.get("/{int:patient_id}", auth=Door("patients:read"), response=shapes.ChartOut, summary="A patient")
def read_patient(request: HttpRequest, patient_id: int) -> Any:
    """A patient, with programs and conditions."""
    patient = opened(request, patient_id, "chart")
    programs = queries.programs_of(patient)
    present = next((row.status for row in programs if row.program == "ccm"), None)
    more = {"sex": patient.sex, "language": patient.language, "programs": programs}
    return {**_patient(patient, present), **more, "conditions": list(patient.conditions.order_by("icd10"))}


@chart.get(
    "/{int:patient_id}/consents", auth=Door("patients:read"), response=list[shapes.ConsentOut], tags=["consents"]
)
def list_consents(request: HttpRequest, patient_id: int) -> Any:
    """A patient's consents, newest first."""
    patient = opened(request, patient_id, "consents")
    return list(patient.consents.prefetch_related("revocations").order_by("-given_on", "-pk"))


@chart.post(
    "/{int:patient_id}/consents", auth=Door("consents:write"), response={201: shapes.ConsentOut}, tags=["consents"]
)
def add_consent(request: HttpRequest, patient_id: int, data: shapes.ConsentIn) -> Any:
    """Record a consent to which every statement that policy asks for was made; who recorded it is who owns the token."""
    patient = get_patient_for(request.membership, patient_id)
    cells = data.dict(exclude={"covers", "practitioner"})
    practitioner = Person.objects.filter(code=data.practitioner).first()
    if practitioner is None:
        raise ChartRefused("nobody of this clinic has this code; send the code of a practitioner", "practitioner")
    who: dict[str, Any] = {"acting_user": request.membership, "patient": patient, "practitioner": practitioner}
    return Status(201, take_consent(**who, told=data.covers, **cells))


@chart.post(
    "/{int:patient_id}/consents/{int:consent_id}/revocation",
    auth=Door("consents:write"),
    response={201: shapes.ConsentOut},
    tags=["consents"],
)
def add_revocation(request: HttpRequest, patient_id: int, consent_id: int, data: shapes.Revocation) -> Any:
    """Record that a patient took a consent back; it is in force to the end of that month."""
    patient = get_patient_for(request.membership, patient_id)
    consent = patient.consents.filter(pk=consent_id).first()
    if consent is None:
        raise Http404
    withdraw(acting_user=request.membership, consent=consent, on=data.on)
    return Status(201, Consent.objects.prefetch_related("revocations").get(pk=consent.pk))


@chart.get("/{int:patient_id}/plans", auth=Door("patients:read"), response=shapes.PlansOut, tags=["plans"])
def list_plans(request: HttpRequest, patient_id: int) -> Any:
    """A patient's care plans, newest first, and goals."""
    patient = opened(request, patient_id, "plans")
    plans = CarePlan.objects.filter(patient=patient).order_by(*NEWEST_FIRST)
    return {"plans": list(plans), "goals": list(patient.goals.all())}


@chart.get("/{int:patient_id}/months/{month}/decisions", auth=Door("decisions:read"), tags=["decisions"])
def read_decisions(request: HttpRequest, patient_id: int, month: str) -> Any:
    """What a patient's month may bill and why: the answer of careledger check --json."""
    patient = opened(request, patient_id, "month")
    return Response(as_json(answer_for(patient, month_named(month), timezone.localdate())))


@months.get("/{month}/decisions", auth=Door("decisions:read"), response=shapes.ClaimPage, tags=["decisions"])
def list_decisions(request: HttpRequest, month: str, state: str = "", page: Page = 1) -> Any:
    """Where each patient's month stands."""
    return _lines(month_named(month), state, page)


@months.get("/{month}/claims", auth=Door("claims:read"), response=shapes.ClaimPage, tags=["claims"])
def list_claims(request: HttpRequest, month: str, page: Page = 1) -> Any:
    """Lines ready to be claimed."""
    return _lines(month_named(month), "ready", page)


@claims.get("", auth=Door("claims:read"), response=shapes.MadeClaimPage, summary="Claims made")
def list_made_claims(request: HttpRequest, month: str = "", state: str = "", page: Page = 1) -> Any:
    """Claims that were made and where each stands; patients and practitioners by their codes."""
    if month:
        month_named(month)
    where = "FROM claim WHERE (? = '' OR state = ?) AND (? = '' OR month = ?)"
    asked = (state, state, month, month)
    with book.store() as store:
        total = store.rows(f"SELECT count(*) AS n {where}", asked)[0]["n"]
        rows = store.rows(f"SELECT {_CLAIM} {where} ORDER BY month DESC, claim_id {_slice(page)}", asked)
        found = [{name: row[name] for name in _CLAIM.split(", ")} for row in rows]
    return {"total": total, "page": page, "pages": max(1, ceil(total / SIZE)), "items": found}


_CLAIM = "claim_id, state, month, patient_id, practitioner_id, payer_number, charge_cents, held_by, frequency"


def _slice(page: int) -> str:
    return f"LIMIT {SIZE} OFFSET {(page - 1) * SIZE}"


def _lines(month: Month, state: str, page: int) -> dict[str, Any]:
    refresh_some(month, timezone.localdate())
    found = page_of(standings(month, state), page)
    return {**found, "items": [_line(row) for row in found["items"]]}


def _line(row: Any) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in ("patient_id", "month", "state", "allowed_cents")}
    codes = [{"code": code, "units": units} for code, units in row.bills]
    return {**said, "practitioner": row.biller.code, "codes": codes}


def _patient(row: Any, status: str | None = None) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in ("code", "family_name", "given_name", "born_on")}
    manager = row.care_manager.code if row.care_manager else None
    return {**said, "id": row.pk, "status": status or getattr(row, "status", None), "care_manager": manager}


def lay_routes(api: NinjaAPI) -> None:
    """Hang the routers up."""
    from careledger.web.api.asking import asking
    from careledger.web.api.enrolment import enrolment
    from careledger.web.api.time import time

    api.add_router("/patients", chart)
    api.add_router("/patients", enrolment)
    api.add_router("/months", months)
    api.add_router("/claims", claims)
    api.add_router("", time)
    api.add_router("", asking)
