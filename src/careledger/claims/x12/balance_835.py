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
    adjusted = owed = charged = 0
    for line in claim.lines:
        here = 0
        for row in line.adjustments:
            here += row.amount_cents
            if row.group == "PR":
                owed += row.amount_cents
        adjusted += here
        charged += line.charge_cents
        if line.charge_cents - here != line.paid_cents:
            left = dollars(line.charge_cents - here)
            what = f"charge less adjustments is {left}, paid is {dollars(line.paid_cents)}"
            yield _finding(line.segment, "SVC", 3, what, claim)
    for row in claim.adjustments:
        adjusted += row.amount_cents
        if row.group == "PR":
            owed += row.amount_cents
    yield from _claim_balances(claim, adjusted, owed, charged)


def _claim_balances(claim: ClaimPayment, adjusted: int, owed: int, charged: int) -> Iterator[Finding]:
    left = claim.charge_cents - adjusted
    if left != claim.paid_cents:
        what = f"charge less all adjustments is {dollars(left)}, paid is {dollars(claim.paid_cents)}"
        yield _finding(claim.segment, "CLP", 4, what, claim)
    if claim.lines and charged != claim.charge_cents:
        yield _finding(claim.segment, "CLP", 3, "the charge is not the sum of the charges of its lines", claim)
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
