"""Which codes a patient's month is about: those any fact touches, and those somebody asked for."""

from __future__ import annotations

from collections.abc import Iterable

from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.policy.view import PolicyView
from careledger.rules.registry import FAMILIES, REQUIREMENTS


def touched(month: PatientMonth, view: PolicyView, asked: Iterable[str] = ()) -> tuple[str, ...]:
    """Codes to decide, in the registry's order: touched codes in force on the date, and every code asked for."""
    wanted = {code for code in asked if code in REQUIREMENTS}
    for family in _families(month):
        wanted.update(code for code in FAMILIES[family] if _worth_saying(month, view, code))
    if month.extra_planning != "none":
        wanted.add("G0506")
    return tuple(code for code in REQUIREMENTS if code in wanted)


def _families(month: PatientMonth) -> Iterable[str]:
    if is_used(month.program("ccm")):
        yield "ccm"
    oversees = is_used(month.program("cpo"))
    resident = month.residence in ("nursing_facility", "snf")
    if month.home_health is not None or (oversees and month.hospice is None and not resident):
        yield "home_health"
    if month.hospice is not None:
        yield "hospice"
    if oversees and resident:
        yield "nursing_facility"


def is_used(program: ProgramMonth) -> bool:
    """Was anything recorded for the program: time, a consent, a plan?"""
    return program.logged_s > 0 or program.consent != "none" or program.plan_exists is not None


def _worth_saying(month: PatientMonth, view: PolicyView, code: str) -> bool:
    """A code that exists; the CPT oversight codes only where a payer may know them or the work is theirs."""
    if not view.code(code).exists:
        return False
    if code not in view.words("cpo.cpt.low_codes") and code not in view.words("cpo.cpt.high_codes"):
        return True
    return month.payer_kind != "medicare_ffs" or code in FAMILIES["nursing_facility"]
