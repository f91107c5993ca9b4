"""Every family beyond CCM and oversight: its codes from their first to their last day, its thresholds, who pays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careledger.core.records import PROGRAMS
from careledger.policy import Policy, PolicyView

DAY = date(2026, 3, 31)
FOR_EVER = date(2027, 12, 31)
LIVES = {
    ("99424", "99425", "99426", "99427"): (date(2022, 1, 1), FOR_EVER),
    ("G2064", "G2065"): (date(2020, 1, 1), date(2021, 12, 31)),
    ("G0556", "G0557", "G0558"): (date(2025, 1, 1), FOR_EVER),
    ("G0568", "G0569", "G0570"): (date(2026, 1, 1), FOR_EVER),
    ("99495", "99496", "99484", "99492", "99493", "99494", "99483", "99497", "99498", "99091"): (
        date(2018, 1, 1), FOR_EVER,
    ),
    ("G2214",): (date(2021, 1, 1), FOR_EVER),
    ("G0323", "G3002", "G3003", "98978"): (date(2023, 1, 1), FOR_EVER),
    ("99453", "99454", "99457"): (date(2019, 1, 1), FOR_EVER),
    ("99458",): (date(2020, 1, 1), FOR_EVER),
    ("98975", "98976", "98977", "98980", "98981"): (date(2022, 1, 1), FOR_EVER),
    ("99445", "99470", "98979", "98984", "98985", "98986"): (date(2026, 1, 1), FOR_EVER),
    ("G0019", "G0022", "G0023", "G0024", "G0140", "G0146"): (date(2024, 1, 1), FOR_EVER),
    ("99441", "99442", "99443"): (date(2018, 1, 1), date(2024, 12, 31)),
    ("98966", "98967", "98968"): (date(2018, 1, 1), FOR_EVER),
    ("G2012",): (date(2019, 1, 1), date(2024, 12, 31)),
    ("98016",): (date(2025, 1, 1), FOR_EVER),
    ("99421", "99422", "99423"): (date(2020, 1, 1), FOR_EVER),
    ("G0511",): (date(2018, 1, 1), date(2025, 9, 30)),
    ("G0512",): (date(2018, 1, 1), date(2025, 12, 31)),
    ("G0071",): (date(2019, 1, 1), date(2025, 12, 31)),
}  # fmt: skip
PAID_PROGRAMS = ("pcm", "apcm", "tcm", "bhi", "cocm", "rpm", "rtm", "pain", "chi", "pin", "cognitive", "acp")


@pytest.fixture
def view(policy: Policy) -> PolicyView:
    return policy.on(DAY)


@pytest.mark.parametrize(("code", "life"), [(code, life) for codes, life in LIVES.items() for code in codes])
def test_a_code_lives_from_its_first_to_its_last_day(policy: Policy, code: str, life: tuple[date, date]) -> None:
    first, last = life
    assert policy.on(first).code(code).exists
    assert policy.on(last).code(code).exists
    if first > date(2018, 1, 1):
        assert policy.on(first - timedelta(days=1)).code(code).exists is False
    if last < FOR_EVER:
        assert policy.on(last + timedelta(days=1)).code(code).exists is False


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pcm.clinical_staff_time.first_unit_minutes", 30),
        ("pcm.clinical_staff_time.add_on_minutes", 30),
        ("pcm.practitioner_time.first_unit_minutes", 30),
        ("pcm.eligibility.expected_months", 3),
        ("apcm.initiating_visit.lookback_months", 36),
        ("apcm.levels.level_2_chronic_conditions", 2),
        ("apcm.levels.level_3_needs_qmb", True),
        ("apcm.monthly_payment.counts_minutes", False),
        ("tcm.contact.business_days", 2),
        ("tcm.contact.attempts_suffice", 2),
        ("tcm.levels.moderate_visit_days", 14),
        ("tcm.levels.high_visit_days", 7),
        ("tcm.levels.high_mdm_levels", ("high",)),
        ("tcm.period.days", 30),
        ("bhi.clinical_staff_time.first_unit_minutes", 20),
        ("bhi.psychologist_time.first_unit_minutes", 20),
        ("cocm.care_manager_time.first_month_minutes", 70),
        ("cocm.care_manager_time.later_month_minutes", 60),
        ("cocm.care_manager_time.add_on_minutes", 30),
        ("cocm.care_manager_time.short_minutes", 30),
        ("bhi.stays.excluded_stay_kinds", ()),
        ("cocm.stays.excluded_stay_kinds", ()),
        ("rpm.treatment_time.first_unit_minutes", 20),
        ("rpm.treatment_time.short_minutes", 10),
        ("rpm.treatment_time.short_takes_add_on", False),
        ("rpm.device.days_min", 16),
        ("rpm.device.short_days_min", 2),
        ("rpm.device.short_days_max", 15),
        ("rpm.data_review.first_unit_minutes", 30),
        ("rpm.eligibility.needs_established_patient", True),
        ("rtm.eligibility.needs_established_patient", False),
        ("rtm.treatment_time.first_unit_minutes", 20),
        ("rtm.device.days_min", 16),
        ("pain.practitioner_time.first_unit_minutes", 30),
        ("pain.practitioner_time.add_on_minutes", 15),
        ("chi.auxiliary_time.first_unit_minutes", 60),
        ("chi.auxiliary_time.add_on_minutes", 30),
        ("pin.auxiliary_time.peer_first_unit_minutes", 60),
        ("cognitive.assessment.interval_days", 180),
        ("acp.conversation.first_unit_minutes", 30),
    ],
)
def test_thresholds_in_force_in_2026(view: PolicyView, name: str, expected: object) -> None:
    assert view[name] == expected


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        ("rpm.set_up.data_days_min", date(2025, 12, 31), 16),
        ("rpm.set_up.data_days_min", date(2026, 1, 1), 2),
        ("rtm.set_up.data_days_min", date(2025, 12, 31), 16),
        ("rpm.eligibility.needs_established_patient", date(2020, 2, 29), True),
        ("rpm.eligibility.needs_established_patient", date(2020, 3, 1), False),
        ("rpm.eligibility.needs_established_patient", date(2023, 5, 11), False),
        ("rpm.eligibility.needs_established_patient", date(2023, 5, 12), True),
        ("rpm.device.covid_days_min", date(2023, 5, 11), 2),
        ("rpm.supervision.level", date(2019, 12, 31), "direct"),
        ("rpm.supervision.level", date(2020, 1, 1), "general"),
        ("rtm.supervision.level", date(2022, 12, 31), "direct"),
        ("rtm.supervision.level", date(2023, 1, 1), "general"),
        ("pcm.clinical_staff_time.base_code", date(2021, 12, 31), "G2065"),
        ("pcm.clinical_staff_time.base_code", date(2022, 1, 1), "99426"),
        ("pcm.rural.individual_codes_payable", date(2024, 12, 31), False),
        ("cocm.rural.individual_codes_payable", date(2025, 12, 31), False),
        ("cocm.rural.individual_codes_payable", date(2026, 1, 1), True),
        ("contacts.telephone.medicare_pays_practitioner", date(2020, 2, 29), False),
        ("contacts.telephone.medicare_pays_practitioner", date(2024, 12, 31), True),
        ("contacts.telephone.medicare_pays_practitioner", date(2025, 1, 1), False),
        ("contacts.check_in.code", date(2024, 12, 31), "G2012"),
        ("contacts.check_in.code", date(2025, 1, 1), "98016"),
    ],
)
def test_what_changed_when(policy: Policy, name: str, day: date, expected: object) -> None:
    assert policy.on(day)[name] == expected


@pytest.mark.parametrize(
    "name", ["rpm.device.covid_days_min", "rural.general.code", "contacts.telephone.practitioner_codes"]
)
def test_what_ended_is_declared_absent(view: PolicyView, name: str) -> None:
    assert not view.has(name)
    assert view.absence(name) is not None


@pytest.mark.parametrize("program", PAID_PROGRAMS)
@pytest.mark.parametrize("year", range(2018, 2028))
def test_medicare_covers_exactly_the_codes_in_force(policy: Policy, program: str, year: int) -> None:
    view = policy.on(date(year, 7, 1))
    governed = policy.topics[f"{program}.payers"].governs
    listed = view.find(f"{program}.payers.covered_codes")
    in_force = {code for code in governed if view.code(code).exists}
    assert (set(view.words(f"{program}.payers.covered_codes")) if listed else set()) == in_force


@pytest.mark.parametrize("program", PAID_PROGRAMS)
def test_a_programs_codes_are_its_own_and_every_code_has_a_program(view: PolicyView, program: str) -> None:
    governed = view.policy.topics[f"{program}.payers"].governs
    assert program in PROGRAMS
    assert governed
    assert {view.code(code).program for code in governed} == {program}


@pytest.mark.parametrize("program", ["pcm", "apcm", "bhi", "cocm", "rpm", "rtm", "chi", "pin"])
def test_what_small_rules_read_has_the_same_name_in_every_program(view: PolicyView, program: str) -> None:
    for name in (
        "consent.forms", "consent.required_statements", "supervision.level", "supervision.sufficient_levels",
        "supervision.biller_kinds", "supervision.clinical_staff_kinds", "supervision.never_kinds",
        "stays.excluded_stay_kinds", "cost_sharing.coinsurance_percent", "place_of_service.office",
        "rural.individual_codes_payable", "payers.covered_codes", "payers.not_paid_separately", "payers.when_unlisted",
        "payers.when_plan_unlisted",
    ):  # fmt: skip
        assert view.has(f"{program}.{name}"), name


def test_codes_that_medicare_never_pays(view: PolicyView) -> None:
    never = view.words("never.medicare.codes")
    assert set(never) == {"99358", "99359", "99366", "99367", "99368"}
    assert all(view.code(code).status in ("B", "I") for code in never)


def test_every_program_with_minutes_says_which_work_counts(view: PolicyView) -> None:
    for program in ("pcm", "bhi", "cocm", "rpm", "rtm", "chi", "pin", "pain"):
        assert view.counts("document_care", program) is True
        assert view.counts("travel", program) is False


@pytest.mark.parametrize(
    ("payer", "program", "code", "listed", "unlisted"),
    [
        ("medicare_advantage", "rpm", "99457", True, "no"),
        ("medicaid", "rpm", "99457", False, "human_decides"),
        ("commercial", "tcm", "99495", False, "human_decides"),
        ("ohio_medicaid", "rpm", "99457", True, "human_decides"),
        ("ohio_medicaid", "tcm", "99495", False, "no"),
        ("ohio_medicaid", "pcm", "99426", False, "human_decides"),
        ("ohio_medicaid", "chi", "G0019", False, "no"),
        ("independence_blue_cross", "tcm", "99496", True, "no"),
        ("independence_blue_cross", "rpm", "99457", False, "human_decides"),
        ("uhc_community_plan", "pcm", "99426", False, "human_decides"),
        ("medicaid_capitation", "pcm", "99426", False, "no"),
    ],
)
def test_what_each_payer_does(policy: Policy, payer: str, program: str, code: str, listed: bool, unlisted: str) -> None:
    view = policy.on(DAY, payer)
    assert (code in view.words(f"{program}.payers.covered_codes")) is listed
    assert view[f"{program}.payers.when_unlisted"] == unlisted


def test_capitation_includes_management_and_oversight(policy: Policy) -> None:
    view = policy.on(DAY, "medicaid_capitation")
    assert view["terms.payment.model"] == "capitation"
    assert view["terms.payment.capitation_includes_oversight"] is True
    for topic, code in (
        ("ccm.payers", "99490"),
        ("cpo.payers", "G0181"),
        ("cpo.cpt", "99375"),
        ("pcm.payers", "99424"),
    ):
        assert code in view.words(f"{topic}.not_paid_separately")
    assert policy.on(DAY)["terms.payment.model"] == "fee_for_service"


def test_commercial_telephone_codes_are_expected_at_26_percent_and_say_that_it_is_assumed(policy: Policy) -> None:
    expected = policy.on(DAY, "commercial").value("contacts.payers.expected_percent_of_charges")
    assert (expected.value, expected.confirmed) == (26, False)
    assert expected.cite
    assert not policy.on(DAY).has("contacts.payers.expected_percent_of_charges")


def test_the_code_books_oversight_codes_are_paid_where_a_contract_lists_them(policy: Policy) -> None:
    view = policy.on(DAY, "commercial_oversight_listed")
    assert len(view.words("cpo.cpt.payer_recognises")) == 6
    assert (view["cpo.cpt.minutes_low"], view["cpo.cpt.minutes_high"]) == (15, 30)
