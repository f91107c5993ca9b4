"""Applies rules under one policy view, and remembers what it found for facts it has met before.

A code's requirements are judged in passages: rules that follow one another and that the same codes share. A passage reads
few facts, so that its findings are soon known for all that occur; a proof is the passages one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from operator import itemgetter

from careledger.core.decision import Fact, Finding, Outcome, Reach, Verdict
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
REMEMBERED = 50_000
"""Proofs that are kept, and findings of one passage; a nation's close may meet more, and then forgets them and begins anew."""
WIDEST = 8
"""Facts that a passage may read; more of them occur together in too many ways to be worth remembering."""

FactValues = tuple[object, ...]
"""Values of the facts that the rules of some codes read, in one fixed order."""

Picker = Callable[[FactValues], object]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a passage found.

    Attributes:
        ends: the code does not exist on the date, so that nothing follows.
        blocking: the findings that stand against the code.
        notes: the findings that are worth saying and decide nothing.
        units: of the first finding that names them.
    """

    findings: tuple[Finding, ...]
    ends: bool
    blocking: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    units: int | None

    @classmethod
    def of(cls, findings: tuple[Finding, ...], *, ends: bool = False) -> Found:
        return cls(
            findings=findings,
            ends=ends,
            blocking=tuple([finding for finding in findings if finding.outcome in BLOCKING]),
            notes=tuple([finding for finding in findings if finding.outcome == "note"]),
            units=next((finding.units for finding in findings if finding.units is not None), None),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What stands against a code, and what it makes of the verdict.

    Attributes:
        blocking: the findings that stand against the code.
        next_step: that of the findings which make the verdict what it is.
        reach: the clock to reach that the first of those names.
    """

    blocking: tuple[Finding, ...]
    verdict: Verdict
    next_step: str | None
    reach: Reach | None

    @classmethod
    def of(cls, blocking: Sequence[Finding]) -> Weighed:
        verdict = verdict_of(blocking)
        deciding = [finding for finding in blocking if verdict != "no" or finding.outcome == "unmet"]
        reach = next((finding.reach for finding in deciding if finding.reach is not None), None)
        return cls(tuple(blocking), verdict, _next_step(deciding), reach)


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """Every rule's finding for a code, and what the findings make together.

    Attributes:
        passed: what each passage found, one after the other.
        weighed: what stands against the code; one object under one judge for the same passages that block.
        notes: the findings that are worth saying and decide nothing.
    """

    passed: tuple[Found, ...]
    weighed: Weighed
    notes: tuple[Finding, ...]
    units: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple([finding for found in self.passed for finding in found.findings])

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return self.weighed.blocking

    @property
    def verdict(self) -> Verdict:
        return self.weighed.verdict

    @property
    def next_step(self) -> str | None:
        return self.weighed.next_step

    @property
    def reach(self) -> Reach | None:
        return self.weighed.reach


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """Rules that follow one another: their place in a plan, the facts they read, how to pick them, what they found before."""

    place: int
    reads: tuple[str, ...]
    rules: tuple[tuple[Rule, Picker, dict[object, Finding]], ...]
    picks: Picker
    found: dict[object, Found]


@dataclass(frozen=True, slots=True)
class Plan:
    """How some codes are judged together: the facts they read, once each, and the passages of each code."""

    readers: tuple[Reader, ...]
    passages: int
    codes: Mapping[str, tuple[Passage, ...]]


@dataclass(slots=True)
class _Memory:
    """What a judge has found in one month."""

    rules: dict[int, dict[object, Finding]] = field(default_factory=dict)
    passages: dict[tuple[int, ...], dict[object, Found]] = field(default_factory=dict)
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)


