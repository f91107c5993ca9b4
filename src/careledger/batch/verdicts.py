"""Decides distinct months fast, without a second definition of any rule.

A rule's finding depends on the facts it declares, and on nothing else. So a month is handed to the engine only when some
rule meets facts it has not met before; otherwise its findings are already known, and what they make together is put
together by the engine's own ``Proof``. The choice among lawful codes is asked of the engine likewise, once for each
question. The self-audit of a close holds every row to the engine's decision on exact facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from careledger.batch.signature import Flat, KeyedMonths
from careledger.core.decision import Decision, Finding, MonthDecision
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.engine.decide import Engine
from careledger.engine.judge import BLOCKING, Proof
from careledger.engine.worth import Pricer
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView
from careledger.rules.registry import REQUIREMENTS
from careledger.rules.rule import Rule

TOUCHED_BY = (
    "ccm.logged_s", "ccm.consent", "ccm.plan_exists", "cpo.logged_s", "cpo.consent", "cpo.plan_exists", "home_health.kind",
    "hospice.kind", "residence", "payer_kind", "extra_planning", "asked", "elects",
)  # fmt: skip
"""Facts that tell which codes a month is about (``engine.touched``)."""

CHOSEN_BY = (
    "payer", "plan", "setting", "biller_kind", "locality", "qmb", "died", "days_alive", "billed", "elects", "ccm.staff_s",
    "cpo.own_s", "asked",
)  # fmt: skip
"""Facts that the choice among lawful codes looks at, beside units (``engine.choice``)."""

PRICED_BY = ("payer", "plan", "setting", "biller_kind", "locality", "qmb", "died", "days_alive")
"""Facts that an amount depends on."""


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
            self._engines[payer] = Engine(self.policy.on(self.month.last_on, payer))
        return self._engines[payer]

    def pricer(self, payer: str) -> Pricer:
        if payer not in self._pricers:
            self._pricers[payer] = Pricer(self.view(payer))
        return self._pricers[payer]

    def payer_of(self, payer: str, plan: str | None) -> str:
        """The overlay that answers: the plan's own, else the payer's."""
        return plan if plan is not None and plan in self.policy.payers else payer

    def decide(self, month: PatientMonth, asked: Iterable[str] = ()) -> MonthDecision:
        return self.engine(self.payer_of(month.payer, month.plan)).decide(month, None, asked)


Verdict = tuple[str, str, int, str, str | None, int | None, str | None, tuple[Finding, ...]]
"""Code, verdict, units, rules against it, clock to reach, target, next step, and the findings against it."""


def verdict_of(decision: Decision) -> Verdict:
    """What a close keeps of a decision."""
    against = tuple(found for found in decision.because if found.outcome in BLOCKING)
    return (
        decision.code,
        decision.verdict,
        decision.units,
        " ".join(dict.fromkeys(found.rule for found in against)),
        decision.reach.clock if decision.reach else None,
        decision.reach.target_s if decision.reach else None,
        decision.next_step,
        against,
    )


class Quick:
    """Decides many months under one payer's view."""

    def __init__(self, engine: Engine, months: KeyedMonths) -> None:
        self.engine, self.months = engine, months
        self._touched_by, self._chosen_by = _picker(months, TOUCHED_BY), _picker(months, CHOSEN_BY)
        self._known: dict[Rule, dict[Any, int]] = {rule: {} for rules in REQUIREMENTS.values() for rule in rules}
        self._rules = {code: self._pickers(rules) for code, rules in REQUIREMENTS.items()}
        self._codes: dict[Any, tuple[str, ...]] = {}
        self._findings: list[Finding] = []
        self._numbers: dict[int, int] = {}
        self._matters: list[bool] = []
        self._verdicts: dict[Any, Verdict] = {}
        self._choices: dict[Any, dict[str, Verdict]] = {}

    def decide(self, key: int) -> tuple[Verdict, ...]:
        """The verdicts on a month's codes, in the engine's order."""
        flat = self.months.flat(key)
        proven = self._proven(flat)
        if proven is None:
            self._learn(key, flat)
            proven = self._proven(flat)
            assert proven is not None, "the engine did not judge every rule of a code it decided"
        if all(verdict[1] != "bill" for verdict in proven):
            return proven
        question = (proven_shape(proven), self._chosen_by(flat))
        if question not in self._choices:
            self._choices[question] = {made.code: verdict_of(made) for made in self._decided(key).decisions}
        chosen = self._choices[question]
        return tuple([chosen[one[0]] if one[1] == "bill" else one for one in proven])

    def _proven(self, flat: Flat) -> tuple[Verdict, ...] | None:
        """What each code's own rules make of the facts; None when some rule has not met them yet."""
        codes = self._codes.get(self._touched_by(flat))
        if codes is None:
            return None
        verdicts = []
        for code in codes:
            numbers = [known.get(pick(flat)) for known, pick in self._rules[code]]
            if None in numbers:
                return None
            kept = tuple([number for number in numbers if self._matters[number]])  # type: ignore[index]
            verdict = self._verdicts.get((code, kept))
            if verdict is None:
                verdict = self._verdicts[code, kept] = self._made(code, kept)  # type: ignore[arg-type]
            verdicts.append(verdict)
        return tuple(verdicts)

    def _made(self, code: str, kept: tuple[int, ...]) -> Verdict:
        proof = Proof.of(tuple(self._findings[number] for number in kept))
        return verdict_of(
            Decision(
                code=code,
                practitioner="",
                verdict=proof.verdict,
                units=proof.units if proof.verdict == "bill" else 0,
                because=proof.findings,
                next_step=proof.next_step,
                reach=proof.reach,
            )
        )

    def _learn(self, key: int, flat: Flat) -> None:
        """Have the engine judge the month, and keep each rule's finding under the facts the rule declares."""
        decided = self._decided(key)
        for decision in decided.decisions:
            found = {finding.rule: finding for finding in decision.because}
            rules = REQUIREMENTS[decision.code]
            if len(found) == 1:  # a code that is not in force has that one finding, whatever the facts
                rules = rules[:1]
                self._rules[decision.code] = self._rules[decision.code][:1]
            for rule, (known, pick) in zip(rules, self._rules[decision.code], strict=True):
                known[pick(flat)] = self._number(found[rule.id])
        self._codes[self._touched_by(flat)] = tuple(decision.code for decision in decided.decisions)

    def _number(self, finding: Finding) -> int:
        """Findings that make no difference to the verdict share the number 0."""
        if finding.outcome not in BLOCKING and finding.units is None:
            finding = _MET
        number = self._numbers.get(id(finding))
        if number is None:
            number = self._numbers[id(finding)] = len(self._findings)
            self._findings.append(finding)
            self._matters.append(finding is not _MET)
        return number

    def _decided(self, key: int) -> MonthDecision:
        return self.engine.decide(self.months.record(key), None, self.months.asked(key))

    def _pickers(self, rules: Iterable[Rule]) -> list[tuple[dict[Any, int], Any]]:
        return [(self._known[rule], _picker(self.months, rule.reads)) for rule in rules]


_MET = Finding(rule="met", outcome="met", says="the requirement holds")


def proven_shape(proven: Iterable[Verdict]) -> tuple[tuple[str, str, int], ...]:
    """Code, verdict and units: what the choice among codes looks at."""
    return tuple([(code, verdict, units) for code, verdict, units, *_ in proven])


def _picker(months: KeyedMonths, names: Iterable[str]) -> Any:
    """Picks facts by name from a flat row; what is the same for every month of a close is not picked."""
    places = [months.places[name] for name in dict.fromkeys(names) if name != "month_closed"]
    return itemgetter(*places) if places else lambda _: None
