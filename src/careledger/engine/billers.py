"""Several practitioners for one patient's month: only one is paid for a month, and the first in line is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from careledger.core.decision import MonthDecision
from careledger.core.patient_month import BilledService, Evidence, PatientMonth, Relation
from careledger.core.records import Person, ProposedLine
from careledger.engine.decide import decide
from careledger.policy.view import PolicyView

Related = Callable[[str, str], Relation]
"""How the second practitioner stands to the first."""


def decide_patient(
    months: Sequence[PatientMonth],
    view: PolicyView,
    related: Related,
    *,
    evidence: Mapping[str, Evidence] | None = None,
    asked: Iterable[str] = (),
    proposed: Sequence[ProposedLine] = (),
) -> tuple[tuple[PatientMonth, MonthDecision], ...]:
    """Decide one patient's month for several practitioners, first come first paid.

    What an earlier practitioner is to bill stands as billed for those after: the rules on what is billed by others then
    refuse a second one, with their reason.

    Args:
        months: the same patient and month, one for each practitioner; those who propose lines come first.
        evidence: by practitioner.
    """
    ordered = sorted(months, key=lambda month: _place(month.biller, proposed))
    asked = tuple(asked)
    taken: list[tuple[str, BilledService]] = []
    decided = []
    for month in ordered:
        others = tuple(replace(service, relation=related(by, month.biller)) for by, service in taken)
        seen = replace(month, billed=tuple(sorted((*month.billed, *others)))) if others else month
        lines = tuple(line for line in proposed if line.practitioner in (None, month.biller))
        records = None if evidence is None else evidence.get(month.biller)
        decision = decide(seen, view, records, asked, lines)
        billed = (BilledService(code=made.code, relation="other", units=made.units) for made in decision.billed())
        taken += [(month.biller, service) for service in billed]
        decided.append((seen, decision))
    return tuple(decided)


def relations(people: Iterable[Person]) -> Related:
    """Relations from the table of people: same group and specialty, same group, or another practice."""
    known = {person.person_id: person for person in people}

    def related(one: str, other: str) -> Relation:
        first, second = known.get(one), known.get(other)
        if one == other:
            return "self"
        if first is None or second is None or first.practice_id is None or first.practice_id != second.practice_id:
            return "other"
        alike = first.specialty is not None and first.specialty == second.specialty
        return "group_same_specialty" if alike else "group"

    return related


def _place(biller: str, proposed: Sequence[ProposedLine]) -> int:
    """The place of a practitioner's first line; behind all lines when there is none, in the order listed."""
    places = (place for place, line in enumerate(proposed) if line.practitioner == biller)
    return next(places, len(proposed))
