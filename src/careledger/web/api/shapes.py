"""What the API takes and gives; names are those of ``core.records``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field

from careledger.core.records import PROGRAMS


def _known(program: str) -> str:
    if program not in PROGRAMS:
        raise ValueError(f"unknown program; use one of {', '.join(PROGRAMS)}")
    return program


Program = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(PROGRAMS)})]


class Said(Schema):
    """Base of what is sent to us: an unknown key is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class PatientOut(Schema):
    """A patient of the list."""

    id: int
    code: str
    family_name: str | None
    given_name: str | None
    born_on: date | None
    status: str | None = Field(None, description="present status in CCM")
    care_manager: str | None = None


class Page(Schema):
    """A page of a list."""

    total: int
    page: int
    pages: int


class PatientPage(Page):
    """A page of the list of patients."""

    items: list[PatientOut]


class ProgramOut(Schema):
    """Where a patient stands in a program."""

    program: str
    status: str
    on: date


class ConditionOut(Schema):
    """A diagnosis of a patient."""

    icd10: str
    chronic: bool | None
    since: date | None
    until: date | None


class ChartOut(PatientOut):
    """A patient with what the chart's first page shows."""

    sex: str | None
    language: str | None
    programs: list[ProgramOut]
    conditions: list[ConditionOut]


class ConsentOut(Schema):
    """A consent and whether it was revoked."""

    id: int
    program: str
    given_on: date | None
    form: str | None
    given_by: str | None
    covers: list[str] | None
    recorded_by: str | None
    revoked_on: date | None


class ConsentIn(Said):
    """A consent to be recorded; who recorded it is who owns the token."""

    program: Program
    given_on: date
    form: Literal["verbal", "written", "electronic"]
    practitioner: str = Field(description="code of the practitioner of record")
    covers: list[
        Literal["availability", "cost_sharing", "one_practitioner", "right_to_stop", "specialist_consultation"]
    ] = Field(
        description="statements made; which a program asks for on a day is policy: PROGRAM.consent.required_statements"
    )
    given_by: Literal["patient", "representative"] = "patient"
    representative: str | None = Field(None, max_length=120, description="who spoke for the patient")
    language: Literal["en", "es"] = Field("en", description="of the text the patient was told")


class Revocation(Said):
    """The day a patient took a consent back."""

    on: date


class TimeOut(Schema):
    """An entry of the time ledger."""

    id: int
    entry_id: str
    patient_id: int
    kind: str
    by: str
    programs: list[str]
    start: datetime | None
    end: datetime | None
    on: date
    seconds: int
    activity: str | None
    contact: str | None
    note: str | None
    flags: list[str]
    stands: bool = Field(description="counts: neither voided nor replaced")
    corrects: str | None
    reason: str | None


class Worked(Said):
    """A stretch of one's own work; times carry their offset from UTC."""

    start: AwareDatetime
    end: AwareDatetime
    program: Program = "ccm"
    activity: str | None = Field(None, description="a kind of work of policy, by its id; required")
    contact: str | None = Field(None, description="who was contacted, by the words of the pages")
    note: str | None = Field(None, description="what was done; work without a note does not count and is refused")


class TimeIn(Worked):
    """Time to be logged. The same ``entry_id`` sent twice is logged once."""

    entry_id: str | None = Field(None, min_length=8, max_length=120)


class Correction(Worked):
    """What stands in the place of an entry, and why."""

    reason: str = Field(min_length=1)


class Void(Said):
    """Why an entry is taken out."""

    reason: str = Field(min_length=1)


class PlanOut(Schema):
    """A version of a care plan."""

    id: int
    program: str
    established_on: date | None
    reviewed_on: date | None
    revised_on: date | None
    signed_by: str | None
    copy_given_on: date | None
    elements: list[str] | None


class GoalOut(Schema):
    """A measurable goal."""

    code: str
    text: str
    measure: str | None
    target: str | None
    due_on: date | None
    status: str | None


class PlansOut(Schema):
    """A patient's plans, newest first, and goals."""

    plans: list[PlanOut]
    goals: list[GoalOut]


class ClaimLineOut(Schema):
    """A line ready to be claimed for a patient's month."""

    patient_id: int
    month: str
    practitioner: str
    state: str
    codes: list[dict[str, Any]]
    allowed_cents: int | None


class ClaimPage(Page):
    """A page of the month's lines."""

    items: list[ClaimLineOut]


class MadeClaimOut(Schema):
    """A claim that was made, and where it stands."""

    claim_id: str
    state: str
    month: str
    patient_id: str = Field(description="the patient's code")
    practitioner_id: str | None
    payer_number: str | None
    charge_cents: int | None
    held_by: str | None
    frequency: str | None


class MadeClaimPage(Page):
    """A page of the claims made."""

    items: list[MadeClaimOut]


class Question(Said):
    """A question to the library, in plain words, without names."""

    question: str = Field(min_length=3, max_length=500)
    role: Literal["physician", "care_manager", "biller", "medical_director", "compliance_officer", "patient"] | None = (
        None
    )
    on: date | None = Field(None, description="the day of asking; today when left out")
    choices: dict[str, str] = Field({}, max_length=20, description="facts chosen, by the ids the answer depends on")
