"""Words of the enrolment pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from careledger.web.enrolment.models import Candidate
from careledger.web.patients.models import Patient

register = template.Library()
_CHIPS = {"eligible": "good", "visit": "wait", "unclear": "wait", "person": "person", "elsewhere": "stop", "no": "stop"}
_BASES = {"ccw": "CCW", "ahrq": "AHRQ", "clinician": "the clinician's word"}


@register.simple_tag
def offers(patient: Patient, programs: Iterable[Any]) -> list[Any]:
    """Programs a patient could begin today and has no status in, as the list last knew."""
    known = {one.program for one in programs}
    rows = Candidate.objects.filter(patient=patient, state="eligible").order_by("program")
    return [row for row in rows if row.program not in known]


@register.filter
def of(found: Mapping[int, list[Any]], key: int) -> list[Any]:
    """What a mapping holds of a key."""
    return found.get(key, [])


@register.filter
def status_in(steps: Iterable[Any], program: str) -> str:
    """The status among a patient's present ones that belongs to a program; empty where there is none."""
    return next((row.status for row in steps if row.program == program), "")


@register.filter
def state_chip(state: str) -> str:
    """The chip of a candidate's state."""
    return _CHIPS.get(state, "")


@register.filter
def bases(ills: Iterable[Any]) -> str:
    """Why conditions are held chronic: by which lists, and whether by a clinician."""
    said = {basis for ill in ills if ill.chronic for basis in ill.chronic_basis or ()}
    return ", ".join(words for basis, words in _BASES.items() if basis in said)


@register.filter
def basis(ill: Any) -> str:
    """Why one condition is held chronic."""
    return ", ".join(_BASES.get(one, one) for one in ill.chronic_basis or ())
