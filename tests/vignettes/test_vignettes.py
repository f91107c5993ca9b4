"""Every vignette, alone; and every vignette's words, sources and shape."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.vignettes.decided import alone, each
from tests.vignettes.expand import Vignette, all_vignettes

from careledger.core.decision import Finding
from careledger.engine.answer import Answer, Billable, Refused, as_json
from careledger.policy import load_policy
from careledger.rules.registry import REQUIREMENTS

VIGNETTES = all_vignettes()
POLICY = load_policy()


@pytest.mark.parametrize("vignette", each(VIGNETTES))
def test_a_vignette_alone(vignette: Vignette) -> None:
    answer = alone(vignette).answer
    for expected in vignette.expect:
        check_expected(vignette, expected, answer)
    as_json(answer)


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_a_vignette_is_a_sentence_with_a_known_source(vignette: Vignette) -> None:
    assert vignette.why.partition(",")[0] in POLICY.sources
    assert vignette.why.partition(",")[2].strip(), "the source is followed by where in it"
    assert len(vignette.name.split()) >= 5
    assert not vignette.name.endswith(".")
    known = {"code", "verdict", "units", "uses", "rule", "next", "date_of_service", "practitioner"}
    for expected in vignette.expect:
        assert set(expected) <= known or len(expected) == 1


def test_there_are_enough_vignettes_and_no_two_of_one_name() -> None:
    assert len(VIGNETTES) >= 300
    assert len({vignette.name for vignette in VIGNETTES}) == len(VIGNETTES)


def test_every_rule_has_a_vignette_in_which_it_stands_against_a_code_or_warns() -> None:
    named = {expected.get("rule") or expected.get("warning") for one in VIGNETTES for expected in one.expect}
    rules = {rule.id for rules in REQUIREMENTS.values() for rule in rules}
    assert not rules - named


def check_expected(vignette: Vignette, expected: dict[str, Any], answer: Answer) -> None:
    warned = {note.rule for note in answer.warnings}
    match expected:
        case {"warning": rule}:
            assert rule in warned
        case {"no_warning": rule}:
            assert rule not in warned
        case {"absent": code}:
            assert code not in {line.decision.code for line in answer.billable} | {item.code for item in answer.refused}
        case {"alternative": codes}:
            assert list(codes) in [[code for code, _ in found.codes] for found in answer.alternatives if found.lawful]
        case {"code": code} if expected.get("verdict", "bill") == "bill":
            _billed(vignette, expected, _one(answer.billable, code, _who(vignette, expected)))
        case {"code": code}:
            _refused(expected, _items(answer, code, _who(vignette, expected)))
        case _:
            raise AssertionError(f"nothing is expected by {expected}")


def _who(vignette: Vignette, expected: dict[str, Any]) -> str | None:
    return vignette.person(expected["practitioner"]) if "practitioner" in expected else None


def _one(lines: tuple[Billable, ...], code: str, practitioner: str | None) -> Billable:
    found = [
        line for line in lines if line.decision.code == code and practitioner in (None, line.decision.practitioner)
    ]
    assert len(found) == 1, f"{code} is billable {len(found)} times, of {[line.decision.code for line in lines]}"
    return found[0]


def _items(answer: Answer, code: str, practitioner: str | None) -> list[Refused]:
    found = [item for item in answer.refused if item.code == code and practitioner in (None, item.practitioner)]
    assert found, f"{code} is not refused"
    return found


def _billed(vignette: Vignette, expected: dict[str, Any], line: Billable) -> None:
    assert line.decision.units == expected.get("units", line.decision.units)
    if "date_of_service" in expected:
        assert line.on == date.fromisoformat(expected["date_of_service"])
    _rests_on(expected, line.decision.because)


def _refused(expected: dict[str, Any], items: list[Refused]) -> None:
    item = next((item for item in items if item.verdict == expected["verdict"]), items[0])
    said = "; ".join(finding.says for finding in item.because)
    assert item.verdict == expected["verdict"], said
    assert item.because, "a refusal has its reason"
    if "rule" in expected:
        assert expected["rule"] in {finding.rule for finding in item.because}, said
    if "next" in expected:
        assert expected["next"] in (item.next_step or ""), item.next_step
    _rests_on(expected, item.decision.because)


def _rests_on(expected: dict[str, Any], because: tuple[Finding, ...]) -> None:
    used = {name for finding in because for name in finding.uses}
    for wanted in expected.get("uses", ()):
        assert any(name.endswith(wanted) for name in used), f"{wanted} is not among {sorted(used)}"
