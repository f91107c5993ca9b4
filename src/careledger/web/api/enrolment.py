"""A patient's way into and out of a program, by program: steps with their days, and the beginning. Consents stand in ``routes``."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from careledger.web.api.doors import Door
from careledger.web.api.routes import opened
from careledger.web.api.shapes import Program, Said
from careledger.web.enrolment.actions import enrol, mark
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.models import ProgramStatus

enrolment = Router(tags=["enrolment"])


class StatusOut(Schema):
    """A status a patient took in a program on a day."""

    id: int
    program: str
    status: str
    on: date
    note: str
    recorded_by: str


class StatusIn(Said):
    """A step; consent, revocation and the beginning have routes of their own."""

    program: Program
    status: Literal["eligible", "invited", "declined", "enrolled_elsewhere", "ineligible"]
    on: date
    note: str = Field("", max_length=300)


class BeginningIn(Said):
    """The first day of a program; a consent must be in force on it."""

    program: Program
    started_on: date


@enrolment.get("/{int:patient_id}/statuses", auth=Door("patients:read"), response=list[StatusOut])
def list_statuses(request: HttpRequest, patient_id: int) -> Any:
    """Every status the patient took in any program, the latest first."""
    patient = opened(request, patient_id, "statuses")
    return list(ProgramStatus.objects.filter(patient=patient).order_by("-on", "-pk"))


@enrolment.post("/{int:patient_id}/statuses", auth=Door("consents:write"), response={201: StatusOut})
def add_status(request: HttpRequest, patient_id: int, data: StatusIn) -> Any:
    """Record a step; the same one sent again is refused, since it stands."""
    patient = get_patient_for(request.membership, patient_id)
    return Status(201, mark(acting_user=request.membership, patient=patient, **data.dict()))


@enrolment.post("/{int:patient_id}/enrolments", auth=Door("consents:write"), response={201: StatusOut})
def add_enrolment(request: HttpRequest, patient_id: int, data: BeginningIn) -> Any:
    """Let a program begin for a patient who has consented; answers with the status that follows."""
    patient = get_patient_for(request.membership, patient_id)
    enrol(acting_user=request.membership, patient=patient, **data.dict())
    return Status(201, patient.statuses.filter(program=data.program).order_by("-on", "-pk").first())
