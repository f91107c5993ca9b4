"""``careledger demo``: a synthetic clinic through every step, from its record system's export to claims and proof."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.cli.month_page import NOTHING_TO_DO
from careledger.core.month import Month

if TYPE_CHECKING:
    from careledger.cli.demo_claims import DemoClaims
    from careledger.cli.month_page import MonthPage
    from careledger.synthetic.files import ClinicFiles

_DAYS_AFTER_MONTH = 3
_PAGE_WIDTH = 118
_STEPS_SHOWN = 4


@click.command()
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for everything.")
@click.option(
    "--month", "month_text", default="2026-10", show_default=True, metavar="YYYY-MM", help="The month to close."
)
@click.option("--seed", default=1, show_default=True, help="Equal seeds make equal clinics.")
@click.option("--patients", default=200, show_default=True, type=click.IntRange(min=1))
def demo(out: Path, month_text: str, seed: int, patients: int) -> None:
    """Make a synthetic clinic and close a month of it.

    Writes the clinic as a record system would hand it over, imports it, decides the month, builds claims and binders, and
    prints one page. Nobody in it is a real person.
    """
    from rich.console import Console

    from careledger.cli.month_page import show

    try:
        month = Month.parse(month_text)
        page = run_demo(out, month, seed, patients)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    with (out / "summary.txt").open("w", encoding="utf-8") as text:
        show(page, Console(file=text, width=_PAGE_WIDTH, color_system=None))
    show(page, Console(width=_PAGE_WIDTH))


def run_demo(out: Path, month: Month, seed: int, patients: int) -> MonthPage:
    """Every step of the demo; returns the page.

    Raises:
        ValueError: too few patients for the designed situations.
    """
    from careledger.batch.close import close_month
    from careledger.cli.demo_claims import write_claims
    from careledger.cli.month_page import month_page
    from careledger.fhir.writer import write_fhir
    from careledger.policy import load_policy
    from careledger.synthetic.files import write_clinic

    policy = load_policy()
    asked_on = month.last_on + timedelta(days=_DAYS_AFTER_MONTH)
    clinic = write_clinic(out / "clinic", seed, month, patients, write_fhir=write_fhir)
    tables, closed = out / "tables", out / "close"
    _import(clinic, tables)
    close_month(tables, closed, month, policy, as_of=asked_on, self_audit=True)
    claims = write_claims(closed, tables, out / "claims", month, policy, asked_on)
    page = month_page(closed, month, policy.on(month.last_on))
    return dataclasses.replace(
        page,
        claims=tuple(_claim_lines(claims)),
        next_steps=tuple(_next_steps(page, claims, asked_on)),
        files=tuple(_files(out, claims)),
    )


def _import(clinic: ClinicFiles, tables: Path) -> None:
    """Fill the folder of tables as a clinic would: the export first, its own tables over it, then the time log."""
    from careledger.facts.timelog import import_timelog
    from careledger.fhir.importer import import_fhir

    import_fhir(clinic.fhir, tables)
    for file in sorted(clinic.tables.iterdir()):
        shutil.copy(file, tables / file.name)
    import_timelog(clinic.timelog, tables)


def _claim_lines(claims: DemoClaims) -> Iterator[str]:
    from careledger.core.money import dollars

    yield f"{claims.ready} claims are ready: {dollars(claims.charges_cents)} charged"
    if claims.held_claims:
        yield f"{claims.held_claims} claims are held:"
    for reason, count in claims.held.most_common():
        yield f"  {count} by {reason}"


def _next_steps(page: MonthPage, claims: DemoClaims, asked_on: date) -> Iterator[str]:
    """First what brings this month's money, then what saves the next month."""
    steps = [f"Send the {claims.ready} ready claims (practitioners attested on {asked_on} in this demo)"]
    if claims.held_claims:
        steps.append(f"Mend the {claims.held_claims} held claims and build them again; nothing is sent twice")
    still_open = [reason for reason in page.reasons if reason.is_open]
    lost = [reason for reason in page.reasons if not reason.is_open and reason.next_step != NOTHING_TO_DO]
    for reason in (*still_open[:_STEPS_SHOWN], *lost[:_STEPS_SHOWN]):
        names = ", ".join(reason.patients[:4]) + (" ..." if len(reason.patients) > 4 else "")
        steps.append(f"{reason.next_step[:1].upper()}{reason.next_step[1:]}: {len(reason.patients)} ({names})")
    if page.nothing_recorded:
        steps.append(f"Look whether the {page.nothing_recorded} patients without any care recorded could be invited")
    return (f"{number}. {step}" for number, step in enumerate(steps, start=1))


def _files(out: Path, claims: DemoClaims) -> Iterator[tuple[str, str]]:
    yield str(out / "clinic"), "what the record system and the time log handed over; labels.csv says who is who"
    yield str(out / "tables"), "the imported tables"
    yield str(out / "close"), "decisions, proofs, worklist, facts"
    for file in claims.files:
        yield str(file), "claims as X12 837P"
    yield str(claims.forms), "claims for pre-printed CMS-1500"
    yield str(claims.proof), "every claim to read, held ones with the reason"
    yield str(out / "summary.txt"), "this page"