class Judge:
    """Proofs by code under one view.

    A finding depends on the facts its rule declares, the view and the month only, so equal facts are judged once. The
    memory is per judge; a judge belongs to one thread, as its view does.

    Args:
        shows_facts: findings show the facts they read. Without them, findings that say the same are one object, and so
            are proofs made of the same findings.
    """

    def __init__(self, view: PolicyView, *, shows_facts: bool = True) -> None:
        self.view = view
        self.shows_facts = shows_facts
        self._memories: dict[Month, _Memory] = {}
        self._said: dict[object, Finding] = {}
        self._passed: dict[tuple[int, ...], Found] = {}
        self._weighed: dict[tuple[Found, ...], Weighed] = {}
        self._proofs: dict[tuple[Found, ...], Proof] = {}
        self._extended: dict[tuple[Proof, int], Proof] = {}
        self._alone: dict[int, tuple[Finding, Found]] = {}

    def proofs(self, month: PatientMonth, codes: tuple[str, ...]) -> dict[str, Proof]:
        """The proof for each of the codes."""
        plan = self.plan(month.month, codes)
        values = tuple([read(month) for read in plan.readers])
        here: list[Found | None] = [None] * plan.passages
        made: dict[str, Proof] = {}
        for code, passages in plan.codes.items():
            parts = []
            for passage in passages:
                found = here[passage.place]
                if found is None:
                    read = passage.picks(values)
                    found = passage.found.get(read) or self._pass(month, passage, read, values)
                    here[passage.place] = found
                parts.append(found)
                if found.ends:
                    break
            made[code] = self.proof_of(tuple(parts))
        return made

    def plan(self, month: Month, codes: tuple[str, ...]) -> Plan:
        """How these codes are judged in a month."""
        memory = self._memories.get(month) or self._memories.setdefault(month, _Memory())
        return memory.plans.get(codes) or self._plan(memory, codes)

    def found(self, month: PatientMonth, plan: Plan, passage: Passage) -> Found:
        """What one passage of a plan finds."""
        values = tuple([read(month) for read in plan.readers])
        read = passage.picks(values)
        return passage.found.get(read) or self._pass(month, passage, read, values)

    def proof_of(self, passed: tuple[Found, ...]) -> Proof:
        """The proof that passages make one after the other."""
        return self._proofs.get(passed) or self._prove(passed)

    def proof(self, month: PatientMonth, code: str) -> Proof:
        """The proof for one code."""
        return self.proofs(month, (code,))[code]

    def with_finding(self, proof: Proof, extra: Finding) -> Proof:
        """A proof and what else stands against the code."""
        key = (proof, id(extra))
        if key not in self._extended:
            if len(self._extended) >= REMEMBERED:
                self._extended.clear()
            alone = self._alone.setdefault(id(extra), (extra, Found.of((extra,))))[1]
            self._extended[key] = self._made_of((*proof.passed, alone))
        return self._extended[key]

    def _plan(self, memory: _Memory, codes: tuple[str, ...]) -> Plan:
        names = tuple(dict.fromkeys(name for code in codes for rule in REQUIREMENTS[code] for name in rule.reads))
        places = {name: place for place, name in enumerate(names)}
        numbers: dict[tuple[int, ...], int] = {}
        made = {}
        for code in codes:
            made[code] = tuple(self._passage(memory, rules, places, numbers) for rules in passages_of(code))
        plan = memory.plans[codes] = Plan(tuple(reader(name) for name in names), len(numbers), made)
        return plan

    def _passage(
        self, memory: _Memory, rules: tuple[Rule, ...], places: Mapping[str, int], numbers: dict[tuple[int, ...], int]
    ) -> Passage:
        same = tuple(id(rule) for rule in rules)
        wanted = dict.fromkeys(name for rule in rules for name in rule.reads)
        return Passage(
            place=numbers.setdefault(same, len(numbers)),
            reads=tuple(wanted),
            rules=tuple(
                (rule, _picker([places[name] for name in rule.reads]), memory.rules.setdefault(id(rule), {}))
                for rule in rules
            ),
            picks=_picker([places[name] for name in wanted]),
            found=memory.passages.setdefault(same, {}),
        )

    def _pass(self, month: PatientMonth, passage: Passage, read: object, values: FactValues) -> Found:
        """What a passage finds in facts it has not met: every rule's finding, in the registry's order."""
        findings = []
        for rule, picks, memory in passage.rules:
            facts = picks(values)
            finding = memory.get(facts)
            if finding is None:
                finding = memory[facts] = self._judged(month, rule, facts)
            findings.append(finding)
        if len(passage.found) >= REMEMBERED:
            passage.found.clear()
        found = passage.found[read] = self._passed_as(tuple(findings), passage.rules[0][0])
        return found

    def _passed_as(self, findings: tuple[Finding, ...], first: Rule) -> Found:
        key = tuple(id(finding) for finding in findings)
        if key not in self._passed:
            ends = findings[0].outcome == "unmet" and first.id == coverage.code_in_force.id
            if len(self._passed) >= REMEMBERED:
                self._passed.clear()
            self._passed[key] = Found.of(findings, ends=ends)
        return self._passed[key]

    def _prove(self, passed: tuple[Found, ...]) -> Proof:
        if len(self._proofs) >= REMEMBERED:
            self._proofs.clear()
        made = self._proofs[passed] = self._made_of(passed)
        return made

    def _made_of(self, passed: tuple[Found, ...]) -> Proof:
        """What passages make together."""
        blocking: list[Found] = []
        notes: list[Finding] = []
        units: int | None = None
        for found in passed:
            if found.blocking:
                blocking.append(found)
            if found.notes:
                notes += found.notes
            if units is None:
                units = found.units
        return Proof(passed, self._weigh(tuple(blocking)), tuple(notes), 1 if units is None else units)

    def _weigh(self, passed: tuple[Found, ...]) -> Weighed:
        """What passages with something against the code make of the verdict; the same passages are weighed once."""
        if passed not in self._weighed:
            if len(self._weighed) >= REMEMBERED:
                self._weighed.clear()
            self._weighed[passed] = Weighed.of([finding for found in passed for finding in found.blocking])
        return self._weighed[passed]

    def _judged(self, month: PatientMonth, rule: Rule, read: object) -> Finding:
        """One rule's finding, with its path, the facts it read, and the policy values and sources it rests on."""
        with self.view.reading() as reads:
            bare = rule(month, self.view)
        cited = (source for _, value in reads for source in value.cite)
        made = replace(
            bare,
            rule=rule.id,
            facts=_facts(rule, read) if self.shows_facts else {},
            uses=tuple(name for name, _ in reads),
            cite=tuple(dict.fromkeys(cited)),
        )
        return made if self.shows_facts else self._said.setdefault(_content(made), made)


