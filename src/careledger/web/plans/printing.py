"""A version of a plan as the patient's paper prints it: each entry in the patient's language where there are words in it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from careledger.documents.plan import PlanData, PlanGoal, PlanMedication, PlanProblem, PlanStep, PlanText
from careledger.web.patients.models import Panel, Patient
from careledger.web.plans.content import NO_ALLERGY, Item, lacks_spanish
from careledger.web.plans.models import PlanHead, PlanSignature, PlanVersion
from careledger.web.plans.targets import read_target
from careledger.web.tenancy.models import Practice
from careledger.web.tenancy.scope import current_organisation


def plan_data(patient: Patient, version: PlanVersion, *, language: str, large: bool) -> PlanData:
    """What is printed of a version."""
    content = version.content
    signature = PlanSignature.objects.select_related("practitioner").filter(version=version).first()
    head = PlanHead.objects.filter(patient=patient, program=version.program).first()
    practice = practice_of(patient)
    return PlanData(
        language=language,
        is_large=large,
        patient=f"{patient.given_name or ''} {patient.family_name or ''}".strip() or patient.code,
        born_on=patient.born_on,
        practice=(practice.name if practice else None) or current_organisation().name,
        phone=(practice.phone if practice else None) or "",
        is_always_open=practice is not None and practice.access_24_7 is True,
        program=version.program,
        version=version.number,
        made_on=timezone.localdate(version.made_at),
        signed_by=str(signature.practitioner) if signature else "",
        signed_on=timezone.localdate(signature.signed_at) if signature else None,
        review_on=head.review_due_on if head else None,
        problems=tuple(
            PlanProblem(*(said(one, name, language) for name in ("name", "outcome", "symptoms")))
            for one in content["problems"]
        ),
        goals=tuple(_goal(one, language) for one in content["goals"]),
        steps=tuple(PlanStep(one["owner"], said(one, "text", language)) for one in content["interventions"]),
        medications=tuple(
            PlanMedication(one["name"], one["dose"], one["how"], one["why"]) for one in content["medications"]
        ),
        allergies=tuple(
            (one["substance"], one["reaction"]) for one in content["allergies"] if one["substance"] != NO_ALLERGY
        ),
        has_no_allergies=any(one["substance"] == NO_ALLERGY for one in content["allergies"]),
        texts=tuple(PlanText(one["id"], said(one, "text", language)) for one in content["texts"] if one["text"]),
        untranslated=lacks_spanish(content) if language == "es" else 0,
    )


def practice_of(patient: Patient) -> Practice | None:
    """The practice of the patient's practitioner; the organisation's first where there is none."""
    row = Panel.objects.select_related("biller__practice").filter(patient=patient).order_by("pk").first()
    if row is not None and row.biller.practice is not None:
        found: Practice = row.biller.practice
        return found
    first: Practice | None = Practice.objects.order_by("pk").first()
    return first


def said(item: Item, name: str, language: str) -> str:
    """A field in the language, in English where there are no other words."""
    own: str = item.get(f"{name}_es", "") if language == "es" else ""
    return own or item[name]


def _goal(item: Item, language: str) -> PlanGoal:
    target = read_target(item["target"])
    limits: dict[str, Any] = {}
    if target is not None:
        high = "" if target.high is None else str(target.high)
        limits = {"direction": target.direction, "value": str(target.value), "high": high, "unit": target.unit}
    return PlanGoal(
        text=said(item, "text", language),
        measure=said(item, "measure", language),
        due_on=date.fromisoformat(item["due_on"]) if item["due_on"] else None,
        barriers=said(item, "barriers", language),
        **limits,
    )
