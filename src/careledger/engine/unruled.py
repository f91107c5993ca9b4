"""Codes somebody asks for that no rule here decides: refused with what is known of them, never guessed."""

from __future__ import annotations

from difflib import get_close_matches

from careledger.core.decision import Decision, Finding, Outcome
from careledger.core.patient_month import PatientMonth
from careledger.engine.judge import BLOCKING
from careledger.engine.worth import Pricer
from careledger.rules.registry import REQUIREMENTS


def unruled(code: str, month: PatientMonth, pricer: Pricer) -> Decision:
    """A decision on a code without rules: ``no`` where it is known not to be paid, else a person decides."""
    finding = _what_is_known(code, month, pricer)
    return Decision(
        code=code,
        practitioner=month.biller,
        verdict=BLOCKING[finding.outcome],
        units=0,
        because=(finding,),
        next_step=finding.next_step,
    )


def _what_is_known(code: str, month: PatientMonth, pricer: Pricer) -> Finding:
    view = pricer.view
    if code not in view.policy.codes():
        near = get_close_matches(code, REQUIREMENTS, n=1, cutoff=0.75)
        return _found(
            code, "unmet", f"{code} is no code that policy holds", f"did you mean {near[0]}?" if near else None
        )
    if code == "G0511":
        ended = view.absence("ccm.rural.general_code")
        if ended is not None:
            return _found(code, "unmet", f"{code} cannot be used in {month.month}: {ended.note}", cite=ended.cite)
    if view.code(code).exists is False:
        return _found(code, "unmet", f"{code} is not in force in {month.month}")
    status = next((part for part in pricer.price(month, code, 1).findings if part.rule == "money.status"), None)
    if status is not None:
        return _found(code, "unmet", status.says, cite=status.cite)
    says = f"{code} ({view.code(code).says}) has no rules here, so nothing is said for or against it"
    return _found(code, "judgement", says, "have a person hold it against the payer's rules")


def _found(code: str, outcome: Outcome, says: str, step: str | None = None, cite: tuple[str, ...] = ()) -> Finding:
    rule = "engine.unruled.code"
    return Finding(rule=rule, outcome=outcome, says=says, facts={"code": code}, next_step=step, cite=cite)
