"""From the decisions of a closed month to a folder of claims: 837P files, paper forms, proofs, held claims, totals.

The folder appears whole or not at all: everything is written beside it and renamed at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from careledger.claims.build import BuiltClaim, DecidedRow, build_claims
from careledger.claims.checks import Context, Earlier, holds
from careledger.claims.config import ClaimsConfig, PayerConfig
from careledger.claims.facts import Attestation
from careledger.claims.form.pages import pages
from careledger.claims.form.pdf import Offset, form_pdf
from careledger.claims.form.proof import proof_pdf
from careledger.claims.model import Claim, Hold
from careledger.claims.tables import read_records, rows
from careledger.claims.x12.write_837p import Envelope, write_837p
from careledger.core.errors import InputError, Place
from careledger.core.month import Month
from careledger.core.sheets import Sheet
from careledger.policy import Policy

OVERSIGHT = frozenset(("G0181", "G0182"))
NOT_SET_UP = Hold(
    check="CLM018",
    field="payer.number",
    what="no submitter or receiver is configured for the payer",
    why="nobody can route a claim without it",
    mend="enter 'submitter' and the payer in claims.yaml",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClaim:
    """A built claim and what holds it; nothing when it may leave."""

    built: BuiltClaim
    holds: tuple[Hold, ...]

    @property
    def claim(self) -> Claim:
        return self.built.claim


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTotals:
    """What a build wrote; ready and held together are everything that was decided."""

    ready: int
    ready_cents: int
    held: int
    held_cents: int
    lines: int
    files: tuple[str, ...]
    sheets: int


def decided_rows(decisions: Path, month: Month | None = None) -> list[DecidedRow]:
    """The rows of ``decisions.parquet`` that are to be billed.

    Raises:
        InputError: the file is missing or cut, or a row has no date of service and no month is given.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_table(decisions, filters=[("verdict", "=", "bill")]).to_pylist()
    except (OSError, pa.ArrowException):
        mend = "close the month again, and name the folder that 'careledger close' wrote"
        raise InputError(Place(str(decisions)), "the file is missing, cut, or no decisions", mend) from None
    return [_decided(row, month, decisions) for row in found]


def _decided(row: dict[str, Any], month: Month | None, file: Path) -> DecidedRow:
    on = row["date_of_service"]
    if on is None and month is None:
        raise InputError(Place(str(file), field="date_of_service"), "a billed row without a day", "give --month")
    return DecidedRow(
        patient=row["patient"],
        practitioner=row["practitioner"],
        code=row["code"],
        units=row["units"],
        month=month or Month.of(on),
        date_of_service=on,
        allowed_cents=row.get("allowed_cents"),
    )


def check_claims(
    decided: Iterable[DecidedRow],
    data: Path,
    attestations: Iterable[Attestation],
    config: ClaimsConfig,
    policy: Policy,
    sent_on: date,
) -> Iterator[CheckedClaim]:
    """Claims for decided rows, each with what holds it."""
    billed = list(decided)
    records = read_records(
        data, {row.patient for row in billed}, {row.patient for row in billed if row.code in OVERSIGHT}
    )
    earlier = Earlier()
    for built in build_claims(billed, records, attestations, config, policy):
        context = Context(policy=policy, sent_on=sent_on, facts=built.facts, earlier=earlier)
        found = holds(built.claim, context)
        if not found and (config.submitter is None or receiver_of(config, policy, built.claim) is None):
            found = (NOT_SET_UP,)
        yield CheckedClaim(built=built, holds=found)


def read_attestations(data: Path) -> list[Attestation]:
    """Rows of ``attestations.csv`` beside the tables; none when there is no such file."""
    found = list(rows(data, "attestations", Attestation))
    for number, row in enumerate(found, start=2):
        try:
            signed_early = row.signed_on < Month.parse(row.month).first_on
        except ValueError:
            place = Place(str(data / "attestations"), number, "month")
            raise InputError(place, "not a month", "write it as YYYY-MM") from None
        if signed_early:
            place = Place(str(data / "attestations"), number, "signed_on")
            raise InputError(place, "signed before the month began", "attest after the services were furnished")
    return found


