"""The practitioner's own minutes on one patient: nobody else's count, and talk with patient or family does not."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import reached
from careledger.rules.rule import met, not_yet, rule


@rule("cpo.own_s", "cpo.curable_s", "month_closed", "died")
def first_unit(month: PatientMonth, policy: PolicyView) -> Finding:
    """Thirty documented minutes of the practitioner's own work in the calendar month; one unit, whatever the total."""
    policy.flag("cpo.time.counts_staff")
    policy.number("cpo.time.units")
    return reached(month, "cpo.own_s", policy.number("cpo.time.first_unit_minutes"), "own")


@rule("month_closed")
def month_over(month: PatientMonth, policy: PolicyView) -> Finding:
    """The claim is sent only after the calendar month has ended; which days it carries is the contractor's word."""
    policy.text("cpo.claim.line_dates")
    first_on = month.month.next().first_on
    if policy.flag("cpo.claim.after_month_end") and month.month_closed is False:
        return not_yet("the claim may be sent only after the month has ended", f"send the claim on {first_on} or later")
    return met(f"the claim is sent on {first_on} or later, after the month has ended")
