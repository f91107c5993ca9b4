"""The likely cause of a denial, looked for in our own claims and records. Ids, days and codes only; no names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from careledger.claims.model import Claim, ClaimLine
from careledger.claims.store.database import Store
from careledger.claims.tables import ClaimRecords
from careledger.policy import Policy


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a cause may be found in.

    Attributes:
        line: the denied line; the first one when the whole claim is denied.
        records: the practice's tables; None when they are not at hand.
    """

    store: Store
    claim: Claim
    line: ClaimLine
    policy: Policy
    records: ClaimRecords | None = None

    @property
    def on(self) -> date | None:
        """The last day of the denied service."""
        return self.line.until or self.line.since


Look = Callable[[Evidence], Iterator[str]]


def look(place: str, evidence: Evidence) -> tuple[str, ...]:
    """What our records say, at the place that the guide names."""
    return tuple(dict.fromkeys(_LOOKS[place](evidence)))


def _others(evidence: Evidence) -> list[Any]:
    """Lines of other claims of the same patient that were sent, in the same month."""
    claim = evidence.claim
    return evidence.store.rows(
        "SELECT c.claim_id, c.practitioner_id, c.state, l.code, l.since, l.until, l.units FROM claim c"
        " JOIN claim_line l ON l.claim_id = c.claim_id WHERE c.member_id = ? AND c.claim_id <> ?"
        " AND c.state IN ('exported', 'taken', 'ready') AND c.payer_number = ? ORDER BY l.since, c.claim_id",
        (claim.insured.member_id, claim.control_number, claim.payer.number),
    )


def _duplicate(evidence: Evidence) -> Iterator[str]:
    for row in _others(evidence):
        if row["code"] == evidence.line.code and row["since"] == str(evidence.line.since):
            yield f"claim {row['claim_id']} has the same code and day and is {row['state']}"
    row = evidence.store.row(
        "SELECT COUNT(*) AS n FROM batch_claim WHERE claim_id = ?", (evidence.claim.control_number,)
    )
    if row is not None and row["n"] > 1:
        yield f"the claim itself left in {row['n']} batches"


def _same_month(evidence: Evidence) -> Iterator[str]:
    month = str(evidence.on or "")[:7]
    for row in _others(evidence):
        if str(row["until"])[:7] == month and month:
            who = (
                "the same practitioner"
                if row["practitioner_id"] == evidence.claim.practitioner_id
                else "another practitioner"
            )
            yield f"claim {row['claim_id']} has {row['code']} on {row['since']} by {who}"
    paid = evidence.store.rows(
        "SELECT l.code, l.since FROM remitted_line l JOIN remitted_claim r ON r.payment_id = l.payment_id AND r.seq = l.seq"
        " WHERE r.member_id = ? AND r.claim_id IS NULL AND l.paid_cents > 0",
        (evidence.claim.insured.member_id,),
    )
    for row in paid:
        if str(row["since"])[:7] == month:
            yield f"an unmatched remittance pays {row['code']} on {row['since']}"
    units = sum(line.units for line in evidence.claim.lines if line.code == evidence.line.code)
    yield f"the claim has {units} x {evidence.line.code} in the month"


def _agency(evidence: Evidence) -> Iterator[str]:
    number = evidence.claim.agency_npi
    yield f"the claim names the agency {number}" if number else "the claim names no agency"
    for row in _rows(evidence, "agencies"):
        days = f"{row.since or 'unknown'} to {row.until or 'open'}"
        yield f"{row.kind} episode {days}, NPI {row.agency_npi or 'not recorded'}"


def _base(evidence: Evidence) -> Iterator[str]:
    known = evidence.line.code in evidence.policy.codes()
    base = evidence.policy.on(evidence.on).code(evidence.line.code).base_code if known and evidence.on else None
    wanted = (base,) if base else ()
    there = [line.code for line in evidence.claim.lines if line.code in wanted]
    if there:
        yield f"the base {', '.join(there)} stands on the claim: appeal, or ask why it was not seen"
        return
    yield f"no base of {evidence.line.code} stands on the claim" + (f" ({', '.join(wanted)})" if wanted else "")
    for row in _others(evidence):
        if row["code"] in wanted and str(row["until"])[:7] == str(evidence.on)[:7]:
            yield f"the base {row['code']} left apart on claim {row['claim_id']}: replace that claim by one with both"


