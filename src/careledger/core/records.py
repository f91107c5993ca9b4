"""The records of a practice, one class a table.

These classes are the only definition of the tables that ``close`` reads, the case format's lists, the importers' output
and the CSV dictionary: column names, types, what is required (no default), what is allowed (``one_of``), what each means.

Types a column may have: ``str``, ``bool``, ``int``, ``date`` and ``tuple[str, ...]`` (in CSV and Parquet text, parts
separated by one space). ``None`` always means *unknown*, never "no".
Instants are whole seconds since 1970 in UTC (``_s``); days are calendar days in the practice's time zone (``_on``).
An interval is half open: its start belongs to it, its end does not.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field
from datetime import date
from typing import Any

PRACTITIONER_KINDS = ("physician", "np", "pa", "cns", "cnm", "psychologist", "lcsw", "mft", "mhc")
CLINICAL_STAFF_KINDS = ("rn", "lpn", "ma", "pharmacist", "social_worker", "dietitian", "respiratory_therapist")
OTHER_STAFF_KINDS = ("chw", "navigator", "peer", "therapist", "clerical", "bot", "other")
PERSON_KINDS = PRACTITIONER_KINDS + CLINICAL_STAFF_KINDS + OTHER_STAFF_KINDS
PROGRAMS = (
    "ccm", "pcm", "cpo", "bhi", "cocm", "rpm", "rtm", "chi", "pin", "apcm", "tcm", "pain", "acp", "cognitive", "director",
)  # fmt: skip
SETTINGS = ("office", "hospital_outpatient", "rhc", "fqhc")
RESIDENCES = ("home", "assisted_living", "nursing_facility", "snf", "hospice_facility", "other")
PAYER_KINDS = ("medicare_ffs", "medicare_advantage", "medicaid", "commercial")
STAY_KINDS = (
    "inpatient", "snf_part_a", "nursing_facility", "observation", "rehab", "psychiatric", "ltch", "emergency",
    "partial_hospitalization", "hospice_inpatient",
)  # fmt: skip
AGENCY_KINDS = ("home_health", "hospice", "private_duty")
MDM_LEVELS = ("straightforward", "low", "moderate", "high")
CONSENT_FORMS = ("verbal", "written", "electronic")
PREFERENCES = ("payment", "patient_cost", "simplicity")
SUPERVISION_LEVELS = ("general", "direct", "personal", "none")


def says(meaning: str, *, default: Any = ..., one_of: tuple[str, ...] = ()) -> Any:
    """A column: its meaning in a sentence, its default (required without one) and the values allowed."""
    metadata = {"says": meaning, "one_of": one_of}
    return field(metadata=metadata) if default is ... else field(default=default, metadata=metadata)


def meaning_of(column: Field[Any]) -> str:
    return str(column.metadata.get("says", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A group that bills under one tax id (the case format's ``group``)."""

    practice_id: str = says("id of the group")
    name: str | None = says("name on the claim", default=None)
    time_zone: str = says("IANA time zone that sets day and month borders", default="America/New_York")
    npi: str | None = says("billing NPI of the group (type 2), or of the solo practitioner", default=None)
    tax_id: str | None = says("employer identification number, nine digits", default=None)
    taxonomy: str | None = says("billing provider taxonomy code", default=None)
    address: str | None = says("street address (no PO box)", default=None)
    city: str | None = says("city", default=None)
    state: str | None = says("two-letter state", default=None)
    zip: str | None = says("ZIP, nine digits for claims", default=None)
    phone: str | None = says("telephone, ten digits", default=None)
    setting: str = says("where the practice bills from", default="office", one_of=SETTINGS)
    locality: str | None = says("Medicare MAC-locality such as 01112-05; national fees when unknown", default=None)
    access_24_7: bool | None = says("urgent access to a clinician 24 hours a day, 7 days a week", default=None)
    certified_ehr: bool | None = says("structured recording in a certified EHR", default=None)
    prefers: str = says("what decides between lawful sets of codes", default="payment", one_of=PREFERENCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who bills, treats, or logs time: practitioner or staff."""

    person_id: str = says("id of the person")
    kind: str = says("profession", one_of=PERSON_KINDS)
    practice_id: str | None = says("the group the person works in", default=None)
    specialty: str | None = says("specialty, for same-specialty questions", default=None)
    name: str | None = says("name on documents and claims", default=None)
    credential: str | None = says("credential as signed, such as RN or MD", default=None)
    npi: str | None = says("individual NPI (type 1)", default=None)
    taxonomy: str | None = says("taxonomy code", default=None)
    employment: str | None = says("employee or contractor", default=None, one_of=("employee", "contractor", "leased"))
    supervision: str = says("supervision the person works under", default="general", one_of=SUPERVISION_LEVELS)
    in_global_period: bool | None = says("a surgery of theirs covers the month (global period)", default=None)
    outside_us: bool | None = says("works from outside the United States", default=None)
    works_with: tuple[str, ...] = says("practitioners whose practice the person is integrated with", default=())
    certified_or_trained: bool | None = says("certified or trained as the service asks", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A beneficiary."""

    patient_id: str = says("id of the patient in the practice")
    born_on: date | None = says("date of birth", default=None)
    died_on: date | None = says("date of death, empty when living", default=None)
    family_name: str | None = says("family name as on the insurance card", default=None)
    given_name: str | None = says("given name as on the insurance card", default=None)
    sex: str | None = says("administrative sex for claims", default=None, one_of=("female", "male", "unknown"))
    address: str | None = says("street", default=None)
    city: str | None = says("city", default=None)
    state: str | None = says("two-letter state", default=None)
    zip: str | None = says("ZIP code", default=None)
    phone: str | None = says("telephone", default=None)
    language: str | None = says("preferred language (BCP 47)", default=None)
    residence: str | None = says("where the patient lives", default=None, one_of=RESIDENCES)
    complex_multidisciplinary_care: bool | None = says("needs complex or multidisciplinary care (CPO)", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Who pays, from when to when."""

    patient_id: str = says("the patient")
    payer: str = says("a payer kind, or the id of a payer overlay")
    plan: str | None = says("the plan beside the payer", default=None)
    member_id: str | None = says("MBI for Medicare, else the member number", default=None)
    since: date | None = says("first day covered", default=None)
    until: date | None = says("last day covered, empty when open", default=None)
    part_b: bool | None = says("entitled to Medicare Part B", default=None)
    qmb: bool | None = says("Qualified Medicare Beneficiary", default=None)
    rank: int = says("1 primary, 2 secondary, 3 tertiary", default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A practitioner whose claim is considered for a patient (the practitioner of record, or another)."""

    patient_id: str = says("the patient")
    biller_id: str = says("the practitioner")
    established: bool | None = says("seen by the practice before", default=None)
    last_seen_on: date | None = says(
        "last visit with the biller or same group and specialty, beside visits", default=None
    )
    elects: tuple[str, ...] = says("codes the practice chose among lawful alternatives", default=())
    asked: tuple[str, ...] = says("codes a question is about", default=())
    setting: str | None = says("setting when it differs from the practice's", default=None, one_of=SETTINGS)
    primary_care_focal_point: bool | None = says("responsible for all primary care (APCM)", default=None)
    able_to_furnish_all: bool | None = says("able to furnish every APCM element", default=None)
    quality_reporting: bool | None = says("meets APCM's quality reporting condition", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A diagnosis of the patient, with the clinician's word on it."""

    patient_id: str = says("the patient")
    icd10: str = says("ICD-10-CM code")
    chronic: bool | None = says("chronic by the clinician's word or the lists", default=None)
    expected_months: int | None = says("expected to last this many months (or until death)", default=None)
    significant_risk: bool | None = says(
        "places the patient at significant risk of death, exacerbation or functional decline", default=None
    )
    complex: bool | None = says("a complex condition in the sense of PCM", default=None)
    since: date | None = says("recorded since", default=None)
    until: date | None = says("resolved on", default=None)
    chronic_basis: tuple[str, ...] = says("why it is held chronic: ccw, ahrq, clinician", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The patient's consent to a program."""

    patient_id: str = says("the patient")
    program: str = says("the program", one_of=PROGRAMS)
    given_on: date | None = says("day consent was given", default=None)
    form: str | None = says("how it was given", default=None, one_of=CONSENT_FORMS)
    documented: bool | None = says("documented in the record", default=None)
    practitioner: str | None = says("billing practitioner it was given to", default=None)
    covers: tuple[str, ...] | None = says("what the patient was told", default=None)
    revoked_on: date | None = says("day it was revoked; effective at the end of that month", default=None)
    recorded_by: str | None = says("who recorded it", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """The start of a program for a patient; the consent's day when absent."""

    patient_id: str = says("the patient")
    program: str = says("the program", one_of=PROGRAMS)
    started_on: date = says("first day of the program")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An encounter with a practitioner."""

    patient_id: str = says("the patient")
    practitioner: str = says("who saw the patient")
    on: date = says("day of the visit")
    code: str | None = says("code billed", default=None)
    face_to_face: bool | None = says("face to face", default=None)
    discussed: tuple[str, ...] | None = says("programs discussed and documented in the visit", default=None)
    need_and_plan_documented: bool | None = says(
        "need and plan for community health integration recorded", default=None
    )
    telehealth: bool | None = says("furnished by telehealth", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarePlan:
    """A version of the patient's care plan."""

    patient_id: str = says("the patient")
    program: str = says("the program it serves", one_of=PROGRAMS)
    established_on: date | None = says("day it was established", default=None)
    reviewed_on: date | None = says("last review", default=None)
    revised_on: date | None = says("last revision", default=None)
    signed_by: str | None = says("practitioner who signed", default=None)
    copy_given_on: date | None = says("day a copy was given to patient or caregiver", default=None)
    elements: tuple[str, ...] | None = says("element ids present, or the one word all", default=None)
    revision: str | None = says("extent of the revision", default=None, one_of=("substantial", "minor"))
    delivered_by: str | None = says("how the copy was given", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A measurable goal of the care plan."""

    goal_id: str = says("id of the goal")
    patient_id: str = says("the patient")
    text: str = says("the goal in words")
    measure: str | None = says("what is measured", default=None)
    target: str | None = says("target value with its unit", default=None)
    due_on: date | None = says("target date", default=None)
    status: str | None = says("achievement", default=None)
    condition: str | None = says("ICD-10-CM code it concerns", default=None)
    reviewed_on: date | None = says("last reviewed", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Days in a facility; ``until`` is the day of discharge."""

    patient_id: str = says("the patient")
    kind: str = says("kind of facility stay", one_of=STAY_KINDS)
    since: date = says("day of admission")
    until: date | None = says("day of discharge, empty when open", default=None)
    facility_paid_for_care_management: bool | None = says("the facility is paid for care management", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEpisode:
    """Home health or hospice service under a signed plan of care."""

    patient_id: str = says("the patient")
    kind: str = says("kind of agency", one_of=AGENCY_KINDS)
    agency_npi: str | None = says("NPI of the agency (item 23, REF*1J)", default=None)
    since: date | None = says("first day of the episode", default=None)
    until: date | None = says("last day, empty when open", default=None)
    medicare_covered: bool | None = says("covered by Medicare", default=None)
    plan_signed_by: str | None = says("practitioner who signed the plan of care", default=None)
    financial_interest: bool | None = says(
        "the signer has a significant financial interest in the agency", default=None
    )
    employed_by_agency: bool | None = says("the signer is the agency's medical director or employee", default=None)
    coordinated_this_month: bool | None = says("coordination with the agency took place in the month", default=None)
    certified_on: date | None = says("day the certification was signed", default=None)
    recertified_on: date | None = says("day the re-certification was signed", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeEntry:
    """One stretch of logged work: start and end, or a day and seconds."""

    entry_id: str = says("id of the entry")
    patient_id: str = says("the patient")
    by: str = says("who worked")
    programs: tuple[str, ...] = says("program or programs it was logged to", one_of=PROGRAMS)
    start_s: int | None = says("start, seconds UTC", default=None)
    end_s: int | None = says("end, seconds UTC, not included", default=None)
    on: date | None = says("day, when start and end are not known", default=None)
    seconds: int | None = says("length, when start and end are not known", default=None)
    activity: str | None = says("activity id or synonym", default=None)
    documented: bool | None = says("a note documents the work", default=None)
    patient_present: bool | None = says("the patient was present", default=None)
    part_of_visit: bool | None = says("belongs to an E/M visit of that day", default=None)
    contact: str | None = says("who was contacted", default=None)
    note: str | None = says("what was done", default=None)
    recorded_s: int | None = says("when it was recorded, seconds UTC; late entries show", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMaking:
    """Complexity of medical decision-making in a month, by the practitioner."""

    patient_id: str = says("the patient")
    practitioner: str = says("whose decision-making")
    month: str = says("YYYY-MM")
    level: str = says("complexity", one_of=MDM_LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discharge:
    """A discharge, for transitional care."""

    patient_id: str = says("the patient")
    from_: str = says("facility kind left (column ``from``)")
    on: date = says("day of discharge")
    to: str | None = says("where to", default=None)
    contact_on: date | None = says("first interactive contact", default=None)
    contact_by: str | None = says("who made it", default=None)
    contact_attempts: int | None = says("separate timely attempts that failed", default=None)
    contact_attempted_on: tuple[str, ...] = says("days of the attempts", default=())
    contact_before_discharge: bool | None = says("the contact took place before the discharge", default=None)
    visit_on: date | None = says("day of the face-to-face visit", default=None)
    visit_by: str | None = says("who saw the patient", default=None)
    visit_separate: bool | None = says("the visit is not billed as another service", default=None)
    medication_reconciled_on: date | None = says("medication reconciliation", default=None)
    readmitted_on: date | None = says("day of readmission", default=None)
    non_face_to_face_services: bool | None = says("non-face-to-face services furnished", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A remote-monitoring device's month."""

    patient_id: str = says("the patient")
    kind: str = says("rpm or rtm", one_of=("rpm", "rtm"))
    set_up_on: date | None = says("set-up and education", default=None)
    first_use: bool | None = says("first use of the episode", default=None)
    days_with_data: int | None = says("days with data in the period", default=None)
    period_since: date | None = says("first day of the 30-day period", default=None)
    period_until: date | None = says("last day", default=None)
    live_contact: bool | None = says("live interactive contact in the month", default=None)
    fda_device: bool | None = says("a medical device as FDA defines it", default=None)
    auto_transmits: bool | None = says("data are sent without the patient typing them", default=None)
    system: str | None = says(
        "body system", default=None, one_of=("respiratory", "musculoskeletal", "cognitive_behavioral")
    )
    supplied_by: str | None = says("who supplied it", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behavioral:
    """Behavioural health facts of the month."""

    patient_id: str = says("the patient")
    diagnosis: bool | None = says("a behavioural diagnosis", default=None)
    initiating_month: bool | None = says("first month of collaborative care", default=None)
    validated_scale: bool | None = says("a validated rating scale was used", default=None)
    psychiatric_consultant: str | None = says("the consultant's id", default=None)
    service: str | None = says("bhi or cocm", default=None, one_of=("bhi", "cocm"))
    elements_documented: bool | None = says("every element documented", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraPlanning:
    """The practitioner's own extra assessment and planning at the initiating visit (G0506)."""

    patient_id: str = says("the patient")
    by: str = says("practitioner")
    on: date = says("day, that of the initiating visit")
    beyond_usual_effort: bool | None = says("beyond the usual effort of the visit", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClaim:
    """A service already billed, or being billed, by anyone."""

    patient_id: str = says("the patient")
    practitioner: str | None = says("who billed", default=None)
    code: str = says("code")
    on: date = says("date of service")
    practice_id: str | None = says("the group (case format ``group``)", default=None)
    specialty: str | None = says("specialty of the biller", default=None)
    units: int = says("units", default=1)
    since: date | None = says("first day of the period the service occupies", default=None)
    until: date | None = says("last day of that period", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedLine:
    """A claim line the practice means to send; it is judged."""

    patient_id: str = says("the patient")
    practitioner: str | None = says("who would bill", default=None)
    code: str = says("code")
    units: int | None = says("units", default=None)
    on: date | None = says("date of service", default=None)
    submitted_on: date | None = says("day the claim would be sent", default=None)
    diagnoses: tuple[str, ...] | None = says("diagnoses pointed to", default=None)


TABLES: dict[str, type] = {
    "practices": Practice,
    "people": Person,
    "patients": Patient,
    "coverage": Coverage,
    "panel": Panel,
    "conditions": Condition,
    "consents": Consent,
    "enrolments": Enrolment,
    "visits": Visit,
    "care_plans": CarePlan,
    "goals": Goal,
    "stays": Stay,
    "agency_episodes": AgencyEpisode,
    "time_entries": TimeEntry,
    "decision_making": DecisionMaking,
    "discharges": Discharge,
    "devices": Device,
    "behavioral": Behavioral,
    "extra_planning": ExtraPlanning,
    "other_claims": OtherClaim,
    "proposed_lines": ProposedLine,
}
"""Table name (file name without ending) to the record that defines it."""
