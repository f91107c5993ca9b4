"""One case from its document to its answer: the same facts and the same decision as a close makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from careledger.core.codes import icd10_plain
from careledger.core.decision import Decision, Finding, MonthDecision
from careledger.core.patient_month import Evidence, PatientMonth
from careledger.core.records import ProposedLine
from careledger.engine.answer import Answer, Billable, as_json, line_date, refused_line, refused_of
from careledger.engine.bases import bases_of
from careledger.engine.billers import decide_patient, relations
from careledger.engine.judge import Judge, verdict_of
from careledger.engine.proposed import Judged, Surroundings, judge_lines
from careledger.engine.spelling import unknown_words
from careledger.engine.unruled import unruled
from careledger.engine.wording import beyond_these_rules, horizon, uncounted, weak_ground
from careledger.engine.worth import Pricer
from careledger.facts import CaseFacts, case_facts
from careledger.facts.case import Case
from careledger.policy import Policy, PolicyView
from careledger.rules.registry import REQUIREMENTS


def check_case(case: Case, policy: Policy, on: date | None = None) -> dict[str, Any]:
    """The answer to a case in the shape of the case format.

    Args:
        on: the day of asking, which tells whether the month is over; not considered when None.
    """
    return as_json(answer_case(case, policy, on=on))


def answer_case(case: Case, policy: Policy, on: date | None = None) -> Answer:
    """The answer to a case, with every finding and the facts it was made from."""
    return _Check(case, policy, on).answer()


@dataclass(slots=True)
class _Practitioner:
    """One practitioner's month, decided, and the lines they propose, judged."""

    month: PatientMonth
    decided: MonthDecision
    lines: tuple[Judged, ...]

    def judged(self, code: str) -> list[Judged]:
        return [judged for judged in self.lines if judged.line.code == code]

    def is_spoilt(self, code: str) -> bool:
        """Are lines of the code proposed, and every one of them faulty?"""
        lines = self.judged(code)
        return bool(lines) and all(line.against for line in lines)


