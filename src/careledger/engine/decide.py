"""From all facts of a patient's month to a verdict per code, with its proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from careledger.core.decision import Decision, Finding, MonthDecision, Outcome, Reach
from careledger.core.patient_month import Evidence, PatientMonth
from careledger.core.records import ProposedLine
from careledger.engine.choice import Choice, Chooser
from careledger.engine.judge import BLOCKING, Judge, units_of, verdict_of
from careledger.engine.touched import touched
from careledger.policy.view import PolicyView

Proofs = Mapping[str, tuple[Finding, ...]]


class Engine:
    """Decides months under one policy view. Keeping an engine for many months keeps what it has judged before."""

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self.judge = Judge(view)
        self.chooser = Chooser(view)

    def decide(
        self,
        month: PatientMonth,
        evidence: Evidence | None = None,
        asked: Iterable[str] = (),
        proposed: Iterable[ProposedLine] = (),
    ) -> MonthDecision:
        """See ``decide``."""
        lines = tuple(line.code for line in proposed)
        codes = touched(month, self.view, (*asked, *lines, *month.elects))
        proofs = {code: self.judge.findings(month, code) for code in codes}
        units = {code: units_of(proof) for code, proof in proofs.items() if verdict_of(proof) == "bill"}
        lonely = self._without_base(month, units, proofs)
        units = {code: count for code, count in units.items() if code not in lonely}
        elects = month.elects or tuple(code for code in dict.fromkeys(lines) if code in units)
        choice = self.chooser.choose(month, units, elects)
        decisions = tuple(_decision(month, code, proof, choice, lonely) for code, proof in proofs.items())
        decided = MonthDecision(
            practitioner=month.biller,
            decisions=decisions,
            alternatives=choice.alternatives,
            warnings=(*_notes(proofs), *choice.warnings),
        )
        return decided if evidence is None else with_records(decided, evidence)

    def _without_base(self, month: PatientMonth, units: Mapping[str, int], proofs: Proofs) -> dict[str, Finding]:
        """Add-ons whose base is neither billable now nor already billed by the practitioner."""
        billed = month.billed_by("self")
        lonely = {}
        for code in units:
            base = self.view.code(code).base_code
            if base is None or base in units or base in billed:
                continue
            lonely[code] = Finding(
                rule="engine.decide.base_code",
                outcome=_like_base(proofs.get(base, ())),
                says=f"{code} is an add-on and is paid only beside {base}, which is not billable",
                facts={"code": code, "base_code": base},
                uses=(f"codes.{code}.status",),
            )
        return lonely


_last: list[Engine] = []


def decide(
    month: PatientMonth,
    view: PolicyView,
    evidence: Evidence | None = None,
    asked: Iterable[str] = (),
    proposed: Iterable[ProposedLine] = (),
) -> MonthDecision:
    """Decide every code that any fact of the month touches, and every code asked or proposed that has rules.

    Args:
        month: the facts, exact or coarse.
        view: policy on the month's last day under the month's payer.
        evidence: record ids behind the facts, put into the findings when given.
        asked: further codes.
        proposed: lines the practice means to send; their codes are decided, and chosen where lawful.
    """
    if not _last or _last[0].view is not view:
        _last[:] = [Engine(view)]
    return _last[0].decide(month, evidence, asked, proposed)


def with_records(decided: MonthDecision, evidence: Evidence) -> MonthDecision:
    """The same decision, each finding naming the records behind the facts it read."""
    return replace(
        decided,
        decisions=tuple(
            replace(decision, because=tuple(_documented(finding, evidence) for finding in decision.because))
            for decision in decided.decisions
        ),
    )


def _documented(finding: Finding, evidence: Evidence) -> Finding:
    ids = (record for name in finding.facts for record in evidence.get(name, ()))
    return replace(finding, records=tuple(dict.fromkeys(ids)))


def _decision(
    month: PatientMonth, code: str, proof: tuple[Finding, ...], choice: Choice, lonely: Mapping[str, Finding]
) -> Decision:
    extra = lonely.get(code) or choice.left_out.get(code)
    because = proof if extra is None else (*proof, extra)
    verdict = verdict_of(because)
    blocking = [finding for finding in because if finding.outcome in BLOCKING]
    return Decision(
        code=code,
        practitioner=month.biller,
        verdict=verdict,
        units=units_of(because) if verdict == "bill" else 0,
        because=because,
        next_step=_next_step(blocking),
        reach=_reach(blocking),
    )


def _next_step(blocking: Iterable[Finding]) -> str | None:
    steps = dict.fromkeys(finding.next_step for finding in blocking if finding.next_step is not None)
    return "; ".join(step for step in steps if step is not None) or None


def _reach(blocking: Iterable[Finding]) -> Reach | None:
    return next((finding.reach for finding in blocking if finding.reach is not None), None)


def _like_base(proof: tuple[Finding, ...]) -> Outcome:
    for outcome, verdict in BLOCKING.items():
        if verdict == verdict_of(proof):
            return outcome
    return "unmet"


def _notes(proofs: Proofs) -> tuple[Finding, ...]:
    notes = (finding for proof in proofs.values() for finding in proof if finding.outcome == "note")
    return tuple({(finding.rule, finding.says): finding for finding in notes}.values())
