"""What a reviewer will look for and not find, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from careledger.core.records import CarePlan, Consent, Goal, Person
from careledger.documents.data import BinderData
from careledger.documents.sections_record import member_id, view_of
from careledger.documents.sections_time import is_late
from careledger.documents.wording import NOT_RECORDED, STATEMENTS, word
from careledger.engine.wording import VERDICTS, next_step


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing: the part of the binder, what is missing, what to do."""

    where: str
    what: str
    mend: str


def gaps(data: BinderData) -> list[Gap]:
    """Every gap, in the order of the binder."""
    found = [
        *_identity(data),
        *_visit(data),
        *_consent(data),
        *_plan(data),
        *_time(data),
        *_people(data),
        *_decision(data),
    ]
    return list(dict.fromkeys(found))


def _identity(data: BinderData) -> Iterator[Gap]:
    if member_id(data) == NOT_RECORDED:
        yield Gap("Cover", "Medicare or member number", "record it from the card")
    if data.patient.born_on is None:
        yield Gap("Cover", "date of birth", "record it")
    if not data.biller.npi:
        yield Gap("Cover", "NPI of the billing practitioner", "record it")


def _visit(data: BinderData) -> Iterator[Gap]:
    if data.facts.program("ccm").logged_s and data.facts.program("ccm").initiating in (
        "missing",
        "unknown",
        "not_discussed",
    ):
        yield Gap(
            "Initiating visit", "a qualifying visit in which the program was discussed", "record it, or see the patient"
        )


def _consent(data: BinderData) -> Iterator[Gap]:
    rows = data.rows("consents", Consent)
    if not rows and data.facts.program("ccm").logged_s:
        yield Gap("Consent", "any consent", "obtain and document it; minutes before it do not count")
    required = view_of(data).words("ccm.consent.required_statements")
    for row in rows:
        program = word(row.program).lower()
        names = {"given_on": "the day", "form": "how it was given", "recorded_by": "who recorded it"}
        yield from (Gap("Consent", f"{says} of the consent to {program}", "record it") for name, says in names.items() if getattr(row, name) is None)  # fmt: skip
        if row.documented is not True:
            yield Gap("Consent", f"documentation of the consent to {program}", "document it in the record")
        absent = [statement for statement in required if row.program == "ccm" and statement not in (row.covers or ())]
        yield from (Gap("Consent", f"that the patient was told: {STATEMENTS.get(one, word(one))}", "tell the patient and record it") for one in absent)  # fmt: skip


def _plan(data: BinderData) -> Iterator[Gap]:
    plans = data.rows("care_plans", CarePlan)
    if not plans and data.facts.program("ccm").logged_s:
        yield Gap("Care plan", "any care plan", "establish it, sign it and give a copy")
    names = {
        "established_on": ("the day the plan was established", "record it"),
        "signed_by": ("the practitioner's signature on the plan", "have the practitioner review and sign"),
        "copy_given_on": ("proof that a copy reached patient or caregiver", "give a copy and record the day"),
        "delivered_by": ("how the copy was given", "record it: paper, portal, mail ..."),
        "elements": ("which elements the plan has", "record them"),
    }
    for row in plans:
        yield from (Gap("Care plan", what, mend) for name, (what, mend) in names.items() if getattr(row, name) is None)
    goals = data.rows("goals", Goal)
    if plans and not goals:
        yield Gap("Care plan", "any measurable goal", "record goals with measure and target")
    for number, goal in enumerate(goals, start=1):
        if not (goal.measure and goal.target):
            yield Gap("Care plan", f"measure or target of goal {number}", "say what is measured and the target")


def _time(data: BinderData) -> Iterator[Gap]:
    entries = data.entries()
    if not entries:
        yield Gap("Time log", "any time entry of the month", "log the work")
    for entry in entries:
        if entry.start_s is None:
            yield Gap("Time log", f"start and end of entry {entry.entry_id}", "record clock times")
        if entry.note is None and entry.documented is not True:
            yield Gap("Time log", f"what was done in entry {entry.entry_id}", "document the work")
        if entry.recorded_s is None:
            yield Gap("Time log", f"when entry {entry.entry_id} was recorded", "keep the time log in the ledger")
        if is_late(data, entry):
            yield Gap("Time log", f"entry {entry.entry_id} was recorded late", "be ready to explain why")
    if data.ledger is None:
        yield Gap("Manifest", "head of the time ledger", "give the ledger's anchor with --ledger-anchor")


def _people(data: BinderData) -> Iterator[Gap]:
    worked = {entry.by for entry in data.entries()} | {data.facts.biller}
    for person in data.rows("people", Person):
        if person.person_id in worked and not person.credential:
            yield Gap("Supervision", f"credential of {person.person_id}", "record it as it is signed, such as RN")
        if person.person_id in worked and not person.name:
            yield Gap("Supervision", f"name of {person.person_id}", "record it")
    known = {person.person_id for person in data.rows("people", Person)}
    yield from (Gap("Supervision", f"the person {id_}", "add the person") for id_ in sorted(worked - known))
    if data.attestation is None:
        yield Gap("Signatures", "the practitioner's attestation", "sign it, and record it in attestations.csv")


def _decision(data: BinderData) -> Iterator[Gap]:
    for decision in data.decision.decisions:
        if decision.verdict in ("not_yet", "human_decides"):
            step = next_step(decision, data.facts)
            yield Gap("Decision", f"{decision.code}: {VERDICTS[decision.verdict].lower()}", step or "see the decision")
    now = {one.code: (one.verdict, one.units if one.verdict == "bill" else 0) for one in data.decision.decisions}
    for line in data.closed:
        then = (line.verdict, line.units if line.verdict == "bill" else 0)
        if now.get(line.code, then) != then:
            says = f"{line.code}: the close decided {VERDICTS[line.verdict].lower()}, the records now say otherwise"  # type: ignore[index]
            yield Gap("Decision", says, "close the month again, or find what was changed since")
