"""Lists of requirements that the codes of a family share."""

from __future__ import annotations

from careledger.rules import conflicts, coverage
from careledger.rules.program import access, care_plan, consent, initiating_visit, payer, residence
from careledger.rules.rule import Rule

Rules = tuple[Rule, ...]


def paid(code: str, program: str) -> Rules:
    """The code exists, somebody pays it, the patient is covered and alive, the biller may bill it from there."""
    return (
        coverage.code_in_force.of(code),
        payer.pays.of(program, code),
        coverage.part_b,
        coverage.alive,
        payer.may_bill.of(program),
        coverage.biller_in_us,
        payer.from_this_setting.of(program),
    )


def agreed(program: str) -> Rules:
    """The program was opened and the patient agreed to it."""
    return (initiating_visit.held.of(program), consent.in_force.of(program), consent.content.of(program))


def planned(program: str) -> Rules:
    """A care plan with everything that policy asks of it."""
    names = ("established", "complete", "signed", "copy_given", "reviewed", "optional_elements")
    return tuple(getattr(care_plan, name).of(program) for name in names)


def offered(program: str) -> Rules:
    """What the practice offers every patient of the program."""
    return (access.day_and_night.of(program), access.certified_record.of(program))


def at_home(program: str) -> Rules:
    """No facility is paid for the care, and some day of the month lies outside one."""
    return (residence.facility_not_paid.of(program), residence.some_day_outside.of(program))


def billed(code: str) -> Rules:
    """Nothing already billed stands against the code."""
    return (conflicts.not_billed_before.of(code), conflicts.beside_what_is_billed.of(code))
