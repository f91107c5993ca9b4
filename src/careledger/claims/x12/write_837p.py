"""Claims as X12 837P (005010X222A1), written as they come.

A file is one interchange with one functional group for one receiver. A transaction set (ST to SE) holds at most 5,000
claims; control numbers run on without a gap. Billing providers, insured persons and patients are the levels of a tree
(HL); claims that follow each other for the same one share its level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from careledger.claims.model import Claim, Insured, Party, Payer, Receiver, Submitter
from careledger.claims.x12.segments import SegmentWriter, day, text
from careledger.claims.x12.write_claim import ClaimWriter, address, name

VERSION = "005010X222A1"
CLAIMS_PER_TRANSACTION = 5_000
CLAIMS_PER_LEVEL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What surrounds the claims: who sends to whom, when, under which control numbers.

    Attributes:
        control: interchange control number, up to nine digits; also the number of the group.
        first_transaction: control number of the first transaction set; later ones count on.
        batch: our name of the batch, returned on the 277CA (BHT03, at most 30 characters).
    """

    submitter: Submitter
    receiver: Receiver
    created_at: datetime
    control: int
    batch: str
    first_transaction: int = 1
    is_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file holds, for totals that balance."""

    claims: int
    lines: int
    charges_cents: int
    transactions: int
    segments: int


def write_837p(stream: TextIO, claims: Iterable[Claim], envelope: Envelope) -> Written:
    """Write claims to a stream and say what was written. Claims are expected to have passed their checks."""
    out = SegmentWriter(stream)
    sender, receiver = envelope.submitter.number, envelope.receiver.number
    out.interchange_header(sender, receiver, envelope.created_at, envelope.control, envelope.is_test)
    at_day, at_time = envelope.created_at.strftime("%Y%m%d"), envelope.created_at.strftime("%H%M")
    group = str(envelope.control)
    out.put("GS", "HC", text(sender, 15), text(receiver, 15), at_day, at_time, group, "X", VERSION)
    body = _Transactions(out, envelope)
    for claim in claims:
        body.claim(claim)
    body.close()
    out.put("GE", str(body.transactions), group)
    out.put("IEA", "1", f"{envelope.control:09d}")
    return Written(
        claims=body.claims,
        lines=body.lines,
        charges_cents=body.charges_cents,
        transactions=body.transactions,
        segments=out.count,
    )


class _Transactions:
    """The transaction sets of a file, and the tree of levels within the open one."""

    def __init__(self, out: SegmentWriter, envelope: Envelope) -> None:
        self.out = out
        self.envelope = envelope
        self.writer = ClaimWriter(out)
        self.transactions = self.claims = self.lines = self.charges_cents = 0
        self._opened_at = 0
        self._in_transaction = self._in_level = 0
        self._hl = self._billing_hl = 0
        self._billing: tuple[Party, object] | None = None
        self._level: tuple[object, ...] | None = None

    def claim(self, claim: Claim) -> None:
        if self._in_transaction == CLAIMS_PER_TRANSACTION:
            self.close()
        if not self._opened_at:
            self._open()
        self._enter(claim)
        self.writer.claim(claim)
        self.claims += 1
        self._in_transaction += 1
        self._in_level += 1
        self.lines += len(claim.lines)
        self.charges_cents += claim.total_cents

    def close(self) -> None:
        """End the open transaction set; its count of segments runs from ST to SE."""
        if not self._opened_at:
            return
        self.out.put("SE", str(self.out.count - self._opened_at + 2), self._control())
        self._opened_at = self._in_transaction = 0

    def _control(self) -> str:
        return f"{self.envelope.first_transaction + self.transactions - 1:04d}"

    def _open(self) -> None:
        envelope, put = self.envelope, self.out.put
        self.transactions += 1
        self._hl = 0
        self._billing = self._level = None
        put("ST", "837", self._control(), VERSION)
        self._opened_at = self.out.count
        at = envelope.created_at
        batch = (
            text(envelope.batch, 26) if self.transactions == 1 else f"{text(envelope.batch, 26)}-{self.transactions}"
        )
        put("BHT", "0019", "00", batch, at.strftime("%Y%m%d"), at.strftime("%H%M"), "CH")
        submitter, receiver = envelope.submitter, envelope.receiver
        put("NM1", "41", "2", text(submitter.name, 60), "", "", "", "", "46", text(submitter.number))
        ways = [
            *(("TE", submitter.phone) if submitter.phone else ()),
            *(("EM", submitter.email) if submitter.email else ()),
        ]
        put("PER", "IC", text(submitter.contact, 60), *(text(way, 256) for way in ways))
        put("NM1", "40", "2", text(receiver.name, 60), "", "", "", "", "46", text(receiver.number))

    def _enter(self, claim: Claim) -> None:
        """Open the levels the claim stands under, unless they are open."""
        billing = (claim.billing, claim.pay_to)
        if billing != self._billing:
            self._billing_level(claim)
            self._billing, self._level = billing, None
        level = (claim.insured, claim.patient, claim.payer, claim.rank, claim.secondary_reason, claim.patient_relation)
        if level != self._level or self._in_level == CLAIMS_PER_LEVEL:
            self._insured_level(claim)
            self._level, self._in_level = level, 0

    def _next_hl(self) -> str:
        self._hl += 1
        return str(self._hl)

    def _billing_level(self, claim: Claim) -> None:
        put, billing = self.out.put, claim.billing
        put("HL", self._next_hl(), "", "20", "1")
        self._billing_hl = self._hl
        if billing.taxonomy:
            put("PRV", "BI", "PXC", text(billing.taxonomy, 50))
        name(self.out, "85", billing)
        address(self.out, billing.address)
        put("REF", billing.tax_id_kind, text(billing.tax_id, 50))
        if claim.pay_to is not None:
            put("NM1", "87", "2")
            address(self.out, claim.pay_to)

    def _insured_level(self, claim: Claim) -> None:
        put, insured = self.out.put, claim.insured
        is_self = claim.patient is None
        put("HL", self._next_hl(), str(self._billing_hl), "22", "0" if is_self else "1")
        put(
            "SBR", claim.rank, "18" if is_self else "", text(insured.group_number, 50), text(insured.group_name, 60),
            claim.secondary_reason, "", "", "", text(claim.payer.filing, 2),
        )  # fmt: skip
        _insured_name(self.out, "IL", insured)
        if is_self:
            address(self.out, insured.address)
        if insured.born_on or insured.sex:
            put("DMG", "D8", day(insured.born_on), insured.sex)
        _payer(self.out, claim.payer)
        if claim.patient is not None:
            put("HL", self._next_hl(), str(self._hl - 1), "23", "0")
            put("PAT", claim.patient_relation)
            patient = claim.patient
            put("NM1", "QC", "1", *_person(patient))
            address(self.out, patient.address)
            put("DMG", "D8", day(patient.born_on), patient.sex)


def _person(who: Insured) -> tuple[str, ...]:
    return text(who.last, 60), text(who.first, 35), text(who.middle, 25), "", text(who.suffix, 10)


def _insured_name(out: SegmentWriter, role: str, who: Insured) -> None:
    out.put("NM1", role, "1" if who.is_person else "2", *_person(who), "MI", text(who.member_id))


def _payer(out: SegmentWriter, payer: Payer) -> None:
    out.put("NM1", "PR", "2", text(payer.name, 60), "", "", "", "", "PI", text(payer.number))
    if payer.address.street and payer.address.city:
        address(out, payer.address)
