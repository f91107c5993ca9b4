"""Claims of a closed month for the demo: built, checked, written as 837P, as forms and as a proof sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from careledger.claims.build import BuiltClaim, DecidedRow, build_claims
from careledger.claims.checks import Context, Earlier, Hold, holds
from careledger.claims.config import ClaimsConfig, PayerConfig, read_config
from careledger.claims.facts import Attestation
from careledger.claims.form.pages import pages
from careledger.claims.form.pdf import form_pdf
from careledger.claims.form.proof import proof_pdf
from careledger.claims.model import Claim
from careledger.claims.tables import read_records
from careledger.claims.x12.write_837p import Envelope, write_837p
from careledger.core.month import Month
from careledger.policy import Policy

_OVERSIGHT = ("G0181", "G0182")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClaims:
    """What was written: ready claims by file, and held ones by check."""

    ready: int
    charges_cents: int
    files: tuple[Path, ...]
    held: Counter[str]
    held_claims: int
    forms: Path
    proof: Path


def write_claims(closed: Path, tables: Path, out: Path, month: Month, policy: Policy, sent_on: date) -> DemoClaims:
    """Build the month's claims; those that a check holds stay in the proof sheet with their reasons."""
    out.mkdir(parents=True, exist_ok=True)
    config = read_config(tables / "claims.yaml")
    checked = list(_checked(closed, tables, month, policy, config, sent_on))
    ready = [built.claim for built, found in checked if not found]
    files = tuple(_write_files(ready, config, out, month, sent_on))
    forms, proof = out / "cms1500.pdf", out / "proof.pdf"
    form_pdf(forms, (page for claim in ready for page in pages(claim, sent_on)))
    proof_pdf(proof, ((built.claim, found) for built, found in checked))
    held = [found for _, found in checked if found]
    return DemoClaims(
        ready=len(ready),
        charges_cents=sum(line.charge_cents for claim in ready for line in claim.lines),
        files=files,
        held=Counter(f"{hold.check}: {hold.what}; {hold.mend}" for found in held for hold in found),
        held_claims=len(held),
        forms=forms,
        proof=proof,
    )


def _checked(
    closed: Path, tables: Path, month: Month, policy: Policy, config: ClaimsConfig, sent_on: date
) -> Iterator[tuple[BuiltClaim, tuple[Hold, ...]]]:
    rows = list(_billed(closed, month))
    oversight = {row.patient for row in rows if row.code in _OVERSIGHT}
    records = read_records(tables, {row.patient for row in rows}, oversight)
    signed = [
        Attestation(practitioner=who, month=str(month), signed_on=sent_on) for who in {row.practitioner for row in rows}
    ]
    earlier = Earlier()
    for built in build_claims(rows, records, signed, config, policy):
        context = Context(policy=policy, sent_on=sent_on, facts=built.facts, earlier=earlier)
        yield built, holds(built.claim, context)


def _billed(closed: Path, month: Month) -> Iterator[DecidedRow]:
    import pyarrow.parquet as pq

    for row in pq.read_table(closed / "decisions.parquet", filters=[("verdict", "=", "bill")]).to_pylist():
        yield DecidedRow(
            patient=row["patient"],
            practitioner=row["practitioner"],
            code=row["code"],
            units=row["units"],
            month=month,
            date_of_service=row["date_of_service"],
            allowed_cents=row["allowed_cents"],
        )


def _write_files(ready: list[Claim], config: ClaimsConfig, out: Path, month: Month, sent_on: date) -> Iterator[Path]:
    """One 837P file a receiver."""
    groups: dict[str, tuple[PayerConfig, list[Claim]]] = {}
    for claim in ready:
        payer = config.payer(claim.payer.policy, "")
        if payer is not None:
            groups.setdefault(payer.receiver.number, (payer, []))[1].append(claim)
    assert config.submitter is not None
    for control, (number, (payer, claims)) in enumerate(sorted(groups.items()), start=1):
        file = out / f"837p_{month}_{number}.x12"
        envelope = Envelope(
            submitter=config.submitter,
            receiver=payer.receiver,
            created_at=datetime.combine(sent_on, time(9, 0)),
            control=control,
            batch=f"{month}-{number}",
            is_test=config.is_test,
        )
        with file.open("w", encoding="ascii", newline="") as stream:
            write_837p(stream, claims, envelope)
        yield file
