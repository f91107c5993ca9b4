"""Each vignette decided alone once a process, for the tests that look at that one decision from different sides."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests.vignettes.expand import Vignette, policy_of

from careledger.core.decision import MonthDecision
from careledger.core.patient_month import PatientMonth
from careledger.engine.answer import Answer
from careledger.engine.check import _Check
from careledger.facts.case import Case, cases_of_text

Verdict = tuple[str, str, str, int]
"""Practitioner, code, verdict, units."""
CROWD = 300
"""Vignettes of a close beyond which one worker alone would take longer than the others together."""


@dataclass(frozen=True)
class Alone:
    """What a vignette alone is answered, and the verdicts before its proposed lines were judged."""

    answer: Answer
    verdicts: frozenset[Verdict]


_known: dict[str, Alone] = {}


class _Remembering(_Check):
    """Remembers what it decided on its way to the answer."""

    def _decided(self) -> tuple[tuple[PatientMonth, MonthDecision], ...]:
        self.seen = super()._decided()
        return self.seen


def case_of(vignette: Vignette) -> Case:
    (case,) = cases_of_text(json.dumps(vignette.case()), vignette.id)
    return case


def alone(vignette: Vignette) -> Alone:
    """The vignette decided by itself."""
    if vignette.id not in _known:
        check = _Remembering(case_of(vignette), policy_of(vignette), vignette.today)
        answer = check.answer()
        verdicts = {(month.biller, d.code, d.verdict, d.units) for month, made in check.seen for d in made.decisions}
        _known[vignette.id] = Alone(answer, frozenset(verdicts))
    return _known[vignette.id]


def each(vignettes: Iterable[Vignette]) -> Any:
    """A parameter a vignette; both its tests go to one worker of xdist, which then decides it once.

    Vignettes of one close go together, so that one worker makes it, but for those of a close that most are in.
    """
    rows = list(vignettes)
    size = Counter((one.month, one.today) for one in rows)
    return [pytest.param(one, id=one.id, marks=pytest.mark.xdist_group(_group(one, size))) for one in rows]


def _group(vignette: Vignette, size: Mapping[Any, int]) -> str:
    close = (vignette.month, vignette.today)
    return f"vignette-{vignette.id}" if size[close] > CROWD else f"close-{vignette.month}-{vignette.today}"
