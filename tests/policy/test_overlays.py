"""Overlays: proposals that are off unless asked for, and contracts that may not loosen a federal rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from careledger.cli.policy import policy as command
from careledger.core.errors import PolicyError
from careledger.policy import Policy, load_policy
from careledger.policy.contract import contract_lint, overlay_lint
from careledger.policy.diff import diff
from careledger.policy.lint import lint
from careledger.policy.loosening import is_looser, looser_way

PROPOSAL = "proposed_2027"
NEXT = date(2027, 1, 1)
Folder = Callable[..., Path]
OVERLAY = """\
overlay: idea
says: what if
values:
  ccm.time.minutes:
    - {from: 2026-01-01, value: 30, cite: [rule-1]}
"""


def test_a_proposal_is_off_unless_asked_for(policy: Policy) -> None:
    assert policy.on(NEXT)["rpm.supervision.contractors_count"] is True
    assert policy.on(NEXT, overlays=(PROPOSAL,))["rpm.supervision.contractors_count"] is False
    assert not policy.on(NEXT).has("fees.medicare.conversion_factor")
    assert policy.on(NEXT, overlays=(PROPOSAL,))["fees.medicare.conversion_factor"] == 32.8409
    assert policy.on(date(2026, 12, 31), overlays=(PROPOSAL,))["rpm.supervision.contractors_count"] is True
    assert policy.on(NEXT, overlays=(PROPOSAL,)).overlays == (PROPOSAL,)


def test_a_proposal_says_that_it_is_one(policy: Policy) -> None:
    changes = diff(policy, NEXT, NEXT, overlays=(PROPOSAL,))
    assert len(changes) >= 10
    for change in changes:
        assert change.after is not None
        assert change.after.layer == PROPOSAL
        assert not change.after.confirmed
        assert "proposed" in (change.after.note or "")


def test_a_payer_speaks_after_a_proposal(folder: Folder) -> None:
    plan = "payer: plan\nkind: medicare_ffs\nsays: p\nvalues:\n  ccm.time.minutes:\n    - {from: 2026-01-01, value: 40, cite: [rule-1]}\n"
    loaded = load_policy(folder({"overlays/idea.yaml": OVERLAY, "payers/plan.yaml": plan}))
    day = date(2026, 6, 1)
    seen = [
        loaded.on(day, payer, overlays=o)["ccm.time.minutes"]
        for payer in ("medicare_ffs", "plan")
        for o in ((), ("idea",))
    ]
    assert seen == [25, 30, 40, 40]
    assert loaded.overlay("idea").says == "what if"


def test_an_unknown_overlay_is_refused(policy: Policy) -> None:
    with pytest.raises(PolicyError, match="no overlay has this name; known are proposed_2027"):
        policy.on(NEXT, overlays=("proposed_2028",))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (OVERLAY.replace("minutes:", "hours:"), 5, "the base has no value"),
        (OVERLAY.replace("overlay: idea", "overlay: medicare_ffs"), 1, "another payer or overlay"),
        (OVERLAY.replace("says: what if", "say: what if"), 2, "unknown key"),
        (OVERLAY.replace("value: 30", 'value: "thirty"'), 5, "another kind"),
        (OVERLAY + "sources:\n  rule-1: {title: A, kind: mln, issuer: B, locator: C}\n", 7, "two files"),
    ],
)
def test_a_broken_overlay_is_caught_with_its_line(folder: Folder, text: str, line: int, words: str) -> None:
    files = {
        "overlays/idea.yaml": text,
        "payers/medicare_ffs.yaml": "payer: medicare_ffs\nkind: medicare_ffs\nsays: b\nvalues: {}\n",
    }
    problems = lint(folder(files))
    assert any(words in str(problem) for problem in problems), [*map(str, problems)]
    assert any(problem.place.line == line for problem in problems) or "another payer" in words


def test_the_commands_take_an_overlay() -> None:
    run = CliRunner()
    shown = run.invoke(command, ["show", "99457", "--on", "2027-01-01", "--overlay", PROPOSAL])
    assert shown.exit_code == 0
    assert f"overlay {PROPOSAL}" in " ".join(shown.output.split())
    changed = run.invoke(command, ["diff", "2027-01-01", "2027-01-01", "--overlay", PROPOSAL])
    assert "rpm.supervision.contractors_count" in changed.output


HEAD = """\
payer: our_plan
kind: {kind}
says: Our contract.
sources:
  our-contract: {{title: Contract, kind: payer_policy, issuer: A plan, locator: exhibit B}}
