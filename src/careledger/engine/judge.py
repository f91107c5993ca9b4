"""Applies rules under one policy view, and remembers the proof for facts it has met before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from careledger.core.decision import Finding, Outcome, Reach, Verdict
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
REMEMBERED = 5_000
"""Proofs of one code that are kept; a nation's close meets more, and then forgets them all and begins anew."""

FactValues = tuple[object, ...]
"""Values of the facts that the rules of some codes read, in one fixed order."""

Picker = Callable[[FactValues], object]


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
        blocking: list[Finding] = []
        notes: list[Finding] = []
        units: int | None = None
        for finding in findings:
            if finding.units is not None and units is None:
                units = finding.units
            if finding.outcome == "met":
                continue
            (notes if finding.outcome == "note" else blocking).append(finding)
        verdict = verdict_of(blocking)
        deciding = [finding for finding in blocking if verdict != "no" or finding.outcome == "unmet"]
        return cls(
            findings=findings,
            blocking=tuple(blocking),
            notes=tuple(notes),
            verdict=verdict,
            units=1 if units is None else units,
            next_step=_next_step(deciding),
            reach=next((finding.reach for finding in deciding if finding.reach is not None), None),
        )


@dataclass(frozen=True, slots=True)
class _Step:
    """One rule within a plan: its place among the plan's rules, how to pick what it reads, and what it found before."""

    place: int
    rule: Rule
    picks: Picker
    found: dict[object, Finding]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How some codes are judged together: the facts they read, once each, and the steps of each code."""

    readers: tuple[Reader, ...]
    rules: int
    codes: Mapping[str, tuple[Picker, tuple[_Step, ...], dict[object, Proof]]]


class Judge:
    """Proofs by code under one view.

    A finding depends on the facts its rule declares, the view and the month only, so equal facts are judged once. The
    memory is per judge; a judge belongs to one thread, as its view does.
    """

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self._plans: dict[tuple[Month, tuple[str, ...]], _Plan] = {}
        self._found: dict[tuple[Month, int], dict[object, Finding]] = {}
        self._proofs: dict[tuple[Month, str], dict[object, Proof]] = {}

    def proofs(self, month: PatientMonth, codes: tuple[str, ...]) -> dict[str, Proof]:
        """The proof for each of the codes."""
        plan = self._plans.get((month.month, codes)) or self._plan(month.month, codes)
        values = tuple([read(month) for read in plan.readers])
        made: dict[str, Proof] = {}
        here: list[Finding | None] = [None] * plan.rules
        for code, (picks, steps, memory) in plan.codes.items():
            key = picks(values)
            proof = memory.get(key)
            if proof is None:
                if len(memory) >= REMEMBERED:
                    memory.clear()
                proof = memory[key] = Proof.of(self._findings(month, steps, values, here))
            made[code] = proof
        return made

    def proof(self, month: PatientMonth, code: str) -> Proof:
        """The proof for one code."""
        return self.proofs(month, (code,))[code]

    def _plan(self, month: Month, codes: tuple[str, ...]) -> _Plan:
        names = tuple(dict.fromkeys(name for code in codes for rule in REQUIREMENTS[code] for name in rule.reads))
        places = {name: place for place, name in enumerate(names)}
        made = {}
        numbers: dict[int, int] = {}
        for code in codes:
            rules = REQUIREMENTS[code]
            steps = tuple(
                _Step(
                    numbers.setdefault(id(rule), len(numbers)),
                    rule,
                    _picker([places[name] for name in rule.reads]),
                    self._found.setdefault((month, id(rule)), {}),
                )
                for rule in rules
            )
            wanted = sorted({places[name] for rule in rules for name in rule.reads}, key=names.__getitem__)
            made[code] = (_picker(wanted), steps, self._proofs.setdefault((month, code), {}))
        plan = self._plans[month, codes] = _Plan(tuple(reader(name) for name in names), len(numbers), made)
        return plan

    def _findings(
        self, month: PatientMonth, steps: tuple[_Step, ...], values: FactValues, here: list[Finding | None]
    ) -> tuple[Finding, ...]:
        """Every rule's finding, in the registry's order; a code that does not exist on the date has that one finding.

        Args:
            here: what rules found for this month already, by their place in the plan; codes of a family share most rules.
        """
        found = []
        for step in steps:
            finding = here[step.place]
            if finding is None:
                read = step.picks(values)
                finding = step.found.get(read)
                if finding is None:
                    finding = step.found[read] = self._judged(month, step.rule, read)
                here[step.place] = finding
            found.append(finding)
            if len(found) == 1 and finding.outcome == "unmet" and step.rule.id == coverage.code_in_force.id:
                break
        return tuple(found)

    def _judged(self, month: PatientMonth, rule: Rule, read: object) -> Finding:
        """One rule's finding, with its path, the facts it read, and the policy values and sources it rests on."""
        with self.view.reading() as reads:
            bare = rule(month, self.view)
        cited = (source for _, value in reads for source in value.cite)
        facts = read if len(rule.reads) > 1 else (read,)
        assert isinstance(facts, tuple)
        return replace(
            bare,
            rule=rule.id,
            facts={name: shown(value) for name, value in zip(rule.reads, facts, strict=False)},
            uses=tuple(name for name, _ in reads),
            cite=tuple(dict.fromkeys(cited)),
        )


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The verdict that findings make together: no before not_yet before human_decides before bill."""
    found = {BLOCKING.get(finding.outcome) for finding in findings}
    return next((verdict for verdict in _ORDER if verdict in found), "bill")


def _next_step(blocking: Iterable[Finding]) -> str | None:
    steps = dict.fromkeys(finding.next_step for finding in blocking if finding.next_step is not None)
    return "; ".join(step for step in steps if step is not None) or None


def _picker(places: Sequence[int]) -> Picker:
    """Picks values by their places: one as itself, several as a tuple, none as an empty one."""
    if not places:
        return lambda _: ()
    return itemgetter(*places)