def _hospice(evidence: Evidence) -> Iterator[str]:
    found = [row for row in _rows(evidence, "agencies") if row.kind == "hospice"]
    found += [row for row in _rows(evidence, "stays") if "hospice" in row.kind]
    for row in found:
        yield f"hospice {row.since or 'unknown'} to {row.until or 'open'} is recorded"
    if evidence.records is not None and not found:
        yield "no hospice is recorded for the patient"


def _coverage(evidence: Evidence) -> Iterator[str]:
    on = evidence.on
    for row in _rows(evidence, "coverage"):
        holds = on is not None and (row.since is None or row.since <= on) and (row.until is None or on <= row.until)
        days = f"{row.since or 'unknown'} to {row.until or 'open'}"
        yield f"coverage {row.rank}: {row.payer}, {days}, {'in force' if holds else 'NOT in force'} on {on}"


def _death(evidence: Evidence) -> Iterator[str]:
    patient = evidence.records.patients.get(evidence.claim.patient_id) if evidence.records else None
    if patient is not None:
        died = patient.died_on
        yield f"the record says died on {died}" if died else "the record has no day of death: ask the family"


def _consent(evidence: Evidence) -> Iterator[str]:
    for row in _rows(evidence, "consents"):
        ended = f", revoked on {row.revoked_on}" if row.revoked_on else ""
        yield f"consent to {row.program} with {row.practitioner} on {row.given_on}{ended}"
    yield from _same_month(evidence)


def _initiating(evidence: Evidence) -> Iterator[str]:
    for row in _rows(evidence, "enrolments"):
        yield f"enrolled in {row.program} on {row.started_on}"
    visits = [row for row in _rows(evidence, "visits") if evidence.on is None or row.on <= evidence.on]
    for row in sorted(visits, key=lambda visit: visit.on)[-3:]:
        seen = {True: "face to face", False: "not face to face"}.get(
            row.face_to_face, "face to face or not is not recorded"
        )
        yield f"visit {row.code or 'without a code'} on {row.on} with {row.practitioner}, {seen}"
    if evidence.records is not None and not visits:
        yield "no visit before the service is recorded"


def _practitioner(evidence: Evidence) -> Iterator[str]:
    claim = evidence.claim
    yield f"rendered by {claim.practitioner_id or claim.rendered_by.npi}, NPI {claim.rendered_by.npi}, billed by {claim.billing.npi}"
    paid = evidence.store.number(
        "SELECT COUNT(*) FROM remitted_claim r JOIN claim c ON c.claim_id = r.claim_id"
        " WHERE c.practitioner_id = ? AND c.payer_number = ? AND r.paid_cents > 0",
        (claim.practitioner_id, claim.payer.number),
    )
    yield f"this payer has paid {paid} other claims of the practitioner"


def _filing(evidence: Evidence) -> Iterator[str]:
    rows = evidence.store.rows(
        "SELECT b.created_at, b.answer, b.file_name FROM batch_claim c JOIN batch b ON b.batch_id = c.batch_id"
        " WHERE c.claim_id IN (SELECT claim_id FROM claim WHERE chain_id ="
        " (SELECT chain_id FROM claim WHERE claim_id = ?)) ORDER BY b.batch_id",
        (evidence.claim.control_number,),
    )
    for row in rows:
        yield f"left on {row['created_at'][:10]} in {row['file_name']}, {row['answer'] or 'no answer'}; served until {evidence.on}"


def _claim(evidence: Evidence) -> Iterator[str]:
    line = evidence.line
    code = " ".join((line.code, *line.modifiers))
    yield f"sent as {code} x {line.units} on {line.since} at place {line.place or evidence.claim.place}"


def _record(evidence: Evidence) -> Iterator[str]:
    yield from _claim(evidence)
    if evidence.claim.patient_id:
        yield f"'careledger binder --patient {evidence.claim.patient_id} --month {evidence.claim.month}' prints the record"


def _rows(evidence: Evidence, table: str) -> tuple[Any, ...]:
    if evidence.records is None:
        return ()
    found: tuple[Any, ...] = getattr(evidence.records, table).get(evidence.claim.patient_id, ())
    return found


_LOOKS: dict[str, Look] = {
    "duplicate": _duplicate, "same_month": _same_month, "agency": _agency, "base": _base, "hospice": _hospice,
    "coverage": _coverage, "death": _death, "consent": _consent, "initiating": _initiating,
    "practitioner": _practitioner, "filing": _filing, "claim": _claim, "record": _record,
}  # fmt: skip
