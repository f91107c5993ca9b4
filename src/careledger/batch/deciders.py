"""Engines for the payers of a close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from careledger.core.decision import MonthDecision
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.core.records import ProposedLine
from careledger.engine.billers import Line, Related, in_turn
from careledger.engine.decide import Engine, Proofs
from careledger.engine.worth import Pricer
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView


class Deciders:
    """One engine per payer, for the last day of a month."""

    def __init__(self, policy: Policy, month: Month) -> None:
        self.policy, self.month = policy, month
        self._engines: dict[str, Engine] = {}
        self._pricers: dict[str, Pricer] = {}

    def view(self, payer: str) -> PolicyView:
        return self.engine(payer).view

    def engine(self, payer: str) -> Engine:
        if payer not in self._engines:
            self._engines[payer] = Engine(self.policy.on(self.month.last_on, payer), shows_facts=False)
        return self._engines[payer]

    def pricer(self, payer: str) -> Pricer:
        if payer not in self._pricers:
            self._pricers[payer] = Pricer(self.view(payer))
        return self._pricers[payer]

    def payer_of(self, month: PatientMonth) -> str:
        """The overlay that answers for a month: the plan's own, else the payer's."""
        return month.plan if month.plan in self.policy.payers and month.plan is not None else month.payer

    def decide(self, month: PatientMonth, asked: Iterable[str] = ()) -> MonthDecision:
        return self.engine(self.payer_of(month)).decide(month, None, asked)

    def proofs(self, month: PatientMonth, asked: Iterable[str] = (), proposed: Sequence[ProposedLine] = ()) -> Proofs:
        """Every code's proof, without what only a reader of one month looks for."""
        return self.engine(self.payer_of(month)).judged(month, asked, proposed).proofs

    def proofs_of_patient(
        self,
        months: Sequence[PatientMonth],
        related: Related,
        asked: Iterable[str] = (),
        proposed: Sequence[ProposedLine] = (),
    ) -> tuple[tuple[PatientMonth, Proofs], ...]:
        """Proofs for several billers of one patient, or for lines proposed; see ``engine.billers``."""

        def decide(month: PatientMonth, lines: Sequence[ProposedLine]) -> tuple[Proofs, tuple[Line, ...]]:
            proofs = self.proofs(month, asked, lines)
            return proofs, billed_lines(proofs)

        return in_turn(months, decide, related, proposed)


def billed_lines(proofs: Proofs) -> tuple[Line, ...]:
    """Codes and units that proofs say are to be billed."""
    return tuple((code, proof.units) for code, proof in proofs.items() if proof.verdict == "bill")
