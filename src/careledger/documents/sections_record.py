"""What the record holds of the patient: cover, eligibility, initiating visit, consent, care plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from careledger.core.records import AgencyEpisode, CarePlan, Condition, Consent, Coverage, Goal, Stay, Visit
from careledger.documents.blocks import Block, Column, Section, alarm, facts, heading, note, table
from careledger.documents.data import BinderData
from careledger.documents.wording import NOT_RECORDED, STATEMENTS, day, listed, who, word, yes
from careledger.engine.wording import VERDICTS
from careledger.policy.view import PolicyView

INITIATING = {
    "not_needed": "no initiating visit is needed: the patient was seen within the look-back before the program started",
    "done": "a qualifying visit took place and the program was discussed in it",
    "not_discussed": "a qualifying visit took place, but no record shows that the program was discussed in it",
    "missing": "an initiating visit is needed and none is recorded",
    "unknown": "neither the last visit nor an initiating visit is recorded",
}
CONSENT = {
    "in_force": "in force on the first counted minute",
    "none": "no consent is recorded",
    "not_documented": "given, but not known to be documented",
    "other_practitioner": "given to another practitioner: a new one is needed",
    "later": "given after the month's services",
    "revoked": "revoked, and the month of revocation is over",
}


def view_of(data: BinderData) -> PolicyView:
    """Policy on the month's last day under the patient's payer."""
    plan = data.facts.plan
    payer = plan if plan is not None and plan in data.policy.payers else data.facts.payer
    return data.policy.on(data.month.last_on, payer)


def programs_of(data: BinderData) -> list[str]:
    """Programs the binder is about: those with logged time, else chronic care management."""
    logged = [name for name, program in data.facts.programs.items() if program.logged_s > 0]
    return logged or ["ccm"]


def member_id(data: BinderData) -> str:
    """The number on the patient's card of the payer that pays first."""
    found = sorted(data.rows("coverage", Coverage), key=lambda row: row.rank)
    return next((row.member_id for row in found if row.member_id), NOT_RECORDED)


def patient_name(data: BinderData) -> str:
    """``Family, Given``; the id when no name is recorded."""
    names = [name for name in (data.patient.family_name, data.patient.given_name) if name]
    return ", ".join(names) or data.patient.patient_id


def cover(data: BinderData, missing: int) -> list[Block]:
    """The cover's facts and the codes decided."""
    practice, biller = data.practice, data.biller
    pairs = [
        ("Beneficiary", patient_name(data)),
        ("Date of birth, sex", f"{day(data.patient.born_on)}, {data.patient.sex or NOT_RECORDED}"),
        ("Medicare or member number", member_id(data)),
        ("Record number", data.patient.patient_id),
        ("Payer", word(data.facts.payer)),
        ("Service month", f"{data.month.first_on} to {data.month.last_on}"),
        ("Billing practitioner", f"{who(biller)} ({word(biller.kind)}), NPI {biller.npi or NOT_RECORDED}"),
        (
            "Practice",
            f"{(practice and practice.name) or NOT_RECORDED}, NPI {(practice and practice.npi) or NOT_RECORDED}",
        ),
        ("Prepared on", day(data.prepared_on)),
    ]
    lines = data.decision.decisions
    rows = [
        [
            one.code,
            view_of(data).code(one.code).says,
            VERDICTS[one.verdict],
            str(one.units) if one.verdict == "bill" else "",
        ]
        for one in sorted(lines, key=lambda one: one.verdict != "bill")
    ]
    columns = [
        Column("Code", 0.7),
        Column("Service, in our words", 4.2),
        Column("Decision", 1.3),
        Column("Units", 0.6, "right"),
    ]
    things = "1 item is missing or needs" if missing == 1 else f"{missing} items are missing or need"
    state = f"{things} a look: see the list of missing items." if missing else ""
    strong = range(sum(one.verdict == "bill" for one in lines))
    return [facts(pairs), table(columns, rows, strong=strong), *([alarm(state)] if state else [])]


def eligibility(data: BinderData) -> Section:
    """Conditions, how long they are expected to last, risk; residence and stays."""
    view = view_of(data)
    needed, months = view.number("ccm.eligibility.chronic_conditions"), view.number("ccm.eligibility.expected_months")
    columns = [
        Column("ICD-10-CM", 1), Column("Chronic", 0.9), Column("Held so by", 1.5), Column("Expected", 1.1),
        Column("Significant risk", 1.1), Column("Since", 1.1), Column("Until", 1.1),
    ]  # fmt: skip
    rows = [
        [
            row.icd10,
            yes(row.chronic),
            listed(word(basis) for basis in row.chronic_basis),
            NOT_RECORDED if row.expected_months is None else f"{row.expected_months} months",
            yes(row.significant_risk),
            day(row.since),
            "open" if row.until is None else day(row.until),
        ]
        for row in data.rows("conditions", Condition)
    ]
    pairs = [
        ("Conditions that count", f"{data.facts.chronic_conditions} (needed: {needed}, each expected to last {months} months or until death)"),
        ("Significant risk", yes(data.facts.significant_risk)),
        ("Residence", word(data.patient.residence)),
        ("Living", "yes" if data.patient.died_on is None else f"died on {data.patient.died_on}"),
    ]  # fmt: skip
    return Section("eligibility", "Eligibility and risk", (facts(pairs), table(columns, rows), *_stays(data)))


