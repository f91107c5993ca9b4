"""Verdicts, choices and proofs over months made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.engine.conftest import ELIGIBLE, ccm, overseen

from careledger.core.decision import Decision, MonthDecision
from careledger.core.month import Month
from careledger.core.patient_month import BilledService, PatientMonth
from careledger.core.records import Person, ProposedLine
from careledger.engine.billers import decide_patient, relations
from careledger.engine.decide import decide
from careledger.engine.wording import next_step
from careledger.policy import Policy, PolicyView
from careledger.rules.registry import REQUIREMENTS


def verdicts(decided: MonthDecision) -> dict[str, str]:
    return {decision.code: decision.verdict for decision in decided.decisions}


def on(decided: MonthDecision, code: str) -> Decision:
    return next(decision for decision in decided.decisions if decision.code == code)


def test_it_bills_what_is_earned_and_names_what_is_missing(view: PolicyView) -> None:
    decided = decide(ccm(staff=1200), view)
    assert [(d.code, d.units) for d in decided.billed()] == [("99490", 1)]
    month = ccm(staff=1200)
    assert next_step(on(decided, "99439"), month) == "20 more staff minutes by 2026-03-31"


def test_it_says_a_second_is_missing(view: PolicyView) -> None:
    month = ccm(staff=1199)
    assert next_step(on(decide(month, view), "99490"), month) == "1 s more of staff time by 2026-03-31"


@pytest.mark.parametrize(("closed", "verdict"), [(None, "not_yet"), (False, "not_yet"), (True, "no")])
def test_a_threshold_can_be_reached_until_the_month_is_over(
    view: PolicyView, closed: bool | None, verdict: str
) -> None:
    decided = decide(replace(ccm(staff=600), month_closed=closed), view)
    assert on(decided, "99490").verdict == verdict


def test_a_closed_month_waits_for_minutes_whose_record_can_be_completed(view: PolicyView) -> None:
    month = replace(ccm(staff=600, lost={"activity_unknown": 600}), month_closed=True)
    assert on(decide(month, view), "99490").verdict == "not_yet"
    less = replace(ccm(staff=600, lost={"activity_unknown": 599}), month_closed=True)
    assert on(decide(less, view), "99490").verdict == "no"


def test_the_worst_finding_decides(view: PolicyView) -> None:
    missing_and_barred = replace(ccm(staff=600), part_b=False)
    assert on(decide(missing_and_barred, view), "99490").verdict == "no"


def test_every_leaf_of_the_proof_is_a_fact_or_a_cited_value(view: PolicyView) -> None:
    for decision in decide(overseen(2000, ccm(staff=4000)), view, asked=REQUIREMENTS).decisions:
        assert decision.because
        for finding in decision.because:
            assert finding.facts or finding.uses, finding.rule
            assert finding.rule
            assert finding.says


def test_findings_name_the_records_behind_their_facts(view: PolicyView) -> None:
    decided = decide(ccm(staff=1200), view, evidence={"ccm.team_s": ("time-1", "time-2"), "part_b": ("coverage-1",)})
    records = {finding.rule: finding.records for finding in on(decided, "99490").because}
    assert records["ccm.staff_time.first_unit"] == ("time-1", "time-2")
    assert records["coverage.part_b"] == ("coverage-1",)


def test_the_better_paid_truthful_set_is_chosen_and_the_other_is_shown(view: PolicyView) -> None:
    decided = decide(ccm(staff=1500, own=1800), view)
    assert [(d.code, d.units) for d in decided.billed()] == [("99490", 1), ("99439", 1)]
    assert [codes.codes for codes in decided.alternatives if codes.lawful] == [(("99491", 1),)]
    unlawful = next(codes for codes in decided.alternatives if not codes.lawful)
    assert "99491" in dict(unlawful.codes)


def test_an_election_is_heeded_among_lawful_sets(view: PolicyView) -> None:
    decided = decide(replace(ccm(staff=1500, own=1800), elects=("99491",)), view)
    assert [d.code for d in decided.billed()] == ["99491"]
    assert "elected" in decided.alternatives[0].why_not_chosen


def test_an_election_never_makes_an_unearned_code_billable(view: PolicyView) -> None:
    decided = decide(replace(ccm(staff=1500), elects=("99491",)), view)
    assert [d.code for d in decided.billed()] == ["99490"]
    assert any(note.rule == "engine.choice.election" for note in decided.warnings)


def test_complex_care_is_coded_by_decision_making_and_not_by_amount(view: PolicyView) -> None:
    decided = decide(replace(ccm(staff=3900), mdm="moderate"), view)
    assert [d.code for d in decided.billed()] == ["99487"]
    assert on(decided, "99490").verdict == "no"


def test_an_add_on_follows_a_base_that_is_already_billed(view: PolicyView) -> None:
    billed = replace(ccm(staff=2400), billed=(BilledService(code="99490", relation="self"),))
    decided = decide(billed, view)
    assert verdicts(decided)["99490"] == "no"
    assert on(decided, "99439").units == 1


def test_amounts_that_are_not_known_are_weighed_by_medicare_s(view: PolicyView, policy: Policy) -> None:
    advantage = policy.on(view.day, payer="medicare_advantage")
    month = replace(ccm(staff=1500, own=1800), payer="medicare_advantage", payer_kind="medicare_advantage")
    decided = decide(month, advantage)
    assert [d.code for d in decided.billed()] == ["99490", "99439"]
    assert decided.alternatives[0].allowed_cents is None


def test_a_second_practitioner_is_refused_and_the_first_proposed_is_first(view: PolicyView) -> None:
    people = [Person(person_id=id_, kind="physician", practice_id="g1", specialty="fm") for id_ in ("dr-a", "dr-c")]
    months = [ccm(staff=1500), replace(ccm(staff=1500), biller="dr-c")]
    line = ProposedLine(patient_id="patient-1", practitioner="dr-c", code="99490")
    for proposed, first in (((), "dr-a"), ((line,), "dr-c")):
        decided = decide_patient(months, view, relations(people), proposed=proposed)
        paid = [month.biller for month, decision in decided if decision.billed()]
        assert paid == [first]
        assert on(decided[1][1], "99490").verdict == "no"


def test_a_second_practitioner_bills_when_the_first_may_not(view: PolicyView) -> None:
    first = ccm(staff=1500, consent="other_practitioner")
    second = replace(ccm(staff=1500), biller="dr-c")
    decided = decide_patient([first, second], view, relations([]))
    assert [month.biller for month, decision in decided if decision.billed()] == ["dr-c"]


def test_a_month_with_nothing_in_it_has_nothing_to_say(view: PolicyView) -> None:
    empty = PatientMonth(month=ELIGIBLE.month, patient="p", biller="dr-a")
    assert decide(empty, view).decisions == ()


@pytest.mark.parametrize("year", range(2018, 2028))
@pytest.mark.parametrize("number", range(1, 13))
def test_every_month_since_2018_has_an_answer_without_gap_or_overlap(policy: Policy, year: int, number: int) -> None:
    month = Month(year, number)
    for payer in policy.payers:
        facts = replace(
            overseen(2400, ccm(staff=3600, own=1800)), month=month, payer=payer, payer_kind=policy.payer(payer).kind
        )
        decided = decide(facts, policy.on(month.last_on, payer), asked=REQUIREMENTS)
        assert {decision.code for decision in decided.decisions} == set(REQUIREMENTS)
        billed = {decision.code for decision in decided.billed()}
        assert len(billed & {"99490", "99487", "99491"}) <= 1
        assert not {"99439", "G2058"} <= billed
        if payer == "medicare_ffs":
            assert billed & {"99490", "G0181"}


def test_the_better_paid_plain_codes_of_a_complex_month_are_shown_as_barred(view: PolicyView) -> None:
    decided = decide(replace(ccm(staff=3900), mdm="moderate"), view)
    (barred,) = decided.alternatives
    assert barred.codes == (("99490", 1), ("99439", 2))
    assert not barred.lawful
    assert barred.allowed_cents is not None
    assert barred.allowed_cents > 14429


def test_a_month_the_practitioner_worked_alone_is_own_time(view: PolicyView) -> None:
    decided = decide(ccm(own=3600), view)
    assert [(d.code, d.units) for d in decided.billed()] == [("99491", 1), ("99437", 1)]
    assert decided.alternatives[0].codes == (("99490", 1), ("99439", 2))
