"""What policy says of a program's beginning: names, statements of consent, codes, when a revocation takes effect."""

from __future__ import annotations

from datetime import date
from typing import Any

from careledger.core.records import PROGRAMS
from careledger.policy.view import PolicyView
from careledger.rules.rule import NAMES
from careledger.web.billing.queries import policy

FOUND = ("ccm", "pcm", "apcm")
"""Programs whose facts tell who could be enrolled."""
OF_PATIENTS = tuple(program for program in PROGRAMS if program != "director")
"""Programs a patient can be in; a medical director's time is no patient's."""
LANGUAGES = (("en", "English"), ("es", "Español"))
_LEVELS = ("level_1_code", "level_2_code", "level_3_code")


def name_of(program: str) -> str:
    """A program as a page names it."""
    found = NAMES[program]
    return {"ccm": "chronic care management"}.get(program, found) if found.isupper() else found


def consented(on: date) -> tuple[str, ...]:
    """Programs that ask for a consent on a day, in the core's order."""
    return tuple(program for program in PROGRAMS if statements(program, on))


def statements(program: str, on: date) -> tuple[str, ...]:
    """What a patient must be told before consenting to a program on a day; the share of the cost comes first."""
    asked = _value(policy().on(on), f"{program}.consent.required_statements")
    found = asked if isinstance(asked, tuple) else ()
    return tuple(sorted(found, key=lambda one: one != "cost_sharing"))


def forms(program: str, on: date) -> tuple[str, ...]:
    """How consent may be given on a day."""
    found = _value(policy().on(on), f"{program}.consent.forms")
    return found if isinstance(found, tuple) else ()


def biller_kinds(program: str, on: date) -> tuple[str, ...]:
    """Professions that bill the program on a day; empty where policy names none."""
    found = _value(policy().on(on), f"{program}.supervision.biller_kinds")
    return found if isinstance(found, tuple) else ()


def stops_at_month_end(program: str, on: date) -> bool:
    """Does a revocation take effect at the end of its month?"""
    return _value(policy().on(on), f"{program}.consent.revocation_effective") == "end_of_month"


def minutes_end_with_revocation(program: str, on: date) -> bool:
    """Do minutes worked after the patient's word no longer count, although the consent is in force to the month's end?"""
    found = _value(policy().on(on), f"{program}.time_rules.ends_with")
    return isinstance(found, tuple) and "revocation" in found


def needs_new_consent(program: str, on: date) -> bool:
    """Must the patient consent anew when the practitioner changes?"""
    return _value(policy().on(on), f"{program}.consent.new_when_practitioner_changes") is True


def first_codes(program: str, view: PolicyView) -> tuple[str, ...]:
    """Codes one of which a plain month of the program bears; empty where policy names none."""
    names = (
        [f"apcm.levels.{level}" for level in _LEVELS]
        if program == "apcm"
        else [f"{program}.clinical_staff_time.base_code"]
    )
    return tuple(str(code) for name in names if (code := _value(view, name)) is not None)


def sources(program: str, on: date, *names: str) -> list[Any]:
    """The sources of consent's values, for a page to cite."""
    view = policy().on(on)
    found = [view.peek(f"{program}.consent.{name}") for name in names]
    ids = dict.fromkeys(source for value in found if value is not None for source in value.cite)
    return [policy().sources[id_] for id_ in ids]


def _value(view: PolicyView, name: str) -> Any:
    """A value without a read; None where it is absent or unknown."""
    found = view.peek(name)
    return None if found is None or found.absent else found.value
