"""A remittance as a biller reads it: a payment, the claims it pays, their lines, and what the payer keeps back or adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from careledger.claims.model import Adjustment

REVERSAL = "22"
"""Claim status of a payment that is taken back; its amounts are negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A cheque or transfer; payer and trace number together name it once and for all.

    Attributes:
        segment: number of its BPR segment in the file.
        method: ACH, CHK, FWT, BOP or NON (no payment).
    """

    segment: int
    amount_cents: int
    method: str
    paid_on: date | None
    trace: str
    payer_id: str
    payer_name: str = ""
    payer_number: str = ""
    payee_name: str = ""
    payee_npi: str = ""
    produced_on: date | None = None


@dataclass(slots=True, kw_only=True)  # not frozen: millions are made, and freezing costs four times the making
class LinePayment:
    """What was paid for one service.

    Attributes:
        submitted_code: the code we sent, where the payer judged another one.
        line_id: our key of the line, where the payer returns it.
        remarks: remark codes.
    """

    segment: int
    code: str
    modifiers: tuple[str, ...]
    charge_cents: int
    paid_cents: int
    units: Decimal | None
    submitted_code: str = ""
    since: date | None = None
    until: date | None = None
    adjustments: tuple[Adjustment, ...] = ()
    line_id: str = ""
    allowed_cents: int | None = None
    remarks: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)  # not frozen: millions are made, and freezing costs four times the making
class ClaimPayment:
    """What was paid for one claim.

    Attributes:
        control_number: our number of the claim, as returned.
        status: 1, 2, 3 processed as primary, secondary, tertiary; 4 denied; 19, 20, 21 processed and sent on; 22 taken
            back; 23 not ours, sent on; 25 predetermination.
        payer_control: the payer's own number of the claim.
        member_id: the patient's member number as the payer holds it; ``corrected_id`` when the payer corrects it.
        sent_on_to: the payer the claim was sent on to (crossover).
    """

    segment: int
    control_number: str
    status: str
    charge_cents: int
    paid_cents: int
    patient_cents: int | None
    filing: str
    payer_control: str
    place: str = ""
    frequency: str = ""
    member_id: str = ""
    corrected_id: str = ""
    sent_on_to: str = ""
    rendering_npi: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[LinePayment, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def every_adjustment(self) -> tuple[Adjustment, ...]:
        """Adjustments of the claim and of its lines."""
        return self.adjustments + tuple(row for line in self.lines for row in line.adjustments)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAdjustment:
    """An amount outside of any claim: recovery, interest, balance carried forward. Positive amounts reduce the payment."""

    segment: int
    provider: str
    code: str
    reference: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEnd:
    """A payment is complete: its sums, for the balance."""

    payment: Payment
    segment: int
    claims: int
    charged_cents: int
    paid_cents: int
    provider_adjustments: tuple[ProviderAdjustment, ...]

    @property
    def kept_cents(self) -> int:
        """What provider-level adjustments keep back (negative: add)."""
        return sum(row.amount_cents for row in self.provider_adjustments)
