"""What a file of another system tells, as plain events: a line was billed, a line was answered."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from careledger.claims.model import ORIGINAL, REPLACEMENT, VOID, Claim, ClaimLine
from careledger.claims.x12.check_837p import FileCheck
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read_835 import read_835
from careledger.claims.x12.remittance import ClaimPayment, LinePayment, PaymentEnd
from careledger.policy import Policy

BILLED, ANSWERED = "billed", "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of a claim as a claim or a remittance tells it.

    Attributes:
        kind: billed, or answered.
        claim: the other system's number of the claim.
        place: the line's place in the claim, from 1.
        on: last day of the service, ISO.
        biller, group: NPI of who rendered and of who billed.
        control: the payer's number of the claim; ``follows`` that of the claim which this one replaces or takes back.
        status: frequency of a billed claim; claim status of a remittance.
        trace: payer and trace number of the payment that answers, made on ``answered_on``; empty on a billed line.
    """

    kind: str
    claim: str
    place: int
    code: str
    modifiers: str
    on: str
    since: str
    until: str
    units: int
    charge_cents: int
    biller: str = ""
    group: str = ""
    specialty: str = ""
    payer: str = ""
    control: str = ""
    follows: str = ""
    status: str = ORIGINAL
    allowed_cents: int | None = None
    paid_cents: int = 0
    trace: str = ""
    answered_on: str = ""
    patient_id: str = ""

    @property
    def key(self) -> str:
        """The same for the same thing told again, whatever file it comes in."""
        told = {name: value for name, value in asdict(self).items() if name != "patient_id"}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who was treated, as the file names them; only for finding the patient, never kept in a report."""

    member_id: str = ""
    family_name: str = ""
    given_name: str = ""
    born_on: str = ""
    sex: str = ""
    filing: str = ""


Told = tuple[Person, list[Event]] | Finding
"""A claim's lines with who was treated; or something wrong with the file."""


def read_file(file: Path, policy: Policy) -> Iterator[Told]:
    """The claims of an 837P or the answers of an 835, whichever the file is.

    Raises:
        NotReadable: it is neither.
    """
    content = file.read_bytes()
    if is_remittance(content):
        yield from _answers(content)
    else:
        yield from ((_person(claim), list(_billed(claim))) for claim in _claims(content, policy))


def is_remittance(content: bytes) -> bool:
    """Does the first transaction of a file call itself 835, whatever its separator?"""
    found = re.search(rb"\bST[^A-Za-z0-9](\d{3})", content[:4000])
    return found is not None and found[1] == b"835"


def _claims(content: bytes, policy: Policy) -> Iterator[Claim]:
    return FileCheck(policy, with_checks=False).claims(io.BytesIO(content))


def _person(claim: Claim) -> Person:
    treated = claim.treated
    return Person(
        member_id=treated.member_id or claim.insured.member_id,
        family_name=treated.last,
        given_name=treated.first,
        born_on="" if treated.born_on is None else treated.born_on.isoformat(),
        sex=treated.sex,
        filing=claim.payer.filing,
    )


def _billed(claim: Claim) -> Iterator[Event]:
    for place, line in enumerate(claim.lines, start=1):
        rendering = line.rendering or claim.rendered_by
        yield Event(
            kind=BILLED,
            claim=claim.control_number,
            place=place,
            **_service(line),
            biller=rendering.npi,
            group=claim.billing.npi,
            specialty=rendering.taxonomy,
            payer=claim.payer.number,
            follows=claim.original_ref if claim.frequency in (REPLACEMENT, VOID) else "",
            status=claim.frequency,
        )


def _service(line: ClaimLine) -> dict[str, Any]:
    on = line.until or line.since
    return {
        "code": line.code.upper(), "modifiers": " ".join(line.modifiers), "on": "" if on is None else on.isoformat(),
        "since": "" if line.since is None else line.since.isoformat(),
        "until": "" if line.until is None else line.until.isoformat(), "units": _units(line.units),
        "charge_cents": line.charge_cents,
    }  # fmt: skip


def _answers(content: bytes) -> Iterator[Told]:
    """Claims wait for their payment's end, which names the trace number."""
    waiting: list[ClaimPayment] = []
    for event in read_835(io.BytesIO(content)):
        if isinstance(event, Finding):
            yield event
        elif isinstance(event, ClaimPayment):
            waiting.append(event)
        elif isinstance(event, PaymentEnd):
            yield from ((Person(member_id=one.corrected_id or one.member_id), list(_answered(one, event))) for one in waiting)  # fmt: skip
            waiting = []


def _answered(claim: ClaimPayment, end: PaymentEnd) -> Iterator[Event]:
    for place, line in enumerate(claim.lines, start=1):
        on = line.until or line.since
        yield Event(
            kind=ANSWERED,
            claim=claim.control_number,
            place=place,
            code=(line.submitted_code or line.code).upper(),
            modifiers=" ".join(line.modifiers),
            on="" if on is None else on.isoformat(),
            since="" if line.since is None else line.since.isoformat(),
            until="" if line.until is None else line.until.isoformat(),
            units=_units(line.units),
            charge_cents=line.charge_cents,
            biller=claim.rendering_npi,
            group=end.payment.payee_npi,
            payer=end.payment.payer_number or end.payment.payer_id,
            control=claim.payer_control,
            status=claim.status,
            allowed_cents=_allowed(line),
            paid_cents=line.paid_cents,
            trace=f"{end.payment.payer_id} {end.payment.trace}",
            answered_on="" if end.payment.paid_on is None else end.payment.paid_on.isoformat(),
        )


def _allowed(line: LinePayment) -> int:
    """What the payer allowed: as stated, else what was paid and left to the patient."""
    if line.allowed_cents is not None:
        return line.allowed_cents
    return line.paid_cents + sum(one.amount_cents for one in line.adjustments if one.group == "PR")


def _units(units: Decimal | None) -> int:
    """Whole units; a line that says none has one."""
    return 1 if units is None else max(1, abs(int(units)))
