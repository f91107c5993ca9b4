"""All vignettes of a month at once: facts in one run over everybody, decisions on coarse facts, as a close makes them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest
from tests.vignettes.expand import Vignette, all_vignettes

from careledger.core.decision import MonthDecision
from careledger.core.patient_month import PatientMonth
from careledger.engine.cuts import coarse
from careledger.engine.decide import decide
from careledger.facts import facts_for_case
from careledger.facts.case import Case, cases_of_text
from careledger.policy import load_policy

POLICY = load_policy()
TOGETHER = [vignette for vignette in all_vignettes() if vignette.in_batch]
Key = tuple[str, str]


def case_of(vignette: Vignette) -> Case:
    (case,) = cases_of_text(json.dumps(vignette.case()), vignette.id)
    return case


def records_of(vignette: Vignette) -> dict[str, list[Any]]:
    """The case's records, with ids of its own."""
    return {table: [_renamed(row, vignette.id) for row in rows] for table, rows in case_of(vignette).records.items()}


def _renamed(row: Any, name: str) -> Any:
    changes = {"patient_id": name} if hasattr(row, "patient_id") else {}
    if "entry_id" in {field.name for field in fields(row)}:
        changes["entry_id"] = f"{name}/{row.entry_id}"
    return replace(row, **changes)


@cache
def crowd(month: str, today: str | None) -> dict[Key, PatientMonth]:
    """The facts of everybody whose vignette plays in the month and is asked on the day, by patient and practitioner."""
    merged: dict[str, list[Any]] = defaultdict(list)
    here = [one for one in TOGETHER if one.month == month and _day(one) == today]
    for vignette in here:
        for table, rows in records_of(vignette).items():
            merged[table] += rows
    found = facts_for_case(merged, case_of(here[0]).month, POLICY, as_of=here[0].today)
    return {(facts.patient, facts.biller): facts for facts, _ in found}


def _day(vignette: Vignette) -> str | None:
    return None if vignette.today is None else vignette.today.isoformat()


def verdicts(decided: MonthDecision) -> list[tuple[str, str, int]]:
    return [(decision.code, decision.verdict, decision.units) for decision in decided.decisions]


@pytest.mark.parametrize("vignette", TOGETHER, ids=lambda vignette: vignette.id)
def test_a_vignette_in_a_crowd_has_the_answer_it_has_alone(vignette: Vignette) -> None:
    case = case_of(vignette)
    view = POLICY.on(case.month.last_on, case.payer)
    for alone, _ in facts_for_case(case.records, case.month, POLICY, as_of=vignette.today):
        among_many = crowd(vignette.month, _day(vignette))[vignette.id, alone.biller]
        assert replace(among_many, patient=alone.patient) == alone
        asked = case.asked
        wound = decide(coarse(among_many, view), view, asked=asked)
        assert verdicts(wound) == verdicts(decide(alone, view, asked=asked))
