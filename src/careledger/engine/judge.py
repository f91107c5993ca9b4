"""Applies rules under one policy view, and remembers the proof for facts it has met before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter

from careledger.core.decision import Finding, Outcome, Reach, Verdict
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.engine.facts_read import reader, shown
from careledger.policy.view import PolicyView
from careledger.rules import coverage
from careledger.rules.registry import REQUIREMENTS
from careledger.rules.rule import Rule

BLOCKING: Mapping[Outcome, Verdict] = {
    "unmet": "no",
    "not_yet": "not_yet",
    "unknown": "not_yet",
    "judgement": "human_decides",
}
"""What an outcome makes of the verdict. ``met`` and ``note`` make nothing of it."""

_ORDER: tuple[Verdict, ...] = ("no", "not_yet", "human_decides")
_NAMES = tuple(dict.fromkeys(name for rules in REQUIREMENTS.values() for rule in rules for name in rule.reads))
_READERS = tuple(reader(name) for name in _NAMES)
_PLACES = {name: place for place, name in enumerate(_NAMES)}

FactValues = tuple[object, ...]
"""Values of all facts that any rule declares, in one fixed order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Every rule's finding for a code, and what the findings make together.

    Attributes:
        blocking: the findings that stand against the code.
        notes: the findings that are worth saying and decide nothing.
    """

    findings: tuple[Finding, ...]
    blocking: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    verdict: Verdict
    units: int
    next_step: str | None
    reach: Reach | None

    @classmethod
    def of(cls, findings: tuple[Finding, ...]) -> Proof:
        """What findings make together. The next step is that of the findings which make the verdict what it is."""
        blocking = tuple(finding for finding in findings if finding.outcome in BLOCKING)
        verdict = verdict_of(blocking)
        deciding = [finding for finding in blocking if verdict != "no" or finding.outcome == "unmet"]
        return cls(
            findings=findings,
            blocking=blocking,
            notes=tuple(finding for finding in findings if finding.outcome == "note"),
            verdict=verdict,
            units=next((finding.units for finding in findings if finding.units is not None), 1),
            next_step=_next_step(deciding),
            reach=next((finding.reach for finding in deciding if finding.reach is not None), None),
        )


class Judge:
    """Proofs by code under one view.

    A finding depends on the facts its rule declares, the view and the month only, so equal facts are judged once. The
    memory is per judge; a judge belongs to one thread, as its view does.
    """

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self._proofs: dict[tuple[Month, str], dict[object, Proof]] = {}
        self._found: dict[object, Finding] = {}
        self._of_code = {code: _picker(rules) for code, rules in REQUIREMENTS.items()}

    @staticmethod
    def facts(month: PatientMonth) -> FactValues:
        """All facts that any rule declares."""
        return tuple([read(month) for read in _READERS])

    def proof(self, month: PatientMonth, code: str, facts: FactValues | None = None) -> Proof:
        """The proof for a code; ``facts`` are those of the month, when they are at hand."""
        values = self.facts(month) if facts is None else facts
        memory = self._proofs.setdefault((month.month, code), {})
        key = self._of_code[code](values)
        proof = memory.get(key)
        if proof is None:
            proof = memory[key] = Proof.of(self._findings(month, code, values))
        return proof

    def _findings(self, month: PatientMonth, code: str, values: FactValues) -> tuple[Finding, ...]:
        """Every rule's finding, in the registry's order; a code that does not exist on the date has that one finding."""
        rules = REQUIREMENTS[code]
        if rules[0].id == coverage.code_in_force.id:
            first = self._finding(month, rules[0], values)
            if first.outcome == "unmet":
                return (first,)
        return tuple(self._finding(month, rule, values) for rule in rules)

    def _finding(self, month: PatientMonth, rule: Rule, values: FactValues) -> Finding:
        """One rule's finding, with its path, the facts it read, and the policy values and sources it rests on."""
        read = tuple(values[_PLACES[name]] for name in rule.reads)
        key = (rule, month.month, read)
        if key not in self._found:
            self._found[key] = self._judged(month, rule, read)
        return self._found[key]

    def _judged(self, month: PatientMonth, rule: Rule, read: FactValues) -> Finding:
        with self.view.reading() as reads:
            bare = rule(month, self.view)
        cited = (source for _, value in reads for source in value.cite)
        return replace(
            bare,
            rule=rule.id,
            facts={name: shown(value) for name, value in zip(rule.reads, read, strict=True)},
            uses=tuple(name for name, _ in reads),
            cite=tuple(dict.fromkeys(cited)),
        )


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The verdict that findings make together: no before not_yet before human_decides before bill."""
    found = {BLOCKING[finding.outcome] for finding in findings if finding.outcome in BLOCKING}
    return next((verdict for verdict in _ORDER if verdict in found), "bill")


def _next_step(blocking: Iterable[Finding]) -> str | None:
    steps = dict.fromkeys(finding.next_step for finding in blocking if finding.next_step is not None)
    return "; ".join(step for step in steps if step is not None) or None


def _picker(rules: Iterable[Rule]) -> itemgetter[object]:
    """Picks the values that a code's rules read; the two first facts pad a list too short for a tuple."""
    places = sorted({_PLACES[name] for rule in rules for name in rule.reads} | {0, 1})
    return itemgetter(*places)
