"""Applies rules under one policy view, and remembers the finding for facts it has met before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from careledger.core.decision import Finding, Outcome, Verdict
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.engine.facts_read import Reader, reader, shown
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


class Judge:
    """Findings by rule under one view.

    A finding depends on the facts its rule declares, the view and the month only, so equal facts are judged once. The
    memory is per judge; a judge belongs to one thread, as its view does.
    """

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self._readers: dict[Rule, tuple[Reader, ...]] = {}
        self._found: dict[Month, dict[object, Finding]] = {}

    def findings(self, month: PatientMonth, code: str) -> tuple[Finding, ...]:
        """The proof for a code: every rule's finding, in the registry's order.

        A code that does not exist on the date has that one finding: nothing else can be asked of it.
        """
        rules = REQUIREMENTS[code]
        memory = self._found.setdefault(month.month, {})
        if rules[0].id == coverage.code_in_force.id:
            first = self._finding(month, rules[0], memory)
            if first.outcome == "unmet":
                return (first,)
        return tuple([self._finding(month, rule, memory) for rule in rules])

    def finding(self, month: PatientMonth, rule: Rule) -> Finding:
        """One rule's finding, with its path, the facts it read, and the policy values and sources it rests on."""
        return self._finding(month, rule, self._found.setdefault(month.month, {}))

    def _finding(self, month: PatientMonth, rule: Rule, memory: dict[object, Finding]) -> Finding:
        readers = self._readers.get(rule)
        if readers is None:
            readers = self._readers[rule] = tuple(reader(name) for name in rule.reads)
        values = tuple([read(month) for read in readers])
        key = (rule, values)
        found = memory.get(key)
        if found is None:
            found = memory[key] = self._judged(month, rule, values)
        return found

    def _judged(self, month: PatientMonth, rule: Rule, values: tuple[object, ...]) -> Finding:
        with self.view.reading() as reads:
            bare = rule(month, self.view)
        cited = (source for _, value in reads for source in value.cite)
        return replace(
            bare,
            rule=rule.id,
            facts={name: shown(value) for name, value in zip(rule.reads, values, strict=True)},
            uses=tuple(name for name, _ in reads),
            cite=tuple(dict.fromkeys(cited)),
        )


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """The verdict that findings make together: no before not_yet before human_decides before bill."""
    found = {BLOCKING[finding.outcome] for finding in findings if finding.outcome in BLOCKING}
    return next((verdict for verdict in _ORDER if verdict in found), "bill")


def units_of(findings: tuple[Finding, ...]) -> int:
    """Units earned: those a finding counts, else one."""
    return next((finding.units for finding in findings if finding.units is not None), 1)
