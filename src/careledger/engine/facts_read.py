"""Facts by name: what a rule declares, read from a patient's month and shown in its proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from careledger.core.decision import Fact
from careledger.core.patient_month import BilledService, PatientMonth, ProgramMonth
from careledger.core.records import AGENCY_KINDS, PROGRAMS
from careledger.rules.clock import curable_s

Reader = Callable[[PatientMonth], object]
NO_AGENCY = "no agency"
"""What is read of an agency that does not serve the patient; None is a fact of an agency that is not recorded."""


@cache
def reader(name: str) -> Reader:
    """How to read a fact: ``part_b``, ``ccm.consent``, ``home_health.kind``, ``ccm.curable_s``."""
    place, _, field = name.partition(".")
    if place in PROGRAMS:
        return _program_reader(place, field)
    if place in AGENCY_KINDS:
        return _agency_reader(place, field)
    if place == "behavioral" and field:
        return lambda month: None if month.behavioral is None else getattr(month.behavioral, field)
    return attrgetter(name)


def shown(value: object) -> Fact:
    """A fact as the proof shows it: lists become words, services become code:relation."""
    if is_dataclass(value):
        return _word(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, tuple):
        return " ".join(_word(part) for part in value) or None
    return str(value)


def _word(part: object) -> str:
    if isinstance(part, BilledService):
        return f"{part.code}:{part.relation}"
    if is_dataclass(part):
        return ",".join(
            f"{name}={getattr(part, name)}" for name in _names(part.__class__) if getattr(part, name) is not None
        )
    return str(part)


@cache
def _names(record: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


def _curable(program: ProgramMonth) -> object:
    """What may still count: of a grouped month clock by clock."""
    return curable_s(program) if program.mendable is None else program.mendable


def _program_reader(program: str, field: str) -> Reader:
    nothing = ProgramMonth(program=program)
    get: Callable[[ProgramMonth], object] = _curable if field == "curable_s" else attrgetter(field)
    return lambda month: get(month.programs.get(program, nothing))


def _agency_reader(kind: str, field: str) -> Reader:
    get = attrgetter(field)

    def read(month: PatientMonth) -> object:
        agency = getattr(month, kind)
        return NO_AGENCY if agency is None else get(agency)

    return read
