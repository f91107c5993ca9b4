"""Could a patient begin a program today? The engine's own facts and rules, asked of the day the program would begin.

The rules are those of the code a plain month bears, without what follows the enrolment: consent, care plan, minutes. The facts
are made as if the patient began today, so that the look-back to the last visit is counted from today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from careledger.core.decision import Finding
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.core.records import Enrolment
from careledger.engine.judge import BLOCKING, Judge
from careledger.facts import case_facts
from careledger.rules.registry import FAMILIES
from careledger.web.billing.models import OtherClaim
from careledger.web.billing.queries import payer_on, policy, records_of
from careledger.web.enrolment.programs import FOUND, first_codes
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import narrowed_to

_BEFORE_ENROLMENT = (
    "coverage.", "{program}.payer.", "{program}.eligibility.", "{program}.condition.complex_condition", "{program}.level.",
    "{program}.practice.focal_point", "{program}.initiating_visit.", "{program}.residence.", "conflicts.",
)  # fmt: skip
"""Beginnings of the ids of rules that are asked before anyone is enrolled."""
_TELLING = (
    "coverage.part_b", "{program}.eligibility.", "{program}.condition.", "{program}.level.",
    "{program}.initiating_visit.",
)  # fmt: skip
"""Of those that are met, the ones a person asks about."""
_RANK = ("eligible", "visit", "unclear", "person", "elsewhere", "no")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a patient stands to a program."""

    state: str
    code: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One patient looked at on a day.

    Attributes:
        month: the facts for the practitioner of record; None where nobody answers for the patient.
        standings: by program.
    """

    month: PatientMonth | None
    payer: str
    standings: Mapping[str, Standing]


def look(patient: Patient, on: date) -> Look:
    """A patient's facts, payer and standings, from one run of the facts program."""
    months, payers = months_of([patient], on)
    found = _standings([patient], months, payers, on)
    return Look(months.get(patient.code), payers[patient.code], found[patient.pk])


def standings(patients: Sequence[Patient], on: date) -> dict[int, dict[str, Standing]]:
    """How patients stand to each program that could begin on a day, by primary key."""
    return _standings(patients, *months_of(patients, on), on)


def _standings(
    patients: Sequence[Patient], months: Mapping[str, PatientMonth], payers: Mapping[str, str], on: date
) -> dict[int, dict[str, Standing]]:
    claims = _claims(patients, on)
    practice_of = dict(Person.objects.values_list("code", "practice__code"))
    judges: dict[str, Judge] = {}
    found: dict[int, dict[str, Standing]] = {}
    for patient in patients:
        payer = payers[patient.code]
        judge = judges.get(payer) or judges.setdefault(payer, Judge(policy().on(Month.of(on).last_on, payer)))
        month = months.get(patient.code)
        own = None if month is None else practice_of.get(month.biller)
        others = [
            row for row in claims.get(patient.pk, ()) if (row.practice_code or practice_of.get(row.practitioner)) != own
        ]
        found[patient.pk] = {
            program: standing(program, month, judge, [row for row in others if row.code in FAMILIES[program]])
            for program in FOUND
        }
    return found


def months_of(patients: Sequence[Patient], on: date) -> tuple[dict[str, PatientMonth], dict[str, str]]:
    """The month's facts for the practitioner of record, as if each program began on the day, and the payer; by patient's code.

    Who is in a program already keeps its own beginning. Time is left out: it decides nothing before an enrolment.
    """
    month = Month.of(on)
    with narrowed_to(None):
        records = {**records_of(patients, month), "time_entries": []}
    begun = {(row.patient_id, row.program) for table in ("consents", "enrolments") for row in records[table]}
    supposed = [
        Enrolment(patient_id=patient.code, program=program, started_on=on)
        for patient in patients
        for program in FOUND
        if (patient.code, program) not in begun
    ]
    records["enrolments"] = [*records["enrolments"], *supposed]
    found: dict[str, PatientMonth] = {}
    for case in case_facts(records, month, policy(), as_of=on):
        found.setdefault(case.month.patient, case.month)
    return found, {patient.code: payer_on(records["coverage"], patient.code, month) for patient in patients}


def standing(program: str, month: PatientMonth | None, judge: Judge, claims: Iterable[Any] = ()) -> Standing:
    """How a patient stands to a program; of several codes the one that is nearest.

    Args:
        month: the facts; None where nobody answers for the patient.
        claims: services of the program that another practice than the practitioner's billed lately.
    """
    codes = first_codes(program, judge.view)
    if month is None or not codes:
        return Standing("unclear", "", (_nobody(),))
    others = replace(month, billed=tuple(one for one in month.billed if one.relation == "other"))
    found = [_asked(program, code, proof.findings) for code, proof in judge.proofs(others, codes).items()]
    nearest = min(found, key=lambda one: _RANK.index(one.state))
    told = tuple(_told_elsewhere(claim, program, judge) for claim in claims)
    if told and nearest.state != "no":
        return Standing("elsewhere", nearest.code, (*told, *nearest.findings))
    return nearest


def _asked(program: str, code: str, findings: Iterable[Finding]) -> Standing:
    starts, telling = (tuple(one.format(program=program) for one in group) for group in (_BEFORE_ENROLMENT, _TELLING))
    asked = [finding for finding in findings if finding.rule.startswith(starts)]
    against = [finding for finding in asked if finding.outcome in BLOCKING]
    met = [finding for finding in asked if finding.outcome == "met" and finding.rule.startswith(telling)]
    return Standing(_state(program, against), code, (*against, *met))


def _state(program: str, against: Sequence[Finding]) -> str:
    unmet = [finding for finding in against if finding.outcome == "unmet"]
    if unmet:
        return "elsewhere" if all(finding.rule.startswith("conflicts.") for finding in unmet) else "no"
    outcomes = {finding.outcome for finding in against if finding.rule != f"{program}.initiating_visit.held"}
    if "unknown" in outcomes or "not_yet" in outcomes:
        return "unclear"
    if "judgement" in outcomes:
        return "person"
    if any(finding.outcome == "unknown" for finding in against):
        return "unclear"
    return "visit" if against else "eligible"


def _nobody() -> Finding:
    return Finding(
        rule="enrolment.practitioner",
        outcome="unknown",
        says="no practitioner of record is named",
        next_step="name the practitioner who answers for the patient",
    )


def _told_elsewhere(claim: Any, program: str, judge: Judge) -> Finding:
    paid = judge.view.peek(f"{program}.one_practitioner.paid_per_month")
    by = claim.practice_code or claim.practitioner or "another practice"
    return Finding(
        rule="enrolment.elsewhere",
        outcome="unmet",
        says=f"{claim.code} of {claim.on:%B %Y} was billed by {by}",
        next_step="ask the patient whose care continues: only one practitioner is paid for a month",
        cite=() if paid is None else paid.cite,
    )


def _claims(patients: Sequence[Patient], on: date) -> Mapping[int, Collection[Any]]:
    """The latest claim on each code of a program this month or the last, by patient, whoever sent it."""
    codes = {code for program in FOUND for code in FAMILIES[program]}
    since = Month.of(on).previous().first_on
    found: defaultdict[int, dict[tuple[str, str], Any]] = defaultdict(dict)
    for row in OtherClaim.objects.filter(patient__in=list(patients), code__in=codes, on__gte=since).order_by(
        "on", "pk"
    ):
        found[row.patient_id][row.code, row.practice_code or ""] = row
    return {patient: latest.values() for patient, latest in found.items()}