class _Check:
    """Answers one case."""

    def __init__(self, case: Case, policy: Policy, on: date | None) -> None:
        self.case = case
        self.policy = policy
        self.records = with_proposers(case)
        payer = case.plan if case.plan in policy.payers else case.payer
        self.view: PolicyView = policy.on(case.month.last_on, str(payer))
        self.pricer = Pricer(self.view)
        self.facts: list[CaseFacts] = case_facts(self.records, case.month, policy, as_of=on)
        self.evidence: dict[str, Evidence] = {facts.month.biller: facts.evidence for facts in self.facts}
        self._dates = {facts.month.biller: facts.own_dates for facts in self.facts}
        self._earlier: dict[date, Mapping[str, PatientMonth]] = {}

    def answer(self) -> Answer:
        people = [self._judged(month, decided) for month, decided in self._decided()]
        billable, refused = [], []
        for one in people:
            spoilt = {made.code for made in one.decided.billed() if one.is_spoilt(made.code)}
            for decision in one.decided.decisions:
                refused += [refused_line(decision, line) for line in one.judged(decision.code) if line.against]
                if decision.verdict != "bill":
                    refused.append(refused_of(decision, one.month))
                elif decision.code in spoilt:
                    continue
                elif (base := self._spoilt_base(decision, one, spoilt)) is not None:
                    refused.append(refused_line(decision, base))
                else:
                    billable.append(self._billable(one, decision))
            strangers = [unruled(code, one.month, self.pricer) for code in self._unknown(one.month)]
            refused += [refused_of(decision, one.month) for decision in strangers]
        return Answer(
            id=self.case.id or "",
            month=str(self.case.month),
            policy_version=self.policy.version,
            payer=self.view.payer,
            billable=tuple(billable),
            refused=tuple(refused),
            alternatives=tuple(codes for one in people for codes in one.decided.alternatives),
            warnings=self._warnings(people, billable),
            months=tuple(one.month for one in people),
        )

    def _spoilt_base(self, decision: Decision, one: _Practitioner, spoilt: set[str]) -> Judged | None:
        """The faulty line of the base without which an add-on cannot go out; None when some base of it can."""
        bases = [base for base in bases_of(decision.code, self.view) if base not in one.month.billed_by("self")]
        standing = {made.code for made in one.decided.billed()} - spoilt
        if not spoilt.intersection(bases) or standing.intersection(bases):
            return None
        base = next(base for base in bases if base in spoilt)
        line = one.judged(base)[0]
        says = f"{decision.code} is paid only beside {base}, whose line cannot go out as it stands"
        step = next((fault.next_step for fault in line.against if fault.next_step), f"mend the line of {base}")
        facts = {"code": decision.code, "base_code": base}
        finding = Finding(rule="claim.line.base_spoilt", outcome="not_yet", says=says, facts=facts, next_step=step)
        return Judged(line=line.line, against=(finding,), notes=())

    def _added_later(self, one: _Practitioner, billable: list[Billable]) -> Finding | None:
        """Add-ons whose base went out earlier: they are no claim of their own."""
        sent, now = one.month.billed_by("self"), {line.decision.code for line in billable}
        late = [code for code in sorted(now) if not now.intersection(bases_of(code, self.view))]
        pairs = [(code, base) for code in late for base in bases_of(code, self.view) if base in sent]
        if not pairs:
            return None
        code, base = pairs[0]
        says = f"{code} is paid only on a claim with {base}, which was billed before"
        step = "replace that claim (frequency 7) by one with both lines: an add-on alone is denied, and a second base is an overpayment"
        cite = self.view.value(f"codes.{code}.status").cite
        return Finding(rule="claim.line.added_later", outcome="note", says=says, cite=cite, next_step=step)

    def _decided(self) -> tuple[tuple[PatientMonth, MonthDecision], ...]:
        return decide_patient(
            [facts.month for facts in self.facts],
            self.view,
            relations(self.records.get("people", ())),
            evidence=self.evidence,
            asked=self.case.asked,
            proposed=self.case.proposed,
        )

    def _judged(self, month: PatientMonth, decided: MonthDecision) -> _Practitioner:
        by_code = {decision.code: decision for decision in decided.decisions}
        around = Surroundings(
            died_on=self.records["patients"][0].died_on,
            visit_on=self._own_dates(month).get("G0506"),
            conditions=frozenset(icd10_plain(row.icd10) for row in self.records.get("conditions", ())),
            earned_by=lambda code, units, day: self._earned_by(month, code, units, day),
        )
        lines = judge_lines(self._lines(month), by_code.get, month, self.view, around)
        return _Practitioner(month=month, decided=decided, lines=lines)

    def _billable(self, one: _Practitioner, decision: Decision) -> Billable:
        kept = [judged for judged in one.judged(decision.code) if not judged.against]
        on = line_date(decision, one.month, kept, self._own_dates(one.month))
        price = self.pricer.price(one.month, decision.code, decision.units, on)
        return Billable(
            decision=decision,
            on=on,
            allowed_cents=price.allowed_cents,
            patient_share_cents=price.patient_share_cents,
            unpriced=price.findings if price.allowed_cents is None else (),
        )

    def _lines(self, month: PatientMonth) -> list[ProposedLine]:
        return [line for line in self.case.proposed if line.practitioner in (None, month.biller)]

    def _unknown(self, month: PatientMonth) -> list[str]:
        """Codes asked, proposed or elected that have no rules."""
        wanted = (*self.case.asked, *(line.code for line in self._lines(month)), *self.case.elects)
        return [code for code in dict.fromkeys(wanted) if code not in REQUIREMENTS]

    def _earned_by(self, month: PatientMonth, code: str, units: int, day: date) -> bool:
        """Would the units be earned if nothing had been logged after that day?"""
        if day >= self.case.month.last_on:
            return True
        if day not in self._earlier:
            found = case_facts(self.records, self.case.month, self.policy, through=day)
            self._earlier[day] = {facts.month.biller: facts.month for facts in found}
        earlier = replace(month, programs=self._earlier[day][month.biller].programs)
        proof = Judge(self.view).proof(earlier, code)
        clocks = [finding for finding in proof.findings if any(name.endswith("curable_s") for name in finding.facts)]
        return verdict_of(clocks) == "bill" and proof.units >= units

    def _decided_programs(self) -> frozenset[str]:
        """Programs of which some code has rules."""
        return frozenset(program for code in REQUIREMENTS if (program := self.view.code(code).program) is not None)

    def _own_dates(self, month: PatientMonth) -> Mapping[str, date]:
        return self._dates[month.biller]

    def _warnings(self, people: list[_Practitioner], billable: list[Billable]) -> tuple[Any, ...]:
        found = [note for one in people for note in one.decided.warnings]
        found += [*unknown_words(self.records, self.view), *(note for line in billable for note in line.unpriced)]
        found += [note for one in people if (note := self._added_later(one, billable)) is not None]
        found += [note for one in people for judged in one.lines for note in judged.notes]
        for one in people:
            found += (*uncounted(one.month), *beyond_these_rules(one.month, self.view, self._decided_programs()))
        uses = (name for one in people for made in one.decided.decisions for step in made.because for name in step.uses)
        found += (*weak_ground(self.view, uses), *horizon(self.view))
        return tuple({(note.rule, note.says): note for note in found}.values())


def with_proposers(case: Case) -> Mapping[str, list[Any]]:
    """The case's records, with a row of the panel for everyone who would bill."""
    panel = list(case.records.get("panel", ()))
    known = {row.biller_id for row in panel}
    named = dict.fromkeys(line.practitioner for line in case.proposed if line.practitioner)
    panel += [replace(panel[0], biller_id=name) for name in named if panel and name not in known]
    return {**case.records, "panel": panel}
