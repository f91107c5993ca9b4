"""Every numbered check against its cases: what it holds, what it lets pass, and where it points."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.claims import cast

from careledger.claims.checks import Context, Earlier, checks, help_page, holds
from careledger.claims.facts import ClaimFacts
from careledger.claims.model import Claim
from careledger.core.records import Consent, Enrolment, Stay
from careledger.policy import load_policy
from careledger.policy.strict_yaml import load

FOLDER = Path(__file__).parent / "cases"
BASES = {
    "ccm": cast.CCM, "cpo": cast.CPO, "replacement": cast.REPLACEMENT, "solo": cast.SOLO,
    "secondary": cast.SECONDARY, "dependent": cast.DEPENDENT,
}  # fmt: skip
FACTS = {"stays": Stay, "consents": Consent, "enrolments": Enrolment}


def _cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        data = load(path.read_text(encoding="utf-8"), str(path)).data
        found += [pytest.param(data["check"], case, id=f"{data['check']} {case['name']}") for case in data["cases"]]
    return found


def changed(record: Any, path: str, value: Any) -> Any:
    """The record with the value at a path such as ``lines[0].code``."""
    match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?(?:\.(.+))?", path)
    assert match is not None, path
    name, index, rest = match.groups()
    current = getattr(record, name)
    if index is not None:
        at = int(index)
        item = changed(current[at], rest, value) if rest else value
        return dataclasses.replace(record, **{name: (*current[:at], item, *current[at + 1 :])})
    if rest is not None:
        return dataclasses.replace(record, **{name: changed(current, rest, value)})
    if isinstance(value, list):
        value = tuple(value)
    return dataclasses.replace(record, **{name: Decimal(str(value)) if name == "units" else value})


def claim_of(case: dict[str, Any]) -> Claim:
    """The claim of a case: a base, changed."""
    claim = BASES[case.get("base", "ccm")]
    for path, value in case.get("change", {}).items():
        claim = changed(claim, path, value)
    if "add_line" in case:
        extra = {**case["add_line"], "modifiers": tuple(case["add_line"].get("modifiers", ()))}
        extra = {"since": cast.LAST_DAY, "until": cast.LAST_DAY, "pointers": (1,), **extra}
        claim = dataclasses.replace(claim, lines=(*claim.lines, type(claim.lines[0])(**extra)))
    if "copies" in case:
        claim = dataclasses.replace(claim, lines=claim.lines[:1] * case["copies"])
    return claim


def context_of(case: dict[str, Any]) -> Context:
    """The context of a case: the day it leaves, our records, what went before."""
    facts = None
    if "facts" in case:
        values = {name: value for name, value in case["facts"].items() if name not in FACTS}
        lists = {
            name: tuple(FACTS[name](patient_id="p", **row) for row in case["facts"].get(name, ())) for name in FACTS
        }
        facts = ClaimFacts(**{"part_b": True, **values, **lists})
    earlier = Earlier()
    for before in case.get("after", ()):
        earlier.add(claim_of(before))
    return Context(policy=load_policy(), sent_on=case.get("sent_on", date(2026, 11, 10)), facts=facts, earlier=earlier)


@pytest.mark.parametrize(("check_id", "case"), _cases())
def test_it_holds_what_it_should(check_id: str, case: dict[str, Any]) -> None:
    check = dict(checks())[check_id]
    found = list(check(claim_of(case), context_of(case)))
    if case["expect"] == "pass":
        assert found == []
    else:
        assert found, "nothing was found"
        assert case["field"] in [problem.field for problem in found]


def test_every_check_has_a_case_that_passes_and_one_that_does_not() -> None:
    seen: dict[str, set[str]] = {}
    for parameters in _cases():
        seen.setdefault(parameters.values[0], set()).add(parameters.values[1]["expect"])
    assert {id_ for id_, _ in checks()} == {id_ for id_, kinds in seen.items() if kinds == {"pass", "hold"}}


def test_every_check_has_a_help_page_and_says_what_to_do() -> None:
    for id_, _ in checks():
        assert len(help_page(id_)) > 80, id_


def test_it_lets_every_claim_of_the_cast_pass() -> None:
    for claim in cast.ALL:
        context = Context(policy=load_policy(), sent_on=date(2026, 11, 10))
        assert holds(claim, context) == (), claim.control_number


def test_no_finding_repeats_patient_data() -> None:
    secret = {cast.ANN.last, cast.ANN.member_id, cast.ANN.first, "1945"}
    for parameters in _cases():
        check_id, case = parameters.values
        for problem in dict(checks())[check_id](claim_of(case), context_of(case)):
            assert not any(word in f"{problem.what} {problem.mend}" for word in secret), check_id
