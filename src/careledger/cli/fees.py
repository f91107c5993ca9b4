"""``careledger fees``: what a code pays on a day, and CMS's own fee files for what we do not hold."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from careledger.core.decision import Finding
from careledger.core.errors import InputError, Place
from careledger.core.money import dollars
from careledger.engine.money import RURAL_SETTINGS, Price, price
from careledger.policy import load_policy
from careledger.policy.fee_files import read_cms_file
from careledger.policy.fee_folder import write_fee_folder
from careledger.policy.fees import OVERLAY_VARIABLE, FeeBook, load_fees

DAY = click.DateTime(["%Y-%m-%d"])
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def fees() -> None:
    """Show fees, or import CMS fee files."""


@fees.command()
@click.argument("code")
@click.option("--on", "on", required=True, type=DAY, help="Date of service.")
@click.option("--units", default=1, show_default=True, type=click.IntRange(1, 999))
@click.option("--setting", default="office", show_default=True, help="A setting of a case, or a place of service code.")
@click.option("--locality", metavar="MAC-LOCALITY", help="Such as 01112-05; national amounts without it.")
@click.option("--biller-kind", default="physician", show_default=True, help="physician, np, pa, cns or cnm.")
@click.option("--payer", default="medicare_ffs", show_default=True)
@click.option("--apm", is_flag=True, help="A qualifying participant of an advanced payment model.")
@click.option("--qmb", is_flag=True, help="The patient is a Qualified Medicare Beneficiary.")
@click.option("--fees", "folder", type=FOLDER, help=f"Folder of imported fees (or set {OVERLAY_VARIABLE}).")
def show(
    code: str,
    on: datetime,
    units: int,
    setting: str,
    locality: str | None,
    biller_kind: str,
    payer: str,
    apm: bool,
    qmb: bool,
    folder: Path | None,
) -> None:
    """Show what CODE pays on a day, and where every part of the amount comes from."""
    book = load_fees(folder)
    if locality is not None and setting not in RURAL_SETTINGS:
        _refuse_unknown_locality(book, locality)
    day = on.date()
    view = load_policy().on(day, payer=payer)
    line = price(
        code,
        units,
        day,
        view,
        setting=setting,
        biller_kind=biller_kind,
        locality=locality,
        payer=payer,
        apm=apm,
        qmb=qmb,
        fees=book,
    )
    click.echo("\n".join(_shown(code, units, day, line)))


@fees.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=FOLDER, help="Folder to keep the fee facts in.")
@click.option("--from", "since", type=DAY, help="First day the files hold, when they do not say it.")
def import_(files: tuple[Path, ...], out: Path, since: datetime | None) -> None:
    """Read CMS's PPRRVU and GPCI files (CSV) into a folder of fee facts that lies over the built-in ones.

    Exit status: 0 all rows read, 1 rows with unreadable values were left out, 2 a file cannot be used.
    """
    read = [read_cms_file(file, since.date() if since else None) for file in files]
    write_fee_folder(out, read)
    for file in read:
        what = "codes" if file.table == "rvus" else "localities"
        left = f", {file.skipped} rows left out (modifiers, no values)" if file.skipped else ""
        factor = f", conversion factor {file.factor}" if file.factor else ""
        click.echo(f"{file.file}: {len(file.cells)} {what} from {file.since}{factor}{left}")
        for number in file.unreadable:
            click.echo(f"{file.file}:{number}: a value is no number; the row is left out: compare it with CMS's file")
    click.echo(f"Use them with --fees {out}, or for every command with {OVERLAY_VARIABLE}={out}")
    if any(file.unreadable for file in read):
        raise click.exceptions.Exit(1)


def _shown(code: str, units: int, on: date, line: Price) -> list[str]:
    head = f"{code} x {units} on {on}"
    if line.allowed_cents is None:
        rows = [f"{head}: no amount"]
        if line.schedule_cents is not None:
            rows.append(f"  the relative values alone would make {dollars(line.schedule_cents)} a unit")
    else:
        share = "not known" if line.patient_share_cents is None else dollars(line.patient_share_cents)
        rows = [f"{head}: {dollars(line.allowed_cents)} allowed, patient owes {share}"]
        if line.payer_pays_cents is not None:
            rows.append(f"  Medicare pays out {dollars(line.payer_pays_cents)} after sequestration")
    return rows + [_row(finding) for finding in line.findings]


def _row(finding: Finding) -> str:
    facts = " ".join(f"{name}={value}" for name, value in finding.facts.items())
    sources = f" [{', '.join(finding.cite)}]" if finding.cite else ""
    return f"  {finding.says}{sources}" + (f"\n      {facts}" if facts else "")


def _refuse_unknown_locality(book: FeeBook, locality: str) -> None:
    known = book.localities()
    if locality in known:
        return
    near = [key for key in known if key.startswith(locality[:5]) or key.endswith(f"-{locality[-2:]}")][:6]
    problem = "no such Medicare locality is known"
    mend = f"use contractor-locality, such as {', '.join(near or list(known)[:6])}"
    raise InputError(Place("--locality"), problem, mend)
