"""A question of the radar and what it found."""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("high", "medium", "low")
"""High: money was paid or asked for against a rule. Medium: the record does not carry the claim. Low: look at it."""

FINDING_COLUMNS = (
    "patient VARCHAR, who VARCHAR, period VARCHAR, evidence VARCHAR, detail VARCHAR, rule VARCHAR, cite VARCHAR, "
    "refund_rows BIGINT[]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question asked of claims and logs.

    Attributes:
        id: stands in findings and is never reused.
        asks: what it looks for, in a sentence.
        sql: gives patient, who, period, evidence, detail, rule, cite, and the rows to correct or refund (may be empty).
        mend: what to do about a finding.
        needs: tables it cannot do without, beside ``lines``.
    """

    id: str
    asks: str
    severity: str
    sql: str
    mend: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a reviewer would write down."""

    check: str
    severity: str
    patient: str
    who: str
    period: str
    evidence: str
    detail: str
    rule: str
    cite: str
    mend: str
    refund_rows: tuple[int, ...]