def _stays(data: BinderData) -> Iterator[Block]:
    stays = [row for row in data.rows("stays", Stay) if row.since <= data.month.last_on and (row.until is None or row.until >= data.month.first_on)]  # fmt: skip
    yield heading("Facility stays in the month")
    rows = [[word(row.kind), day(row.since), "open" if row.until is None else day(row.until)] for row in stays]
    yield table([Column("Facility"), Column("Admitted"), Column("Discharged")], rows)
    episodes = data.rows("agency_episodes", AgencyEpisode)
    if episodes:
        yield heading("Home health and hospice")
        columns = [
            Column("Agency"),
            Column("NPI"),
            Column("Since"),
            Column("Until"),
            Column("Medicare"),
            Column("Plan signed by", 1.4),
        ]
        yield table(columns, [_episode(data, row) for row in episodes])


def _episode(data: BinderData, row: AgencyEpisode) -> list[str]:
    until = "open" if row.until is None else day(row.until)
    signed_by = who(data.person(row.plan_signed_by), row.plan_signed_by)
    return [word(row.kind), row.agency_npi or NOT_RECORDED, day(row.since), until, yes(row.medicare_covered), signed_by]


def initiating_visit(data: BinderData) -> Section:
    """The visit the program started from, and every visit that is recorded."""
    states = [(word(name), INITIATING[data.facts.program(name).initiating]) for name in programs_of(data)]
    codes = set(view_of(data).words("ccm.initiating_visit.codes"))
    columns = [
        Column("Day", 1), Column("Practitioner", 1.8), Column("Code", 0.8), Column("Qualifies by code", 1), Column("Face to face", 1),
        Column("Programs discussed", 1.5),
    ]  # fmt: skip
    rows = [
        [
            day(row.on),
            who(data.person(row.practitioner), row.practitioner),
            row.code or NOT_RECORDED,
            yes(row.code in codes) if row.code else NOT_RECORDED,
            yes(row.face_to_face),
            NOT_RECORDED if row.discussed is None else listed(word(name) for name in row.discussed),
        ]
        for row in sorted(data.rows("visits", Visit), key=lambda row: row.on)
        if row.on <= data.month.last_on
    ]
    return Section("initiating_visit", "Initiating visit", (facts(states), table(columns, rows)))


def consent(data: BinderData) -> Section:
    """Each consent with what the patient was told."""
    blocks: list[Block] = [
        facts((word(name), CONSENT[data.facts.program(name).consent]) for name in programs_of(data)),
    ]
    required = view_of(data).words("ccm.consent.required_statements")
    for row in data.rows("consents", Consent):
        blocks += [heading(f"Consent to {word(row.program).lower()}"), facts(_consent(data, row)), _told(row, required)]
    if not data.rows("consents", Consent):
        blocks.append(alarm("No consent is recorded."))
    return Section("consent", "Consent", tuple(blocks))


def _consent(data: BinderData, row: Consent) -> list[tuple[str, str]]:
    return [
        ("Given on", day(row.given_on)),
        ("Form", word(row.form)),
        ("Documented in the record", yes(row.documented)),
        ("Given to", who(data.person(row.practitioner), row.practitioner)),
        ("Recorded by", who(data.person(row.recorded_by), row.recorded_by)),
        ("Revoked", "no" if row.revoked_on is None else f"{row.revoked_on}, effective at the end of that month"),
    ]


def _told(row: Consent, required: tuple[str, ...]) -> Block:
    covers = row.covers or ()
    extra = [statement for statement in covers if statement not in required]
    rows = [
        [STATEMENTS.get(statement, word(statement)), NOT_RECORDED if row.covers is None else yes(statement in covers)]
        for statement in (*required, *extra)
    ]
    return table([Column("What the patient was told", 4), Column("Covered", 1)], rows)


def care_plan(data: BinderData) -> Section:
    """Every version of the plan with proof of delivery, its elements, and the goals with what is measured."""
    blocks: list[Block] = []
    elements = view_of(data).words("ccm.care_plan.elements")
    plans = data.rows("care_plans", CarePlan)
    for row in plans:
        blocks += [heading(f"Plan for {word(row.program).lower()}"), facts(_plan(data, row))]
        if row.program == "ccm":
            blocks.append(_elements(row, elements))
    if not plans:
        blocks.append(alarm("No care plan is recorded."))
    blocks += [
        heading("Measurable goals"),
        _goals(data),
        note("A goal is measurable when it names what is measured and the target."),
    ]
    return Section("care_plan", "Care plan", tuple(blocks))


def _plan(data: BinderData, row: CarePlan) -> list[tuple[str, str]]:
    how = word(row.delivered_by)
    return [
        ("Established on", day(row.established_on)),
        ("Last reviewed, revised", f"{day(row.reviewed_on)}, {day(row.revised_on)}"),
        ("Signed by", who(data.person(row.signed_by), row.signed_by)),
        ("Copy given to patient or caregiver", day(row.copy_given_on)),
        ("Proof of delivery", how if row.copy_given_on is None else f"given on {row.copy_given_on}, how: {how}"),
    ]


def _elements(row: CarePlan, required: tuple[str, ...]) -> Block:
    there = required if row.elements == ("all",) else row.elements
    cells = [[word(element), NOT_RECORDED if there is None else yes(element in there)] for element in required]
    half = (len(cells) + 1) // 2
    rows = [[*left, *right] for left, right in zip_longest(cells[:half], cells[half:], fillvalue=["", ""])]
    columns = (Column("Element of the plan", 3), Column("Present", 1.2))
    return table([*columns, *columns], rows)


def _goals(data: BinderData) -> Block:
    columns = [
        Column("Goal", 2.6), Column("Measure", 1.4), Column("Target", 1.2), Column("Due", 1), Column("Status", 1.1),
        Column("Condition", 0.9),
    ]  # fmt: skip
    rows = [
        [
            row.text,
            row.measure or NOT_RECORDED,
            row.target or NOT_RECORDED,
            day(row.due_on),
            word(row.status),
            row.condition or "",
        ]
        for row in data.rows("goals", Goal)
    ]
    return table(columns, rows)
