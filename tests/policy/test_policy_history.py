"""What the law said when: the facts that audits of past years turn on."""

from __future__ import annotations

from datetime import date

import pytest

from careledger.policy import Policy
from careledger.policy.model import PolicyValue

STAFF = "ccm.clinical_staff_time"
CCM_AND_CPO = (
    "99490", "99439", "G2058", "99491", "99437", "99487", "99489", "G0506", "G0179", "G0180", "G0181", "G0182",
    "99374", "99375", "99377", "99378", "99379", "99380",
)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("99490", date(2018, 1, 1), None),
        ("G2058", date(2020, 1, 1), date(2020, 12, 31)),
        ("99439", date(2021, 1, 1), None),
        ("99491", date(2019, 1, 1), None),
        ("99437", date(2022, 1, 1), None),
        ("99487", date(2018, 1, 1), None),
        ("99489", date(2018, 1, 1), None),
        ("G0506", date(2018, 1, 1), None),
    ],
)
def test_a_code_exists_from_its_first_to_its_last_day(
    policy: Policy, code: str, first: date, last: date | None
) -> None:
    for year in range(2018, 2028):
        for day in (date(year, 1, 1), date(year, 12, 31)):
            expected = first <= day and (last is None or day <= last)
            assert policy.on(day).code(code).exists is expected, (code, day)


@pytest.mark.parametrize(
    ("day", "add_on"),
    [
        (date(2018, 6, 1), None),
        (date(2019, 12, 31), None),
        (date(2020, 1, 1), "G2058"),
        (date(2020, 12, 31), "G2058"),
        (date(2021, 1, 1), "99439"),
        (date(2026, 3, 31), "99439"),
        (date(2027, 12, 31), "99439"),
    ],
)
def test_the_add_on_of_staff_time(policy: Policy, day: date, add_on: str | None) -> None:
    view = policy.on(day)
    found = view.find(f"{STAFF}.add_on_code")
    assert (found and found.value) == add_on
    assert view.has(f"{STAFF}.add_on_limit") is (add_on is not None)
    if add_on:
        assert view.number(f"{STAFF}.add_on_minutes") == 20
        assert view.number(f"{STAFF}.add_on_limit") == 2
        assert view.code(add_on).base_code == "99490"


def test_thresholds(policy: Policy) -> None:
    view = policy.on(date(2026, 3, 31))
    assert view.number(f"{STAFF}.first_unit_minutes") == 20
    assert (view["ccm.practitioner_time.first_unit_minutes"], view["ccm.practitioner_time.add_on_minutes"]) == (30, 30)
    assert (view["ccm.complex.first_unit_minutes"], view["ccm.complex.add_on_minutes"]) == (60, 30)
    assert view.words("ccm.complex.mdm_levels") == ("moderate", "high")
    assert (view["cpo.time.first_unit_minutes"], view["cpo.time.units"]) == (30, 1)
    assert (view["cpo.cpt.minutes_low"], view["cpo.cpt.minutes_high"]) == (15, 30)


def test_complex_ccm_asked_for_a_substantial_revision_until_2020_and_the_last_year_is_disputed(policy: Policy) -> None:
    def at(year: int) -> PolicyValue:
        return policy.on(date(year, 12, 31)).value("ccm.complex.needs_plan_revision")

    assert [(at(year).value, at(year).disputed) for year in (2018, 2019, 2020, 2021, 2026)] == [
        (True, False), (True, False), (True, True), (False, False), (False, False),
    ]  # fmt: skip


@pytest.mark.parametrize("codes", [("99490", "99495"), ("99487", "99496"), ("G0181", "99495")])
def test_transitional_care_barred_ccm_and_oversight_until_2019(policy: Policy, codes: tuple[str, str]) -> None:
    def answer(day: date) -> object:
        return policy.on(day).conflicts(*codes, "self")[0][1].value

    assert answer(date(2019, 12, 31)) == "no"
    assert answer(date(2020, 1, 1)) == "yes_separate_minutes"


def test_only_physicians_certified_home_health_before_march_2020(policy: Policy) -> None:
    assert policy.on(date(2020, 2, 29)).words("cpo.certification.certifier_kinds") == ("physician",)
    assert "np" in policy.on(date(2020, 3, 1)).words("cpo.certification.certifier_kinds")
    assert policy.on(date(2020, 2, 29))["cpo.conditions.npp_needs_same_signer"] is False


def test_rural_clinics_billed_one_general_code_until_september_2025(policy: Policy) -> None:
    assert policy.on(date(2025, 9, 30))["ccm.rural.general_code"] == "G0511"
    assert not policy.on(date(2025, 10, 1)).has("ccm.rural.general_code")
    assert [policy.on(date(year, 1, 1))["ccm.rural.individual_codes_payable"] for year in (2024, 2025)] == [False, True]


@pytest.mark.parametrize("code", CCM_AND_CPO)
def test_every_code_of_both_families_has_facts_in_our_words(policy: Policy, code: str) -> None:
    facts = policy.on(date(2026, 3, 31)).code(code)
    assert facts.family in ("ccm", "care_plan_oversight")
    assert facts.program in ("ccm", "cpo")
    assert facts.says
    assert facts.who in ("staff", "own", "none")


def test_oversight_codes_carry_medicares_status(policy: Policy) -> None:
    view = policy.on(date(2026, 3, 31))
    status = {code: view.code(code).status for code in CCM_AND_CPO}
    assert {code for code, letter in status.items() if letter == "B"} == {"99374", "99377", "99379", "99380"}
    assert {code for code, letter in status.items() if letter == "I"} == {"99375", "99378"}
    assert all(status[code] == "A" for code in ("99490", "99439", "G0179", "G0180", "G0181", "G0182"))


def test_what_the_market_gets_wrong_is_right_here(policy: Policy) -> None:
    view = policy.on(date(2026, 3, 31))
    assert "94489" not in policy.codes()
    assert view.code("99439").base_code == "99490"
    assert view.code("99490").track == "ccm.staff"
    assert view.code("99487").track == "ccm.complex"
    assert "verbal" in view.words("ccm.consent.forms")
    assert view["ccm.consent.renewed_yearly"] is False
    assert view["ccm.date_of_service.earliest"] == "threshold_day"
    assert view.number("ccm.complex.add_on_limit") > 1
    assert view["ccm.time_rules.rounding"] == "down"


def test_the_final_rule_of_2027_is_known_not_to_be_read(policy: Policy) -> None:
    assert policy.on(date(2026, 12, 31))["house.horizon.final_rule_read"] is True
    assert policy.on(date(2027, 1, 1))["house.horizon.final_rule_read"] is False
