"""Several practitioners for one patient's month: only one is paid for a month, and the first in line is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from careledger.core.decision import MonthDecision
from careledger.core.patient_month import BilledService, Evidence, PatientMonth, Relation
from careledger.core.records import Person, ProposedLine
from careledger.engine.decide import decide
from careledger.policy.view import PolicyView

Related = Callable[[str, str], Relation]
"""How the second practitioner stands to the first."""

Line = tuple[str, int]
"""A code and its units."""

Answer = TypeVar("Answer")


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
    asked = tuple(asked)

    def decided(month: PatientMonth, lines: Sequence[ProposedLine]) -> tuple[MonthDecision, tuple[Line, ...]]:
        records = None if evidence is None else evidence.get(month.biller)
        made = decide(month, view, records, asked, lines)
        return made, tuple((one.code, one.units) for one in made.billed())

    return in_turn(months, decided, related, proposed)


def in_turn(
    months: Sequence[PatientMonth],
    decided: Callable[[PatientMonth, Sequence[ProposedLine]], tuple[Answer, tuple[Line, ...]]],
    related: Related,
    proposed: Sequence[ProposedLine],
) -> tuple[tuple[PatientMonth, Answer], ...]:
    """Every practitioner's month as it stands when those before have billed, with the answer.

    Args:
        decided: decides one month with its lines, and names the codes and units to be billed.
    """
    taken: list[tuple[str, BilledService]] = []
    answers = []
    for month in sorted(months, key=lambda month: _place(month.biller, proposed)):
        others = tuple(replace(service, relation=related(by, month.biller)) for by, service in taken)
        seen = replace(month, billed=tuple(sorted((*month.billed, *others)))) if others else month
        answer, billed = decided(seen, tuple(line for line in proposed if line.practitioner in (None, month.biller)))
        taken += [(month.biller, BilledService(code=code, relation="other", units=units)) for code, units in billed]
        answers.append((seen, answer))
    return tuple(answers)


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