def passages_of(code: str) -> tuple[tuple[Rule, ...], ...]:
    """A code's rules in passages: where other codes share them they are parted alike, and none reads too many facts.

    Whether the code exists stands alone, since nothing else is asked when it does not.
    """
    passages: list[list[Rule]] = []
    shared: frozenset[str] = frozenset()
    for rule in REQUIREMENTS[code]:
        by = _codes_with()[id(rule)]
        reads = {name for one in (passages[-1] if passages else ()) for name in one.reads}
        alone = not passages or passages[-1][0].id == coverage.code_in_force.id
        if alone or by != shared or len(reads | {*rule.reads}) > WIDEST:
            passages.append([])
        passages[-1].append(rule)
        shared = by
    return tuple(tuple(passage) for passage in passages)


@cache
def _codes_with() -> Mapping[int, frozenset[str]]:
    """Codes by the rules they ask for."""
    found: dict[int, set[str]] = {}
    for code, rules in REQUIREMENTS.items():
        for rule in rules:
            found.setdefault(id(rule), set()).add(code)
    return {rule: frozenset(codes) for rule, codes in found.items()}


def _facts(rule: Rule, read: object) -> Mapping[str, Fact]:
    facts = read if len(rule.reads) > 1 else (read,)
    assert isinstance(facts, tuple)
    return {name: shown(value) for name, value in zip(rule.reads, facts, strict=False)}


def _content(found: Finding) -> object:
    """What makes two findings one."""
    return (
        found.rule, found.outcome, found.says, found.uses, found.cite, found.next_step, found.reach, found.units
    )  # fmt: skip


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