values:
"""


def contract(tmp_path: Path, *values: tuple[str, str], kind: str = "commercial") -> Path:
    body = "".join(f"  {name}:\n    - {{{entry}, cite: [our-contract]}}\n" for name, entry in values)
    path = tmp_path / "our_plan.yaml"
    path.write_text(HEAD.format(kind=kind) + body, encoding="utf-8")
    return path


ALLOWED = (
    ("cpo.cpt.payer_recognises", 'from: 2026-01-01, value: ["99374", "99375"]'),
    ("ccm.payers.covered_codes", 'from: 2026-01-01, value: ["99490"]'),
    ("terms.payment.model", "from: 2026-01-01, value: capitation"),
    ("ccm.clinical_staff_time.first_unit_minutes", "from: 2026-01-01, value: 25"),
    ("ccm.clinical_staff_time.first_unit_minutes", "from: 2026-01-01, value: 20"),
    ("ccm.clinical_staff_time.add_on_limit", "from: 2026-01-01, value: 1"),
    ("ccm.consent.forms", "from: 2026-01-01, value: [written]"),
    (
        "ccm.consent.required_statements",
        "from: 2026-01-01, value: [availability, cost_sharing, one_practitioner, right_to_stop, price]",
    ),
    ("ccm.consent.renewed_yearly", "from: 2026-01-01, value: true"),
    ("ccm.supervision.contractors_count", "from: 2026-01-01, value: false"),
    ("conflicts.ccm_rpm.self", 'from: 2026-01-01, value: "no"'),
    ("chi.auxiliary_time.add_on_limit", "from: 2026-01-01, value: 2"),
)
LOOSER = (
    ("ccm.clinical_staff_time.first_unit_minutes", "from: 2026-01-01, value: 15"),
    ("ccm.clinical_staff_time.add_on_limit", "from: 2026-01-01, value: 3"),
    ("ccm.clinical_staff_time.add_on_code", 'from: 2018-01-01, value: "99439"'),
    ("ccm.initiating_visit.lookback_months", "from: 2026-01-01, value: 24"),
    ("ccm.consent.needs_documentation", "from: 2026-01-01, value: false"),
    ("ccm.consent.forms", "from: 2026-01-01, value: [verbal, written, electronic, implied]"),
    ("ccm.consent.required_statements", "from: 2026-01-01, value: [availability]"),
    ("ccm.supervision.never_kinds", "from: 2026-01-01, value: [bot]"),
    ("ccm.supervision.clinical_staff_kinds", "from: 2026-01-01, value: [rn, clerical]"),
    ("ccm.time_rules.carried_over", "from: 2026-01-01, value: true"),
    ("ccm.time_rules.rounding", "from: 2026-01-01, value: nearest"),
    ("ccm.complex.mdm_levels", "from: 2026-01-01, value: [low, moderate, high]"),
    ("ccm.stays.excluded_stay_kinds", "from: 2026-01-01, value: []"),
    ("cpo.conditions.lookback_months", "from: 2026-01-01, value: 12"),
    ("tcm.contact.business_days", "from: 2026-01-01, value: 3"),
    ("rpm.device.days_min", "from: 2026-01-01, value: 10"),
    ("conflicts.ccm_cpo.self", 'from: 2026-01-01, value: "yes"'),
    ("codes.99374.status", "from: 2026-01-01, value: A"),
    ("activities.ccm_never", "from: 2026-01-01, value: [travel]"),
    ("ccm.access.needs_access_24_7", "from: 2026-01-01, absent: true, note: waived"),
    ("contacts.payers.covered_codes", 'from: 2026-01-01, value: ["99441"]'),
)


@pytest.mark.parametrize("value", ALLOWED, ids=lambda value: f"{value[0]} {value[1][18:40]}")
def test_a_contract_may_settle_its_terms_and_be_stricter(tmp_path: Path, value: tuple[str, str]) -> None:
    assert [*map(str, contract_lint(contract(tmp_path, value)))] == []


@pytest.mark.parametrize("value", LOOSER, ids=lambda value: f"{value[0]} {value[1][18:40]}")
def test_a_contract_that_loosens_a_federal_rule_is_refused_with_line_and_mend(
    tmp_path: Path, value: tuple[str, str]
) -> None:
    path = contract(tmp_path, value)
    problems = contract_lint(path)
    assert {(problem.place.file, problem.place.line) for problem in problems} == {(str(path), 8)}
    assert all(problem.mend for problem in problems)


def test_medicare_itself_has_no_contract_terms(tmp_path: Path) -> None:
    value = ("cpo.cpt.payer_recognises", 'from: 2026-01-01, value: ["99375"]')
    assert contract_lint(contract(tmp_path, value)) == []
    assert contract_lint(contract(tmp_path, value, kind="medicare_ffs"))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (
            "payer: our_plan\nkind: commercial\nsays: x\nvalues:\n  ccm.payers.covered_codes:\n    - {from: 2026-01-01, value: [99490], cite: [cy2017-pfs]}\n",
            "quotes",
        ),
        (
            "payer: our_plan\nkind: nobody\nsays: x\nvalues:\n  ccm.payers.when_unlisted:\n    - {from: 2026-01-01, value: never, cite: [cy2017-pfs]}\n",
            "no payer",
        ),
        ("payer: medicaid\nkind: medicaid\nsays: x\nvalues: {}\n", "another payer or overlay"),
        (
            "payer: our_plan\nkind: commercial\nsays: x\nvalues:\n  ccm.payers.when_unlisted:\n    - {from: 2026-01-01, value: never, cite: []}\n",
            "no source is cited",
        ),
        (
            "payer: our_plan\nkind: commercial\nsays: x\nvalues:\n  ccm.payers.covered_codes:\n"
            '    - {from: 2026-01-01, value: ["99999"], cite: [cy2017-pfs]}\n',
            "99999",
        ),
        (
            "payer: our_plan\nkind: commercial\nsays: x\nvalues:\n  ccm.payers.when_unlisted:\n"
            "    - {from: 2026-01-01, to: 2026-12-31, value: never, cite: [cy2017-pfs]}\n"
            "    - {from: 2026-06-01, value: never, cite: [cy2017-pfs]}\n",
            "overlaps",
        ),
        (
            "payer: our_plan\nkind: commercial\nsays: x\nvalues:\n  ccm.payers.when_unlisted:\n"
            "    - {from: 2026-06-01, value: never, cite: [cy2017-pfs]}\n"
            "    - {from: 2026-01-01, value: never, cite: [cy2017-pfs]}\n",
            "starts before",
        ),
        ("payer: our_plan\npayer: b\n", "twice"),
        ("payer: [a, b", "not closed"),
    ],
)
def test_a_broken_contract_is_refused_like_any_policy_file(tmp_path: Path, broken: str, words: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(broken, encoding="utf-8")
    text, status = overlay_lint(path)
    assert status == 1
    assert words in text
    assert str(path) in text


def test_the_command_says_what_it_found(tmp_path: Path) -> None:
    run = CliRunner()
    sound = run.invoke(command, ["overlay", "lint", str(contract(tmp_path, ALLOWED[0]))])
    assert (sound.exit_code, sound.output) == (
        0, "the contract is sound: our_plan lays 1 dated value over commercial, none looser than the federal rule\n",
    )  # fmt: skip
    refused = run.invoke(command, ["overlay", "lint", str(contract(tmp_path, LOOSER[0]))])
    assert refused.exit_code == 1
    assert "looser than the federal rule (20 from 2015-01-01;" in refused.output
    assert refused.output.endswith("\n1 problem\n")


def test_the_direction_of_a_value_is_told_by_its_name() -> None:
    assert looser_way("x.y.first_unit_minutes", 20) == "less"
    assert looser_way("x.y.add_on_limit", 2) == "more"
    assert looser_way("x.y.needs_order", True) == "less"
    assert looser_way("x.y.staff_counts", True) == "more"
    assert looser_way("x.y.rounding", "down") == "fixed"
    assert is_looser("x.y.never_kinds", ["a", "b"], ["a"])
    assert not is_looser("x.y.never_kinds", ["a"], ["a", "b"])
    assert is_looser("conflicts.a.self", "no", "modifier")
    assert not is_looser("conflicts.a.self", "yes", "no")
