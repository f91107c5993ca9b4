"""What a logged act of oversight is for billing: whose minutes it may be, or work that no Part B code pays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from careledger.core.errors import InputError, Place
from careledger.policy.strict_yaml import load

if TYPE_CHECKING:
    from careledger.policy import PolicyView

STANDINGS = ("cpo_minutes", "ccm_minutes", "part_of_visit", "administrative", "not_counted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something done in oversight.

    Attributes:
        component: one of the five.
        activity: kind of work, an id or an everyday wording.
        by: who did it; ``kind`` is their profession.
        patient: None for work on the program as a whole.
        under_agency_plan: the practitioner signed the plan of care of a home health agency or hospice in force.
        concerns: what the record is linked to (plan, goal, letter, meeting).
    """

    act_id: str
    component: str
    activity: str
    by: str
    kind: str
    on: date
    minutes: int
    patient: str | None = None
    part_of_visit: bool = False
    under_agency_plan: bool | None = None
    concerns: str = ""
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What an act is for billing, why, and the sources that say so."""

    is_for: str
    patient: str | None
    minutes: int
    why: str
    cite: tuple[str, ...]


@cache
def components() -> dict[str, Any]:
    """The five components by id: what each is, its kinds of work, and its template."""
    text = resources.files(__package__).joinpath("components.yaml").read_text(encoding="utf-8")
    found = load(text, "components.yaml").data["components"]
    assert isinstance(found, dict)
    return found


def classify(act: Act, view: PolicyView) -> Standing:
    """Say what an act is for billing under the policy of its day.

    Raises:
        InputError: the component or the kind of work is not known.
    """
    if act.component not in components():
        raise InputError(Place(act.act_id, field="component"), "no such component", f"use {', '.join(components())}")
    activity = view.activity(act.activity)
    if activity is None:
        raise InputError(
            Place(act.act_id, field="activity"), "no such kind of work", "use an id or wording of policy's activities"
        )
    if act.patient is None or activity.id.startswith("program_") or not activity.counts_for:
        return _administrative(act, view)
    if act.part_of_visit or activity.id == "visit_work":
        cite = view.value("ccm.time_rules.minute_used_twice").cite
        return Standing(
            "part_of_visit", act.patient, 0, "the visit's payment covers it; its minutes count nowhere else", cite
        )
    return _patient_level(act, view, activity.id)


def _administrative(act: Act, view: PolicyView) -> Standing:
    cite = view.value("house.director.codes").cite
    why = "work on the program as a whole: no Part B code pays it; it belongs in the director's log"
    if act.patient is not None:
        why = "administrative work: it counts for no program, though a patient is named"
    return Standing("administrative", None, 0, why, cite)


def _patient_level(act: Act, view: PolicyView, activity: str) -> Standing:
    """Care plan oversight where the practitioner's own plan of an agency is in force, else CCM, else nothing."""
    is_practitioner = act.kind in view.words("ccm.supervision.biller_kinds")
    is_staff = act.kind in view.words("ccm.supervision.clinical_staff_kinds")
    if is_practitioner and act.under_agency_plan and view.counts(activity, "cpo"):
        cite = view.value("activities.cpo_counts").cite
        return Standing(
            "cpo_minutes", act.patient, act.minutes, "the signer's own minutes on the plan of an agency", cite
        )
    if (is_practitioner or is_staff) and view.counts(activity, "ccm"):
        cite = view.value("activities.ccm_counts").cite
        whose = "the practitioner's own" if is_practitioner else "clinical staff"
        return Standing(
            "ccm_minutes", act.patient, act.minutes, f"{whose} minutes for this patient, if all else is in place", cite
        )
    cite = view.value("ccm.supervision.never_kinds").cite
    return Standing("not_counted", act.patient, 0, "this kind of work by this profession counts for no program", cite)
