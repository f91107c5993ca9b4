"""Denied lines that wait for a person, each with what it usually means, what our records say, what to do and by when."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from careledger.claims.denials.causes import Evidence, look
from careledger.claims.denials.official import official_words
from careledger.claims.model import Claim, ClaimLine
from careledger.claims.store.claims import load_claim
from careledger.claims.store.database import Store
from careledger.claims.tables import ClaimRecords, read_records
from careledger.core.errors import InputError, Place
from careledger.policy import Policy

ENDINGS = ("appealed", "corrected", "written_off", "billed_patient", "agreed")
"""How a person may end a denial; nothing but a person ends one without a new decision."""

NO_APPEAL = "MA130"


@dataclass(frozen=True, slots=True)
class Guide:
    """What a code usually means in care management, in our words, and the numbered check that could have stopped it."""

    codes: tuple[str, ...]
    usual_cause: str
    look_at: str
    fix: str
    appeal: str
    check: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A denied line as work.

    Attributes:
        found: what our own records say about the likely cause.
        due_on: last day to appeal, or to send a new claim where no appeal is given; None where only a contract tells.
        can_appeal: no, perhaps or yes; no where the payer gives no appeal.
    """

    work_id: int
    claim: Claim
    line: ClaimLine
    line_no: int
    codes: tuple[str, ...]
    amount_cents: int
    usual_cause: str
    found: tuple[str, ...]
    fix: str
    can_appeal: str
    due_on: date | None
    payer_control: str
    decided_on: date | None
    official: tuple[str, ...] = ()


@cache
def _guides() -> tuple[Guide, ...]:
    with resources.files(__package__).joinpath("guide.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    made = [Guide(codes=tuple(row.pop("codes").split("+")), **row) for row in rows]
    return tuple(sorted(made, key=lambda guide: -len(guide.codes)))


def guide_of(codes: tuple[str, ...]) -> Guide | None:
    """The most exact entry whose codes were all given; the remark alone when no reason is known."""
    bare = {code.partition("-")[2] or code for code in codes}
    return next((guide for guide in _guides() if bare.issuperset(guide.codes)), None)


def denials(store: Store, policy: Policy, data: Path | None = None) -> Iterator[Denial]:
    """Open denials, the most urgent first."""
    rows = store.rows(
        "SELECT w.*, c.payer_control AS control, c.patient_id AS patient, p.paid_on AS paid_on FROM work w"
        " JOIN claim c ON c.claim_id = w.claim_id JOIN payment p ON p.payment_id = w.payment_id"
        " WHERE w.kind = 'denied' AND w.ended_at = ''"
        " ORDER BY CASE WHEN w.due_on = '' THEN 1 ELSE 0 END, w.due_on, w.amount_cents DESC, w.work_id"
    )
    records = read_records(data, {row["patient"] for row in rows}, visits=True) if data is not None else None
    for row in rows:
        yield _made(store, policy, row, records)


def denial(store: Store, policy: Policy, work_id: int, data: Path | None = None) -> Denial:
    """One open denial.

    Raises:
        InputError: no open denial has this number.
    """
    found = next((one for one in denials(store, policy, data) if one.work_id == work_id), None)
    if found is None:
        raise _unknown(store, work_id)
    return found


def _unknown(store: Store, work_id: int) -> InputError:
    return InputError(
        Place(str(store.path), field=str(work_id)), "no open denial has this number", "see 'claims denials'"
    )


def _made(store: Store, policy: Policy, row: Any, records: ClaimRecords | None) -> Denial:
    claim = load_claim(store, row["claim_id"])
    assert claim is not None
    line = claim.lines[row["line_no"] - 1 if row["line_no"] else 0]
    codes = tuple(row["codes"].split())
    guide = guide_of(codes)
    evidence = Evidence(store, claim, line, policy, records)
    return Denial(
        work_id=row["work_id"],
        claim=claim,
        line=line,
        line_no=row["line_no"],
        codes=codes,
        amount_cents=row["amount_cents"],
        usual_cause=guide.usual_cause if guide else row["says"],
        found=look(guide.look_at if guide else "claim", evidence),
        fix=guide.fix if guide else row["todo"],
        can_appeal="no" if NO_APPEAL in codes else guide.appeal if guide else "perhaps",
        due_on=date.fromisoformat(row["due_on"]) if row["due_on"] else None,
        payer_control=row["control"],
        decided_on=date.fromisoformat(row["paid_on"]) if row["paid_on"] else None,
        official=official_words(store, codes),
    )


def end_denial(store: Store, work_id: int, how: str, by: str, because: str, at: datetime) -> None:
    """End a denial on a person's word; a write-off moves the amount, nothing else does.

    Raises:
        InputError: no open denial has this number, or the ending is not known.
    """
    from careledger.claims.store.journals import Entry, Journals

    if how not in ENDINGS:
        raise InputError(Place(how), "not a way to end a denial", f"use one of {', '.join(ENDINGS)}")
    with store.transaction("end_denial"):
        row = store.row("SELECT * FROM work WHERE work_id = ? AND kind = 'denied' AND ended_at = ''", (work_id,))
        if row is None:
            raise _unknown(store, work_id)
        moment = at.isoformat(timespec="seconds")
        store.run(
            "UPDATE work SET ended_at = ?, ended_by = ?, ended_how = ? WHERE work_id = ?",
            (moment, by, f"{how}: {because}", work_id),
        )
        if how == "written_off":
            ledger = store.row("SELECT ledger_id FROM claim WHERE claim_id = ?", (row["claim_id"],))
            assert ledger is not None
            where = {"claim_id": ledger["ledger_id"], "line_no": row["line_no"], "reason": row["codes"]}
            journals = Journals(store, at, by)
            entries = (
                Entry(account="receivable", amount_cents=-row["amount_cents"], **where),
                Entry(account="written_off", amount_cents=row["amount_cents"], **where),
            )
            journals.add("write_off", entries, claim=ledger["ledger_id"])
            journals.write()
