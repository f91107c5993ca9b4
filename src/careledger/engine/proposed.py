"""Lines a practice means to send, each held against the decision on its code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from careledger.core.decision import Decision, Finding, Outcome
from careledger.core.patient_month import PatientMonth
from careledger.core.records import ProposedLine
from careledger.engine.bases import bases_of
from careledger.policy.view import PolicyView
from careledger.rules.cpo.codes import REQUIREMENTS as OVERSIGHT
from careledger.rules.registry import REQUIREMENTS

MINUTE_CODES = frozenset(
    code
    for code, rules in REQUIREMENTS.items()
    if code not in OVERSIGHT and any(name.endswith(".curable_s") for rule in rules for name in rule.reads)
)
"""Codes earned by minutes of the month, which their line's date may not come before. Oversight is dated by its own days."""
CLAIMED_ALONE = ("G0181", "G0182")

EarnedBy = Callable[[str, int, date], bool]
"""Were so many units of the code earned by the end of a day? Asked of the same facts, cut off after that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a line is judged against, beside the decision on its code.

    Attributes:
        died_on: day of death, when the patient died.
        visit_on: day of the initiating visit with extra planning (G0506).
        conditions: ICD-10-CM codes recorded for the patient, without the point.
        earned_by: see ``EarnedBy``.
    """

    died_on: date | None
    visit_on: date | None
    conditions: frozenset[str]
    earned_by: EarnedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A proposed line with what is wrong with it (``against``) and what is worth saying (``notes``)."""

    line: ProposedLine
    against: tuple[Finding, ...]
    notes: tuple[Finding, ...]


def judge_lines(
    lines: Sequence[ProposedLine],
    decision: Callable[[str], Decision | None],
    month: PatientMonth,
    view: PolicyView,
    around: Surroundings,
) -> tuple[Judged, ...]:
    """One practitioner's lines, each with its faults. A line whose code is refused anyway is judged by that alone."""
    seen: Counter[str] = Counter()
    judged = []
    for line in lines:
        found = decision(line.code)
        if found is None or found.verdict != "bill":
            judged.append(Judged(line=line, against=(), notes=()))
            continue
        dated = _dated(line, min(line.units or 1, found.units), month, view, around)
        faults = [*_twice(line, seen, found), *dated, *_sent(line, month, view)]
        faults += _diagnoses(line, around)
        notes = [*_units(line, found), *_beside(line, lines, view, month)]
        seen[line.code] += line.units or 1
        judged.append(
            Judged(line=line, against=_kept(faults, "note", False), notes=(*_kept(faults, "note", True), *notes))
        )
    return tuple(judged)


def _kept(findings: Iterable[Finding], outcome: Outcome, equal: bool) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if (finding.outcome == outcome) is equal)


def _twice(line: ProposedLine, seen: Counter[str], decision: Decision) -> Iterable[Finding]:
    if not seen[line.code]:
        return
    if seen[line.code] + (line.units or 1) <= decision.units:
        yield _found("units_on_one_line", "note", f"send {line.code} as one line with all its units", line)
    else:
        says = f"{line.code} is proposed twice for the month; a second claim for one month is an overpayment"
        yield _found("twice", "unmet", says, line, "send it once")


def _units(line: ProposedLine, decision: Decision) -> Iterable[Finding]:
    if line.units is None or line.units == decision.units:
        return
    if line.units > decision.units:
        says = f"{line.units} units of {line.code} are proposed, and {decision.units} can be billed"
        yield _found("too_many_units", "note", says, line, f"bill {decision.units}")
    else:
        says = f"{line.units} of {decision.units} earned units of {line.code} are proposed"
        yield _found("fewer_units", "note", says, line)


def _dated(
    line: ProposedLine, units: int, month: PatientMonth, view: PolicyView, around: Surroundings
) -> Iterable[Finding]:
    on, last = line.on, month.month.last_on
    if on is None:
        return
    if not month.month.first_on <= on <= last:
        says = f"the line is dated {on}, outside the service month"
        yield _found("outside_month", "not_yet", says, line, f"date it from {month.month.first_on} to {last}")
    elif around.died_on is not None and on > around.died_on:
        says = "the line is dated after the patient's death"
        yield _found("after_death", "not_yet", says, line, f"date it {around.died_on} at the latest", "carc")
    elif line.code == "G0506" and around.visit_on is not None and on != around.visit_on:
        says = "extra planning carries the date of the initiating visit"
        yield _found("other_than_visit", "not_yet", says, line, f"date it {around.visit_on}", "aaacn-g0506")
    elif line.code in MINUTE_CODES and not around.earned_by(line.code, units, on):
        yield _cited(
            _found("before_threshold", "not_yet", f"on {on} the minutes of {line.code} had not been reached", line,
                   f"date it on the day they were reached or later, {last} at the latest"),
            view, "ccm.date_of_service.earliest",
        )  # fmt: skip


def _sent(line: ProposedLine, month: PatientMonth, view: PolicyView) -> Iterable[Finding]:
    sent, last = line.submitted_on, month.month.last_on
    if sent is None:
        return
    if line.code in CLAIMED_ALONE and sent <= last and view.flag("cpo.claim.after_month_end"):
        says = f"the claim for {line.code} would be sent on {sent}, before the month has ended"
        step = f"send it on {month.month.next().first_on} or later"
        yield _cited(_found("before_month_end", "not_yet", says, line, step), view, "cpo.claim.after_month_end")
    elif line.on is not None and sent < line.on:
        says = f"the claim would be sent on {sent}, before its date of service"
        yield _found("before_service", "not_yet", says, line, f"send it on {line.on} or later")


def _diagnoses(line: ProposedLine, around: Surroundings) -> Iterable[Finding]:
    if line.diagnoses is None:
        return
    if not line.diagnoses:
        yield _found(
            "no_diagnosis", "not_yet", f"the line of {line.code} points to no diagnosis", line, "link a diagnosis"
        )
    elif around.conditions and not around.conditions & {code.replace(".", "").upper() for code in line.diagnoses}:
        says = "no diagnosis of the line is among the conditions recorded for the patient"
        yield _found("other_diagnosis", "note", says, line, "point to a condition the work was for")


def _beside(
    line: ProposedLine, lines: Sequence[ProposedLine], view: PolicyView, month: PatientMonth
) -> Iterable[Finding]:
    codes = {other.code for other in lines}
    bases = bases_of(line.code, view)
    if bases and not any(base in codes or base in month.billed_by("self") for base in bases):
        named = " or ".join(bases)
        yield _found(
            "base_missing", "note", f"{line.code} is paid only beside {named}", line, f"send {named} on the same claim"
        )
    if line.code in CLAIMED_ALONE and len(codes) > 1 and view.flag("cpo.claim.alone_on_claim"):
        says = f"{line.code} stands alone on its claim, and other lines are proposed"
        step = "send the other lines on another claim"
        yield _cited(_found("not_alone", "note", says, line, step), view, "cpo.claim.alone_on_claim")


def _found(name: str, outcome: Outcome, says: str, line: ProposedLine, step: str | None = None, *cite: str) -> Finding:
    facts = {"code": line.code, "units": line.units, "on": _day(line.on), "submitted_on": _day(line.submitted_on)}
    return Finding(rule=f"claim.line.{name}", outcome=outcome, says=says, facts=facts, next_step=step, cite=cite)


def _cited(finding: Finding, view: PolicyView, value: str) -> Finding:
    return replace(finding, uses=(value,), cite=view.value(value).cite)


def _day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
