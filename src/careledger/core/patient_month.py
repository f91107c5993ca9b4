"""Everything a decision may look at: one patient, one service month, one billing practitioner.

All values are already true for the month. They are computed once, in SQL (``facts/``), for one patient or for ten
million, and they are whole numbers, small words and yes/no, never instants, so that months with equal facts can be
decided once. ``None`` means unknown. Clocks are whole seconds that count; what does not count is in ``lost``, by reason.

The dates and record ids behind a fact are not here: they are ``evidence``, read for one patient when the proof is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from careledger.core.month import Month

ConsentState = Literal[
    "in_force",  # given to this practitioner, before or on the day of the first minute that counts
    "none",  # no consent is recorded
    "not_documented",  # given, but not documented (or not known to be)
    "other_practitioner",  # given to another practitioner: a new one is needed
    "later",  # given after the month's services
    "revoked",  # revoked, and the month of revocation is over
]
InitiatingState = Literal[
    "not_needed",  # established, and seen within the look-back before the program started
    "done",  # a qualifying visit with the program discussed
    "not_discussed",  # a qualifying visit, but no record that the program was discussed in it
    "missing",  # needed, and no qualifying visit
    "unknown",  # neither the last visit nor an initiating visit is known
]
Relation = Literal["self", "group", "group_same_specialty", "other"]

LOST_REASONS = (
    "not_clinical",  # the person's profession never counts (clerical, bot, ...)
    "no_supervision",  # below the supervision the service asks for
    "outside_us",  # worked from outside the United States
    "not_integrated",  # works for another practice without integration
    "in_facility",  # a day on which the patient was an inpatient (or Part A SNF) day
    "outside_episode",  # oversight on a day on which neither home health agency nor hospice served the patient
    "before_consent",
    "after_revocation",
    "before_start",  # before enrolment or the initiating visit
    "after_death",
    "part_of_visit",  # belongs to a separately paid visit
    "activity_not_counted",  # the activity does not count for this program
    "activity_unknown",  # a wording nobody knows
    "not_documented",
    "same_person_twice",  # the same person already works then (on this or another patient)
    "two_at_once",  # someone else already counts that stretch for this patient
    "other_program",  # the stretch is already used by another program
    "not_this_practitioner",  # personal time of someone else, for services that need one's own
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramMonth:
    """The facts of one program (ccm, pcm, bhi ...) for the patient, month and biller."""

    program: str
    consent: ConsentState = "none"
    consent_lacks: tuple[
        str, ...
    ] = ()  # ids of required statements not covered, sorted; ("unknown",) when not recorded
    initiating: InitiatingState = "unknown"
    plan_exists: bool | None = None  # established on or before the last day of the month
    plan_signed: bool | None = None  # by a practitioner of the biller's group
    plan_copy_given: bool | None = None
    plan_lacks: tuple[str, ...] = ()  # ids of required elements absent, sorted; ("unknown",) when not recorded
    plan_reviewed: bool | None = None  # established, reviewed or revised within the policy's review period
    plan_revision: str | None = None  # substantial or minor revision in the month
    staff_s: int = 0  # union of clinical staff time that counts
    own_s: int = 0  # union of the biller's own time that counts
    team_s: int = 0  # union of staff, the biller and other practitioners of the group: what a staff code may count
    logged_s: int = 0  # everything logged to the program in the month, before anything was taken away
    untimed_s: int = 0  # part of what counts that was logged without start and end
    patient_contact: bool | None = None  # some counted contact with patient or caregiver in the month
    starts_in_month: bool = False  # enrolment, or the first consent, lies in the month
    need_and_plan: bool | None = None  # need and plan are recorded at a qualifying opening visit
    all_trained: bool | None = None  # everyone whose staff time counts is certified or trained
    worked_by: Literal["peers", "others", "both"] | None = (
        None  # whose staff time counts, where policy asks for training
    )
    on_one_day: bool | None = None  # the biller's own time that counts lies on one day, where policy asks for that
    lost: Mapping[str, int] = field(default_factory=dict)  # reason -> seconds that do not count
    mendable: tuple[int, int, int] | None = (
        None  # of a grouped month: curable seconds as staff, own and team clock see them
    )

    def staff_counts(self) -> bool:
        return self.staff_s > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyMonth:
    """Home health or hospice service in the month, as the biller stands to it."""

    kind: str  # home_health, hospice, private_duty
    medicare_covered: bool | None = None
    signed_by_biller: bool | None = None
    agency_npi_known: bool = False
    financial_interest: bool | None = None
    employed_by_agency: bool | None = None
    coordinated: bool | None = None
    started_in_month: bool = False  # the episode, or its certification, falls in the month
    prior_service_within_60_days: bool | None = None  # Medicare home health in the 60 days before the episode
    recertified_in_month: bool = False
    days_of_service: int = 0  # days from start to the end of the month (or of the episode)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DeviceMonth:
    """A remote-monitoring device as it stands in the month."""

    kind: str  # rpm, rtm
    system: str | None = None  # respiratory, musculoskeletal, cognitive_behavioral
    is_set_up_in_month: bool | None = None  # set up, and its use taught, in the month
    first_use: bool | None = None  # the first use of the episode
    period: str = "unknown"  # its 30-day period: ends_in_month, ends_later, unknown
    period_days: int | None = None  # length of the period, both days counted
    days_with_data: int | None = None  # within that period
    live_contact: bool | None = None  # live talk with patient or caregiver in the month
    fda_device: bool | None = None
    auto_transmits: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DischargeMonth:
    """A discharge whose transitional care belongs to the month: the required visit, or without one the discharge, lies in it."""

    from_kind: str
    to: str | None = None
    contact_business_days: int | None = None  # business days after the discharge; 0 on its day
    contact_before_discharge: bool | None = None
    contact_by_kind: str | None = None  # profession of who made it
    timely_attempts: int | None = None  # separate attempts within the policy's business days
    visit_days: int | None = None  # calendar days after the discharge; None without a visit
    visit_by: str | None = None  # self, group, other; None when unknown
    visit_separate: bool | None = None  # the visit is not billed as another service
    reconciled_by_visit: bool | None = None  # medication, no later than the day of the visit
    readmitted_days: int | None = None  # days after the discharge; None without a readmission
    died_days: int | None = None  # likewise for death, within the period
    non_face_to_face_services: bool | None = None
    period_ends_in_month: bool = False  # the last of the period's days lies in or before the month
    visit_time_ends_in_month: bool = False  # likewise for the last day on which the visit would be in time


@dataclass(frozen=True, slots=True, kw_only=True)
class BehavioralMonth:
    """Behavioural health care in the month, as recorded."""

    diagnosis: bool | None = None
    initiating_month: bool | None = None  # the first month of collaborative care
    validated_scale: bool | None = None
    consultant_named: bool = False  # a psychiatric consultant is recorded
    service: str | None = None  # bhi, cocm
    elements_documented: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryCareMonth:
    """What advanced primary care management asks of the biller for this patient."""

    focal_point: bool | None = None  # responsible for all primary care
    able_to_furnish_all: bool | None = None
    quality_reporting: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class BilledService:
    """A service billed in the month by someone: the code, how the biller is related to them, on which date."""

    code: str
    relation: Relation
    units: int = 1
    same_day_as_visit: bool = False  # on the day of the visit that follows a discharge


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientMonth:
    """All facts of one patient's month for one billing practitioner."""

    month: Month
    patient: str  # id
    biller: str  # id
    month_closed: bool | None = (
        None  # the month is over on the day of asking; None: the day of asking is not considered
    )

    # who pays, and where
    payer: str = "medicare_ffs"
    payer_kind: str = "medicare_ffs"
    plan: str | None = None
    setting: str = "office"
    locality: str | None = None

    # the patient
    part_b: bool | None = None
    qmb: bool | None = None
    died: Literal["no", "before", "in_month"] = "no"
    residence: str | None = None
    facility_paid_for_care_management: bool | None = None
    chronic_conditions: int = 0  # chronic and expected to last as long as policy asks, by what is recorded
    chronic_conditions_possible: int = 0  # the same if everything unknown turned out true
    significant_risk: bool | None = None  # of the counted conditions together
    complex_condition: bool | None = None  # one complex condition in the sense of PCM, expected long enough
    serious_condition: bool | None = None  # one condition at significant risk, expected as long as navigation asks
    chronic_pain: bool | None = None  # a diagnosis that names chronic pain itself; any other leaves it open
    complex_multidisciplinary_care: bool | None = None
    days_in_facility: int = 0  # days of the month as inpatient or in a Part A SNF stay
    days_alive: int = 31  # days of the month the patient lived
    whole_month_in_facility: bool = False

    # the biller
    biller_kind: str = "physician"
    biller_specialty: str | None = None
    in_global_period: bool | None = None
    biller_outside_us: bool | None = None
    access_24_7: bool | None = None
    certified_ehr: bool | None = None
    mdm: str | None = None  # complexity of the biller's decision-making in the month
    visit_within_6_months: bool | None = (
        None  # face to face with the biller in the policy's look-back before the month's CPO
    )
    elects: tuple[str, ...] = ()
    prefers: str = "payment"  # what decides between lawful sets: payment, patient_cost, simplicity
    extra_planning: Literal["none", "on_initiating_visit", "other_day", "not_beyond_usual", "unknown"] = "none"
    extra_planning_billed_before: bool = False

    # programs, agencies, what others bill
    programs: Mapping[str, ProgramMonth] = field(default_factory=dict)
    home_health: AgencyMonth | None = None
    hospice: AgencyMonth | None = None
    private_duty: AgencyMonth | None = None
    billed: tuple[BilledService, ...] = ()
    billed_before: tuple[
        BilledService, ...
    ] = ()  # before the month, within the look-back that policy names for the code
    visit_codes: tuple[str, ...] = ()  # codes of the biller's own visits in the month, sorted
    seen_in_person: bool | None = None  # a face-to-face visit, not by telehealth, with the biller in the month
    devices: tuple[DeviceMonth, ...] = ()
    discharges: tuple[DischargeMonth, ...] = ()
    behavioral: BehavioralMonth | None = None
    primary_care: PrimaryCareMonth = PrimaryCareMonth()

    def program(self, name: str) -> ProgramMonth:
        """The facts of a program; all unknown or zero when nothing was recorded for it."""
        return self.programs.get(name) or ProgramMonth(program=name)

    def billed_by(self, *relations: Relation) -> frozenset[str]:
        """Codes already billed in the month by those so related to the biller."""
        return frozenset(service.code for service in self.billed if service.relation in relations)


Evidence = Mapping[str, tuple[str, ...]]
"""Fact (``ccm.consent``, ``chronic_conditions``, ``ccm.staff_s`` ...) to the ids of the records behind it."""
