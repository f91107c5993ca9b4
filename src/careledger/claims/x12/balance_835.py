"""The balances of a remittance, to the cent: line, claim, payment. A balancing entry is never invented."""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.x12.findings import Finding
from careledger.claims.x12.remittance import REVERSAL, ClaimPayment, PaymentEnd
from careledger.core.money import dollars

WHY = "an amount that does not add up cannot be posted"
MEND = "hold the remittance and ask the payer; nothing is posted to make it fit"


def claim_balances(claim: ClaimPayment) -> Iterator[Finding]:
    """Lines and claim: charge less adjustments is what was paid; lines add up to the claim."""
    for line in claim.lines:
        left = line.charge_cents - sum(row.amount_cents for row in line.adjustments)
        if left != line.paid_cents:
            what = f"charge less adjustments is {dollars(left)}, paid is {dollars(line.paid_cents)}"
            yield _finding(line.segment, "SVC", 3, what, claim)
    left = claim.charge_cents - sum(row.amount_cents for row in claim.every_adjustment)
    if left != claim.paid_cents:
        what = f"charge less all adjustments is {dollars(left)}, paid is {dollars(claim.paid_cents)}"
        yield _finding(claim.segment, "CLP", 4, what, claim)
    if claim.lines and sum(line.charge_cents for line in claim.lines) != claim.charge_cents:
        yield _finding(claim.segment, "CLP", 3, "the charge is not the sum of the charges of its lines", claim)
    owed = sum(row.amount_cents for row in claim.every_adjustment if row.group == "PR")
    if claim.status != REVERSAL and claim.patient_cents is not None and claim.patient_cents != owed:
        what = f"the patient's share is {dollars(claim.patient_cents)}, its adjustments say {dollars(owed)}"
        yield _finding(claim.segment, "CLP", 5, what, claim)


def payment_balance(end: PaymentEnd) -> Iterator[Finding]:
    """Payment: what was paid on claims less provider-level adjustments is the amount of the payment."""
    left = end.paid_cents - end.kept_cents
    if left != end.payment.amount_cents:
        what = f"claims less provider-level adjustments are {dollars(left)}, the payment is {dollars(end.payment.amount_cents)}"
        yield Finding(
            rule="BAL", segment=end.payment.segment, segment_id="BPR", element=2, what=what, why=WHY, mend=MEND
        )


def _finding(segment: int, id_: str, element: int, what: str, claim: ClaimPayment) -> Finding:
    return Finding(
        rule="BAL",
        segment=segment,
        segment_id=id_,
        element=element,
        what=what,
        why=WHY,
        mend=MEND,
        claim=claim.control_number,
    )
