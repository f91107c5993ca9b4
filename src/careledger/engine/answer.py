"""The answer to a case: what is billable, what is refused and why, what else would be lawful, what to heed.

The same ``Answer`` is shown as JSON (``as_json``, the shape of docs/case_format.md) and as a readable proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from careledger.core.decision import CodeSet, Decision, Finding, Verdict
from careledger.core.patient_month import PatientMonth
from careledger.engine.judge import BLOCKING, verdict_of
from careledger.engine.proposed import Judged
from careledger.engine.wording import next_step
from careledger.engine.worth import service_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Billable:
    """A line that may be billed; ``unpriced`` says why there is no amount, where there is none."""

    decision: Decision
    on: date
    allowed_cents: int | None
    patient_share_cents: int | None
    unpriced: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A code, or a proposed line, that may not be billed, or not yet, or not without a person's word."""

    code: str
    practitioner: str
    verdict: Verdict
    because: tuple[Finding, ...]
    next_step: str | None
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything said about one case."""

    id: str
    month: str
    policy_version: str
    payer: str
    billable: tuple[Billable, ...]
    refused: tuple[Refused, ...]
    alternatives: tuple[CodeSet, ...]
    warnings: tuple[Finding, ...]
    months: tuple[PatientMonth, ...]


def refused_of(decision: Decision, month: PatientMonth) -> Refused:
    """A code that is not billed, with the findings that stand against it, those that make the verdict first."""
    against = [finding for finding in decision.because if finding.outcome in BLOCKING]
    return Refused(
        code=decision.code,
        practitioner=decision.practitioner,
        verdict=decision.verdict,
        because=tuple(sorted(against, key=lambda finding: BLOCKING[finding.outcome] != decision.verdict)),
        next_step=next_step(decision, month),
        decision=decision,
    )


def refused_line(decision: Decision, judged: Judged) -> Refused:
    """A proposed line that cannot go out as it stands although its code is billable."""
    steps = dict.fromkeys(finding.next_step for finding in judged.against if finding.next_step)
    return Refused(
        code=decision.code,
        practitioner=decision.practitioner,
        verdict=verdict_of(judged.against),
        because=judged.against,
        next_step="; ".join(str(step) for step in steps) or None,
        decision=decision,
    )


def line_date(decision: Decision, month: PatientMonth, judged: Sequence[Judged], own_dates: Mapping[str, date]) -> date:
    """The line's date: as proposed, else the day of the act the code pays for, else the month's default."""
    proposed = next((item.line.on for item in judged if item.line.code == decision.code and item.line.on), None)
    return proposed or own_dates.get(decision.code) or service_date(month)


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer in the shape of the case format."""
    return {
        "id": answer.id,
        "month": answer.month,
        "policy_version": answer.policy_version,
        "billable": [_billable(line) for line in answer.billable],
        "refused": [_refused(item) for item in answer.refused],
        "alternatives": [_alternative(codes) for codes in answer.alternatives],
        "warnings": [{"rule": note.rule, "says": _said(note), "cite": list(note.cite)} for note in answer.warnings],
    }


def _billable(line: Billable) -> dict[str, Any]:
    return {
        "code": line.decision.code,
        "units": line.decision.units,
        "practitioner": line.decision.practitioner,
        "date_of_service": line.on.isoformat(),
        "allowed_cents": line.allowed_cents,
        "patient_share_cents": line.patient_share_cents,
        "because": _because(line.decision.because),
    }


def _refused(item: Refused) -> dict[str, Any]:
    return {
        "code": item.code,
        "practitioner": item.practitioner,
        "verdict": item.verdict,
        "because": _because(item.because),
        "next": item.next_step,
    }


def _because(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {"rule": found.rule, "says": found.says, "facts": dict(found.facts), "cite": list(found.cite)}
        for found in findings
    ]


def _alternative(codes: CodeSet) -> dict[str, Any]:
    return {
        "codes": [{"code": code, "units": units} for code, units in codes.codes],
        "lawful": codes.lawful,
        "allowed_cents": codes.allowed_cents,
        "why_not_chosen": codes.why_not_chosen,
    }


def _said(note: Finding) -> str:
    return note.says if note.next_step is None else f"{note.says}: {note.next_step}"
