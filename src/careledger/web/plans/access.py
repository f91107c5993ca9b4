"""The doors to what belongs to a plan: through its patient."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.models import Patient
from careledger.web.plans.content import PARTS, Part
from careledger.web.plans.elements import programs_with_plans
from careledger.web.plans.models import Assessment, Goal, PlanVersion, Reading


def get_plan_for(member: Membership, patient_id: int, program: str, permission: str = "chart.read") -> Patient:
    """The patient of a plan.

    Raises:
        Http404: no such patient, another organisation's, or policy knows no plan of such a program.
    """
    patient = get_patient_for(member, patient_id, permission)
    if program not in programs_with_plans(timezone.localdate()):
        raise Http404
    return patient


def get_version_for(patient: Patient, program: str, number: int) -> PlanVersion:
    """A version of the patient's plan, or 404."""
    found: PlanVersion | None = (
        PlanVersion.objects.select_related("made_by__user", "signature__practitioner")
        .filter(patient=patient, program=program, number=number)
        .first()
    )
    if found is None:
        raise Http404
    return found


def get_goal_for(member: Membership, patient_id: int, goal_pk: int, permission: str = "chart.read") -> Goal:
    """A goal of a patient the member may see, or 404."""
    patient = get_patient_for(member, patient_id, permission)
    found: Goal | None = Goal.objects.select_related("patient").filter(pk=goal_pk, patient=patient).first()
    if found is None:
        raise Http404
    return found


def get_reading_for(goal: Goal, reading_pk: int) -> Reading:
    """A reading of a goal, or 404."""
    found: Reading | None = Reading.objects.select_related("patient", "goal").filter(pk=reading_pk, goal=goal).first()
    if found is None:
        raise Http404
    return found


def get_assessment_for(patient: Patient, assessment_pk: int) -> Assessment:
    """An assessment of the patient, or 404."""
    found: Assessment | None = (
        Assessment.objects.select_related("patient").filter(pk=assessment_pk, patient=patient).first()
    )
    if found is None:
        raise Http404
    return found


def part_named(name: str) -> Part:
    """A part of a plan, or 404."""
    if name not in PARTS:
        raise Http404
    return PARTS[name]
