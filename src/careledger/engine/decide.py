"""From all facts of a patient's month to a verdict per code, with its proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from careledger.core.decision import CodeSet, Decision, Finding, MonthDecision, Outcome
from careledger.core.patient_month import Evidence, PatientMonth
from careledger.core.records import ProposedLine
from careledger.engine.bases import bases_of
from careledger.engine.choice import Choice, Chooser
from careledger.engine.judge import BLOCKING, Judge, Proof
from careledger.engine.touched import Scope
from careledger.policy.view import PolicyView
from careledger.rules.ccm.complex import not_complex
from careledger.rules.registry import REQUIREMENTS

Proofs = Mapping[str, Proof]


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything found for one practitioner and one patient's month.

    Attributes:
        proofs: by code, what its requirements, its base and the choice make together.
        met: proofs by the codes' own requirements alone.
    """

    proofs: Proofs
    met: Proofs
    choice: Choice


class Engine:
    """Decides months under one policy view. Keeping an engine for many months keeps what it has judged before.

    Args:
        shows_facts: see ``Judge``.
    """

    def __init__(self, view: PolicyView, *, shows_facts: bool = True) -> None:
        self.view = view
        self.judge = Judge(view, shows_facts=shows_facts)
        self.chooser = Chooser(view)
        self._scope = Scope(view)
        self._bases_of = {code: bases_of(code, view) for code in REQUIREMENTS}
        self._lonely: dict[tuple[str, str, Outcome], Finding] = {}

    def decide(
        self,
        month: PatientMonth,
        evidence: Evidence | None = None,
        asked: Iterable[str] = (),
        proposed: Iterable[ProposedLine] = (),
    ) -> MonthDecision:
        """See ``decide``."""
        judged = self.judged(month, asked, proposed)
        decided = MonthDecision(
            practitioner=month.biller,
            decisions=tuple([_decision(month, code, proof) for code, proof in judged.proofs.items()]),
            alternatives=(*judged.choice.alternatives, *self._untruthful(month, judged.met)),
            warnings=(*_notes(judged.met), *judged.choice.warnings),
        )
        return decided if evidence is None else with_records(decided, evidence)

    def judged(self, month: PatientMonth, asked: Iterable[str] = (), proposed: Iterable[ProposedLine] = ()) -> Judged:
        """Every code's proof, before it is made a decision."""
        lines = tuple([line.code for line in proposed])
        proofs = self.judge.proofs(month, self.codes_of(month, (*asked, *lines)))
        extra, choice = self.settled(month, proofs, lines)
        if not extra:
            return Judged(proofs, proofs, choice)
        whole = {
            code: self.judge.with_finding(proof, extra[code]) if code in extra else proof
            for code, proof in proofs.items()
        }
        return Judged(whole, proofs, choice)

    def codes_of(self, month: PatientMonth, asked: Iterable[str] = ()) -> tuple[str, ...]:
        """The codes to decide: those that a fact touches, those asked for, those elected."""
        return self._scope.touched(month, (*asked, *month.elects))

    def settled(
        self, month: PatientMonth, proofs: Proofs, lines: Iterable[str] = ()
    ) -> tuple[Mapping[str, Finding], Choice]:
        """What stands against codes that met their requirements: no base beside them, or others chosen; and the choice.

        It depends on the verdicts and units of the proofs, and on no finding in them.
        """
        units = {code: proof.units for code, proof in proofs.items() if proof.verdict == "bill"}
        lonely = self._without_base(month, units, proofs)
        units = {code: count for code, count in units.items() if code not in lonely}
        elects = month.elects or tuple([code for code in dict.fromkeys(lines) if code in units])
        choice = self.chooser.choose(month, units, elects)
        return {**lonely, **choice.left_out}, choice

    def _untruthful(self, month: PatientMonth, proofs: Proofs) -> tuple[CodeSet, ...]:
        """The plain codes of a complex month: earned by their minutes, and barred whatever they pay."""
        barred = {}
        for code, proof in proofs.items():
            if len(proof.blocking) == 1 and proof.blocking[0].rule == not_complex.id:
                barred[code] = proof.units
        if not barred:
            return ()
        why = proofs[next(iter(barred))].blocking[0].says
        return (self.chooser.barred(month, barred, why),)

    def _without_base(self, month: PatientMonth, units: Mapping[str, int], proofs: Proofs) -> dict[str, Finding]:
        """Add-ons whose base is neither billable now nor already billed by the practitioner."""
        lonely = {}
        for code in units:
            bases = self._bases_of[code]
            if not bases or any(base in units or base in month.billed_by("self") for base in bases):
                continue
            base = next((one for one in bases if one in proofs), bases[0])
            key = (code, base, _like(proofs.get(base)))
            lonely[code] = self._lonely.get(key) or self._lonely.setdefault(key, _no_base(*key, bases))
        return lonely


def _no_base(code: str, base: str, outcome: Outcome, bases: tuple[str, ...]) -> Finding:
    return Finding(
        rule="engine.decide.base_code",
        outcome=outcome,
        says=f"{code} is an add-on and is paid only beside {' or '.join(bases)}, which is not billable",
        facts={"code": code, "base_code": base},
        uses=(f"codes.{code}.status",),
    )


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


def _decision(month: PatientMonth, code: str, proof: Proof) -> Decision:
    return Decision(
        code=code,
        practitioner=month.biller,
        verdict=proof.verdict,
        units=proof.units if proof.verdict == "bill" else 0,
        because=proof.findings,
        next_step=proof.next_step,
        reach=proof.reach,
    )


def _like(proof: Proof | None) -> Outcome:
    """The outcome that makes the verdict of another code's proof."""
    verdict = "no" if proof is None else proof.verdict
    return next((outcome for outcome, made in BLOCKING.items() if made == verdict), "unmet")


def _notes(proofs: Proofs) -> tuple[Finding, ...]:
    notes = [finding for proof in proofs.values() for finding in proof.notes]
    return tuple({(finding.rule, finding.says): finding for finding in notes}.values())
