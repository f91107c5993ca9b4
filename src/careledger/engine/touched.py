"""Which codes a patient's month is about: those any fact touches, and those somebody asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.policy.view import PolicyView
from careledger.rules.registry import FAMILIES, REQUIREMENTS


class Scope:
    """The codes worth a word under one view, by what touches them."""

    def __init__(self, view: PolicyView) -> None:
        exists = frozenset(code for code in REQUIREMENTS if view.code(code).exists)
        cpt = {*view.words("cpo.cpt.low_codes"), *view.words("cpo.cpt.high_codes")} - {*FAMILIES["nursing_facility"]}
        self._medicare = {name: _in_force(name, codes, exists) - cpt for name, codes in FAMILIES.items()}
        self._others = {name: _in_force(name, codes, exists) for name, codes in FAMILIES.items()}
        self._has_add_ons = not exists.isdisjoint(FAMILIES["apcm_behavioral"])
        self._codes: dict[object, tuple[str, ...]] = {}

    def touched(self, month: PatientMonth, asked: Iterable[str] = ()) -> tuple[str, ...]:
        """Codes to decide, in the registry's order: touched codes in force on the date, and every code asked for.

        The CPT oversight codes are touched where a payer may know them, or where they alone name the work.
        """
        medicare = month.payer_kind == "medicare_ffs"
        families = self._medicare if medicare else self._others
        wanted = (*_families(month, self._has_add_ons), *_planning(month))
        named = tuple(asked)
        key = (medicare, wanted, named)
        return self._codes.get(key) or self._codes.setdefault(key, self._of(families, wanted, named))

    def _of(
        self, families: Mapping[str, Iterable[str]], touching: Iterable[str], asked: Iterable[str]
    ) -> tuple[str, ...]:
        """Codes in the registry's order; what is no family's name is a code."""
        wanted = {*asked}
        for one in touching:
            wanted |= {*families.get(one, (one,) if one in REQUIREMENTS else ())}
        return tuple([code for code in REQUIREMENTS if code in wanted])


def _in_force(family: str, codes: Iterable[str], exists: frozenset[str]) -> frozenset[str]:
    """A family's codes of the day; before and after the family's time all of them, so that its work is answered.

    The general codes of rural clinics stand beside the individual ones, which answer once they have ended.
    """
    return exists.intersection(codes) or (frozenset() if family in _BESIDE_OTHERS else frozenset(codes))


def _planning(month: PatientMonth) -> tuple[str, ...]:
    return ("G0506",) if month.extra_planning != "none" else ()


_BESIDE_OTHERS = ("rural", "rural_collaborative")

RURAL = ("rhc", "fqhc")
"""Settings that had general codes of their own."""


def is_used(program: ProgramMonth) -> bool:
    """Was anything recorded for the program: time, a consent, a plan?"""
    return program.logged_s > 0 or program.consent != "none" or program.plan_exists is not None


def _families(month: PatientMonth, has_add_ons: bool) -> Iterable[str]:
    for name, program in month.programs.items():
        if name != "cpo" and is_used(program):
            yield name
    yield from dict.fromkeys(device.kind for device in month.devices)
    if month.discharges:
        yield "tcm"
    if month.behavioral is not None:
        yield from _behavioral(month, has_add_ons)
    if month.setting in RURAL:
        yield from _rural(month)
    oversees = is_used(month.program("cpo"))
    resident = month.residence in ("nursing_facility", "snf")
    if month.home_health is not None or (oversees and month.hospice is None and not resident):
        yield "home_health"
    if month.hospice is not None:
        yield "hospice"
    if oversees and resident:
        yield "nursing_facility"


def _rural(month: PatientMonth) -> Iterable[str]:
    """The clinic's own codes, where something is recorded of a service that they stand for."""
    if month.devices or month.behavioral is not None or any(is_used(program) for program in month.programs.values()):
        yield "rural"
    service = None if month.behavioral is None else month.behavioral.service or "cocm"
    if service == "cocm" or is_used(month.program("cocm")):
        yield "rural_collaborative"


def _behavioral(month: PatientMonth, has_add_ons: bool) -> tuple[str, ...]:
    """Beside advanced primary care its add-ons stand in place of the stand-alone codes, which their own minutes touch."""
    assert month.behavioral is not None
    if has_add_ons and is_used(month.program("apcm")):
        return ("apcm_behavioral",)
    return ("bhi", "cocm") if month.behavioral.service is None else (month.behavioral.service,)
