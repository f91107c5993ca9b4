"""Sending: ready claims become batches, each under a control number of its own, each sent once.

The file is made inside the transaction that marks its claims as sent, and kept in the store. What lies in a folder is a
copy, written beside and renamed; when the process dies between the two, the next export writes the copy.
"""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from careledger.claims.config import PayerConfig
from careledger.claims.model import Claim, Submitter
from careledger.claims.store.charges import book_leaving
from careledger.claims.store.claims import in_chunks, iso
from careledger.claims.store.codec import decode
from careledger.claims.store.database import Store
from careledger.claims.store.journals import Entry, Journals
from careledger.claims.store.steps import step
from careledger.claims.x12.write_837p import CLAIMS_PER_TRANSACTION, Envelope, write_837p
from careledger.facts.whole import changing

Route = Callable[[Claim], PayerConfig | None]
_BATCH = (
    "batch_id", "receiver", "name", "file_name", "sha256", "content", "claims", "charge_cents", "created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A file that was made for a receiver."""

    batch_id: int
    receiver: str
    file_name: str
    claims: int
    charge_cents: int


def export(
    store: Store,
    folder: Path,
    submitter: Submitter,
    route: Route,
    at: datetime,
    *,
    is_test: bool = False,
    first: int = 1,
) -> list[Batch]:
    """Send every ready claim: one file for each receiver, its copy in the folder.

    Args:
        route: who receives a claim; claims without a receiver stay ready.
        first: lowest control number to use; numbers used once are never used again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Batch] = []
    with store.transaction("export"):
        for config, claims in _by_receiver(store, route):
            made.append(_batch(store, config, claims, submitter, at, is_test, first))
            step("export.batch")
    write_copies(store, folder)
    return made


def _by_receiver(store: Store, route: Route) -> Iterator[tuple[PayerConfig, list[Claim]]]:
    groups: dict[str, tuple[PayerConfig, list[Claim]]] = {}
    for row in store.rows("SELECT body FROM claim WHERE state = 'ready' ORDER BY billing_npi, member_id, claim_id"):
        claim = decode(row["body"])
        config = route(claim)
        if config is not None:
            groups.setdefault(config.receiver.number, (config, []))[1].append(claim)
    for _, group in sorted(groups.items()):
        yield group


def _batch(
    store: Store,
    config: PayerConfig,
    claims: list[Claim],
    submitter: Submitter,
    at: datetime,
    is_test: bool,
    first: int,
) -> Batch:
    control = max(store.next_number("batch"), first)
    store.run("UPDATE counter SET value = ? WHERE name = 'batch'", (control,))
    name = f"{at:%Y%m%d}-{control:09d}"
    envelope = Envelope(
        submitter=submitter, receiver=config.receiver, created_at=at, control=control, batch=name, is_test=is_test
    )
    stream = io.StringIO()
    written = write_837p(stream, claims, envelope)
    content = stream.getvalue().encode("ascii")
    step("export.file_made")
    safe = "".join(sign if sign.isalnum() else "_" for sign in config.receiver.number)
    batch = Batch(
        batch_id=control,
        receiver=config.receiver.number,
        file_name=f"837p_{control:09d}_{safe}.x12",
        claims=written.claims,
        charge_cents=written.charges_cents,
    )
    digest, packed, created = hashlib.sha256(content).hexdigest(), zlib.compress(content, 6), iso(at)
    row = (
        control, batch.receiver, name, batch.file_name, digest, packed, batch.claims, batch.charge_cents, created,
    )  # fmt: skip
    store.insert("batch", [row], _BATCH)
    places = (
        (
            control,
            place,
            f"{(place - 1) // CLAIMS_PER_TRANSACTION + envelope.first_transaction:04d}",
            claim.control_number,
        )
        for place, claim in enumerate(claims, start=1)
    )
    store.insert("batch_claim", places, ("batch_id", "position", "set_control", "claim_id"))
    step("export.batch_recorded")
    _leave(store, claims, at)
    return batch


def _leave(store: Store, claims: Sequence[Claim], at: datetime) -> None:
    """The claims are with the receiver now: their charges are owed, and what they replace no longer is."""
    numbers = [claim.control_number for claim in claims]
    store.run_many("UPDATE claim SET state = 'exported' WHERE claim_id = ?", [(number,) for number in numbers])
    step("export.claims_marked")
    book_leaving(store, numbers, at)
    _patient_cash(store, claims, at)
    step("export.charges_posted")


def _patient_cash(store: Store, claims: Sequence[Claim], at: datetime) -> None:
    """What patients paid when they were served, once."""
    paid = [claim for claim in claims if claim.patient_paid_cents]
    sql = "SELECT claim_id FROM journal WHERE kind = 'patient' AND claim_id IN ({})"
    known = {row["claim_id"] for row in in_chunks(store, sql, [claim.control_number for claim in paid])}
    journals = Journals(store, at)
    for claim in paid:
        number, cents = claim.control_number, claim.patient_paid_cents
        if number not in known:
            entries = (
                Entry(account="receivable", claim_id=number, line_no=1, amount_cents=-cents),
                Entry(account="patient_cash", claim_id=number, line_no=1, amount_cents=cents),
            )
            journals.add("patient", entries, claim=number)
    journals.write()


def write_copies(store: Store, folder: Path) -> list[Path]:
    """Copies of files that do not lie in a folder yet, such as after the process was killed."""
    paths = []
    with changing(folder):  # two exports at once would write over each other's copy
        for row in store.rows("SELECT batch_id, file_name FROM batch WHERE written_to = '' ORDER BY batch_id"):
            paths.append(write_copy(store, row["batch_id"], folder))
            step("export.copy_in_place")
            with store.transaction("export.copied"):
                store.run("UPDATE batch SET written_to = ? WHERE batch_id = ?", (str(folder), row["batch_id"]))
    return paths


def write_copy(store: Store, batch_id: int, folder: Path) -> Path:
    """One copy, whole or not at all; the same bytes every time, so that the receiver knows a file sent again."""
    row = store.row("SELECT file_name, content FROM batch WHERE batch_id = ?", (batch_id,))
    assert row is not None
    path = folder / str(row["file_name"])
    aside = folder / f".{row['file_name']}.part"
    with aside.open("wb") as stream:
        stream.write(zlib.decompress(row["content"]))
        step("export.copy_half")
        stream.flush()
        os.fsync(stream.fileno())
    step("export.copy_beside")
    aside.replace(path)
    return path
