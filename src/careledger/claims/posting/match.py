"""Which of our claims and lines a payer speaks of: by control number, by its own number, then by patient, day and code.

A match is whole or none: when a line cannot be placed, or more than one claim would fit, a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from careledger.claims.store.claims import in_chunks
from careledger.claims.store.database import Store
from careledger.claims.x12.remittance import ClaimPayment, LinePayment

_SENT = "state NOT IN ('held', 'ready', 'dropped')"
_COLUMNS = "claim_id, ledger_id, member_id, charge_cents, payer_control"


@dataclass(frozen=True, slots=True)
class OurLine:
    """A line that was sent."""

    line_no: int
    line_id: str
    code: str
    modifiers: tuple[str, ...]
    since: str
    until: str


@dataclass(slots=True)
class OurClaim:
    """A claim that was sent."""

    claim_id: str
    ledger_id: str
    member_id: str
    charge_cents: int
    lines: list[OurLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Matched:
    """What a remitted claim is about.

    Attributes:
        claim: ours; None when a person has to say.
        by: control, payer_control, patient or person.
        line_numbers: our line for each remitted line.
        because: why a person has to say.
        candidates: control numbers a person may choose from.
    """

    claim: OurClaim | None
    by: str = ""
    line_numbers: tuple[int, ...] = ()
    because: str = ""
    candidates: tuple[str, ...] = ()


def match(store: Store, remitted: Sequence[ClaimPayment]) -> list[Matched]:
    """Our claim for each remitted one."""
    by_number = _claims(store, "claim_id", [row.control_number for row in remitted])
    rest = [row.payer_control for row in remitted if row.control_number not in by_number and row.payer_control]
    by_payer: dict[str, list[OurClaim]] = {}
    for control, ours in _claims_of(store, "payer_control", rest):
        by_payer.setdefault(control, []).append(ours)
    return [_match(store, row, by_number, by_payer) for row in remitted]


def match_to(store: Store, remitted: ClaimPayment, claim_id: str) -> Matched:
    """A person's choice of the claim: its lines are placed, or the reason why they cannot be."""
    ours = _claims(store, "claim_id", [claim_id]).get(claim_id)
    if ours is None:
        return Matched(None, because="no claim of this number was sent")
    return _whole(remitted, ours, "person")


def _match(
    store: Store, row: ClaimPayment, by_number: dict[str, OurClaim], by_payer: dict[str, list[OurClaim]]
) -> Matched:
    ours = by_number.get(row.control_number)
    if ours is not None:
        if _other_person(row, ours) and not _same_code(row, ours):
            return Matched(
                None, because="the control number is ours, patient and code are not", candidates=(ours.claim_id,)
            )
        return _whole(row, ours, "control")
    known = by_payer.get(row.payer_control, [])
    if len(known) == 1:
        return _whole(row, known[0], "payer_control")
    return _by_patient(store, row)


def _by_patient(store: Store, row: ClaimPayment) -> Matched:
    """One claim of the same patient with the same charge whose lines are the same codes on the same days."""
    member = row.corrected_id or row.member_id
    if not member:
        return Matched(None, because="neither the control number nor a patient is known")
    theirs = [ours for _, ours in _claims_of(store, "member_id", [member, row.member_id])]
    exact = [ours for ours in theirs if _same_services(row, ours)]
    if len(exact) == 1:
        return _whole(row, exact[0], "patient")
    near = tuple(dict.fromkeys(ours.claim_id for ours in exact or theirs if _same_code(row, ours)))
    if not near:
        return Matched(None, because="no claim of ours fits")
    return Matched(None, because="patient and code fit, the rest does not fit one claim alone", candidates=near)


def _same_services(row: ClaimPayment, ours: OurClaim) -> bool:
    if not row.lines or abs(row.charge_cents) != ours.charge_cents:
        return False
    sent = sorted((line.code, line.since) for line in ours.lines)
    return sent == sorted((line.submitted_code or line.code, str(line.since or "")) for line in row.lines)


def _other_person(row: ClaimPayment, ours: OurClaim) -> bool:
    return bool(row.member_id) and ours.member_id not in (row.member_id, row.corrected_id)


def _same_code(row: ClaimPayment, ours: OurClaim) -> bool:
    sent = {line.code for line in ours.lines}
    return not row.lines or any((line.submitted_code or line.code) in sent for line in row.lines)


def _whole(row: ClaimPayment, ours: OurClaim, by: str) -> Matched:
    free, numbers = list(ours.lines), []
    for line in row.lines:
        found = _line(line, free) or _line(line, ours.lines)
        if found is None:
            because = f"line {line.submitted_code or line.code} is not on the claim"
            return Matched(None, because=because, candidates=(ours.claim_id,))
        if found in free:
            free.remove(found)
        numbers.append(found.line_no)
    return Matched(ours, by, tuple(numbers))


def _line(line: LinePayment, among: Iterable[OurLine]) -> OurLine | None:
    """By our own key, then code, modifiers and day, then code and day, then a code that is there once."""
    code, day = line.submitted_code or line.code, str(line.since or "")
    same = [ours for ours in among if ours.code == code]
    for found in (
        [ours for ours in same if line.line_id and ours.line_id == line.line_id],
        [ours for ours in same if ours.since == day and ours.modifiers == line.modifiers],
        [ours for ours in same if ours.since <= day <= ours.until],
        same,
    ):
        if len(found) == 1:
            return found[0]
    return None


def _claims(store: Store, column: str, values: list[str]) -> dict[str, OurClaim]:
    return dict(_claims_of(store, column, values))


def _claims_of(store: Store, column: str, values: list[str]) -> list[tuple[str, OurClaim]]:
    """Claims that were sent, with the value they were asked for."""
    wanted = sorted({value for value in values if value})
    sql = f"SELECT {_COLUMNS} FROM claim WHERE {column} IN ({{}}) AND {_SENT} ORDER BY claim_id"
    found = [
        (row[column], OurClaim(row["claim_id"], row["ledger_id"], row["member_id"], row["charge_cents"]))
        for row in in_chunks(store, sql, wanted)
    ]
    by_id = {ours.claim_id: ours for _, ours in found}
    sql = (
        "SELECT claim_id, line_no, line_id, code, modifiers, since, until FROM claim_line"
        " WHERE claim_id IN ({}) ORDER BY claim_id, line_no"
    )
    for row in in_chunks(store, sql, sorted(by_id)):
        modifiers = tuple(str(row["modifiers"]).split())
        line = OurLine(row["line_no"], row["line_id"], row["code"], modifiers, row["since"], row["until"])
        by_id[row["claim_id"]].lines.append(line)
    return found
