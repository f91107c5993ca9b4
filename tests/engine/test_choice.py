"""The chosen set of codes against brute force: every subset that may lawfully stand together is tried."""

from __future__ import annotations

from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.engine.bases import bases_of
from careledger.engine.choice import Chooser
from careledger.policy import load_policy
from careledger.policy.view import PolicyView
from careledger.rules.registry import REQUIREMENTS

POLICY = load_policy()
MONTHS = tuple(map(Month.parse, ("2020-06", "2023-03", "2025-02", "2026-03", "2026-10")))
VIEWS = {month: POLICY.on(month.last_on) for month in MONTHS}


def _codes(view: PolicyView) -> list[str]:
    return [code for code in REQUIREMENTS if view.code(code).exists]


@st.composite
def earned(draw: st.DrawFn) -> tuple[Month, dict[str, int]]:
    """A month and codes that met their own requirements, add-ons with a base."""
    month = draw(st.sampled_from(MONTHS))
    view = VIEWS[month]
    codes = draw(st.lists(st.sampled_from(_codes(view)), min_size=1, max_size=6, unique=True))
    for code in list(codes):
        bases = bases_of(code, view)
        if bases and not set(bases) & set(codes):
            codes.append(draw(st.sampled_from([base for base in bases if base in REQUIREMENTS])))
    for group in {bases for code in REQUIREMENTS if len(bases := bases_of(code, view)) > 1}:
        one = next((code for code in codes if code in group), None)  # rules let a month meet one level, first or later
        codes = [code for code in codes if code == one or code not in group]
    return month, {code: draw(st.integers(1, 2)) for code in REQUIREMENTS if code in codes}


def _facts(month: Month) -> PatientMonth:
    """Staff worked, so that no set only borrows the practitioner's time; oversight earns one code; monitoring has minutes
    enough for every code of its own."""
    programs = {
        "ccm": ProgramMonth(program="ccm", staff_s=1),
        "pcm": ProgramMonth(program="pcm", staff_s=1),
        "cpo": ProgramMonth(program="cpo", own_s=1800),
        "rpm": ProgramMonth(program="rpm", team_s=100_000),
    }
    return PatientMonth(month=month, patient="p", biller="b", programs=programs)


def _excluded(view: PolicyView, one: str, other: str) -> bool:
    """Straight from the table: some row for one practitioner's month says no."""
    return any(row.per == "month" and answer.value == "no" for row, answer in view.conflicts(one, other, "self"))


OVERSIGHT = ("G0181", "G0182", "99374", "99375", "99377", "99378", "99379", "99380")


def _lawful(view: PolicyView, codes: tuple[str, ...], units: dict[str, int]) -> bool:
    if any(_excluded(view, one, other) for one, other in combinations(codes, 2)):
        return False
    if sum(code in OVERSIGHT for code in codes) > 1:  # the half hour of the facts earns one of them
        return False
    return all(
        not (bases := bases_of(code, view)) or not set(bases) & set(units) or set(bases) & set(codes) for code in codes
    )


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(earned())
def test_no_lawful_set_is_worth_more_than_the_chosen_one(case: tuple[Month, dict[str, int]]) -> None:
    month, units = case
    view, facts = VIEWS[month], _facts(month)
    chooser = Chooser(view)
    choice = chooser.choose(facts, units, ())
    worth = {code: chooser.pricer.price(facts, code, count).allowed_cents for code, count in units.items()}
    subsets = (subset for size in range(1, len(units) + 1) for subset in combinations(units, size))
    lawful = [subset for subset in subsets if _lawful(view, subset, units)]
    assert _lawful(view, choice.chosen, units)
    if None not in worth.values():
        best = max(sum(worth[code] or 0 for code in subset) for subset in lawful)
        assert sum(worth[code] or 0 for code in choice.chosen) == best
    shown = {tuple(code for code, _ in found.codes) for found in choice.alternatives if found.lawful}
    largest = {subset for subset in lawful if not any(set(subset) < set(other) for other in lawful)}
    assert {frozenset(codes) for codes in (*shown, choice.chosen)} == {frozenset(subset) for subset in largest}


@settings(max_examples=200, deadline=None)
@given(earned(), st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order_of_the_codes(
    case: tuple[Month, dict[str, int]], random: object
) -> None:
    month, units = case
    shuffled = list(units)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    facts = _facts(month)
    first = Chooser(VIEWS[month]).choose(facts, units, ())
    again = Chooser(VIEWS[month]).choose(
        facts, {code: units[code] for code in sorted(shuffled, key=list(REQUIREMENTS).index)}, ()
    )
    assert first == again


@settings(max_examples=200, deadline=None)
@given(earned())
def test_every_code_left_out_says_beside_which_chosen_one(case: tuple[Month, dict[str, int]]) -> None:
    month, units = case
    choice = Chooser(VIEWS[month]).choose(_facts(month), units, ())
    assert set(choice.chosen) | set(choice.left_out) == set(units)
    for code, finding in choice.left_out.items():
        assert finding.outcome == "unmet"
        assert finding.facts["beside"] in choice.chosen
        assert code in finding.says
