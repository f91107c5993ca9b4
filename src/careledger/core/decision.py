"""What the engine says of a patient's month, and its proof.

A ``Finding`` is one step of the proof: the rule, a sentence, the facts it looked at and the citations of the policy
values it used. A ``Decision`` is the verdict on one code for one practitioner, with every finding that led to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["bill", "not_yet", "no", "human_decides"]
"""bill: lawful now. not_yet: something named is missing and can still come this month. no: cannot become billable this
month. human_decides: sources disagree, or a fact is a judgement."""

Outcome = Literal["met", "not_yet", "unmet", "unknown", "judgement", "note"]
"""met: the requirement holds. not_yet: it can still be met this month. unmet: it cannot. unknown: a needed fact is
absent. judgement: a person must decide. note: worth saying, decides nothing."""

Fact = str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A clock that must still reach a target this month: ``target_s`` seconds on ``clock`` (a PatientMonth field)."""

    clock: str
    target_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One step of a proof.

    Attributes:
        rule: id of the rule, which is its path, such as ``ccm.consent.in_force``.
        outcome: what the rule found.
        says: the finding in a sentence, in our own words, without patient data.
        facts: the facts read, by field name; clocks in seconds.
        uses: policy values read, such as ``ccm.clinical_staff_time.first_unit_minutes``.
        cite: ids of the sources of those values.
        records: ids of the records behind the facts; filled for a single case.
        next_step: what to do about it, when something can be done.
        reach: the clock that must still reach a target, for ``not_yet`` on minutes.
        units: units earned, for rules that count units.
    """

    rule: str
    outcome: Outcome
    says: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    cite: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    next_step: str | None = None
    reach: Reach | None = None
    units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict on one code for one practitioner and patient-month."""

    code: str
    practitioner: str
    verdict: Verdict
    units: int
    because: tuple[Finding, ...]
    next_step: str | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSet:
    """A set of codes that could be billed together, and why it was not chosen."""

    codes: tuple[tuple[str, int], ...]
    lawful: bool
    allowed_cents: int | None
    patient_share_cents: int | None
    why_not_chosen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDecision:
    """Everything decided for one practitioner and one patient's month."""

    practitioner: str
    decisions: tuple[Decision, ...]
    alternatives: tuple[CodeSet, ...] = ()
    warnings: tuple[Finding, ...] = ()

    def billed(self) -> tuple[Decision, ...]:
        """The decisions whose verdict is ``bill``, in the order of the codes."""
        return tuple(decision for decision in self.decisions if decision.verdict == "bill")