def write_outbox(
    out: Path,
    checked: Iterable[CheckedClaim],
    config: ClaimsConfig,
    policy: Policy,
    created_at: datetime,
    first_control: int = 1,
    offset: Offset = Offset(),  # noqa: B008 - frozen
    *,
    with_wire: bool = True,
) -> ClaimTotals:
    """Write everything for a build into a new folder.

    Args:
        out: the folder; refused when it exists and holds anything.
        first_control: interchange control number of the first file; each file takes the next.
        with_wire: write 837P files; not when a claims store sends the claims.

    Raises:
        InputError: the folder is in use, or a claim does not fit its form.
    """
    if out.exists() and any(out.iterdir()):
        raise InputError(Place(str(out)), "the folder is not empty", "name a new folder, so that nothing is sent twice")
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        totals = _write(beside, list(checked), config, policy, created_at, first_control, offset, with_wire)
        if out.exists():
            out.rmdir()
        os.replace(beside, out)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    out.chmod(0o755)
    return totals


def _write(
    folder: Path,
    checked: list[CheckedClaim],
    config: ClaimsConfig,
    policy: Policy,
    created_at: datetime,
    first_control: int,
    offset: Offset,
    with_wire: bool,
) -> ClaimTotals:
    ready = [row.claim for row in checked if not row.holds]
    held = [row for row in checked if row.holds]
    files = list(_files(folder, ready, config, policy, created_at, first_control)) if with_wire else []
    sheets = form_pdf(
        folder / "cms1500.pdf", (page for claim in ready for page in pages(claim, created_at.date())), offset
    )
    proof_pdf(folder / "proof.pdf", ((row.claim, row.holds) for row in checked))
    _held_file(folder / "held.csv", held)
    totals = ClaimTotals(
        ready=len(ready),
        ready_cents=sum(claim.total_cents for claim in ready),
        held=len(held),
        held_cents=sum(row.claim.total_cents for row in held),
        lines=sum(len(row.claim.lines) for row in checked),
        files=tuple(name for name, _, _ in files),
        sheets=sheets,
    )
    written, cents = sum(count for _, count, _ in files), sum(amount for _, _, amount in files)
    if with_wire and (written, cents) != (totals.ready, totals.ready_cents):
        raise AssertionError("the files do not hold what was built")
    (folder / "totals.json").write_text(json.dumps(_told(totals), indent=2) + "\n", encoding="utf-8")
    return totals


def _told(totals: ClaimTotals) -> dict[str, Any]:
    return {name: getattr(totals, name) for name in ClaimTotals.__dataclass_fields__}


def receiver_of(config: ClaimsConfig, policy: Policy, claim: Claim) -> PayerConfig | None:
    """Who receives a claim; None when the payer is not set up."""
    overlay = claim.payer.policy
    kind = policy.payers[overlay].kind if overlay in policy.payers else ""
    return config.payer(overlay, kind)


def _files(
    folder: Path, ready: list[Claim], config: ClaimsConfig, policy: Policy, created_at: datetime, first_control: int
) -> Iterator[tuple[str, int, int]]:
    """One 837P a receiver, claims of one billing provider and patient together; name, claims and cents of each."""
    groups: dict[str, tuple[PayerConfig, list[Claim]]] = {}
    for claim in ready:
        payer = receiver_of(config, policy, claim)
        assert payer is not None
        groups.setdefault(payer.receiver.number, (payer, []))[1].append(claim)
    assert config.submitter is not None or not groups
    for at, (number, (payer, claims)) in enumerate(sorted(groups.items())):
        control = first_control + at
        name = f"837p_{control:09d}_{_safe(number)}.x12"
        claims.sort(key=lambda claim: (claim.billing.npi, claim.insured.member_id, claim.control_number))
        assert config.submitter is not None
        envelope = Envelope(
            submitter=config.submitter,
            receiver=payer.receiver,
            created_at=created_at,
            control=control,
            batch=f"{created_at:%Y%m%d}-{control:09d}",
            is_test=config.is_test,
        )
        with (folder / name).open("w", encoding="ascii", newline="") as stream:
            written = write_837p(stream, claims, envelope)
        yield name, written.claims, written.charges_cents


def _safe(number: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in number)


def _held_file(path: Path, held: list[CheckedClaim]) -> None:
    """A row a reason, without names: ids only."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        sheet = Sheet(stream)
        sheet.row(
            (
                "control_number",
                "patient",
                "practitioner",
                "month",
                "codes",
                "charge",
                "check",
                "field",
                "what",
                "why",
                "mend",
            )
        )
        for row in held:
            claim = row.claim
            for hold in row.holds:
                sheet.row(
                    (
                        claim.control_number,
                        claim.patient_id,
                        claim.practitioner_id,
                        claim.month,
                        " ".join(line.code for line in claim.lines),
                        f"{claim.total_cents // 100}.{claim.total_cents % 100:02d}",
                        hold.check,
                        hold.field,
                        hold.what,
                        hold.why,
                        hold.mend,
                    )
                )
