"""An answer as a page shows it: verdicts first, each with its findings and numbered sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from careledger.core.decision import Finding, Verdict
from careledger.engine.answer import Answer
from careledger.engine.explain import MARKS
from careledger.web.billing.queries import policy

VERDICTS: dict[Verdict, str] = {
    "bill": "Bill",
    "not_yet": "Not yet",
    "human_decides": "A person decides",
    "no": "No",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One finding of a proof, with the numbers of its sources."""

    mark: str
    finding: Finding
    sources: list[int]


@dataclass(frozen=True, slots=True)
class Verdicted:
    """A code and what was decided on it."""

    code: str
    says: str
    verdict: Verdict
    label: str
    units: int
    practitioner: str
    on: date | None
    allowed_cents: int | None
    share_cents: int | None
    next_step: str | None
    steps: list[Step]


@dataclass(slots=True)
class Proof:
    """Everything the page shows."""

    verdicts: list[Verdicted] = field(default_factory=list)
    warnings: list[Step] = field(default_factory=list)
    sources: list[tuple[int, Any]] = field(default_factory=list)


def proof_of(answer: Answer) -> Proof:
    """The proof of an answer; what may be billed comes first, then what is nearest to it."""
    numbers: dict[str, int] = {}
    proof = Proof()
    for line in answer.billable:
        made = line.decision
        steps = [_step(finding, numbers) for finding in made.because]
        proof.verdicts.append(
            Verdicted(made.code, _says(made.code, line.on), "bill", VERDICTS["bill"], made.units, made.practitioner, line.on, line.allowed_cents, line.patient_share_cents, None, steps)
        )  # fmt: skip
    order = list(VERDICTS)
    for item in sorted(answer.refused, key=lambda one: order.index(one.verdict)):
        findings = [*item.because, *(one for one in item.decision.because if one not in item.because)]
        steps = [_step(finding, numbers) for finding in findings]
        on = answer.months[0].month.last_on if answer.months else None
        proof.verdicts.append(
            Verdicted(item.code, _says(item.code, on), item.verdict, VERDICTS[item.verdict], 0, item.practitioner, None, None, None, item.next_step, steps)
        )  # fmt: skip
    proof.warnings = [_step(finding, numbers) for finding in answer.warnings]
    known = policy().sources
    proof.sources = [(number, known.get(id_)) for id_, number in numbers.items()]
    return proof


def _step(finding: Finding, numbers: dict[str, int]) -> Step:
    cited = [numbers.setdefault(id_, len(numbers) + 1) for id_ in finding.cite]
    return Step(MARKS[finding.outcome], finding, cited)


def _says(code: str, on: date | None) -> str:
    """The code in our own words, where policy knows it."""
    from careledger.core.errors import PolicyError

    if on is None:
        return ""
    try:
        return policy().on(on).code(code).says
    except PolicyError:
        return ""
