"""Decisions see clocks only through policy's cut points, and rules read only what they declare."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.conftest import AGENCY, CCM, ELIGIBLE, MARCH, ccm, overseen

from careledger.core.decision import Decision, Finding, MonthDecision
from careledger.core.patient_month import (
    LOST_REASONS,
    AgencyMonth,
    BehavioralMonth,
    BilledService,
    ConsentState,
    InitiatingState,
    PatientMonth,
    ProgramMonth,
)
from careledger.core.records import AGENCY_KINDS, MDM_LEVELS, PRACTITIONER_KINDS, RESIDENCES
from careledger.engine.cuts import coarse, cut_points
from careledger.engine.decide import Engine
from careledger.engine.facts_read import reader
from careledger.policy import PolicyView, load_policy
from careledger.rules.registry import REQUIREMENTS

POLICY = load_policy()
VIEW = POLICY.on(MARCH.last_on)
ENGINE = Engine(VIEW)
CUTS = cut_points(VIEW)
MARKS = sorted({mark for marks in CUTS.values() for mark in marks})
MAYBE = st.sampled_from([True, True, True, False, None])
SECONDS = st.sampled_from([max(0, mark + step) for mark in MARKS for step in (-1, 0, 1)]) | st.integers(0, 50_000)


def programs(name: str) -> st.SearchStrategy[ProgramMonth]:
    return st.builds(
        ProgramMonth,
        program=st.just(name),
        consent=st.sampled_from(["in_force", "in_force", *get_args(ConsentState)]),
        consent_lacks=st.sampled_from([(), (), ("cost_sharing",), ("unknown",)]),
        initiating=st.sampled_from(["not_needed", "done", *get_args(InitiatingState)]),
        plan_exists=MAYBE,
        plan_signed=MAYBE,
        plan_copy_given=MAYBE,
        plan_lacks=st.sampled_from([(), (), ("treatment_goals",), ("revision",), ("unknown",)]),
        plan_reviewed=MAYBE,
        plan_revision=st.sampled_from([None, "substantial", "minor"]),
        staff_s=SECONDS,
        own_s=SECONDS,
        team_s=SECONDS,
        logged_s=SECONDS,
        untimed_s=SECONDS,
        patient_contact=MAYBE,
        lost=st.dictionaries(st.sampled_from(LOST_REASONS), SECONDS, max_size=3),
    )


AGENCIES = st.none() | st.builds(
    AgencyMonth,
    kind=st.just("home_health"),
    medicare_covered=MAYBE,
    signed_by_biller=MAYBE,
    agency_npi_known=st.booleans(),
    financial_interest=st.sampled_from([False, False, True, None]),
    employed_by_agency=st.sampled_from([False, False, True, None]),
    coordinated=MAYBE,
    started_in_month=st.booleans(),
    prior_service_within_60_days=MAYBE,
    recertified_in_month=st.booleans(),
    days_of_service=st.sampled_from([0, 59, 60, 61, 400]),
)
BILLED = st.lists(
    st.builds(
        BilledService,
        code=st.sampled_from(["99490", "99426", "G0557", "G0181", "90960", "99495", "98966", "99213"]),
        relation=st.sampled_from(["self", "group", "group_same_specialty", "other"]),
    ),
    max_size=2,
).map(tuple)
MONTHS = st.builds(
    PatientMonth,
    month=st.just(MARCH),
    patient=st.sampled_from(["p", "q"]),
    biller=st.sampled_from(["dr-a", "dr-b"]),
    month_closed=st.sampled_from([None, True, False]),
    setting=st.sampled_from(["office", "hospital_outpatient", "rhc"]),
    part_b=MAYBE,
    qmb=MAYBE,
    died=st.sampled_from(["no", "no", "no", "in_month", "before"]),
    residence=st.sampled_from(["home", "home", None, *RESIDENCES]),
    facility_paid_for_care_management=MAYBE,
    chronic_conditions=st.integers(0, 4),
    chronic_conditions_possible=st.integers(0, 4),
    significant_risk=MAYBE,
    complex_multidisciplinary_care=MAYBE,
    days_in_facility=st.integers(0, 31),
    days_alive=st.integers(1, 31),
    whole_month_in_facility=st.sampled_from([False, False, False, True]),
    biller_kind=st.sampled_from(["physician", *PRACTITIONER_KINDS]),
    biller_specialty=st.sampled_from([None, "cardiology"]),
    in_global_period=st.sampled_from([None, False, True]),
    biller_outside_us=st.sampled_from([None, False, True]),
    access_24_7=MAYBE,
    certified_ehr=MAYBE,
    mdm=st.sampled_from([None, *MDM_LEVELS]),
    visit_within_6_months=MAYBE,
    elects=st.sampled_from([(), (), ("99491",), ("99490",)]),
    extra_planning=st.sampled_from(["none", "on_initiating_visit", "other_day", "not_beyond_usual", "unknown"]),
    extra_planning_billed_before=st.booleans(),
    programs=st.fixed_dictionaries({"ccm": programs("ccm"), "cpo": programs("cpo")}, optional={"pcm": programs("pcm")}),
    home_health=AGENCIES,
    hospice=AGENCIES,
    billed=BILLED,
)


def without_clocks(decided: MonthDecision) -> MonthDecision:
    """A decision without the clock values it shows and without ids."""
    return replace(
        decided,
        practitioner="",
        decisions=tuple(_bare(decision) for decision in decided.decisions),
        warnings=tuple(_blind(finding) for finding in decided.warnings),
    )


def _bare(decision: Decision) -> Decision:
    return replace(decision, practitioner="", because=tuple(_blind(finding) for finding in decision.because))


SHOWN_ONLY = ("chronic_conditions", "chronic_conditions_possible")


def _blind(finding: Finding) -> Finding:
    facts = {name: fact for name, fact in finding.facts.items() if not name.endswith("_s") and name not in SHOWN_ONLY}
    return replace(finding, facts=facts)


@given(MONTHS)
def test_a_month_and_its_coarse_twin_have_the_same_decision(month: PatientMonth) -> None:
    assert without_clocks(ENGINE.decide(coarse(month, VIEW, CUTS))) == without_clocks(ENGINE.decide(month))


@given(st.integers(0, 30_000), st.integers(0, 30_000), st.sampled_from([None, "moderate"]))
def test_clocks_alone_make_few_decisions(staff: int, own: int, mdm: str | None) -> None:
    month = replace(ccm(staff=staff, own=own), mdm=mdm)
    assert without_clocks(ENGINE.decide(coarse(month, VIEW))) == without_clocks(ENGINE.decide(month))


@given(MONTHS)
def test_winding_back_twice_changes_nothing(month: PatientMonth) -> None:
    once = coarse(month, VIEW, CUTS)
    assert coarse(once, VIEW, CUTS) == once


def test_cut_points_are_where_decisions_change() -> None:
    assert CUTS["ccm.team_s"][:5] == (0, 1200, 2400, 3600, 5400)
    assert CUTS["ccm.own_s"] == (0, 1800, 3600, 5400)
    assert CUTS["cpo.own_s"] == (0, 900, 1800, 2700, 3600)


class Watched:
    """Stands before a record and notes which of its fields are read."""

    def __init__(self, record: Any, seen: set[str], prefix: str = "") -> None:
        self._record, self._seen, self._prefix = record, seen, prefix

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._record, name)
        if name == "programs" or name == "month":
            return value
        if name == "program":
            return lambda program: Watched(value(program), self._seen, f"{program}.")
        if name in (*AGENCY_KINDS, "behavioral", "primary_care"):
            self._seen.add(f"{name}.")
            return None if value is None else Watched(value, self._seen, f"{name}.")
        if callable(value):
            return value
        self._seen.add(f"{self._prefix}{name}")
        return value


FULL = overseen(2400, ccm(staff=3600))
VARIANTS = (
    FULL,
    replace(ccm(staff=100, lost={"not_documented": 60}), month_closed=True),
    replace(FULL, mdm="high", died="in_month", residence="nursing_facility", month_closed=False),
    replace(overseen(10, signed_by_biller=None), residence=None, payer="uhc_community_plan", payer_kind="medicaid"),
    replace(FULL, hospice=replace(AGENCY, kind="hospice"), plan="a-plan", setting="rhc"),
    ELIGIBLE,
    replace(ELIGIBLE, behavioral=BehavioralMonth(diagnosis=True, initiating_month=True), setting="fqhc"),
)


def view_of(code: str) -> PolicyView:
    """Policy on a day on which the code exists: what is asked of it is held on such days only."""
    days = (VIEW.day, date(2024, 3, 31), date(2021, 12, 31), date(2020, 12, 31))
    return next(view for view in (POLICY.on(day) for day in days) if view.code(code).exists)


def test_rules_read_only_the_facts_they_declare() -> None:
    for code, rules in REQUIREMENTS.items():
        view = view_of(code)
        for rule in rules:
            for month in VARIANTS:
                seen: set[str] = set()
                rule.test(Watched(month, seen), view)  # type: ignore[arg-type]
                allowed = {name.replace("curable_s", held) for name in rule.reads for held in ("lost", "mendable")}
                allowed |= {f"{name.partition('.')[0]}." for name in rule.reads}
                assert seen <= allowed, f"{rule.id} reads {sorted(seen - allowed)}"


def test_every_declared_fact_exists() -> None:
    for rules in REQUIREMENTS.values():
        for rule in rules:
            for name in rule.reads:
                reader(name)(FULL)


def test_nothing_a_rule_declares_is_wound_away_by_name() -> None:
    """Fields that ``coarse`` always resets are not read by any rule."""
    declared = {name for rules in REQUIREMENTS.values() for rule in rules for name in rule.reads}
    reset = {
        "patient",
        "biller",
        "days_in_facility",
        "biller_specialty",
        "ccm.untimed_s",
        "ccm.logged_s",
    }
    assert not declared & reset
    assert {field.name for field in fields(CCM)} >= {name.removeprefix("ccm.") for name in reset if "." in name}
