"""Remittances (835, 005010X221A1) as they stream in: claim by claim, then the payment with its sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, BinaryIO

from careledger.claims.x12.balance_835 import claim_balances, payment_balance
from careledger.claims.x12.claim_draft import adjustments
from careledger.claims.x12.envelope import ENVELOPE_IDS, Envelope
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.grammar.table import SegmentRule, grammar
from careledger.claims.x12.grammar.walk import Known, Misplaced, Walker
from careledger.claims.x12.read import NotReadable, Segment, SegmentReader
from careledger.claims.x12.remittance import ClaimPayment, LinePayment, Payment, PaymentEnd, ProviderAdjustment
from careledger.claims.x12.values import cents, day, number

VERSION = "005010X221A1"
STRUCTURE = "the file does not follow the implementation guide of the 835"
_CLAIM_BEGINS = ("2000", "2100")
Event = Finding | ClaimPayment | PaymentEnd


def read_835(stream: BinaryIO) -> Iterator[Event]:
    """Claims, payments and findings in the order of the file.

    Raises:
        NotReadable: the file is no 835 of version 5010.
    """
    yield from _Run(SegmentReader(stream)).events()


class _Run:
    """One pass over one file."""

    def __init__(self, reader: SegmentReader) -> None:
        self.reader = reader
        self.envelope = Envelope(reader)
        self.root = grammar("835")
        self.known = Known()
        self.walker: Walker | None = None
        self.draft = _PaymentDraft("")

    def events(self) -> Iterator[Event]:
        last: Segment | None = None
        envelope = self.envelope
        for segment in self.reader:
            last = segment
            walker = self.walker
            if segment.id not in ENVELOPE_IDS and walker is not None and envelope.transaction is not None:
                misplaced, rule = walker.feed(segment), walker.rule
                handler = _handler_of.get(rule, _closes) if rule is not None else _closes
                if misplaced or handler is _closes:
                    yield from self._body(segment, walker, misplaced)
                elif handler is not None:
                    handler(self.draft, segment)
                continue
            _refuse_others(segment)
            if segment.id == "ISA":
                self.known.clear()
            if segment.id in ("ISA", "GS", "ST", "GE", "IEA") and self.walker is not None:
                yield from self._end(segment)
            yield from self.envelope.feed(segment)
            if segment.id == "ST":
                self.walker = Walker(self.root, self.reader.delimiters, self.known)
                self.draft = _PaymentDraft(self.reader.delimiters.component)
            if self.walker is not None:
                yield from self._body(segment, self.walker, self.walker.feed(segment))
        if last is not None and self.walker is not None:
            yield from self._end(last)
        yield from self.envelope.finish(last)
        if self.envelope.sets == 0:
            raise NotReadable(last.number if last else 1, "the file has no transaction set", "send an 835 file")

    def _body(self, segment: Segment, walker: Walker, misplaced: Sequence[Misplaced]) -> Iterator[Event]:
        rule = walker.rule
        if walker.entered and rule is not None and rule.loop.id in _CLAIM_BEGINS:
            yield from self._claim()
        for fault in misplaced:
            yield self._structure(fault, segment)
        if rule is not None:
            if rule.loop.id == "ST" and segment.id in ("PLB", "SE"):
                yield from self._claim()
            self.draft.take(rule, segment)
        if segment.id == "ST" and self.envelope.version not in (VERSION, "005010X221"):
            yield self._structure(Misplaced("ST", 0, 0, f"the version is not {VERSION}", f"ask for {VERSION}"), segment)
        if segment.id == "SE":
            yield from self._end(segment)

    def _claim(self) -> Iterator[Event]:
        claim = self.draft.finish_claim()
        if claim is not None:
            yield claim
            yield from claim_balances(claim)

    def _end(self, segment: Segment) -> Iterator[Event]:
        assert self.walker is not None
        yield from self._claim()
        for fault in self.walker.close():
            yield self._structure(fault, segment)
        end = self.draft.finish(segment.number)
        yield end
        yield from payment_balance(end)
        self.walker = None

    def _structure(self, fault: Misplaced, segment: Segment) -> Finding:
        return Finding(
            rule="X12",
            segment=segment.number,
            segment_id=fault.segment,
            element=fault.element,
            component=fault.component,
            what=fault.what,
            why=STRUCTURE,
            mend=fault.mend,
            claim=self.draft.claim.control_number if self.draft.claim else "",
        )


def _refuse_others(segment: Segment) -> None:
    if segment.id == "GS":
        if segment.get(1) != "HP":
            raise NotReadable(segment.number, "the group is not of payments (HP)", "send an 835 file")
        if not segment.get(8).startswith("005010X221"):
            raise NotReadable(segment.number, f"the version is not {VERSION}", "ask the payer for version 5010")
    elif segment.id == "ST" and segment.get(1) != "835":
        raise NotReadable(segment.number, "the transaction is not an 835", "send an 835 file")


class _PaymentDraft:
    """A payment while its segments are read."""

    def __init__(self, component: str) -> None:
        self.component = component
        self.head: dict[str, Any] = {
            "segment": 0, "amount_cents": 0, "method": "", "paid_on": None, "trace": "", "payer_id": "",
        }  # fmt: skip
        self.claim: ClaimPayment | None = None
        self.lines: list[LinePayment] = []
        self.provider_adjustments: list[ProviderAdjustment] = []
        self.claims = self.charged_cents = self.paid_cents = 0

    def take(self, rule: SegmentRule, segment: Segment) -> None:
        handler = _HANDLERS.get((rule.loop.id, rule.id))
        if handler is not None:
            handler(self, segment)
        if rule.id not in _CLOSING:
            _handler_of[rule] = handler

    def finish_claim(self) -> ClaimPayment | None:
        """The open claim, made whole."""
        claim, self.claim = self.claim, None
        if claim is None:
            return None
        claim.lines, self.lines = tuple(self.lines), []
        self.claims += 1
        self.charged_cents += claim.charge_cents
        self.paid_cents += claim.paid_cents
        return claim

    def finish(self, segment: int) -> PaymentEnd:
        return PaymentEnd(
            payment=Payment(**self.head),
            segment=segment,
            claims=self.claims,
            charged_cents=self.charged_cents,
            paid_cents=self.paid_cents,
            provider_adjustments=tuple(self.provider_adjustments),
        )

    def bpr(self, segment: Segment) -> None:
        amount = cents(segment.get(2)) or 0
        self.head.update(
            segment=segment.number,
            amount_cents=-amount if segment.get(3) == "D" else amount,
            method=segment.get(4),
            paid_on=day(segment.get(16)),
        )

    def trn(self, segment: Segment) -> None:
        self.head.update(trace=segment.get(2), payer_id=segment.get(3))

    def produced(self, segment: Segment) -> None:
        self.head["produced_on"] = day(segment.get(2))

    def payer(self, segment: Segment) -> None:
        self.head.update(payer_name=segment.get(2), payer_number=segment.get(4))

    def payee(self, segment: Segment) -> None:
        self.head.update(payee_name=segment.get(2), payee_npi=segment.get(4) if segment.get(3) == "XX" else "")

    def clp(self, segment: Segment) -> None:
        self.claim = ClaimPayment(
            segment=segment.number,
            control_number=segment.get(1),
            status=segment.get(2),
            charge_cents=cents(segment.get(3)) or 0,
            paid_cents=cents(segment.get(4)) or 0,
            patient_cents=cents(segment.get(5)) if segment.get(5) else None,
            filing=segment.get(6),
            payer_control=segment.get(7),
            place=segment.get(8),
            frequency=segment.get(9),
        )

    def cas(self, segment: Segment) -> None:
        if self.claim is not None:
            self.claim.adjustments += adjustments(segment)

    def nm1(self, segment: Segment) -> None:
        if self.claim is None:
            return
        field = {"QC": "member_id", "74": "corrected_id", "82": "rendering_npi"}.get(segment.get(1))
        if field is not None and segment.get(9):
            setattr(self.claim, field, segment.get(9))
        elif segment.get(1) == "TT":
            self.claim.sent_on_to = segment.get(3)

    def moa(self, segment: Segment) -> None:
        if self.claim is not None:
            self.claim.remarks += tuple([code for code in segment.parts[3:8] if code])

    def svc(self, segment: Segment) -> None:
        """A service line; payers repeat the same few codes with the same amounts, so each text is read once."""
        self.lines.append(LinePayment(segment=segment.number, **_service(segment.parts, self.component)))

    def line_dtm(self, segment: Segment) -> None:
        if not self.lines:
            return
        on, line, kind = day(segment.get(2)), self.lines[-1], segment.get(1)
        if kind in ("150", "472"):
            line.since = on
        if kind in ("151", "472"):
            line.until = on

    def line_cas(self, segment: Segment) -> None:
        if self.lines:
            self.lines[-1].adjustments += adjustments(segment)

    def line_ref(self, segment: Segment) -> None:
        if self.lines and segment.get(1) == "6R":
            self.lines[-1].line_id = segment.get(2)

    def line_amt(self, segment: Segment) -> None:
        if self.lines and segment.get(1) == "B6":
            self.lines[-1].allowed_cents = cents(segment.get(2))

    def line_lq(self, segment: Segment) -> None:
        if self.lines:
            self.lines[-1].remarks += (segment.get(2),)

    def plb(self, segment: Segment) -> None:
        for at in range(3, len(segment.parts) - 1, 2):
            code, _, reference = segment.parts[at].partition(self.component)
            row = ProviderAdjustment(
                segment=segment.number,
                provider=segment.get(1),
                code=code,
                reference=reference,
                amount_cents=cents(segment.parts[at + 1]) or 0,
            )
            self.provider_adjustments.append(row)


@lru_cache(maxsize=5_000)
def _service(parts: tuple[str, ...], component: str) -> dict[str, Any]:
    """What an SVC segment says of its line."""
    given = [*parts, *[""] * 6]
    code, sent = given[1].split(component), given[6].split(component)
    return {
        "code": code[1] if len(code) > 1 else "",
        "modifiers": tuple(code[2:6]),
        "charge_cents": cents(given[2]) or 0,
        "paid_cents": cents(given[3]) or 0,
        "units": number(given[5]) if given[5] else None,
        "submitted_code": sent[1] if len(sent) > 1 else "",
    }


Handler = Callable[[_PaymentDraft, Segment], None]
_CLOSING = frozenset(("LX", "CLP", "PLB"))
"""Segments that end the claim before them."""

_handler_of: dict[SegmentRule, Handler | None] = {}


def _closes(draft: _PaymentDraft, segment: Segment) -> None:
    """Stands for segments that need the longer way: those that end a claim, and those not seen before."""


_HANDLERS: dict[tuple[str, str], Callable[[_PaymentDraft, Segment], None]] = {
    ("ST", "BPR"): _PaymentDraft.bpr,
    ("ST", "TRN"): _PaymentDraft.trn,
    ("ST", "DTM"): _PaymentDraft.produced,
    ("ST", "PLB"): _PaymentDraft.plb,
    ("1000A", "N1"): _PaymentDraft.payer,
    ("1000B", "N1"): _PaymentDraft.payee,
    ("2100", "CLP"): _PaymentDraft.clp,
    ("2100", "CAS"): _PaymentDraft.cas,
    ("2100", "NM1"): _PaymentDraft.nm1,
    ("2100", "MOA"): _PaymentDraft.moa,
    ("2110", "SVC"): _PaymentDraft.svc,
    ("2110", "DTM"): _PaymentDraft.line_dtm,
    ("2110", "CAS"): _PaymentDraft.line_cas,
    ("2110", "REF"): _PaymentDraft.line_ref,
    ("2110", "AMT"): _PaymentDraft.line_amt,
    ("2110", "LQ"): _PaymentDraft.line_lq,
}
